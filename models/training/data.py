"""A folder of pictures, in memory at the size they are trained at."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track
from torch import Tensor

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
SHEET = "sheet.png"  # what the painter leaves beside its pictures for people to look at


class DataError(Exception):
    """The folder cannot be trained on; the message says why."""


class Pictures:
    """uint8 (count, size, size, 3), drawn in an order that is a function of (seed, how many were seen)."""

    def __init__(self, pixels: NDArray[np.uint8], seed: int) -> None:
        self._pixels = pixels
        self._seed = seed
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._pixels)

    @classmethod
    def read(cls, folder: Path, size: int, seed: int) -> "Pictures":
        """The square pictures in `folder` itself, resized with an antialiasing filter. Raises DataError."""
        paths = sorted(p for p in folder.glob("*") if p.suffix.lower() in SUFFIXES and p.name != SHEET)
        if len(paths) < 2:
            raise DataError(
                f"{folder}: {len(paths)} pictures found; training needs a folder of square pictures"
            )
        pixels = np.empty((len(paths), size, size, 3), dtype=np.uint8)
        for index, path in enumerate(track(paths, description="reading pictures")):
            try:
                with Image.open(path) as picture:
                    if picture.width != picture.height:
                        raise DataError(
                            f"{path}: {picture.width} x {picture.height}, but pictures must be square"
                        )
                    rgb = picture.convert("RGB")
                    pixels[index] = np.asarray(rgb.resize((size, size), Image.Resampling.LANCZOS))
            except OSError as error:
                raise DataError(f"{path}: cannot be read as a picture ({error})") from None
        return cls(pixels, seed)

    def batch(self, seen: int, count: int) -> Tensor:
        """The `count` pictures after the first `seen`, as (count, 3, size, size) in -1..1."""
        chosen = self._pixels[[self._index(seen + i) for i in range(count)]]
        return torch.from_numpy(chosen).permute(0, 3, 1, 2).float() / 127.5 - 1

    def _index(self, position: int) -> int:
        epoch, offset = divmod(position, len(self))
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng([self._seed, epoch]).permutation(len(self))
        return int(self._order[offset])
