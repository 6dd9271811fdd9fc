"""What is due when: one heap of moments for all that runs."""

from collections.abc import Callable
from enum import Enum, auto
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from show_control.effects import Effect
from show_control.run import Run


class Due(Enum):
    ACT = auto()
    EMIT = auto()
    WAKE = auto()
    OVER = auto()
    END = auto()
    FOLLOW = auto()


class Moment(NamedTuple):
    """`due` in seconds; those of one time come in the `order` in which they were set."""

    due: float
    order: int
    what: Due
    run: Run
    effect: Effect | None = None


class Agenda:
    def __init__(self) -> None:
        self._moments: list[Moment] = []
        self._order = 0

    @property
    def next(self) -> float | None:
        """When the next moment is due."""
        return self._moments[0].due if self._moments else None

    def at(self, due: float, what: Due, run: Run, effect: Effect | None = None) -> None:
        self._order += 1
        heappush(self._moments, Moment(due, self._order, what, run, effect))

    def pop(self) -> Moment:
        return heappop(self._moments)

    def when(self, what: Due, run: Run) -> float | None:
        """When a run's first moment of a kind is due."""
        return min((m.due for m in self._moments if m.what is what and m.run is run), default=None)

    def last(self, run: Run) -> float | None:
        """When a run's last moment is due."""
        return max((m.due for m in self._moments if m.run is run), default=None)

    def drop(self, wanted: Callable[[Moment], bool]) -> list[Moment]:
        """Takes the moments that are `wanted` off, and gives them back in order."""
        dropped = sorted(moment for moment in self._moments if wanted(moment))
        if dropped:
            self._moments = [moment for moment in self._moments if not wanted(moment)]
            heapify(self._moments)
        return dropped

    def shift(self, dt: float) -> None:
        self._moments = [moment._replace(due=moment.due + dt) for moment in self._moments]
