"""A second search for leaks, by the pixels alone: it knows nothing of the hashes that the split was made by.

Every held-out photograph, and its mirror image, is compared with all that are trained on, at 16 x 16. What
counts is what is left when the light is taken away: neither brightness nor a shadow hides a copy. Different
photographs correlate by less than a half, copies by more than 0.7, also those with a caption laid over them.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.dataset.prepare.folder import shown
from models.dataset.prepare.prepared import HELD_OUT
from models.dataset.prepare.split import refuse

SIDE = 16
LIGHT = 2.0
"""What is wider than so many pixels of those is light."""
BLOCK = 256
"""Held-out photographs compared at a time: beside 100,000 others, 100 MB for each of two tables."""

Details = NDArray[np.float32]


def details(thumb: Path) -> Details:
    """What is seen in a picture beside its light: (256,), of length 1, or 0 where there is nothing."""
    with Image.open(thumb) as file:
        file.draft("L", (4 * SIDE, 4 * SIDE))
        small = file.convert("F").resize((SIDE, SIDE), Image.Resampling.BOX)
    grey = np.asarray(small, np.float32)
    seen = (grey - _blurred(grey)).ravel()
    seen -= seen.mean()
    length = float(np.linalg.norm(seen))
    return seen / length if length > 1 else np.zeros_like(seen)


def _blurred(grey: Details) -> Details:
    """Blurred by a Gaussian of `LIGHT` pixels; beyond its border a picture goes on mirrored."""
    reach = np.arange(-3 * LIGHT, 3 * LIGHT + 1)
    weights = np.exp(-((reach / LIGHT) ** 2) / 2).astype(np.float32)
    weights /= weights.sum()
    padded = np.pad(grey, len(weights) // 2, mode="symmetric")
    down = np.lib.stride_tricks.sliding_window_view(padded, len(weights), axis=0) @ weights
    both: Details = np.lib.stride_tricks.sliding_window_view(down, len(weights), axis=1) @ weights
    return both


def halves(seen: Details) -> tuple[Details, Details]:
    """Of pictures (n, 256) what stays and what changes its sign when they are mirrored, (n, 128) each.

    Products of two pictures are the sums of the products of their halves.
    """
    pictures = seen.reshape(-1, SIDE, SIDE)
    left, right = pictures[:, :, : SIDE // 2], pictures[:, :, : SIDE // 2 - 1 : -1]
    even, odd = ((left + sign * right).reshape(len(seen), -1) / np.float32(2**0.5) for sign in (1, -1))
    return even, odd


def check(thumbs: Mapping[str, Path], sides: Mapping[str, str], alike: float) -> None:
    """Compare what is held out with what is trained on. Raises Leak, naming the photographs.

    `thumbs`: a small picture of each photograph, `alike`: the correlation from which two are the same.
    """
    inside = [file for file in thumbs if sides[file] != HELD_OUT]
    outside = [file for file in thumbs if sides[file] == HELD_OUT]
    trained, held = (np.stack([details(thumbs[file]) for file in files]) for files in (inside, outside))
    even, odd = halves(trained)
    leaks = []
    for start in range(0, len(held), BLOCK):
        block_even, block_odd = halves(held[start : start + BLOCK])
        # The odd half of a mirror image has the other sign: the larger of both correlations.
        alikeness = block_odd @ odd.T
        np.abs(alikeness, out=alikeness)
        alikeness += block_even @ even.T
        for i, j in np.argwhere(alikeness >= alike).tolist():
            leaks.append(f"{shown(outside[start + i])} (held out) shows what {shown(inside[j])} shows")
    refuse(leaks, "set one of each pair aside, or raise split.distance or split.alike")
