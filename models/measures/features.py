"""What a measure sees of a picture. Three tiers, and every report names its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from models.perceptual import RandomNets

SIDE = 64
"""Pixels: larger pictures are averaged down to it before they are described. More would see finer detail,
and take it for distance: at 128 px copies that are a little blurred pass the memorisation test."""

BATCH = 32
SCALED_ON = 1000
FLAT = 0.05

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


def features(
    tier: str,
    train: Pixels,
    *,
    side: int = SIDE,
    inception: Path | None = None,
    sha256: str | None = None,
    cache: Path | None = None,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress = silent,
) -> Features:
    """The features of tier "A", "B" or "C", for pictures such as train (n, size, size, 3).

    A needs `inception`, a file of weights, and checks its `sha256` when one is given. B looks at pictures of
    `side` px. C learns from `train` by `seed`, and keeps what it learnt in the folder `cache`. Raises
    ValueError for another tier, for A without its file, and for a file that cannot be used; OSError where C
    cannot be kept.
    """
    from models.measures.inception import read_inception
    from models.measures.own import own_features

    match tier:
        case "A" if inception is not None:
            return read_inception(inception, sha256, torch.device(device))
        case "A":
            raise ValueError("tier A needs a file of Inception weights: --inception FILE")
        case "B":
            return RandomFeatures(train, torch.device(device), side)
        case "C":
            return own_features(train, cache, seed, torch.device(device), progress)
        case _:
            raise ValueError(f'tier "{tier}": expected A, B or C')


class RandomFeatures:
    """Tier B: the statistics of three random networks, each scaled by how much it varies among the real.

    Blind to meaning, to faint noise, and to what is finer than `side`; it ranks networks of one data set. A
    statistic that hardly varies among the real is scaled as if it varied by a twentieth of the usual, or it
    would drown all others.
    """

    def __init__(self, train: Pixels, device: torch.device, side: int = SIDE) -> None:
        self.device = device
        self.tier = f"B: three random networks at {side} px, scaled by the training pictures"
        self._side = side
        self._nets = RandomNets().to(device).eval()
        self._mean, self._deviation = torch.zeros((), device=device), torch.ones((), device=device)
        raw = describe(self, evenly(train, SCALED_ON)).to(device)
        deviation = raw.std(dim=0, correction=0)
        self._mean = raw.mean(dim=0)
        self._deviation = deviation.clamp(min=max(FLAT * float(deviation.median()), 1e-6))

    def of(self, pictures: Tensor) -> Tensor:
        small = no_larger(pictures.to(self.device), self._side).contiguous(memory_format=torch.channels_last)
        return cast("Tensor", (self._nets(small) - self._mean) / self._deviation)


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
