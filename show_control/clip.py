"""Clips: straight ways through Z of so many steps, the same each time they are played."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any, Self

RATE = 24.0
"""Steps a second, where a walk says nothing else: the old rig's, so its 432 steps are 18 s."""

_ROUNDING = 1e-6  # of a step: times such as 100000 + 7/24 are not what they say, by less than this


@dataclass(frozen=True, slots=True)
class Clip:
    """From the key `start` to the key `end` in `steps` steps, both ends among them; linear in Z.

    An end is a seed ("7") or a point of Z in the network's atlas ("@apple.from").
    """

    start: str
    end: str
    steps: int

    def key(self, step: int) -> str:
        """The key of a step, 0 to steps - 1: between the ends, "@apple.from~@apple.to:117/431"."""
        if step == 0 or self.start == self.end:
            return self.start
        last = self.steps - 1
        return self.end if step == last else f"{self.start}~{self.end}:{step}/{last}"

    def to_plain(self) -> list[Any]:
        return [self.start, self.end, self.steps]

    @classmethod
    def from_plain(cls, plain: list[Any]) -> Self:
        start, end, steps = plain
        return cls(start, end, steps)


def key_at(clips: Sequence[Clip], rate: float, seconds: float) -> str:
    """The key of clips that play one after another, `rate` steps a second, `seconds` after they began.

    Step n is there from n / rate on; the last one stays.
    """
    step = max(floor(seconds * rate + _ROUNDING), 0)
    for clip in clips:
        if step < clip.steps:
            return clip.key(step)
        step -= clip.steps
    return clips[-1].end
