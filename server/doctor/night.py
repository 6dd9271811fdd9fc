"""How the last night ended, as its journal says, and where Marrow begins for that."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from server.doctor.finding import Finding, note, ok
from server.monitor.wiring import unpatched
from server.night.journalfile import read
from server.night.restore import Start, Starts, crash_loop, digest, start
from server.rig import Rig
from show_control.show import Show
from show_control.showfile import ShowFile, parse_show

TOPIC = "last night"


@dataclass(frozen=True, slots=True)
class Tonight:
    """What Marrow would be started with at `wall`, in seconds since 1970: the text of the show file, the
    digest of the config, and how a show is made of a text."""

    text: str
    config: str
    make: Callable[[str, float], Show]
    wall: float


@dataclass(frozen=True, slots=True)
class Night:
    """`at`: its last sign of life, in seconds since 1970, None where there is no night. `ended`: as it
    should. `damage`: what of the journal cannot be read, each with file and line. `start`: how Marrow would
    start after it; None where that is not known."""

    at: float | None
    ended: bool
    damage: tuple[str, ...] = ()
    start: Start | None = None


def tonight(config: Path, rig: Rig, show_file: ShowFile, wall: float) -> Tonight:
    """Raises OSError."""

    def make(text: str, now: float) -> Show:
        return Show(parse_show(text, rig.show.name), now, tuple(rig.generator.all_networks))

    return Tonight(show_file.text, digest(unpatched(config.read_text(encoding="utf-8"))), make, wall)


def look(folder: Path, tonight: Tonight | None) -> Night:
    """`tonight` is None where nothing is to be started. Raises OSError where the journal cannot be had."""
    reading = read(folder)
    if not reading.sessions:
        return Night(None, reading.ended, reading.problems)
    begun = None
    if tonight is not None:
        loop = crash_loop(Starts(folder / "starts.json").before(), tonight.wall)
        begun = start(reading, tonight.make, tonight.text, tonight.config, loop, tonight.wall, tonight.wall)
    return Night(reading.sessions[-1].last_wall, reading.ended, reading.problems, begun)


def judge(night: Night, marrow_runs: bool) -> Iterator[Finding]:
    when = "" if night.at is None else time.strftime("%A %d %B, %H:%M", time.localtime(night.at))
    cut_off = f"It did not end as it should: its last sign of life is of {when}."
    if night.at is None:
        yield ok(TOPIC, "There is no journal of a night yet: the show begins at its first cue.")
    elif marrow_runs:
        yield ok(TOPIC, f"The journal is being written, last on {when}.")
    elif night.ended:
        yield ok(TOPIC, f"It ended as it should, on {when}. The show begins at its first cue.")
    elif night.start is None:
        yield note(
            TOPIC,
            f"{cut_off} Whether Marrow goes on from there is not known: the show file cannot be played.",
            "Mend what is said of the show file, then look again.",
        )
    elif night.start.restored is None:
        yield note(
            TOPIC,
            f"{night.start.words} Its last sign of life is of {when}.",
            "Nothing to do for a new evening. To go on where it was, start Marrow and GO TO that cue.",
        )
    else:
        yield note(
            TOPIC,
            f"{cut_off} Marrow goes on from there, held.",
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
