"""A contact sheet, so that a person can judge pictures side by side, and a figure of how unlike they are."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LARGEST_TILE = 256
COARSE = 16


def contact_sheet(pictures: NDArray[np.uint8], columns: int) -> Image.Image:
    """uint8 (n, h, w, 3) -> one picture of rows of `columns`; the last row is padded with black."""
    n, h, w, _ = pictures.shape
    rows = -(-n // columns)
    grid = np.zeros((rows * columns, h, w, 3), dtype=np.uint8)
    grid[:n] = pictures
    return Image.fromarray(
        grid.reshape(rows, columns, h, w, 3).swapaxes(1, 2).reshape(rows * h, columns * w, 3)
    )


def reduced(pictures: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(n, h, w, 3) with both sides at most `side`, a power of two below theirs, by averaging."""
    n, h, w, channels = pictures.shape
    k = max(1, h // side)
    if k == 1:
        return pictures
    small = pictures.reshape(n, h // k, k, w // k, k, channels).mean(axis=(2, 4))
    return np.asarray(small.round(), np.uint8)


def spread(painted: NDArray[np.uint8], real: NDArray[np.uint8]) -> float:
    """How unlike painted pictures are among themselves, as a share of how unlike real ones are.

    1: as varied as the data; 0: all the same. Root mean square differences of 16 x 16 pixels.
    """
    return _deviation(painted) / max(_deviation(real), 1e-9)


def _deviation(pictures: NDArray[np.uint8]) -> float:
    coarse = reduced(pictures, COARSE).astype(np.float64)
    return float(np.sqrt(coarse.var(axis=0).mean()))
