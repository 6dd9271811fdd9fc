"""The gallery of nearest neighbours: a fake, and the training pictures that are most like it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.measures.features import Pixels
from models.measures.memorisation import Memorisation

SIDE = 160
NEAREST, OTHERS = 8, 8
GAP, HEAD, ACROSS = 8, 24, 2
GROUND, INK = "#16181c", "#c8ccd4"


@dataclass(frozen=True, slots=True)
class Row:
    """`fake` and `training`: indices. `distance`: to the nearest, in medians of what new pictures have."""

    fake: int
    training: tuple[int, ...]
    distance: float


def rows(memory: Memorisation) -> tuple[Row, ...]:
    """The fakes nearest to a training picture, and as many of the rest, evenly from near to far."""
    order = memory.suspects.tolist()
    rest = order[NEAREST:]
    even = [rest[len(rest) * n // OTHERS] for n in range(min(OTHERS, len(rest)))]
    usual = max(float(memory.expected.median()), 1e-12)
    return tuple(
        Row(fake, tuple(memory.neighbours[fake].tolist()), float(memory.distances[fake]) / usual)
        for fake in [*order[:NEAREST], *even]
    )


def gallery(shown: Sequence[Row], fakes: Pixels, train: Pixels) -> Image.Image:
    """fakes (rows, h, w, 3) in the order of `shown`; two rows side by side, the nearest fakes first."""
    count = 1 + max(len(row.training) for row in shown)
    width, height = count * (SIDE + 2) + GAP * 2, SIDE + HEAD
    down = -(-len(shown) // ACROSS)
    page = Image.new("RGB", (ACROSS * width, down * height + HEAD), GROUND)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    for across in range(ACROSS):
        pen.text((across * width + GAP, 5), "fake", fill=INK, font=font)
        pen.text((across * width + GAP + SIDE + GAP, 5), "its nearest training pictures", fill=INK, font=font)
    for index, row in enumerate(shown):
        left, top = index // down * width + GAP, HEAD + index % down * height
        for column, pixels in enumerate([fakes[index], *(train[near] for near in row.training)]):
            gap = GAP if column else 0
            page.paste(_tile(pixels), (left + gap + column * (SIDE + 2), top))
        words = f"fake {row.fake}: {row.distance:.2f} of the usual distance"
        pen.text((left, top + SIDE + 3), words, fill=INK, font=font)
    return page


def _tile(pixels: Pixels) -> Image.Image:
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    larger = picture.width < SIDE
    return picture.resize((SIDE, SIDE), Image.Resampling.NEAREST if larger else Image.Resampling.LANCZOS)
