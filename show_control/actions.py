"""What a cue does when it acts: one plain value for each kind of cue. `Action` is their union; a group is
made of cues, and stands beside them."""

import re
from dataclasses import dataclass
from typing import ClassVar

from show_control.matching import RATE, THRESHOLD

ANSWER = re.compile(r"%([A-Za-z_]\w{0,63})%", re.ASCII)
"""Where an answer stands in the text of a line."""

SILENCE = 10.0
NO_PROGRESS = 20.0


@dataclass(frozen=True, slots=True)
class NewScene:
    """A new look, tracked by those that follow. Complete when its longest fade is over."""

    kind: ClassVar[str] = "look"


@dataclass(frozen=True, slots=True)
class Retouch:
    """Fades some parts of what is on stage and is no scene: the next look takes it back where it names
    another value, or none."""

    kind: ClassVar[str] = "fade"


@dataclass(frozen=True, slots=True)
class Messages:
    """Nothing but its sends. Complete when the last of them has gone out."""

    kind: ClassVar[str] = "send"


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a sampler: on, and off after `seconds`. The off goes out in any case."""

    target: str
    note: int
    velocity: int
    seconds: float
    kind: ClassVar[str] = "note"


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float
    kind: ClassVar[str] = "wait"


@dataclass(frozen=True, slots=True)
class Jump:
    """The show goes on from another cue, as if the operator had gone there."""

    to: str
    kind: ClassVar[str] = "goto"


@dataclass(frozen=True, slots=True)
class Arm:
    cues: tuple[str, ...]
    kind: ClassVar[str] = "arm"


@dataclass(frozen=True, slots=True)
class Disarm:
    cues: tuple[str, ...]
    kind: ClassVar[str] = "disarm"


@dataclass(frozen=True, slots=True)
class Halt:
    """Ends other cues, and silences what they had scheduled; None ends all others. The picture stays."""

    cues: tuple[str, ...] | None
    kind: ClassVar[str] = "stop"


@dataclass(frozen=True, slots=True)
class Gate:
    """Waits until a control is at least `above`, or at most `below` (one of the two is None).

    `timeout` in seconds; None waits for ever. The operator's TAKE opens it.
    """

    control: str
    above: float | None
    below: float | None
    timeout: float | None
    kind: ClassVar[str] = "gate"


@dataclass(frozen=True, slots=True)
class EarItem:
    """A file for one guest's ear, the seconds of quiet after it, and the words that are spoken in it."""

    to: str
    file: str
    pause: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class InEar:
    """Files in guests' ears: in one ear one after another, in several at the same time.

    Who has not answered `timeout` seconds after a file was played is named, and not waited for.
    """

    plays: tuple[EarItem, ...]
    timeout: float
    kind: ClassVar[str] = "in-ear"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the script, which waits for its speaker.

    easier            the wording that is shown when nobody speaks; "" for none
    noskip            the line waits for ever
    open              any answer will do
    save              the name under which the answer is kept, "" for none: "%name%" in later texts
    instead           what stands there where nobody answered, or what was said may not be shown
    threshold         0..1, how much alike what was said and the line have to be
    silence           seconds without a word, after which it gets easier, and then goes on
    progress_silence  seconds of talk that leads nowhere, after which it does the same
    prompt            played in the ears where nobody answers an open line
    """

    speaker: str
    text: str
    easier: str = ""
    noskip: bool = False
    open: bool = False
    save: str = ""
    instead: str = ""
    threshold: float = THRESHOLD
    silence: float = SILENCE
    progress_silence: float = NO_PROGRESS
    prompt: tuple[EarItem, ...] = ()
    kind: ClassVar[str] = "line"


@dataclass(frozen=True, slots=True)
class Memo:
    """A place in the list, and its notes."""

    kind: ClassVar[str] = "memo"


@dataclass(frozen=True, slots=True)
class Guest:
    """Who speaks lines: at how many words a second, in which language (ISO 639-1)."""

    rate: float = RATE
    language: str = "en"


_OfCues = Jump | Arm | Disarm | Halt
_OfTheRoom = Gate | InEar | Line
Action = NewScene | Retouch | Messages | Note | Wait | _OfCues | _OfTheRoom | Memo

LOOK = NewScene()
"""What a cue does that says nothing else."""
