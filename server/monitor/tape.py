"""Tapes: what sensors sent, as JSON lines with times, and how they are played again at their own times.
Pure."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from server.osc import Arg

LONGEST = 1800.0  # s of a recording
MOST_STEPS = 200_000
EXAMPLE = '{"at": 1.25, "address": "/table/plate/mom", "args": [0.4]}'


class TapeError(ValueError):
    """A recording that cannot be used; the text says where, and what was expected."""


class Step(NamedTuple):
    """A message, so many seconds from the beginning."""

    at: float
    address: str
    args: tuple[Arg, ...]


def parse(text: str, name: str) -> list[Step]:
    """The lines of a recording, in order of time; `name` opens every message. What was recorded of speech for
    a rehearsal, {"at", "role", "text", "final"}, is taken as well. Raises TapeError."""
    steps: list[Step] = []
    for nth, line in enumerate(text.splitlines(), 1):
        if line.strip():
            if len(steps) >= MOST_STEPS:
                raise TapeError(f"{name}: more than {MOST_STEPS} messages")
            steps.append(_step(line, f"{name} line {nth}"))
    if not steps:
        raise TapeError(f"{name}: nothing is recorded there")
    return sorted(steps, key=lambda step: step.at)


def _step(line: str, where: str) -> Step:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TapeError(f"{where}: this is not JSON ({error})") from None
    match said:
        case {"at": int() | float() as at, **message} if (
            not isinstance(at, bool) and math.isfinite(at) and at >= 0
        ):
            match message:
                case {"address": str(address), "args": list(args)} if (
                    len(message) == 2 and address.startswith("/") and all(map(_plain, args))
                ):
                    return Step(float(at), address, tuple(args))
                case {"role": str(role), "text": str(words)} if isinstance(message.get("final", True), bool):
                    heard = "/speech" if message.get("final", True) else "/mid-speech"
                    return Step(float(at), heard, (role, words))
    raise TapeError(f"{where}: expected a line such as {EXAMPLE}")


def _plain(arg: object) -> bool:
    return arg is None or isinstance(arg, str | bool | int) or (isinstance(arg, float) and math.isfinite(arg))


@dataclass(slots=True)
class Recorder:
    """What is heard from `began` on, of one address or ("") of all. It ends by itself when it is full."""

    name: str
    began: float
    address: str = ""
    count: int = 0
    _waiting: list[str] = field(default_factory=list)

    def hear(self, address: str, args: Sequence[object], now: float) -> None:
        if self.full(now) or not address.startswith("/") or (self.address and address != self.address):
            return
        plain = [arg if _plain(arg) else "" for arg in args]
        line: Mapping[str, object] = {"at": round(now - self.began, 4), "address": address, "args": plain}
        self._waiting.append(json.dumps(line) + "\n")
        self.count += 1

    def full(self, now: float) -> bool:
        return now - self.began > LONGEST or self.count >= MOST_STEPS

    def take(self) -> str:
        """What was heard since the last time, to be written down."""
        text, self._waiting = "".join(self._waiting), []
        return text


class Player:
    """Plays a tape from the beginning, once."""

    def __init__(self, name: str, steps: Sequence[Step], now: float) -> None:
        self.name = name
        self.length = steps[-1].at if steps else 0.0
        self._steps = steps
        self._began = now
        self._next = 0

    @property
    def over(self) -> bool:
        return self._next >= len(self._steps)

    def deadline(self) -> float | None:
        """When the next message is due."""
        return None if self.over else self._began + self._steps[self._next].at

    def due(self, now: float, most: int = MOST_STEPS) -> list[Step]:
        """The messages that are due and were not given yet, the first so many."""
        first = self._next
        while not self.over and self._next - first < most and self._began + self._steps[self._next].at <= now:
            self._next += 1
        return list(self._steps[first : self._next])

    def at(self, now: float) -> float:
        """Seconds from the beginning."""
        return min(max(0.0, now - self._began), self.length)
