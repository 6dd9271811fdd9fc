"""The eight ways that a file may store a picture (EXIF tag 0x0112), and the way back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

TAG = 0x0112
"""The number of the EXIF tag."""


def inverse(orientation: int) -> int:
    """The orientation that undoes another: quarter turns go the other way, the rest undo themselves."""
    return {6: 8, 8: 6}.get(orientation, orientation)


def upright(stored: NDArray[Any], orientation: int) -> NDArray[Any]:
    """An array of shape (h, w, ...) as it is to be looked at. What is not 1 to 8 counts as 1, as viewers do.

    `upright(upright(array, o), inverse(o))` is the array again.
    """
    match orientation:
        case 2:
            return stored[:, ::-1]
        case 3:
            return stored[::-1, ::-1]
        case 4:
            return stored[::-1]
        case 5:
            return stored.swapaxes(0, 1)
        case 6:
            return np.rot90(stored, -1)
        case 7:
            return stored[::-1, ::-1].swapaxes(0, 1)
        case 8:
            return np.rot90(stored, 1)
        case _:
            return stored


def turned_box(box: Sequence[float], size: tuple[int, int], orientation: int) -> list[float]:
    """Where a box (x0, y0, x1, y1) of an array of `size` (h, w) comes to lie in its `upright`."""
    (x0, y0, x1, y1), (height, width) = box, size
    if orientation in (2, 3, 7, 8):
        x0, x1 = width - x1, width - x0
    if orientation in (3, 4, 6, 7):
        y0, y1 = height - y1, height - y0
    return [y0, x0, y1, x1] if orientation in (5, 6, 7, 8) else [x0, y0, x1, y1]
