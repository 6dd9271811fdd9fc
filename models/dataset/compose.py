"""Four figures side by side on black: what a generator learns, laid out as in the installation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Order = tuple[int, ...]
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The layout of a composite, in pixels of the canvas; the defaults are those of the installation."""

    canvas: int = 512
    column: int = 128
    top: int = 128
    people: int = 4
    orders: int = 4

    def __post_init__(self) -> None:
        if self.column * self.people > self.canvas or not 0 <= self.top < self.canvas:
            raise ValueError(
                f"{self.people} columns of {self.column} px from row {self.top} do not fit "
                f"a canvas of {self.canvas} px"
            )
        if not 1 <= self.orders <= factorial(self.people):
            raise ValueError(f"{self.people} people have {factorial(self.people)} orders, not {self.orders}")

    def height(self, cut_out: Picture) -> int:
        """How many rows a cut-out fills when it is scaled to one column and cropped."""
        rows = round(int(cut_out.shape[0]) * self.column / int(cut_out.shape[1]))
        return min(max(1, rows), self.canvas - self.top)


DINNER = Recipe()


@dataclass(frozen=True, slots=True)
class Composite:
    """One composite: its family's painter seed, who stands in each column, and uint8 RGB (size, size, 3)."""

    seed: int
    order: Order
    image: Picture
    boxes: tuple[tuple[int, int, int, int], ...]
    """Of each column in turn: x0, y0, x1, y1 in pixels of the image, half-open."""


def composite(people: Sequence[Picture], order: Order, recipe: Recipe = DINNER) -> Picture:
    """Lays people out side by side on black.

    `people` are straight RGBA cut-outs, each of any size (h, w, 4); `order` says who stands in each column.
    Each is scaled to the width of a column with its aspect kept, hung from row `recipe.top`, and cropped at
    the bottom. A wrong number of people, or an order that is not one of theirs, is a ValueError.
    Returns uint8 RGB of shape (canvas, canvas, 3).
    """
    if len(people) != recipe.people or sorted(order) != list(range(recipe.people)):
        raise ValueError(
            f"expected {recipe.people} people and an order of 0..{recipe.people - 1}, "
            f"got {len(people)} people, order {order}"
        )
    canvas = Image.new("RGBA", (recipe.canvas, recipe.canvas), (0, 0, 0, 255))
    for column, who in enumerate(order):
        figure = Image.fromarray(people[who])
        height = max(1, round(figure.height * recipe.column / figure.width))
        figure = figure.resize((recipe.column, height), Image.Resampling.LANCZOS)
        figure = figure.crop((0, 0, recipe.column, recipe.height(people[who])))
        canvas.alpha_composite(figure, (column * recipe.column, recipe.top))
    return np.asarray(canvas.convert("RGB"))


def shuffled_orders(rng: np.random.Generator, recipe: Recipe = DINNER) -> Iterator[Order]:
    """Yields `recipe.orders` distinct orders of the people, drawn one at a time."""
    seen: set[Order] = set()
    while len(seen) < recipe.orders:
        order = tuple(int(i) for i in rng.permutation(recipe.people))
        if order not in seen:
            seen.add(order)
            yield order


def family_composites(seed: int, size: int = DINNER.canvas, recipe: Recipe = DINNER) -> Iterator[Composite]:
    """Paints the family of `seed` and yields its composites at `size` pixels.

    They are laid out on the recipe's canvas and reduced from there with an antialiased filter.
    """
    from models.dataset.painting import cut_outs  # the one line that leads to skia

    people = cut_outs(seed, recipe.column)
    for order in shuffled_orders(np.random.default_rng([seed, 9]), recipe):
        image = composite(people, order, recipe)
        if size != recipe.canvas:
            image = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS))
        k = size / recipe.canvas
        boxes = tuple(
            (
                round(column * recipe.column * k),
                round(recipe.top * k),
                round((column + 1) * recipe.column * k),
                round((recipe.top + recipe.height(people[who])) * k),
            )
            for column, who in enumerate(order)
        )
        yield Composite(seed, order, image, boxes)


def composites(
    seeds: Iterable[int], size: int = DINNER.canvas, recipe: Recipe = DINNER
) -> Iterator[Composite]:
    """Yields the composites of one painter seed after another; see `family_composites`."""
    for seed in seeds:
        yield from family_composites(seed, size, recipe)
