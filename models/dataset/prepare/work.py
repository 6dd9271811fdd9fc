"""What workers share: results, who finds people, PNG bytes. Workers compute; the parent alone writes."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.dataset.people.segmenter import Person, Segmenter
from models.dataset.prepare.manifest import ASIDE, KEPT


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What a worker makes of one item."""

    decision: str = KEPT
    reason: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What the stage's line says beyond what every line says."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What is to be written, by path under the output folder."""
    sha256: str = ""
    """Of the input, where only the worker has read it."""
    known: bool = False
    """The input is one that an earlier run has decided on: nothing was computed."""

    @classmethod
    def aside(cls, reason: str, **fields: Any) -> "Result":
        return cls(ASIDE, reason, fields)


class Finder(Protocol):
    """How each worker makes its segmenter. Hashable and picklable; equal ones make equal segmenters."""

    def make(self) -> Segmenter: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ByName:
    """A segmenter by its name in a recipe."""

    name: str
    options: tuple[tuple[str, str | int | float | bool], ...] = ()

    def make(self) -> Segmenter:
        from models.dataset.people import segmenter

        return segmenter(self.name, **dict(self.options))


@lru_cache(maxsize=1)
def segmenter_of(finder: Finder) -> Segmenter:
    """The segmenter of this process, made once."""
    return finder.make()


def head_of(person: Person) -> tuple[float, float]:
    """About where the head is: the middle of the top eighth of what is seen of a person, x, y in pixels."""
    x0, y0, x1, y1 = person.box
    rows = max(1, (y1 - y0) // 8)
    top = person.mask[y0 : y0 + rows, x0:x1]
    weight = float(top.sum())
    if weight == 0:
        return (x0 + x1) / 2, y0 + rows / 2
    return x0 + float((top.sum(axis=0) * np.arange(0.5, x1 - x0)).sum()) / weight, y0 + rows / 2


def png(pixels: NDArray[np.uint8] | Image.Image) -> bytes:
    """A PNG file. The same pixels give the same bytes; a tenth fewer of those take twice as long."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return data.getvalue()


def jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return data.getvalue()


def rounded(values: Sequence[float]) -> list[float]:
    """Coordinates as they stand in a manifest: a tenth of a pixel is enough."""
    return [round(float(value), 1) for value in values]
