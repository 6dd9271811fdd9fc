"""What an operator sees: where the show is, what comes next, what is counting down, what was refused."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from show_control.cue import Cue


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
class Status:
    """The show at one instant. Times are seconds; `controls` are those that were heard of."""

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

    def to_plain(self) -> dict[str, Any]:
        """Only dicts, strings, numbers, booleans and None."""
        return asdict(self) | {"mode": self.mode.value}
