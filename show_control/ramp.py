"""Fades and glides as functions of time, with their integrals in closed form."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp, expm1
from typing import Any, Self


class Curve(StrEnum):
    """The shape of a fade over r = 0..1. The steepest slope of any of them is 2."""

    LINEAR = "linear"
    SMOOTH = "smooth"
    EASE_IN = "ease-in"
    EASE_OUT = "ease-out"

    def at(self, r: float) -> float:
        """Progress 0..1 at r; r outside 0..1 is clipped."""
        r = min(max(r, 0.0), 1.0)
        match self:
            case Curve.LINEAR:
                return r
            case Curve.SMOOTH:
                return r * r * (3.0 - 2.0 * r)
            case Curve.EASE_IN:
                return r * r
            case Curve.EASE_OUT:
                return r * (2.0 - r)

    def area(self, r: float) -> float:
        """The integral of `at` from 0 to r, for r in 0..1."""
        match self:
            case Curve.LINEAR:
                return r * r / 2.0
            case Curve.SMOOTH:
                return r**3 * (1.0 - r / 2.0)
            case Curve.EASE_IN:
                return r**3 / 3.0
            case Curve.EASE_OUT:
                return r * r * (1.0 - r / 3.0)


@dataclass(frozen=True, slots=True)
class Ramp:
    """From `start` at time `t0` to `end` at `t0 + duration` (seconds); constant before and after."""

    start: float
    end: float
    t0: float
    duration: float
    curve: Curve = Curve.SMOOTH

    @classmethod
    def constant(cls, value: float) -> Self:
        return cls(value, value, 0.0, 0.0)

    def at(self, t: float) -> float:
        if t >= self.t0 + self.duration:
            return self.end
        if t <= self.t0:
            return self.start
        return self.start + (self.end - self.start) * self.curve.at((t - self.t0) / self.duration)

    def done(self, t: float) -> bool:
        """True when nothing will change any more."""
        return self.start == self.end or t >= self.t0 + self.duration

    def remaining(self, t: float) -> float:
        """Seconds left, 0 when done."""
        return 0.0 if self.done(t) else min(self.duration, self.t0 + self.duration - t)

    def integral(self, a: float, b: float) -> float:
        """The integral of `at` from a to b; negative where b < a."""
        if self.start == self.end:
            return self.end * (b - a)
        return self._area(b) - self._area(a)

    def _area(self, t: float) -> float:
        x = t - self.t0
        if x <= 0.0:
            return self.start * x
        inside = min(x, self.duration)
        area = self.start * inside
        if self.duration > 0.0:
            area += (self.end - self.start) * self.duration * self.curve.area(inside / self.duration)
        return area + self.end * (x - inside)

    def retarget(self, now: float, end: float, duration: float, curve: Curve = Curve.SMOOTH) -> "Ramp":
        """A new ramp that starts where this one is: the value never jumps, unless duration is 0."""
        return Ramp(self.at(now), end, now, duration, curve)

    def shifted(self, dt: float) -> "Ramp":
        """The same ramp, dt seconds later."""
        return replace(self, t0=self.t0 + dt)

    def to_plain(self) -> list[Any]:
        return [self.start, self.end, self.t0, self.duration, self.curve.value]

    @classmethod
    def from_plain(cls, plain: list[Any]) -> Self:
        start, end, t0, duration, curve = plain
        return cls(start, end, t0, duration, Curve(curve))


@dataclass(frozen=True, slots=True)
class Glide:
    """An exponential approach: target + (start - target) exp(-(t - t0) / tau), tau in seconds.

    It depends on the time since the last message and not on how many there were.
    """

    start: float
    target: float
    t0: float
    tau: float

    def at(self, t: float) -> float:
        if t <= self.t0:
            return self.start
        return self.target + (self.start - self.target) * exp(-(t - self.t0) / self.tau)

    def integral(self, a: float, b: float) -> float:
        """The integral of `at` from a to b; negative where b < a."""
        return self._area(b) - self._area(a)

    def _area(self, t: float) -> float:
        x = t - self.t0
        if x <= 0.0:
            return self.start * x
        return self.target * x - (self.start - self.target) * self.tau * expm1(-x / self.tau)

    def retarget(self, now: float, target: float, tau: float) -> "Glide":
        return Glide(self.at(now), target, now, tau)

    def to_plain(self) -> list[float]:
        return [self.start, self.target, self.t0, self.tau]

    @classmethod
    def from_plain(cls, plain: list[float]) -> Self:
        return cls(*plain)
