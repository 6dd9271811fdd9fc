"""Vitals: what the machine says of itself in a moment. Looks, and judges nothing."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Vitals:
    """`busy`: the share of all cores in use since the last look, 0 to 1. Memory and disk in bytes; `disk` is
    what is free where the journal is kept, None without one. `hottest` in degrees Celsius, `charge` in
    percent: None where the machine does not tell."""

    busy: float
    cores: int
    memory: int
    memory_free: int
    disk: int | None
    hottest: float | None
    charge: float | None
    plugged: bool


def look(journal: Path | None) -> Vitals:
    """Takes some milliseconds, or for ever where a disk or a driver hangs: it is for a thread of its own, and
    always the same one, for which psutil remembers how busy the cores were."""
    memory = psutil.virtual_memory()
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return Vitals(
        busy=psutil.cpu_percent(None) / 100,
        cores=os.cpu_count() or 1,
        memory=memory.total,
        memory_free=memory.available,
        disk=_free(journal),
        hottest=_hottest(),
        charge=None if battery is None else float(battery.percent),
        plugged=battery is None or battery.power_plugged is not False,
    )


def _free(folder: Path | None) -> int | None:
    if folder is None:
        return None
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        return shutil.disk_usage(there).free
    except OSError:
        return 0


def _hottest() -> float | None:
    if not hasattr(psutil, "sensors_temperatures"):
        return None
    try:
        known = [each.current for group in psutil.sensors_temperatures().values() for each in group]
    except OSError:
        return None
    return max((float(degrees) for degrees in known if degrees), default=None)
