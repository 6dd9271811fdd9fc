"""Perceptual path length: how much a picture changes for a small step in latent space."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

EPSILON = 1e-4
TRIMMED = 0.01
BATCH = 16
Drawn = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class PathLength:
    """The mean of d / epsilon^2 without its outermost hundredths, and that mean's standard error."""

    mean: float
    error: float


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """On the great circle from a (n, k) to b, at t (n,): of unit length (Shoemake 1985)."""
    a, b = F.normalize(a, dim=1), F.normalize(b, dim=1)
    along = (a * b).sum(dim=1, keepdim=True)
    across = F.normalize(b - along * a, dim=1)
    angle = t[:, None] * along.clamp(-1, 1).acos()
    return a * angle.cos() + across * angle.sin()


def path_length(
    ends: tuple[Tensor, Tensor],
    describe: Drawn,
    *,
    space: str = "w",
    full: bool = True,
    seed: int = 0,
    progress: Callable[[float], None] = lambda fraction: None,
) -> PathLength:
    """Of paths between ends (n, k) and (n, k), latents of `space`; `describe`: latents -> features (n, d).

    Karras, Laine and Aila 2018, "A Style-Based Generator Architecture for GANs", section 4.1: the distance
    of the pictures at t and t + epsilon, over epsilon^2, its outermost hundredths left out. t is uniform
    (`full`) or 0 (at the ends). In "w" paths are straight, in "z" they follow the sphere. Their distance is
    LPIPS; here it is the mean squared difference of the tier's features, so figures compare under one tier
    only. Raises ValueError for another space.
    """
    if space not in ("w", "z"):
        raise ValueError(f'space "{space}": expected "w" or "z"')
    random = np.random.RandomState(seed)
    starts, targets = ends
    t = torch.from_numpy(random.uniform(size=len(starts)) * full).to(starts.device)
    found = []
    for first in range(0, len(starts), BATCH):
        rows = slice(first, first + BATCH)
        a, b, at = starts[rows].double(), targets[rows].double(), t[rows].double()
        if space == "w":
            points = [torch.lerp(a, b, (at + step)[:, None]) for step in (0.0, EPSILON)]
        else:
            points = [slerp(a, b, at + step) * math.sqrt(a.shape[1]) for step in (0.0, EPSILON)]
        here, there = describe(torch.cat(points).float()).double().chunk(2)
        found.append((here - there).square().mean(dim=1) / EPSILON**2)
        progress(min(1.0, (first + BATCH) / len(starts)))
    return trimmed(torch.cat(found))


def trimmed(values: Tensor) -> PathLength:
    """Their mean without the hundredth that is least and the hundredth that is most."""
    cut = int(len(values) * TRIMMED)
    kept = values.sort().values[cut : len(values) - cut]
    return PathLength(float(kept.mean()), float(kept.std(correction=0)) / math.sqrt(len(kept)))
