"""What is kept for later: by its time, and no more than fits."""

import heapq
from collections.abc import Iterator
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """Things with a due time. Each takes so much of the room there is; those of one time come out as they
    went in."""

    def __init__(self, room: int) -> None:
        self._heap: list[tuple[float, int, int, T]] = []
        self._serial = count()
        self.room = room

    def keep(self, due: float, size: int, item: T) -> None:
        """Keep what fits into `room`; to ask first is the caller's."""
        self.room -= size
        heapq.heappush(self._heap, (due, next(self._serial), size, item))

    def next(self) -> float | None:
        """When the first of them is due."""
        return self._heap[0][0] if self._heap else None

    def take(self, now: float) -> Iterator[T]:
        """Takes out what is due."""
        while self._heap and self._heap[0][0] <= now:
            _, _, size, item = heapq.heappop(self._heap)
            self.room += size
            yield item
