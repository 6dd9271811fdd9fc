"""The sheet of an atlas: what each direction does to a few seeds, so that a person can name it."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from models.atlas import Direction
from models.directions.cloud import w_of_seeds
from models.network import Network
from models.picture import draw

STEPS = (-3.0, -1.5, 0.0, 1.5, 3.0)
PSI = 0.7
SIDE = 128
MARGIN, HEAD, GAP = 150, 22, 6
INK, PAPER = "white", "#202020"


def moved(ws: Tensor, direction: Direction, amount: float, w_avg: Tensor, psi: float = PSI) -> Tensor:
    """ws (n, num_ws, w_dim) `amount` deviations along a direction, then truncated, as a look does it."""
    first, last = direction.layers
    ws = ws.clone()
    ws[:, first : last + 1] += amount * direction.vector.to(ws)
    return w_avg + (ws - w_avg) * psi


def sheet(
    network: Network,
    directions: Mapping[str, Direction],
    seeds: Sequence[int],
    progress: Callable[[float], None] = lambda fraction: None,
) -> Image.Image:
    """A row for each direction: for each seed the pictures at STEPS deviations, at psi 0.7."""
    side = min(network.size, SIDE)
    strip = len(STEPS) * side + GAP
    page = Image.new("RGB", (MARGIN + len(seeds) * strip, HEAD + len(directions) * (side + GAP)), PAPER)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for column, seed in enumerate(seeds):
        for index, step in enumerate(STEPS):
            words = f"seed {seed}" if step == 0 else f"{step:+g}"
            place = (MARGIN + column * strip + index * side + side // 2, HEAD // 2)
            pen.text(place, words, fill=INK, font=font, anchor="mm")
    w_avg = network.mapping.w_avg
    ws = w_of_seeds(network, seeds)[:, None].expand(-1, network.num_ws, -1)
    for row, (name, direction) in enumerate(directions.items()):
        top = HEAD + row * (side + GAP)
        text = "\n".join([_fitting(name, font), *_words(direction)])
        pen.multiline_text((8, top + side // 2), text, fill=INK, font=font, anchor="lm", spacing=5)
        steps = torch.cat([moved(ws, direction, step, w_avg) for step in STEPS])
        for index, pixels in enumerate(draw(network, steps)):
            step, column = divmod(index, len(seeds))
            page.paste(_small(pixels, side), (MARGIN + column * strip + step * side, top))
        progress((row + 1) / len(directions))
    return page


def _small(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", side: int) -> Image.Image:
    return Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS)


def _words(direction: Direction) -> list[str]:
    """Under the name: where it comes from, and what it moves."""
    about = direction.about
    match about.get("kind"):
        case "pca":
            source = [f"pca {about['index']}: {about['explained']:.1%} of W"]
        case "sefa":
            source = [f"sefa {about['index']}"]
        case "labels":
            source = [f"held out: {about['accuracy']:.0%}", f"of {about['samples']} samples"]
        case kind:
            source = [str(kind)] if kind else []
    return [*source, "layers {} to {}".format(*direction.layers)]


def _fitting(name: str, font: "ImageFont.FreeTypeFont | ImageFont.ImageFont") -> str:
    """The name, shortened to the margin."""
    short = name
    while font.getlength(short) > MARGIN - 16 and len(short) > 1:
        short = short[:-2] + "…"
    return short
