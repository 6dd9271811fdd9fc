"""The broadcast: makes the state of the show when it has changed, once for all pages that listen."""

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from server.feed import Feed, encoded

SHORTEST = 1 / 30
LONGEST = 1 / 4
"""Seconds between two states: never less, so that a storm of changes is no storm of messages, and never
more, so that a page knows that we are there."""


class Listener:
    """What one page has been told. `come` is set when there may be something new for it."""

    def __init__(self) -> None:
        self.come = asyncio.Event()
        self._serial: int | None = None
        self._cues: str | None = None

    def take(self, feed: Feed, cues: str) -> tuple[str, ...]:
        """The messages that bring it up to date, with the cues first when they are others."""
        self.come.clear()
        news = feed.since(self._serial)
        if news:
            self._serial = feed.serial
        if cues == self._cues:
            return news
        self._cues = cues
        return (cues, *news)

    def lost(self) -> None:
        """It has missed something: the next news are a snapshot."""
        self._serial = None


class Broadcast:
    """Runs on the event loop while there are listeners. `state` and `cues` make those messages; cues are
    made anew only when `file` gives another show file. `clock` gives seconds, host monotonic."""

    def __init__(
        self,
        state: Callable[[], Mapping[str, object]],
        file: Callable[[], object],
        cues: Callable[[], Mapping[str, object]],
        clock: Callable[[], float],
    ) -> None:
        self.feed = Feed()
        self._state = state
        self._playing = file
        self._list = cues
        self._clock = clock
        self._file: object = None
        self._cues = ""
        self._listeners: set[Listener] = set()
        self._made_at = -math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """A listener, whose first news come within SHORTEST."""
        listener = Listener()
        self._listeners.add(listener)
        self.touch()
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def touch(self) -> None:
        """Something has changed: tell it soon."""
        if self._listeners:
            self._arm(self._made_at + SHORTEST)

    def news(self, listener: Listener) -> tuple[str, ...]:
        return listener.take(self.feed, self._cues)

    def _arm(self, when: float) -> None:
        """Bring the one timer forward to `when`; what is past means the next turn of the loop."""
        if self._timer is not None:
            if self._timer_at <= when:
                return
            self._timer.cancel()
        self._timer_at = when
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(0.0, when - self._clock()), self._make)

    def _make(self) -> None:
        self._timer, self._made_at = None, self._clock()
        if not self._listeners:
            return
        try:
            if (file := self._playing()) is not self._file:
                self._file, self._cues = file, encoded(self._list())
            self.feed.tell(self._state(), self._made_at)
        finally:  # whatever went wrong, the pages must hear of what comes after it
            self._arm(self._made_at + LONGEST)
        for listener in self._listeners:
            listener.come.set()
