"""What a measure sees of a picture: features, and the ways of pictures into them."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

SIDE = 64
"""Pixels: larger pictures are averaged down to it before they are described. More would see finer detail,
and take it for distance: at 128 px copies that are a little blurred pass the memorisation test."""

BATCH = 32

Pixels = NDArray[np.uint8]
Progress = Callable[[float], None]


def silent(fraction: float) -> None:
    """Progress that nobody watches."""


class Features(Protocol):
    """`tier`: its name in every report. `device`: where it computes."""

    @property
    def tier(self) -> str: ...
    @property
    def device(self) -> torch.device: ...

    def of(self, pictures: Tensor) -> Tensor:
        """Pictures (n, 3, h, w), -1 to 1 -> features (n, d), float32."""
        ...


def describe(features: Features, pixels: Pixels, progress: Progress = silent) -> Tensor:
    """Features of pictures uint8 (n, size, size, 3), on the CPU: (n, d)."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(pixels), BATCH):
            parts.append(features.of(to_tensor(pixels[start : start + BATCH])).float().cpu())
            progress(min(1.0, (start + BATCH) / len(pixels)))
    return torch.cat(parts).clone()


def evenly(pixels: Pixels, most: int) -> Pixels:
    """At most `most` of them, evenly chosen."""
    return pixels[:: max(1, -(-len(pixels) // most))]


def to_tensor(pixels: Pixels) -> Tensor:
    """uint8 (n, h, w, 3) -> (n, 3, h, w), -1 to 1."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float() / 127.5 - 1


def as_saved(pictures: Tensor) -> Tensor:
    """Pictures of a network as a file would hold them: of three channels, in 256 steps, -1 to 1.

    The real ones come from files, and features see the difference.
    """
    return ((pictures.expand(-1, 3, -1, -1) + 1) * 127.5).round().clamp(0, 255) / 127.5 - 1


def no_larger(pictures: Tensor, side: int) -> Tensor:
    """Averaged down to `side`, by areas; smaller ones are left alone."""
    if pictures.shape[-1] <= side:
        return pictures
    return F.interpolate(pictures, size=(side, side), mode="area")


def sized(pictures: Tensor, side: int) -> Tensor:
    """Of just `side`: averaged down, or interpolated up."""
    if pictures.shape[-1] >= side:
        return no_larger(pictures, side)
    return F.interpolate(pictures, size=(side, side), mode="bilinear", align_corners=False)
