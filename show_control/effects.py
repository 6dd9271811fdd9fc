"""What the show wants done outside: messages, files in an ear, words on a plate. Plain values; the shell
decides which address each of them becomes."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Send:
    """A message to a named target, `delay` seconds after its cue acts.

    When panic, goto, back or stop come sooner it dies, unless it is to be sent `always`: then it is sent at
    once.
    """

    target: str
    address: str
    args: tuple[int | float | str | bool, ...] = ()
    delay: float = 0.0
    always: bool = False


@dataclass(frozen=True, slots=True)
class Play:
    """Play a file in one guest's ear. The player answers `PlayFinished(role)`."""

    role: str
    file: str


@dataclass(frozen=True, slots=True)
class Record:
    """Open or close a guest's microphone."""

    role: str
    on: bool


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words for a guest's plate.

    line    the text that is to be said
    easier  an easier wording of it
    open    any answer will do; `text` may be empty
    said    what the guest is saying to an open line, as far as it may be shown
    done    take `text` off the plate
    """

    role: str
    text: str
    kind: Literal["line", "easier", "open", "said", "done"]


@dataclass(frozen=True, slots=True)
class Spotlight:
    """It is this guest's turn."""

    role: str


Effect = Send | Play | Record | Prompt | Spotlight


def closes(effect: Effect) -> bool:
    """Whether it ends what an earlier one began: then it goes out whatever becomes of its epoch."""
    match effect:
        case Send(always=always):
            return always
        case Record(on=on):
            return not on
        case Prompt(kind=kind):
            return kind == "done"
    return False
