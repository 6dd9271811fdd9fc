"""The cloud of W: where a network's latents lie, as a sample, its mean and its covariance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.latent import z_of
from models.network import Network

BATCH = 1000
Progress = Callable[[float], None]


def silent(fraction: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """`w` (n, w_dim) float64, `mean` (w_dim,), `covariance` (w_dim, w_dim)."""

    w: Tensor
    mean: Tensor
    covariance: Tensor

    @classmethod
    def of(cls, w: Tensor) -> "Cloud":
        """The cloud of samples w (n, w_dim), n at least 2."""
        w = w.detach().cpu().double()
        mean = w.mean(dim=0)
        centred = w - mean
        return cls(w, mean, centred.T @ centred / (len(w) - 1))

    @property
    def spread(self) -> float:
        """The standard deviation of W along one axis, as the root mean square over all axes."""
        return float(self.covariance.diagonal().mean().sqrt())

    def one_deviation(self, vectors: Tensor) -> Tensor:
        """Vectors (k, w_dim), each made one standard deviation of W long: n -> n sqrt(n^T C n) / (n^T n)."""
        vectors = vectors.double()
        variance = ((vectors @ self.covariance) * vectors).sum(dim=1, keepdim=True).clamp(min=0)
        return vectors * variance.sqrt() / vectors.square().sum(dim=1, keepdim=True)


def sample(network: Network, count: int, seed: int, progress: Progress = silent) -> Cloud:
    """The cloud of `count` latents w = mapping(z); of a conditioned network, over all classes alike."""
    random = np.random.RandomState(seed)
    device = network.mapping.w_avg.device
    parts = []
    with torch.inference_mode():
        for start in range(0, count, BATCH):
            n = min(BATCH, count - start)
            z = torch.from_numpy(random.randn(n, network.z_dim).astype(np.float32)).to(device)
            classes = (
                torch.eye(network.c_dim)[random.randint(max(1, network.c_dim), size=n)]
                if network.c_dim
                else None
            )
            parts.append(network.mapping(z, classes if classes is None else classes.to(device)).cpu())
            progress((start + n) / count)
    return Cloud.of(torch.cat(parts).clone())


def w_of_seeds(network: Network, seeds: Sequence[int]) -> Tensor:
    """w of seeds as a look draws them (class 0 of a conditioned network): (n, w_dim) on its device."""
    device = network.mapping.w_avg.device
    parts = []
    with torch.inference_mode():
        for start in range(0, len(seeds), BATCH):
            z = np.stack([z_of(seed, network.z_dim) for seed in seeds[start : start + BATCH]])
            c = torch.eye(network.c_dim)[:1].expand(len(z), -1).to(device) if network.c_dim else None
            parts.append(network.mapping(torch.from_numpy(z).to(device), c))
    return torch.cat(parts).clone()
