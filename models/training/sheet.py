"""A contact sheet: pictures side by side, so that a person can judge them."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def contact_sheet(pictures: NDArray[np.uint8], columns: int) -> Image.Image:
    """uint8 (n, h, w, 3) -> one picture of rows of `columns`; the last row is padded with black."""
    n, h, w, _ = pictures.shape
    rows = -(-n // columns)
    grid = np.zeros((rows * columns, h, w, 3), dtype=np.uint8)
    grid[:n] = pictures
    return Image.fromarray(
        grid.reshape(rows, columns, h, w, 3).swapaxes(1, 2).reshape(rows * h, columns * w, 3)
    )
