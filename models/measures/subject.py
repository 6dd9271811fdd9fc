"""The network that is measured: latents from one seed, and the pictures of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.measures.features import Features, as_saved, no_larger
from models.network import Network
from models.picture import to_pixels

BATCH_CPU, BATCH_GPU = 4, 32


@dataclass(frozen=True, slots=True, eq=False)
class Latents:
    """z (n, z_dim) and w (n, w_dim), on the network's device."""

    z: Tensor
    w: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """`seed`: of the latents; more of them begin with the same. Classes are drawn evenly, from it too.
    `most`: of its pictures that are painted at a time, where memory says so."""

    network: Network
    seed: int = 0
    most: int = BATCH_GPU

    @property
    def device(self) -> torch.device:
        return self.network.mapping.w_avg.device

    @property
    def batch(self) -> int:
        return min(self.most, BATCH_GPU if self.device.type == "cuda" else BATCH_CPU)

    def latents(self, count: int) -> Latents:
        z = np.random.RandomState(self.seed).randn(count, self.network.z_dim).astype(np.float32)
        classes = None
        if self.network.c_dim:
            drawn = np.random.RandomState(self.seed).randint(self.network.c_dim, size=count)
            classes = torch.eye(self.network.c_dim)[drawn].to(self.device)
        return self._mapped(torch.from_numpy(z).to(self.device), classes)

    def _mapped(self, z: Tensor, classes: Tensor | None) -> Latents:
        with torch.inference_mode():
            return Latents(z, self.network.mapping(z, classes))

    def w_of(self, z: Tensor) -> Tensor:
        """z (n, z_dim) -> w (n, w_dim); of a conditioned network, in its class 0."""
        z = z.to(self.device)
        c = torch.eye(self.network.c_dim)[:1].expand(len(z), -1).to(z) if self.network.c_dim else None
        return self._mapped(z, c).w

    def draw(self, w: Tensor) -> Tensor:
        """w (n, w_dim) -> pictures (n, channels, size, size), with the constant noise."""
        ws = w[:, None].expand(-1, self.network.num_ws, -1)
        return self.network.synthesis(ws, noise=torch.ones(len(w), device=w.device))

    def paint(self, count: int) -> Iterator[Tensor]:
        """Batches of the pictures of its first `count` latents: what a Judge asks for."""
        with torch.inference_mode():
            for w in torch.split(self.latents(count).w, self.batch):
                yield self.draw(w)

    def pictures(self, latents: Latents, indices: Sequence[int], side: int) -> NDArray[np.uint8]:
        """Of some of its latents, at most `side` px: uint8 (n, h, w, 3)."""
        chosen = latents.w[list(indices)]
        with torch.inference_mode():
            parts = [no_larger(as_saved(self.draw(w)), side) for w in torch.split(chosen, self.batch)]
        return to_pixels(torch.cat(parts))

    def describe(self, features: Features, w: Tensor) -> Tensor:
        """w (n, w_dim) -> the features of its pictures (n, d), not rounded as in files: a path's step is far
        finer than a grey level."""
        with torch.inference_mode():
            parts = [self.draw(part) for part in torch.split(w.to(self.device), self.batch)]
            return features.of(torch.cat(parts).expand(-1, 3, -1, -1))
