"""How the last night ended, as its journal says."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.doctor.finding import Finding, note, ok
from server.night.journalfile import read

TOPIC = "last night"


@dataclass(frozen=True, slots=True)
class Night:
    """`at`: its last sign of life, in seconds since 1970, None where there is no night. `ended`: as it
    should. `damage`: what of the journal cannot be read, each with file and line."""

    at: float | None
    ended: bool
    damage: tuple[str, ...] = ()


def look(folder: Path) -> Night:
    """Raises OSError where the journal cannot be had."""
    reading = read(folder)
    at = reading.sessions[-1].last_wall if reading.sessions else None
    return Night(at, reading.ended, reading.problems)


def judge(night: Night, marrow_runs: bool) -> Iterator[Finding]:
    when = "" if night.at is None else time.strftime("%A %d %B, %H:%M", time.localtime(night.at))
    if night.at is None:
        yield ok(TOPIC, "There is no journal of a night yet: the show begins at its first cue.")
    elif marrow_runs:
        yield ok(TOPIC, f"The journal is being written, last on {when}.")
    elif night.ended:
        yield ok(TOPIC, f"It ended as it should, on {when}. The show begins at its first cue.")
    else:
        yield note(
            TOPIC,
            f"It did not end as it should: its last sign of life is of {when}. Marrow goes on from there, "
            "held, if the config is still the same.",
            "To begin anew, start with: marrow run --fresh",
        )
    if night.damage:
        more = f", and {len(night.damage) - 1} more" if len(night.damage) > 1 else ""
        yield note(
            TOPIC,
            f"Some of its journal cannot be read: {night.damage[0]}{more}.",
            "Nothing to do for tonight. If it happens again, the disk may be failing: copy the folder "
            "elsewhere.",
        )
