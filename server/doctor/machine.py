"""Memory, cores and open files: whether this machine has room for a show."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from server.doctor.finding import Finding, megabytes, note, ok, problem

TOPIC = "machine"

WATCHED = 1.0
"""Seconds for which the cores are watched."""

LEAST_MEMORY, GOOD_MEMORY = 1_000_000_000, 2_500_000_000
"""Bytes: what the renderer needs to begin at all, and with room to breathe."""

FEWEST_FILES, GOOD_FILES = 128, 512
"""Open files: each page takes one or two, the renderer and the journal some dozens."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Bytes of memory; `busy` is how many of the `cores` others keep busy, and `busiest` the program that
    takes the most. `files`: how many a process may have open, None for any number."""

    memory: int
    free: int
    cores: int
    busy: float
    busiest: str
    files: int | None


def look() -> Machine:
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count() or 1
    processes = {process.pid: process for process in psutil.process_iter(["name"])}
    for process in processes.values():
        _percent(process)  # the first is always 0: it begins the count
    busy = psutil.cpu_percent(WATCHED) / 100 * cores
    own = psutil.Process().pid
    most, busiest = max(
        ((_percent(p), p.info["name"]) for p in processes.values() if p.pid != own), default=(0.0, "")
    )
    return Machine(memory.total, memory.available, cores, busy, busiest if most > 0 else "", _files())


def _percent(process: psutil.Process) -> float:
    try:
        return process.cpu_percent()
    except psutil.Error:
        return 0.0


def _files() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def judge(machine: Machine, marrow_runs: bool) -> Iterator[Finding]:
    """`marrow_runs`: the show itself is among those who keep the cores and the memory."""
    room = f"{megabytes(machine.free)} of {megabytes(machine.memory)} of memory are free"
    if machine.free < LEAST_MEMORY and not marrow_runs:
        yield problem(
            TOPIC,
            f"Only {room}: the picture may not start.",
            "Close other programs, browsers first, or restart the machine.",
        )
    elif machine.free < GOOD_MEMORY:
        yield note(TOPIC, f"Only {room}.", "Close what the show does not need, browsers first.")
    else:
        yield ok(TOPIC, f"{room[0].upper()}{room[1:]}.")
    if machine.busy > 0.5 * machine.cores and not marrow_runs:
        whose = f", most of it by {machine.busiest}" if machine.busiest else ""
        yield note(
            TOPIC,
            f"Other programs keep {machine.busy:.1f} of {machine.cores} cores busy{whose}: the picture will "
            "stutter.",
            "Close them. Updates and backups: stop them for tonight.",
        )
    else:
        yield ok(TOPIC, f"{machine.busy:.1f} of {machine.cores} cores are busy.")
    if machine.files is not None and machine.files < GOOD_FILES:
        tell = problem if machine.files < FEWEST_FILES else note
        yield tell(
            TOPIC,
            f"A program may have only {machine.files} files open here: with many tablets and pages, some "
            "would be turned away.",
            "In the window where you start Marrow, first: ulimit -n 4096",
        )
    else:
        yield ok(TOPIC, f"A program may have {machine.files or 'any number of'} files open.")
