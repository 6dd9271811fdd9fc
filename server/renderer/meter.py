"""Measures the energy of the frames of one stream, on a picture so small that it costs next to nothing."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from server.renderer.energy import Colour, Energy

SAMPLES = 64
"""Points of a frame, along its shorter side, that are looked at."""

CELLS = 32
"""Cells along the shorter side that those points are averaged into: grain fades, movement stays."""

FULL = 0.25
"""How much of full brightness a second counts as all the motion there is. A slow walk has about 0.005, a fast
one 0.1; a cut is over it for a moment."""

SETTLES = 0.25
"""Seconds, the time constant with which motion is smoothed."""

LONGEST = 1.0
"""Seconds between two frames above which nobody knows what has moved."""

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Red, green and blue in luma, ITU-R BT.709."""

Cells = npt.NDArray[np.float32]
"""(rows, columns, 3), 0..1"""


class Meter:
    """Takes the frames of one stream in their order. It looks at SAMPLES points a side, whatever the size."""

    def __init__(self) -> None:
        self._pts = -math.inf
        self._luma: npt.NDArray[np.float32] | None = None
        self._motion = 0.0

    def measure(self, picture: npt.NDArray[np.uint8], pts: float) -> Energy:
        """The energy with this frame: uint8 (height, width, 3), shown at `pts` in seconds.

        Motion is the mean of |luma now - luma before| / seconds between, over cells, smoothed exponentially
        (SETTLES), as a part of FULL. The first frame, one after LONGEST and one of another shape show no
        motion of their own.
        """
        cells = _cells(picture)
        luma = cells @ LUMA
        self._move(luma, pts)
        return Energy(min(self._motion / FULL, 1.0), _unit(luma.mean()), _thirds(cells))

    def _move(self, luma: npt.NDArray[np.float32], pts: float) -> None:
        elapsed, before = pts - self._pts, self._luma
        self._pts, self._luma = pts, luma
        if before is None or before.shape != luma.shape or not 0.0 < elapsed <= LONGEST:
            return
        rate = float(np.abs(luma - before).mean()) / elapsed
        self._motion += (rate - self._motion) * -math.expm1(-elapsed / SETTLES)


def _cells(picture: npt.NDArray[np.uint8]) -> Cells:
    step = max(1, min(picture.shape[:2]) // SAMPLES)
    points = np.ascontiguousarray(picture[step // 2 :: step, step // 2 :: step])
    small = Image.fromarray(points).reduce(max(1, min(points.shape[:2]) // CELLS))
    return np.asarray(small, np.float32) / np.float32(255.0)


def _thirds(cells: Cells) -> tuple[Colour, Colour, Colour]:
    left, middle, right = (_shares(cells.shape[1]) @ cells.mean(axis=0)).tolist()
    return _colour(left), _colour(middle), _colour(right)


@cache
def _shares(columns: int) -> npt.NDArray[np.float32]:
    """(3, columns): how much each column counts in the mean of each third. One may lie in two of them."""
    ends = np.linspace(0.0, 3.0, columns + 1)  # of the columns, in thirds of the width
    inside = [np.diff(np.clip(ends, third, third + 1)) for third in range(3)]
    return np.array(inside, np.float32)


def _colour(numbers: Sequence[float]) -> Colour:
    red, green, blue = map(_unit, numbers)
    return red, green, blue


def _unit(number: float) -> float:
    return min(max(float(number), 0.0), 1.0)
