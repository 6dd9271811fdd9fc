"""The sheet of a run: one picture through every operation and every fill mode, so that a person can judge."""

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.dataset.augment.augmentation import Augmentation
from models.dataset.augment.moves import Translate
from models.dataset.augment.operation import Count, Operation
from models.dataset.augment.recipe import OPERATIONS, Recipe
from models.dataset.augment.warp import Fill
from models.picture import to_pixels

SIDE, MARGIN, GAP, SHOWN = 160, 180, 6, 5
INK, FAINT, PAPER = "white", "#9a9a9a", "#202020"


def sheet(picture: NDArray[np.uint8], recipe: Recipe) -> Image.Image:
    """A row for each operation there is, drawn SHOWN times from the picture uint8 (h, w, 3).

    Those of the recipe have its settings, the others their defaults; all are applied for certain. Then the
    recipe as a whole, and the same shift with each of the fill modes. The figure under a name is its
    augmentation factor at the size of the sheet.
    """
    small = Image.fromarray(picture)
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    pixels = np.asarray(small)
    size = (small.height, small.width)
    augmentation = recipe.augmentation
    chosen = {operation.name: operation for operation in augmentation.operations}
    rows: list[tuple[str, str, list[NDArray[np.uint8]]]] = [("the picture", "", [pixels])]
    for name, kind in OPERATIONS.items():
        operation = chosen.get(name) or kind()
        certain = dataclasses.replace(operation, probability=1.0)
        one = dataclasses.replace(augmentation, operations=(certain,))
        rows.append((name, _words(operation, name in chosen, operation.factor(size)), _drawn(pixels, one)))
    rows.append(("all of the recipe", written(augmentation.factor(size)), _drawn(pixels, augmentation)))
    filled = [Augmentation((_Aside(),), fill, augmentation.value) for fill in Fill]
    rows.append(("fill modes", "\n".join(Fill), [_drawn(pixels, one)[0] for one in filled]))
    return _page(rows, size)


class _Aside(Translate):
    """A quarter of the side to the right and down: enough to see what comes in."""

    def draw(self, rng: np.random.Generator, n: int, size: tuple[int, int]) -> NDArray[np.float64]:
        return np.tile(np.array([size[1] // 4, size[0] // 4], dtype=np.float64), (n, 1))


def written(factor: Count) -> str:
    """A factor in words; numbers too long to read as a power of ten."""
    if factor == "continuous":
        return "factor: continuous"
    digits = factor.bit_length() * 0.30103
    return f"factor: {factor:,}" if digits < 10 else f"factor: about 10^{digits:.0f}"


def _words(operation: Operation, chosen: bool, factor: Count) -> str:
    settings = [
        f"{entry.name} {getattr(operation, entry.name)}"
        for entry in dataclasses.fields(operation)
        if entry.name != "probability" or chosen
    ]
    return "\n".join([written(factor), *settings, "in the recipe" if chosen else "not in the recipe"])


def _drawn(pixels: NDArray[np.uint8], augmentation: Augmentation) -> list[NDArray[np.uint8]]:
    x = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
    x = x.repeat(SHOWN, 1, 1, 1)
    drawn = augmentation.draw(np.random.default_rng(0), SHOWN, (x.shape[2], x.shape[3]))
    return list(to_pixels(augmentation.pictures(x, drawn)))


def _page(rows: list[tuple[str, str, list[NDArray[np.uint8]]]], size: tuple[int, int]) -> Image.Image:
    height, width = max(size[0], 96) + GAP, size[1] + GAP
    page = Image.new("RGB", (MARGIN + SHOWN * width + GAP, len(rows) * height + GAP), PAPER)
    pen = ImageDraw.Draw(page)
    name_font, word_font = ImageFont.load_default(15), ImageFont.load_default(11)
    for row, (name, words, pictures) in enumerate(rows):
        top = GAP + row * height
        pen.text((GAP, top), name, fill=INK, font=name_font)
        pen.multiline_text((GAP, top + 20), words, fill=FAINT, font=word_font, spacing=2)
        for column, pixels in enumerate(pictures):
            page.paste(Image.fromarray(pixels), (MARGIN + column * width, top))
    return page
