"""The operations that change values and move nothing: light, colour, noise, a hole."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.dataset.augment.operation import Array, Change, Count, Size, must

_SEEDS = 2**53  # what a float64 holds exactly


def _column(x: Tensor, drawn: Array, column: int) -> Tensor:
    """One number a picture, ready to be broadcast over x: (n, 1, 1, 1)."""
    return torch.from_numpy(drawn[:, column].copy()).to(x)[:, None, None, None]


def _fields(x: Tensor, drawn: Array, channels: int, normal: bool) -> Tensor:
    """(n, channels, h, w) of normal or even (0 to 1) noise, of the seeds in the one column of `drawn`.

    NumPy makes it, so that it is the same on every device.
    """
    shape = (channels, *x.shape[2:])
    fields: list[NDArray[np.float32]] = []
    for (seed,) in drawn:
        rng = np.random.default_rng(int(seed))
        fields.append(rng.standard_normal(shape, np.float32) if normal else rng.random(shape, np.float32))
    return torch.from_numpy(np.stack(fields)).to(x.device)


@dataclass(frozen=True, kw_only=True)
class Noise(Change):
    """Gaussian noise of `deviation` (black to white is 2) on every channel of every pixel."""

    name: ClassVar[str] = "noise"
    has_rest: ClassVar[bool] = False
    deviation: float = 0.02

    def __post_init__(self) -> None:
        super().__post_init__()
        must("deviation", self.deviation, 0, 2)

    def variants(self, size: Size) -> Count:
        return "continuous" if self.deviation else 1

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        return rng.integers(_SEEDS, size=(n, 1)).astype(np.float64)

    def change(self, x: Tensor, drawn: Array) -> Tensor:
        return x + _fields(x, drawn, x.shape[1], normal=True).to(x.dtype) * self.deviation


@dataclass(frozen=True, kw_only=True)
class SaltAndPepper(Change):
    """`share` of the pixels, each by its own dice, become black or white."""

    name: ClassVar[str] = "salt_and_pepper"
    has_rest: ClassVar[bool] = True
    share: float = 0.001

    def __post_init__(self) -> None:
        super().__post_init__()
        must("share", self.share, 0, 1)

    def variants(self, size: Size) -> Count:
        states = 1 if self.share == 0 else 2 if self.share == 1 else 3
        count: int = states ** (size[0] * size[1])
        return count

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        return rng.integers(_SEEDS, size=(n, 1)).astype(np.float64)

    def change(self, x: Tensor, drawn: Array) -> Tensor:
        dice = _fields(x, drawn, 1, normal=False)
        hit = torch.where(dice < self.share / 2, -1.0, 1.0).to(x.dtype)
        return torch.where(dice < self.share, hit, x)


@dataclass(frozen=True, kw_only=True)
class Brightness(Change):
    """Lighter or darker by up to `reach` (black to white is 2), evenly."""

    name: ClassVar[str] = "brightness"
    has_rest: ClassVar[bool] = True
    reach: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        must("reach", self.reach, 0, 2)

    def variants(self, size: Size) -> Count:
        return "continuous" if self.reach else 1

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        return rng.uniform(-self.reach, self.reach, (n, 1))

    def change(self, x: Tensor, drawn: Array) -> Tensor:
        return x + _column(x, drawn, 0)


@dataclass(frozen=True, kw_only=True)
class _Stretch(Change):
    """Distances from a centre are multiplied by `least` to `most`, evenly."""

    has_rest: ClassVar[bool] = True
    centre: ClassVar[tuple[int, ...]]
    least: float = 0.9
    most: float = 1.1

    def __post_init__(self) -> None:
        super().__post_init__()
        must("least", self.least, 0, 1)
        must("most", self.most, 1, 4)

    def variants(self, size: Size) -> Count:
        return "continuous" if self.least < self.most else 1

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        return rng.uniform(self.least, self.most, (n, 1))

    def change(self, x: Tensor, drawn: Array) -> Tensor:
        centre = x.mean(dim=self.centre, keepdim=True)
        return (x - centre) * _column(x, drawn, 0) + centre


@dataclass(frozen=True, kw_only=True)
class Contrast(_Stretch):
    """Stretched about the mean of the picture."""

    name: ClassVar[str] = "contrast"
    centre: ClassVar[tuple[int, ...]] = (1, 2, 3)


@dataclass(frozen=True, kw_only=True)
class Saturation(_Stretch):
    """Stretched about the grey of each pixel, the mean of its channels; at 0 the picture is grey."""

    name: ClassVar[str] = "saturation"
    centre: ClassVar[tuple[int, ...]] = (1,)


@dataclass(frozen=True, kw_only=True)
class Cutout(Change):
    """A hole whose sides are `side` of the picture's, about any pixel, shows `value` (DeVries & Taylor 2017).

    Masks stay as they are: who stands behind the hole still stands there.
    """

    name: ClassVar[str] = "cutout"
    has_rest: ClassVar[bool] = False
    side: float = 0.25
    value: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        must("side", self.side, 0, 1)
        must("value", self.value, -1, 1)

    def variants(self, size: Size) -> Count:
        return size[0] * size[1] if self._half(min(size)) else 1

    def _half(self, pixels: int) -> int:
        """The hole reaches over fewer than so many pixels from its centre."""
        return int(pixels * self.side / 2 + 0.5)

    def draw(self, rng: np.random.Generator, n: int, size: Size) -> Array:
        return rng.integers([size[0], size[1]], size=(n, 2)).astype(np.float64)

    def change(self, x: Tensor, drawn: Array) -> Tensor:
        _, _, h, w = x.shape
        y = torch.from_numpy(drawn[:, 0].copy()).to(x.device)[:, None, None, None]
        z = torch.from_numpy(drawn[:, 1].copy()).to(x.device)[:, None, None, None]
        rows = (torch.arange(h, device=x.device)[:, None] - y).abs() < self._half(h)
        columns = (torch.arange(w, device=x.device) - z).abs() < self._half(w)
        return x.masked_fill(rows & columns, self.value)
