"""What an operation is: it draws its numbers once, and changes pictures by them as often as is asked.

Pictures are floats from -1 (black) to 1 (white), as the networks paint them.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]
Size = tuple[int, int]
"""Height and width in pixels."""
Count = int | Literal["continuous"]


class OperationError(ValueError):
    """A setting of an operation is out of its range; the message says which, and what is allowed."""


def must(name: str, value: float, low: float, high: float) -> None:
    """Raises OperationError unless low <= value <= high."""
    if not low <= value <= high:
        raise OperationError(f"{name} is {value:g}; expected {low:g} to {high:g}")


@dataclass(frozen=True, kw_only=True)
class Operation(ABC):
    """One kind of change. Each picture is changed with `probability`, whatever happens to its neighbours."""

    name: ClassVar[str]
    has_rest: ClassVar[bool]
    """Whether one of its variants is the picture as it was."""
    probability: float = 1.0

    def __post_init__(self) -> None:
        must("probability", self.probability, 0, 1)

    @abstractmethod
    def variants(self, size: Size) -> Count:
        """How many pictures it can make of one whose pixels all differ, whenever it is applied."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        """The numbers of `n` pictures: (n, k), each row what the operation needs for one of them."""

    def factor(self, size: Size) -> Count:
        """Its augmentation factor: how many pictures one becomes, with the times it is not applied."""
        variants = self.variants(size)
        if variants == "continuous" or self.probability == 1:
            return variants if self.probability else 1
        return variants + (not self.has_rest) if self.probability else 1


class Move(Operation):
    """An operation that moves pixels; masks and boxes move with them."""

    @abstractmethod
    def maps(self, drawn: Array, size: Size) -> Array:
        """A row of numbers -> a map from the new picture to the old; (n, k) -> (n, 3, 3). See `warp`."""


class Change(Operation):
    """An operation that changes values and leaves everything where it is."""

    @abstractmethod
    def change(self, x: Tensor, drawn: Array) -> Tensor:
        """Pictures (n, c, h, w) and their numbers (n, k) -> pictures; it can be differentiated by x."""
