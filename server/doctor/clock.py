"""Time: what the clock on the wall says, and whether this machine wakes a sleeper when it was asked to."""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from server.doctor.finding import Finding, note, ok, problem

TOPIC = "clock"

NAPS, NAP = 30, 0.005
"""How often we sleep, and for how many seconds."""

LATE = 0.02
"""Seconds that a due cue may be late by before somebody sees it."""

SLOW_SOURCES = ("hpet", "acpi_pm", "jiffies")
MARROW_BEGAN = 1_735_689_600.0
"""The first second of 2025: no clock that is right shows less."""


@dataclass(frozen=True, slots=True)
class Clock:
    """`wall` in seconds since 1970, `shown` as people read it, `newest` the time and name of the file of the
    show that was changed last. `backward`: the monotonic clock was seen going back. `late`: seconds, the
    worst of a few naps. `source` is the kernel's, "" where it does not say."""

    wall: float
    shown: str
    newest: tuple[float, str] | None
    backward: bool
    late: float
    source: str = ""


def look(files: Iterable[Path], root: Path = Path("/")) -> Clock:
    """`files`: some of the show, none of which can be from the future."""
    newest = max(filter(None, map(_changed, files)), default=None)
    backward, late = _naps()
    now = time.time()
    shown = time.strftime("%A %d %B %Y, %H:%M:%S, %Z (UTC%z)", time.localtime(now))
    return Clock(now, shown, newest, backward, late, _source(root))


def _changed(path: Path) -> tuple[float, str] | None:
    try:
        return path.stat().st_mtime, path.name
    except OSError:
        return None


def _naps() -> tuple[bool, float]:
    worst, backward, last = 0.0, False, -math.inf
    for _ in range(NAPS):
        asleep = time.monotonic()
        time.sleep(NAP)
        awake = time.monotonic()
        backward |= awake < asleep or asleep < last
        worst, last = max(worst, awake - asleep - NAP), awake
    return backward, worst


def _source(root: Path) -> str:
    path = root / "sys/devices/system/clocksource/clocksource0/current_clocksource"
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def judge(clock: Clock) -> Iterator[Finding]:
    if clock.wall < MARROW_BEGAN or (clock.newest is not None and clock.newest[0] > clock.wall + 120):
        than = f"{clock.newest[1]} is newer than that" if clock.newest else "that cannot be"
        yield note(
            TOPIC,
            f"This machine thinks it is {clock.shown}; {than}. The journal and the report would say so too.",
            "Set the date and the time. The show itself keeps time without them.",
        )
    else:
        yield ok(TOPIC, f"It is {clock.shown}. Compare with your watch.")
    if clock.backward:
        yield problem(
            TOPIC,
            "This machine's own time runs backwards now and then: cues cannot be trusted.",
            "Restart it. In a virtual machine, run the show on the machine itself.",
        )
    if clock.late > LATE:
        yield note(
            TOPIC,
            f"This machine woke us {clock.late * 1000:.0f} ms late: a cue may be as late.",
            "Close other programs, and turn off what saves power.",
        )
    if clock.source in SLOW_SOURCES:
        yield note(
            TOPIC,
            f"The system reads the time from a slow clock ({clock.source}), which costs frames.",
            "Restart the machine; if it stays so, ask whoever looks after it for the clock source tsc.",
        )
