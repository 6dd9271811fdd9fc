"""The three tiers of features, of which every report names its own, and the one that needs nothing: B."""

from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from models.measures.features import SIDE, Features, Pixels, Progress, describe, evenly, no_larger, silent
from models.measures.inception import read_inception
from models.measures.own import own_features
from models.perceptual import RandomNets

SCALED_ON = 1000
FLAT = 0.05


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
