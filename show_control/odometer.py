"""How far the walks have travelled: the integral of speed over time, in closed form."""

from dataclasses import dataclass
from typing import Any, Self

from show_control.ramp import Glide, Ramp


@dataclass(frozen=True, slots=True)
class Odometer:
    """Reads `value` (seconds of travel at speed 1) at time `t0`, and goes on from there.

    The speed is a ramp, plus gain x control for each of `pulls`. When any of them changes, a new
    odometer is made that starts from the reading of the old one: the speed may jump, the way cannot.
    """

    value: float
    t0: float
    speed: Ramp
    pulls: tuple[tuple[float, Glide], ...] = ()

    def travel(self, t: float) -> float:
        reading = self.value + self.speed.integral(self.t0, t)
        for gain, glide in self.pulls:
            reading += gain * glide.integral(self.t0, t)
        return reading

    def to_plain(self) -> dict[str, Any]:
        pulls = [[gain, glide.to_plain()] for gain, glide in self.pulls]
        return {"value": self.value, "t0": self.t0, "speed": self.speed.to_plain(), "pulls": pulls}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        pulls = tuple((gain, Glide.from_plain(glide)) for gain, glide in plain["pulls"])
        return cls(plain["value"], plain["t0"], Ramp.from_plain(plain["speed"]), pulls)
