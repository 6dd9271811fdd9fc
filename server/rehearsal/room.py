"""The room of a rehearsal: what guests, players and sensors do when the show has said something."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from server.rehearsal.cast import Cast
from show_control.actions import Gate
from show_control.effects import Effect, Play, Prompt
from show_control.events import Control, Event, PlayFinished, Speech

TOUCH = 0.5
"""Seconds for which a hand stays where a gate waits for it."""


class _Coming(NamedTuple):
    """`role` is who will say it; "" for anything else. Those of one time come in their `order`."""

    due: float
    order: int
    event: Event
    role: str = ""


class Room:
    """Is told what the show wants done, and gives the events that come of it. Times are the show's.

    `plan` is what happens in any case: (time, event), such as speech that was recorded.
    """

    def __init__(self, cast: Cast, plan: Iterable[tuple[float, Event]] = ()) -> None:
        self._cast = cast
        self._coming: list[_Coming] = []
        self._order = 0
        for at, event in plan:
            self._at(at, event)

    def told(self, effect: Effect, now: float) -> None:
        match effect:
            case Prompt(role=role, kind="done"):
                self._hush(role, now + self._cast.lingers)
            case Prompt(role=role, kind="line" | "easier" | "open"):
                self._hush(role, now)
                for after, text, final in self._cast.says(effect):
                    self._at(now + after, Speech(role, text, final), role)
            case Play(role, file):
                seconds = self._cast.plays(file)
                if seconds is not None:
                    self._at(now + seconds, PlayFinished(role, file))

    def gate(self, gate: Gate, now: float) -> None:
        """A gate waits: somebody puts a hand where it looks, and takes it away again."""
        after = self._cast.moves()
        if after is None:
            return
        if gate.above is not None:
            self._at(now + after, Control(gate.control, gate.above))
            self._at(now + after + TOUCH, Control(gate.control, min(0.0, gate.above)))
        elif gate.below is not None:
            self._at(now + after, Control(gate.control, gate.below))

    def deadline(self) -> float | None:
        return self._coming[0].due if self._coming else None

    def take(self, now: float) -> Event | None:
        """The next event that is due; None for none."""
        return heappop(self._coming).event if self._coming and self._coming[0].due <= now else None

    def _at(self, due: float, event: Event, role: str = "") -> None:
        self._order += 1
        heappush(self._coming, _Coming(due, self._order, event, role))

    def _hush(self, role: str, until: float) -> None:
        """The guest stops. The recogniser may still come to the end of what was said, until then."""
        mine = sorted(coming for coming in self._coming if coming.role == role)
        ends = (c for c in mine if c.due < until and isinstance(c.event, Speech) and c.event.final)
        last = next(ends, None)
        self._coming = [coming for coming in self._coming if coming.role != role or coming is last]
        heapify(self._coming)
