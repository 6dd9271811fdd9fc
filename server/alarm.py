"""One timer that is brought forward and never put off: whoever wants to be woken sooner, is."""

from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None: ...


class Timers(Protocol):
    """What is needed of an event loop."""

    def call_soon(self, callback: Callable[[], None]) -> Timer: ...
    def call_at(self, when: float, callback: Callable[[], None]) -> Timer: ...


class Alarm:
    """Calls `wake` once, at the soonest moment that was asked for. `clock` is the timers' own, in seconds."""

    def __init__(self, wake: Callable[[], None], clock: Callable[[], float], timers: Timers) -> None:
        self._wake = wake
        self._clock = clock
        self._timers = timers
        self._timer: Timer | None = None
        self._when = 0.0

    def set(self, when: float) -> None:
        """Not later than `when`; what is past means the next turn of the loop."""
        if self._timer is not None:
            if self._when <= when:
                return
            self._timer.cancel()
        self._when = when
        if when <= self._clock():
            self._timer = self._timers.call_soon(self._ring)
        else:
            self._timer = self._timers.call_at(when, self._ring)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._wake()
