"""A gate while it waits for its control."""

from collections.abc import Iterable

from show_control.actions import Gate
from show_control.effects import Effect


class Watching:
    """Opens when the control has the level, when the operator says so, or (a failure) when time is up."""

    def __init__(self, gate: Gate, level: float) -> None:
        self.over_at: float | None = None
        self.failure = ""
        self.gate = gate
        self._level = level
        self._late_at: float | None = None

    def begin(self, now: float) -> Iterable[Effect]:
        if self.gate.timeout is not None:
            self._late_at = now + self.gate.timeout
        self.level(self._level, now)
        return ()

    def level(self, value: float, now: float) -> None:
        """The control is at this value, as it was sent: no smoothing delays a gate."""
        gate = self.gate
        above = gate.above is not None and value >= gate.above
        below = gate.below is not None and value <= gate.below
        if above or below:
            self.take(now)

    def deadline(self) -> float | None:
        return self._late_at if self.over_at is None else None

    def wake(self, now: float) -> Iterable[Effect]:
        gate = self.gate
        wanted = f"{gate.above:g} or above" if gate.above is not None else f"{gate.below:g} or below"
        self.failure = f'the control "{gate.control}" did not come to {wanted} within {gate.timeout:g} s'
        self.over_at = now
        return ()

    def take(self, now: float) -> None:
        if self.over_at is None:
            self.over_at = now

    def close(self) -> Iterable[Effect]:
        return ()

    def shift(self, dt: float) -> None:
        self.over_at = None if self.over_at is None else self.over_at + dt
        self._late_at = None if self._late_at is None else self._late_at + dt
