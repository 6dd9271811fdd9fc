"""What a segmenter is: it says who is in a picture, each person as a mask, a box and a score."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels, half-open."""


class SegmenterError(Exception):
    """A segmenter cannot be made or cannot answer; the message says what to do about it."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person in a picture."""

    mask: NDArray[np.float32]
    """Shape (h, w) of the whole picture: alpha from 0 to 1 of what of this person can be seen."""
    box: Box
    """The tight box of where `mask` is at least a half."""
    score: float
    """How sure the segmenter is, from 0 to 1."""


class Segmenter(Protocol):
    """Finds people in pictures."""

    @property
    def name(self) -> str:
        """What it is called in a recipe."""
        ...

    @property
    def fingerprint(self) -> str:
        """The same name, weights and parameters give the same string; it goes into manifests."""
        ...

    def people(self, picture: NDArray[np.uint8], source: Path | None = None) -> list[Person]:
        """The people in an upright sRGB picture of shape (h, w, 3), in any order. Raises SegmenterError.

        `source` is the photograph on disk that the picture was read from. Segmenters that look only at
        pixels do without it; those that read masks or boxes from disk find them by it.
        """
        ...


def tight_box(mask: NDArray[np.float32]) -> Box | None:
    """The smallest box that holds every pixel of at least a half, or None where there is none."""
    solid = mask >= 0.5
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if rows.size == 0:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
