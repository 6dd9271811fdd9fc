"""What an operator sees: where the show is, what comes next, what is counting down, what was refused."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from show_control.cue import Cue
from show_control.events import DeskMode


class Mode(StrEnum):
    RUNNING = "running"
    HELD = "held"
    PANIC = "panic"


@dataclass(frozen=True, slots=True)
class CueTitle:
    """A cue as the operator reads it."""

    number: str
    name: str
    notes: str

    @classmethod
    def of(cls, cue: Cue | None) -> "CueTitle | None":
        return cls(cue.number, cue.name, cue.notes) if cue else None


@dataclass(frozen=True, slots=True)
class Pending:
    """A cue that will act by itself (pre-wait or follow) in `remaining` seconds."""

    number: str
    remaining: float


@dataclass(frozen=True, slots=True)
class Fade:
    """The fade that ends last: seconds left, and seconds in all."""

    remaining: float
    duration: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """The last command that was refused, until the next one about cues, hold or panic is accepted.

    `serial` counts all refusals. Faders and blackout do not take it away: a fader in motion never rests.
    """

    serial: int
    command: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What a cue could not do, until the next command about cues, hold or panic. `serial` counts them all."""

    serial: int
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Running:
    """A cue that runs: its phase is "waiting", "acting" or "after" (complete, with something to come).

    `remaining` seconds of the phase and `progress` 0..1 through it are None where nobody can know.
    """

    number: str
    name: str
    kind: str
    phase: str
    remaining: float | None
    progress: float | None


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line of the script, as it is shown. `said` of its `words` words are past: a `progress` of 0..1."""

    number: str
    speaker: str
    text: str
    open: bool
    progress: float
    said: int
    words: int


@dataclass(frozen=True, slots=True)
class Ear:
    """A file that plays in a guest's ear, and the words in it."""

    role: str
    file: str
    text: str


@dataclass(frozen=True, slots=True)
class LookNow:
    """What the stage fades to, or is in: numbers by their part ("psi", "bend.melt"), those that are only
    driven at 0.

    `cue` is the one whose look it is, "" where no cue has one; `fades` are its own seconds by part, or for
    "default". `changed`: it is not what the show file says of this cue.
    """

    cue: str
    parts: dict[str, float]
    fades: dict[str, float]
    changed: bool


@dataclass(frozen=True, slots=True)
class Status:
    """The show at one instant. Times are seconds; `controls` are those that were heard of.

    `running` is in the order of starting. `next_line` comes after `line` or, without one, after `current`.
    `answers` are as they may be shown. `notes` counts what was noted down. `ears` is what plays in them.
    `armed_at` is when a GO is no longer too soon, on the clock of `now`; None: always.
    """

    mode: Mode
    current: CueTitle | None
    standby: CueTitle | None
    pending: Pending | None
    fade: Fade | None
    blackout: bool
    master: float
    controls: dict[str, float]
    refused: Refusal | None
    epoch: int
    desk: DeskMode
    running: tuple[Running, ...]
    failed: Failure | None
    line: LineNow | None
    next_line: LineNow | None
    answers: dict[str, str]
    notes: int
    ears: tuple[Ear, ...]
    armed_at: float | None
    look: LookNow

    def to_plain(self) -> dict[str, Any]:
        """Only dicts, lists, strings, numbers, booleans and None."""
        plain = asdict(self) | {"mode": self.mode.value, "desk": self.desk.value}
        return plain | {"running": list(plain["running"]), "ears": list(plain["ears"])}
