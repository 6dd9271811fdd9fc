"""The operations that move pixels: flip, rotate, scale, translate, crop."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from models.dataset.augment.operation import Array, Count, Move, OperationError, Size, must


def _affine(a: Array, b: Array, c: Array, d: Array, e: Array, f: Array) -> Array:
    """Rows (a, b, c), (d, e, f), (0, 0, 1), of arrays (n,) -> (n, 3, 3)."""
    maps = np.zeros((len(a), 3, 3))
    maps[:, 0] = np.stack([a, b, c], axis=-1)
    maps[:, 1] = np.stack([d, e, f], axis=-1)
    maps[:, 2, 2] = 1
    return maps


@dataclass(frozen=True, kw_only=True)
class Flip(Move):
    """Mirrored left to right (x) or top to bottom (y). Text, hands and hair partings show it."""

    name: ClassVar[str] = "flip"
    has_rest: ClassVar[bool] = False
    probability: float = 0.5
    axis: Literal["x", "y"] = "x"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.axis not in ("x", "y"):
            raise OperationError(f'axis is "{self.axis}"; expected "x" or "y"')

    def variants(self, size: Size) -> Count:
        return 1

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        return np.empty((n, 0))

    def maps(self, drawn: Array, size: Size) -> Array:
        one, none = np.ones(len(drawn)), np.zeros(len(drawn))
        h, w = size
        if self.axis == "x":
            return _affine(-one, none, one * w, none, one, none)
        return _affine(one, none, none, none, -one, one * h)


@dataclass(frozen=True, kw_only=True)
class Rotate(Move):
    """Turned about the centre by up to `degrees` either way, evenly; what is drawn is clockwise."""

    name: ClassVar[str] = "rotate"
    has_rest: ClassVar[bool] = True
    degrees: float = 3.0

    def __post_init__(self) -> None:
        super().__post_init__()
        must("degrees", self.degrees, 0, 180)

    def variants(self, size: Size) -> Count:
        return "continuous" if self.degrees else 1

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        return rng.uniform(-self.degrees, self.degrees, (n, 1))

    def maps(self, drawn: Array, size: Size) -> Array:
        cos, sin = np.cos(np.radians(drawn[:, 0])), np.sin(np.radians(drawn[:, 0]))
        y, x = size[0] / 2, size[1] / 2
        return _affine(cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y)


@dataclass(frozen=True, kw_only=True)
class Scale(Move):
    """Larger or smaller about the centre, by `least` to `most`; as often by k as by 1 / k."""

    name: ClassVar[str] = "scale"
    has_rest: ClassVar[bool] = True
    least: float = 0.95
    most: float = 1.05

    def __post_init__(self) -> None:
        super().__post_init__()
        must("least", self.least, 0.5, 1)
        must("most", self.most, 1, 4)

    def variants(self, size: Size) -> Count:
        return "continuous" if self.least < self.most else 1

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        return np.exp(rng.uniform(np.log(self.least), np.log(self.most), (n, 1)))

    def maps(self, drawn: Array, size: Size) -> Array:
        k = 1 / drawn[:, 0]
        none = np.zeros(len(drawn))
        y, x = size[0] / 2, size[1] / 2
        return _affine(k, none, x - k * x, none, k, y - k * y)


@dataclass(frozen=True, kw_only=True)
class Translate(Move):
    """Shifted by whole pixels, up to `reach` of each side either way, evenly."""

    name: ClassVar[str] = "translate"
    has_rest: ClassVar[bool] = True
    reach: float = 0.0625

    def __post_init__(self) -> None:
        super().__post_init__()
        must("reach", self.reach, 0, 1)

    def _pixels(self, side: int) -> int:
        return int(side * self.reach + 0.5)

    def variants(self, size: Size) -> Count:
        return (2 * self._pixels(size[0]) + 1) * (2 * self._pixels(size[1]) + 1)

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        y, x = self._pixels(size[0]), self._pixels(size[1])
        return rng.integers([-x, -y], [x, y], (n, 2), endpoint=True).astype(np.float64)

    def maps(self, drawn: Array, size: Size) -> Array:
        one, none = np.ones(len(drawn)), np.zeros(len(drawn))
        return _affine(one, none, -drawn[:, 0], none, one, -drawn[:, 1])


@dataclass(frozen=True, kw_only=True)
class Crop(Move):
    """A window of `least` to 1 of both sides, anywhere inside, resized back.

    It goes from the centre of a pixel to the centre of another, so what lies outside is never seen.
    """

    name: ClassVar[str] = "crop"
    has_rest: ClassVar[bool] = True
    least: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        must("least", self.least, 0.25, 1)

    def variants(self, size: Size) -> Count:
        return "continuous" if self.least < 1 else 1

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        """The share of a side, then where the window lies: 0, 0 is the top left and 1, 1 the far corner."""
        return np.concatenate([rng.uniform(self.least, 1, (n, 1)), rng.random((n, 2))], axis=1)

    def maps(self, drawn: Array, size: Size) -> Array:
        share, right, down = drawn.T
        none, half = np.zeros(len(drawn)), (1 - drawn[:, 0]) / 2
        h, w = size
        left, top = right * (1 - share) * (w - 1), down * (1 - share) * (h - 1)
        return _affine(share, none, half + left, none, share, half + top)
