"""Timers on a clock that only moves when told to."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Call:
    when: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class ManualLoop:
    """Timers on a clock that only moves when told to."""

    now: float = 100.0
    calls: list[Call] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def time(self) -> float:
        """As an event loop calls it."""
        return self.now

    def call_soon(self, callback: Callable[[], None]) -> Call:
        return self.call_at(self.now, callback)

    def call_at(self, when: float, callback: Callable[[], None]) -> Call:
        self.calls.append(Call(when, callback))
        return self.calls[-1]

    def run_until(self, end: float) -> None:
        """Everything that is due up to `end`, at its time."""
        while due := [call for call in self.calls if not call.cancelled and call.when <= end]:
            call = min(due, key=lambda call: call.when)
            self.calls.remove(call)
            self.now = max(self.now, call.when)
            call.callback()
        self.now = end

    def turn(self) -> None:
        self.run_until(self.now)
