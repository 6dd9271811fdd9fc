"""Everything that can happen to a show. Plain values: who sent them, and how, is the shell's business."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Go:
    """Start the cue in standby. With `expected`, only if that is the cue in standby."""

    expected: str | None = None


@dataclass(frozen=True, slots=True)
class StandBy:
    """Put a cue in standby; nothing else changes."""

    cue: str


@dataclass(frozen=True, slots=True)
class Goto:
    """Enter a cue at once, with the look that playing up to it would have given."""

    cue: str


@dataclass(frozen=True, slots=True)
class Fire:
    """Start a cue beside the list, a part of a group too: what is on stage, what stands by and what follows
    of itself stay as they are, and nothing follows the cue."""

    cue: str


@dataclass(frozen=True, slots=True)
class Back:
    """Goto the cue before the current one. Where a cue waits in its pre-wait, take back its GO instead.

    That cue then stands by again. The one on stage has not been left yet: its fades, its sends and a
    hold go on as they are, but what follows it now is a GO.
    """


@dataclass(frozen=True, slots=True)
class Hold:
    """Freeze fades, waits, follows, lines and delayed sends. The walk and the controls go on."""


@dataclass(frozen=True, slots=True)
class Resume:
    """End a hold, or leave panic."""


@dataclass(frozen=True, slots=True)
class Panic:
    """Fade to the safe look, its drives included. A second one, while the first lasts, is immediate.

    A cue that waited in its pre-wait stands by again.
    """


@dataclass(frozen=True, slots=True)
class Blackout:
    """Black over everything; None toggles."""

    on: bool | None = None


@dataclass(frozen=True, slots=True)
class Master:
    """The grand master, 0 (black) to 1, over everything."""

    value: float


@dataclass(frozen=True, slots=True)
class Tweak:
    """A number of the look that is on stage becomes another by hand, until a look or a panic takes it back.

    `part` is "psi", "speed", "master" ..., "bend.NAME" or "move.NAME"; `value` lies in its range.
    """

    part: str
    value: float


@dataclass(frozen=True, slots=True)
class Preload:
    """Have a network ready, before a cue that names it is in standby."""

    network: str


@dataclass(frozen=True, slots=True)
class Control:
    """A sensor or fader moved. `value` lies in -1..1; `smoothing` is a time constant in seconds.

    A name that no drive of the show listens to moves nothing; only the last few such names are remembered.
    """

    name: str
    value: float
    smoothing: float = 0.1


@dataclass(frozen=True, slots=True)
class Speech:
    """What a guest's recogniser has understood: of an utterance so far or, with `final`, of the whole of it.

    Until it is final, each replaces the one before.
    """

    role: str
    text: str
    final: bool


@dataclass(frozen=True, slots=True)
class PlayFinished:
    """A guest's player has come to the end of its file. With `file`, only the end of that one counts."""

    role: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """The operator's word for it: the line counts as said, the gate as open, the file as played.

    With `expected`, only if that is the cue that would be taken.
    """

    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """The line is not said, and the show goes on. With `expected`, only if it is the line of that cue."""

    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """End a cue, or all, and silence what they had scheduled. The picture stays as it is."""

    cue: str | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """Between audiences: everything as in a fresh start, the first cue in standby.

    What was pending is silenced as by a panic, and the picture fades to the safe look. The desk's mode stays,
    and the epoch goes on rising.
    """


@dataclass(frozen=True, slots=True)
class Adopt:
    """Another show file, as its TOML text, takes the place of the one that is played: whole, or not at all.

    What stands on stage goes on as it is. It is refused where the text is no good show file, where a cue that
    runs would change or is gone, and in show mode.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wants to remember of this moment, in at most 500 characters. It changes nothing."""

    text: str


class DeskMode(StrEnum):
    EDIT = "edit"
    REHEARSAL = "rehearsal"
    SHOW = "show"


@dataclass(frozen=True, slots=True)
class Desk:
    """What may be done to the show file meanwhile. It stops nothing."""

    mode: DeskMode


Transport = Go | StandBy | Goto | Fire | Back | Hold | Resume | Panic | Stop | Reset
Surface = Blackout | Master | Tweak | Preload | Control | Desk | Adopt | Note
Performance = Speech | PlayFinished | Take | Skip
Event = Transport | Surface | Performance
