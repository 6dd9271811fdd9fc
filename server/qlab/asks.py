"""What a message can ask for, and how its arguments are read."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from server.osc import Arg
from server.patch import Refused, shown
from show_control.events import Event

T = TypeVar("T")
Args = Sequence[Arg]

MAX_KEYS = 64  # of one valuesForKeys


class Unspoken(Refused):
    """QLab has this, and we do not."""

    def __init__(self, segments: Sequence[str]) -> None:
        super().__init__(f"/{'/'.join(segments)[:80]} is nothing that can be asked or done here")


@dataclass(frozen=True, slots=True)
class Tell:
    """Something to answer with."""

    data: object


@dataclass(frozen=True, slots=True)
class Do:
    """Events, one after another until one is refused."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """A key of a cue in the show file, and its value; with `by`, so many seconds more than it has."""

    cue: str
    key: str
    value: str | float | bool | None = None
    by: float | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A command about all that was written."""

    command: Literal["undo", "redo", "save"]


Asked = Tell | Do | Write | Edit


def one(args: Args, read: Callable[[object], T]) -> T:
    """The one argument. Raises Refused where there are others, or what `read` does."""
    if len(args) != 1:
        raise Refused(f"expected one argument, got {len(args)}")
    return read(args[0])


def text(value: object) -> str:
    """Text. Raises Refused."""
    if not isinstance(value, str):
        raise Refused(f"expected text, got {shown(value)}")
    return value


def keys(value: object) -> tuple[str, ...]:
    """The keys of a valuesForKeys: a string that is a JSON array of strings. Raises Refused."""
    expected = f'expected at most {MAX_KEYS} keys as JSON, ["name", "isRunning"], got {shown(value)}'
    if not isinstance(value, str):
        raise Refused(expected)
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        raise Refused(expected) from None
    if not isinstance(found, list) or len(found) > MAX_KEYS or not all(isinstance(key, str) for key in found):
        raise Refused(expected)
    return tuple(found)
