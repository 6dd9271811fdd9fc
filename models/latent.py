"""Latent points as names and weights: ((key, weight), ...). Pure arithmetic, no torch.

A key is a seed written in decimal, "7", or "mean", the network's w_avg. A point lies in W at the weighted
sum of its keys; its weights sum to one, so it stays on the plane of the keys and psi keeps its meaning.
"""

import numpy as np
from numpy.typing import NDArray

Point = tuple[tuple[str, float], ...]

MEAN = "mean"
MAX_SEED = 2**32 - 1


def seed_of(key: str) -> int | None:
    """The seed that a key names, or None for "mean". Raises ValueError for anything else."""
    if key == MEAN:
        return None
    if not (key.isascii() and key.isdecimal()) or int(key) > MAX_SEED:
        raise ValueError(f'"{key}" is not a latent: expected a seed from 0 to {MAX_SEED}, or "{MEAN}"')
    return int(key)


def z_of(seed: int, z_dim: int) -> NDArray[np.float32]:
    """z of a seed, (z_dim,). NumPy's legacy generator: seeds mean what they mean in the StyleGAN tools."""
    return np.random.RandomState(seed).randn(z_dim).astype(np.float32)
