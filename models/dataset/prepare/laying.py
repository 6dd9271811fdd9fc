"""The stage `compose`: figures in columns, squares of photographs, or everyone at the same place."""

import hashlib
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.dataset.compose import Order, composite, shuffled_orders
from models.dataset.prepare.photograph import Photograph, Unusable
from models.dataset.prepare.places import Place, scaled
from models.dataset.prepare.reading import reopen
from models.dataset.prepare.recipe import Aligned, Columns, Read, Square
from models.dataset.prepare.work import Result, png, rounded


@dataclass(frozen=True, slots=True)
class Job:
    """One picture that is to be made of a photograph: which, and of what."""

    file: str
    sha256: str
    name: str
    """The file name of the picture."""
    number: int
    """Which of the pictures of this photograph."""
    figures: tuple[str, ...] = ()
    """Cut-outs, by path under the output folder, in the order of the manifest's people."""
    who: tuple[int, ...] = ()
    """The number of each in the manifest's line of people."""
    place: Place | None = None


def picture_name(sha256: str, number: int) -> str:
    """Depends on the photograph alone: what else lies in the folder renames nothing."""
    return f"{sha256[:16]}-{number}.png"


def path_of(name: str) -> str:
    return f"prepared/composites/{name}"


def order_of(sha256: str, number: int, seed: int, columns: Columns) -> Order:
    """The order of one picture: the orders of a photograph are drawn one at a time and never listed."""
    rng = np.random.default_rng([seed, int(sha256[:16], 16)])
    return next(islice(shuffled_orders(rng, columns.layout_of_figures()), number, None))


@dataclass(frozen=True, slots=True)
class LayingColumns:
    """Work: the family. Four people side by side on black."""

    out: Path
    columns: Columns
    seed: int

    def __call__(self, item: Job) -> Result:
        layout = self.columns.layout_of_figures()
        order = order_of(item.sha256, item.number, self.seed, self.columns)
        people = []
        for figure in item.figures:
            with Image.open(self.out / figure) as file:
                people.append(np.asarray(file.convert("RGBA")))
        figures: list[dict[str, Any]] = []
        for column, who in enumerate(order):
            left, bottom = column * layout.column, layout.top + layout.height(people[who])
            figures.append(
                {
                    "column": column, "person": item.who[who], "cut_out": item.figures[who],
                    "box": [left, layout.top, left + layout.column, bottom],
                    "scale": round(layout.column / people[who].shape[1], 4),
                }
            )  # fmt: skip
        return _made(item, composite(people, order, layout), figures=figures)


@dataclass(frozen=True, slots=True)
class LayingPhotograph:
    """Work: a part of the photograph itself, a square of it or one that has been turned and scaled."""

    photos: Path
    read: Read
    layout: Square | Aligned

    def __call__(self, item: Job) -> Result:
        try:
            photograph = reopen(self.photos, item.file, item.sha256, self.read)
            if isinstance(self.layout, Square):
                return _made(item, *_square(photograph, self.layout, item.number))
            assert item.place is not None
            return _made(item, *_aligned(photograph, self.layout, item.place))
        except Unusable as reason:
            return Result.aside(str(reason))


def _made(
    item: Job, picture: Image.Image | NDArray[np.uint8], about: dict[str, Any] | None = None, **more: Any
) -> Result:
    name, data = path_of(item.name), png(picture)
    fields = {"files": [name], "picture_sha256": hashlib.sha256(data).hexdigest()}
    return Result(fields={**(about or {}), **more, **fields}, files={name: data})


def _square(photograph: Photograph, square: Square, number: int) -> tuple[Image.Image, dict[str, Any]]:
    """A square as large as the photograph allows, one of those spread along its long side."""
    size, pixels = square.size, photograph.pixels
    if (shorter := min(photograph.width, photograph.height)) < size:
        raise Unusable(f"too small: its shorter side is {shorter} px, {size} needed")
    left, top, side = square_of(pixels.shape[1], pixels.shape[0], number, square.crops)
    box = (left, top, left + side, top + side)
    picture = Image.fromarray(pixels).resize((size, size), Image.Resampling.LANCZOS, box)
    return picture, {"from": [round(value * photograph.scale) for value in box]}


def square_of(width: int, height: int, number: int, crops: int) -> tuple[int, int, int]:
    """Left, top and side of one of `crops` squares; a single one is in the middle."""
    side = min(width, height)
    room = max(width, height) - side
    at = room // 2 if crops == 1 else round(room * number / (crops - 1))
    return (at, 0, side) if width >= height else (0, at, side)


def _aligned(photograph: Photograph, aligned: Aligned, place: Place) -> tuple[Image.Image, dict[str, Any]]:
    """A box or two points of the photograph, brought to their place in the picture."""
    size, pixels = aligned.size, photograph.pixels
    turn, shift = similarity(place.scaled(1 / photograph.scale), aligned)
    outside = share_outside(turn, shift, size, pixels.shape[1], pixels.shape[0])
    if outside > aligned.max_outside:
        raise Unusable(f"{outside:.0%} of it would lie outside the photograph")
    picture = warped(Image.fromarray(pixels), turn, shift, size)
    return picture, {"from": rounded(place.numbers), "outside": round(outside, 3)}


def similarity(place: Place, aligned: Aligned) -> tuple[complex, complex]:
    """a and b of source = a * target + b, with points as x + iy in pixels: a turns and scales, b shifts.

    A box fits into the recipe's box, centre on centre; two points come to lie on the recipe's two points.
    """
    size = aligned.size
    x0, y0, x1, y1 = place.numbers
    if place.points:
        (ax, ay), (bx, by) = aligned.points
        first, second = complex(ax, ay) * size, complex(bx, by) * size
        turn = (complex(x1, y1) - complex(x0, y0)) / (second - first)
        return turn, complex(x0, y0) - turn * first
    left, top, right, bottom = scaled(aligned.box, size)
    scale = max((x1 - x0) / (right - left), (y1 - y0) / (bottom - top))
    return complex(scale), complex(x0 + x1, y0 + y1) / 2 - scale * complex(left + right, top + bottom) / 2


def share_outside(turn: complex, shift: complex, size: int, width: int, height: int) -> float:
    """How much of the picture has no photograph under it."""
    ys, xs = np.mgrid[0:64, 0:64]
    source = turn * ((xs + 0.5) + 1j * (ys + 0.5)) * (size / 64) + shift
    inside = (source.real >= 0) & (source.real < width) & (source.imag >= 0) & (source.imag < height)
    return 1 - float(inside.mean())


def warped(picture: Image.Image, turn: complex, shift: complex, size: int) -> Image.Image:
    """The square of `size` that the similarity asks for, on black; what shrinks is antialiased first."""
    if (factor := abs(turn)) > 1:
        small = max(1, round(picture.width / factor)), max(1, round(picture.height / factor))
        turn, shift = turn / factor, shift / factor
        picture = picture.resize(small, Image.Resampling.LANCZOS)
    matrix = (turn.real, -turn.imag, shift.real, turn.imag, turn.real, shift.imag)
    return picture.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
