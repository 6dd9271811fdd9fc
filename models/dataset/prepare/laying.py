"""The stage `compose`: figures in columns, squares of photographs, or everyone at the same place."""

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.dataset.compose import Order, composite, shuffled_orders
from models.dataset.prepare.photograph import Unusable
from models.dataset.prepare.reading import reopen
from models.dataset.prepare.recipe import Aligned, Columns, Read, RecipeError, Square
from models.dataset.prepare.work import Result, png, rounded


@dataclass(frozen=True, slots=True)
class Place:
    """A box, or two points, in pixels of the upright photograph."""

    numbers: tuple[float, float, float, float]
    """x0, y0, x1, y1."""
    points: bool = False

    @classmethod
    def of(cls, numbers: list[float], points: bool = False) -> "Place":
        x0, y0, x1, y1 = numbers
        return cls((x0, y0, x1, y1), points)


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
        picture = composite(people, order, layout)
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
        name = path_of(item.name)
        return Result(fields={"figures": figures, "files": [name]}, files={name: png(picture)})


@dataclass(frozen=True, slots=True)
class LayingSquares:
    """Work: squares of the photograph, as large as it allows, spread along its long side."""

    photos: Path
    read: Read
    square: Square

    def __call__(self, item: Job) -> Result:
        try:
            photograph = reopen(self.photos, item.file, item.sha256, self.read)
        except Unusable as reason:
            return Result.aside(str(reason))
        size, pixels = self.square.size, photograph.pixels
        if (side := min(photograph.width, photograph.height)) < size:
            return Result.aside(f"too small: its shorter side is {side} px, {size} needed")
        left, top, side = square_of(pixels.shape[1], pixels.shape[0], item.number, self.square.crops)
        picture = Image.fromarray(pixels).resize(
            (size, size), Image.Resampling.LANCZOS, (left, top, left + side, top + side)
        )
        name, scale = path_of(item.name), photograph.scale
        box = [round(value * scale) for value in (left, top, left + side, top + side)]
        return Result(fields={"from": box, "files": [name]}, files={name: png(picture)})


def square_of(width: int, height: int, number: int, crops: int) -> tuple[int, int, int]:
    """Left, top and side of one of `crops` squares; a single one is in the middle."""
    side = min(width, height)
    room = max(width, height) - side
    at = room // 2 if crops == 1 else round(room * number / (crops - 1))
    return (at, 0, side) if width >= height else (0, at, side)


@dataclass(frozen=True, slots=True)
class LayingAligned:
    """Work: a box or two points of the photograph, brought to their place in the picture."""

    photos: Path
    read: Read
    aligned: Aligned

    def __call__(self, item: Job) -> Result:
        try:
            photograph = reopen(self.photos, item.file, item.sha256, self.read)
        except Unusable as reason:
            return Result.aside(str(reason))
        assert item.place is not None
        size, pixels = self.aligned.size, photograph.pixels
        place = Place(_scaled(item.place.numbers, 1 / photograph.scale), item.place.points)
        turn, shift = similarity(place, self.aligned)
        outside = share_outside(turn, shift, size, pixels.shape[1], pixels.shape[0])
        if outside > self.aligned.max_outside:
            return Result.aside(f"{outside:.0%} of it would lie outside the photograph")
        name = path_of(item.name)
        picture = warped(Image.fromarray(pixels), turn, shift, size)
        fields = {"from": rounded(item.place.numbers), "outside": round(outside, 3), "files": [name]}
        return Result(fields=fields, files={name: png(picture)})


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
    left, top, right, bottom = _scaled(aligned.box, size)
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


def _scaled(box: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    return box[0] * by, box[1] * by, box[2] * by, box[3] * by


def read_places(path: Path) -> dict[str, list[Place]]:
    """Places by file, from JSON lines as {"file", "box": [4]} or {"file", "points": [[2], [2]]}.

    Raises RecipeError with every line that is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"compose.file: {path} cannot be read ({error})") from None
    places: dict[str, list[Place]] = {}
    problems = []
    for number, text in enumerate(lines, start=1):
        try:
            line = json.loads(text)
            points = "box" not in line
            x0, y0, x1, y1 = map(float, [*line["points"][0], *line["points"][1]] if points else line["box"])
            empty = (x0, y0) == (x1, y1) if points else x0 >= x1 or y0 >= y1
            if empty or not np.isfinite((x0, y0, x1, y1)).all():
                raise ValueError("nothing in it")
            places.setdefault(str(line["file"]), []).append(Place((x0, y0, x1, y1), points))
        except (ValueError, TypeError, LookupError):
            problems.append(
                f'{path}:{number}: expected {{"file": "a.jpg", "box": [x0, y0, x1, y1]}} '
                'or {"file": "a.jpg", "points": [[x, y], [x, y]]}'
            )
    if problems:
        raise RecipeError("\n".join(problems))
    return places
