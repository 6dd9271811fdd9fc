"""The energy of a picture, in the few numbers that sound and light follow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

Colour = tuple[float, float, float]
"""Red, green and blue, each 0..1, as the picture has them (sRGB, no linear light)."""

NUMBERS = 11
"""Numbers that say an Energy on a wire: motion, brightness, and three for each third."""


@dataclass(frozen=True, slots=True)
class Energy:
    """What the picture of one stream comes to. All numbers are 0..1.

    motion      how much the brightness of a point changes in a second, on average over the picture and about
                the last quarter of a second; 1 is a quarter of full brightness, or more
    brightness  mean luma (Rec. 709); 0 is black, 1 is white
    thirds      mean colour of the left, the middle and the right third
    """

    motion: float
    brightness: float
    thirds: tuple[Colour, Colour, Colour]

    def to_plain(self) -> list[float]:
        """NUMBERS numbers, to four digits."""
        numbers = (self.motion, self.brightness, *(number for third in self.thirds for number in third))
        return [round(number, 4) for number in numbers]

    @classmethod
    def from_plain(cls, plain: Sequence[float]) -> Self:
        """Raises ValueError for anything that `to_plain` does not give."""
        numbers = list(plain)
        if len(numbers) != NUMBERS or not all(_unit(number) for number in numbers):
            raise ValueError(f"expected {NUMBERS} numbers from 0 to 1, got {str(numbers)[:80]}")
        motion, brightness, *colours = numbers
        left, middle, right = (colours[start : start + 3] for start in (0, 3, 6))
        return cls(motion, brightness, (_colour(left), _colour(middle), _colour(right)))


def _unit(number: object) -> bool:
    return isinstance(number, int | float) and math.isfinite(number) and 0 <= number <= 1


def _colour(numbers: Sequence[float]) -> Colour:
    red, green, blue = numbers
    return red, green, blue
