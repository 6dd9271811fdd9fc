"""A folder of pictures, in memory at the size they are trained at."""

import csv
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track
from torch import Tensor

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
SHEET = "sheet.png"  # what the painter leaves beside its pictures for people to look at
HELD_OUT = "held-out"
FEWEST = 8


class DataError(ValueError):
    """The folder cannot be trained on; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """`pictures` (n, 3, size, size), -1 to 1; `classes` (n, c_dim), one-hot, where there are some."""

    pictures: Tensor
    classes: Tensor | None = None

    def __len__(self) -> int:
        return len(self.pictures)

    def head(self, count: int) -> "Batch":
        return Batch(self.pictures[:count], None if self.classes is None else self.classes[:count])

    def parts(self, count: int) -> Iterator["Batch"]:
        """In `count` parts as equal as can be, or one a picture where there are not so many."""
        pictures = self.pictures.tensor_split(min(count, len(self)))
        if self.classes is None:
            yield from (Batch(part) for part in pictures)
        else:
            yield from map(Batch, pictures, self.classes.tensor_split(len(pictures)))


class Pictures:
    """uint8 (count, size, size, 3), drawn in an order that is a function of (seed, how many were seen)."""

    def __init__(self, pixels: NDArray[np.uint8], seed: int, classes: NDArray[np.int64] | None = None,
                 names: Sequence[str] = ()) -> None:  # fmt: skip
        """`classes` (count,): indices into `names`."""
        self.pixels = pixels
        self.classes, self.class_names = classes, tuple(names)
        self._seed = seed
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.pixels)

    @classmethod
    def read(cls, folder: Path, size: int, seed: int, classes: Path | None = None) -> "Pictures":
        """The square pictures in `folder` itself. Raises DataError.

        `classes`: a CSV file of picture, class.
        """
        paths = _pictures_in(folder)
        if len(paths) < FEWEST:
            raise DataError(f"{folder}: {len(paths)} pictures found; expected {FEWEST} square ones or more")
        if classes is None:
            return cls(_read(paths, size), seed)
        table = _read_classes(classes)
        missing = [path.name for path in paths if path.name not in table]
        if missing:
            raise DataError(f"{classes}: no class for {missing[0]}, and {len(missing) - 1} more of {folder}")
        names = sorted({table[path.name] for path in paths})
        indices = np.array([names.index(table[path.name]) for path in paths])
        return cls(_read(paths, size), seed, indices, names)

    def batch(self, seen: int, count: int, device: torch.device) -> Batch:
        """The `count` pictures after the first `seen`, on `device`: they travel there as bytes."""
        chosen = [self._index(seen + i) for i in range(count)]
        pictures = torch.from_numpy(self.pixels[chosen]).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
        if self.classes is None:
            return Batch(pictures)
        classes = torch.from_numpy(self.classes[chosen]).to(device)
        return Batch(pictures, F.one_hot(classes, len(self.class_names)).float())

    def _index(self, position: int) -> int:
        epoch, offset = divmod(position, len(self))
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng([self._seed, epoch]).permutation(len(self))
        return int(self._order[offset])


def held_out(folder: Path, size: int) -> NDArray[np.uint8]:
    """What `prepare` never lets be trained on, (n, size, size, 3); n is 0 where nothing is held out."""
    return _read(_pictures_in(folder / HELD_OUT), size)


def _pictures_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in SUFFIXES and p.name != SHEET)


def _read(paths: Sequence[Path], size: int) -> NDArray[np.uint8]:
    """Resized with an antialiasing filter."""
    pixels = np.empty((len(paths), size, size, 3), dtype=np.uint8)

    def one(index: int) -> None:
        pixels[index] = _read_one(paths[index], size)

    with ThreadPoolExecutor() as threads:
        done = threads.map(one, range(len(paths)))
        for _ in track(done, description="reading pictures", total=len(paths)):
            pass
    return pixels


def _read_one(path: Path, size: int) -> NDArray[np.uint8]:
    try:
        with Image.open(path) as picture:
            if picture.width != picture.height:
                raise DataError(f"{path}: {picture.width} x {picture.height}, but pictures must be square")
            rgb = picture.convert("RGB")
            if rgb.width != size:
                rgb = rgb.resize((size, size), Image.Resampling.LANCZOS)
            return np.asarray(rgb)
    except OSError as error:
        raise DataError(f"{path}: cannot be read as a picture ({error})") from None


def _read_classes(path: Path) -> dict[str, str]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a table ({error})") from None
    for number, row in enumerate(rows, start=1):
        if len(row) != 2:
            raise DataError(f"{path}, line {number}: {len(row)} columns; expected a picture and its class")
    return {name.strip(): kind.strip() for name, kind in rows}
