"""Several operations, one after another: drawn once, applied to pictures, to masks and to boxes alike."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from math import prod

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from models.dataset.augment.operation import Array, Change, Count, Move, Operation, Size
from models.dataset.augment.warp import Fill, moved_boxes, on_part, warp

BLACK = -1.0


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What was drawn for one operation."""

    operation: Operation
    chosen: NDArray[np.bool_]
    """(n,): which of the pictures it is applied to."""
    numbers: Array
    """(n, k), for those that are not chosen too."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What happens to each of n pictures of one size."""

    size: Size
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Operations in the order in which they are applied, and what is shown outside of the old picture.

    Moves that follow each other are one move, so pixels are resampled once and what left the picture on the
    way comes back. `value`, from -1 (black) to 1, is what the fill mode `constant` shows.
    """

    operations: tuple[Operation, ...]
    fill: Fill = Fill.CONSTANT
    value: float = BLACK

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Drawn:
        """Decide what happens to `n` pictures of `size`; the same generator decides the same."""
        steps = []
        for operation in self.operations:
            chosen = rng.random(n) < operation.probability
            steps.append(Step(operation, chosen, operation.draw(rng, n, size)))
        return Drawn(size, tuple(steps))

    def pictures(self, x: Tensor, drawn: Drawn) -> Tensor:
        """Pictures (n, c, h, w), floats from -1 to 1; the result may leave that range, nothing is clipped.

        A picture that no operation was chosen for comes back bit for bit.
        """
        for stage in _stages(drawn):
            if not isinstance(stage, Step):
                x = warp(x, stage, self.fill, self.value)
            elif isinstance(stage.operation, Change) and stage.chosen.any():
                numbers = stage.numbers[stage.chosen]
                x = on_part(x, stage.chosen, partial(stage.operation.change, drawn=numbers))
        return x

    def masks(self, masks: Tensor, drawn: Drawn) -> Tensor:
        """Masks (n, k, h, w) moved as the pictures: alphas in floats, or labels in whole numbers.

        0 is nobody, and what `constant` shows. The other fill modes repeat people, in masks as in pictures.
        """
        labels = not masks.is_floating_point()
        x = masks.float() if labels else masks
        for maps in _moves(drawn):
            x = warp(x, maps, self.fill, 0.0, nearest=labels)
        return x.round().to(masks.dtype) if labels else x

    def boxes(self, boxes: Array, drawn: Drawn, index: int = 0) -> Array:
        """The boxes (m, 4) of picture `index`, moved with it and clipped to it; see `moved_boxes`."""
        # Clipped once, at the end: between two moves nothing is lost.
        total = np.eye(3)
        for maps in _moves(drawn):
            total = total @ maps[index]
        return moved_boxes(boxes, total, drawn.size)

    def factor(self, size: Size) -> Count:
        """How many pictures one can become: the product over the operations."""
        factors = [operation.factor(size) for operation in self.operations]
        counts = [factor for factor in factors if factor != "continuous"]
        return prod(counts) if len(counts) == len(factors) else "continuous"


def _stages(drawn: Drawn) -> Iterator[Step | Array]:
    """Changes as they are, and each run of moves as the maps (n, 3, 3) of all of it."""
    for moves, run in groupby(drawn.steps, key=lambda step: isinstance(step.operation, Move)):
        if moves:
            yield _together(run, drawn.size)
        else:
            yield from run


def _moves(drawn: Drawn) -> Iterator[Array]:
    return (stage for stage in _stages(drawn) if not isinstance(stage, Step))


def _together(steps: Iterable[Step], size: Size) -> Array:
    total = np.eye(3)[None]
    for step in steps:
        if isinstance(step.operation, Move):
            maps = step.operation.maps(step.numbers, size)
            total = total @ np.where(step.chosen[:, None, None], maps, np.eye(3))
    return total
