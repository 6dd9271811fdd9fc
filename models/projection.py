"""A photograph into a latent: a search in W, then in W+, for the point whose picture is most like it."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from models.directions.cloud import Cloud
from models.network import Network
from models.perceptual import PerceptualDistance

RATE = 0.1
RAMP_UP, RAMP_DOWN = 0.05, 0.25
NOISE = 0.3
TOGETHER = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """The best point so far, `ws` (num_ws, w_dim), its `picture` (1, channels, size, size) and `distance`."""

    ws: Tensor
    picture: Tensor
    distance: float


class Projection:
    """A search that is stepped from outside, so that it can be watched and stopped at any step.

    Adam from w_avg, as in the projector of Karras et al. 2020 ("Analyzing and Improving the Image Quality of
    StyleGAN", appendix D). The first half moves one w for all layers, with noise on it that fades as
    (1 - t)^2, which keeps the search from settling at once. The second half frees the layers (W+: Abdal, Qin
    and Wonka 2019, "Image2StyleGAN") at the price TOGETHER * |w_i - mean w|^2: layers that part too far make
    a point which walks and directions cannot use. w is measured in standard deviations of W throughout.
    """

    def __init__(
        self, network: Network, target: Tensor, cloud: Cloud, steps: int, seed: int = 0,
        start: Tensor | None = None,
    ) -> None:  # fmt: skip
        """`target` (1, channels, size, size), -1 to 1. `start`: ws to go on from, its layers free at once."""
        w_avg = network.mapping.w_avg
        self._network, self._target, self._steps = network, target.to(w_avg.device), steps
        self._distance = PerceptualDistance().to(w_avg.device)
        self._random = torch.Generator().manual_seed(seed)
        self._w_avg, self._spread = w_avg, max(cloud.spread, 1e-6)
        self._free_from = 0 if start is not None else steps // 2
        self.step_count = 0
        begin = w_avg.expand(network.num_ws, -1) if start is None else start.to(w_avg)
        with torch.no_grad():
            picture = self._draw(begin)
            self.start = Reached(begin.clone(), picture, float(self._distance(picture, self._target)))
        self.best = self.start
        self._free(begin) if start is not None else self._optimise(torch.zeros(1, network.w_dim))

    @property
    def done(self) -> bool:
        return self.step_count >= self._steps

    def step(self) -> float:
        """One step; the distance where it looked. What was best stays in `best`."""
        if self.step_count == self._free_from and self.step_count:
            self._free(self.best.ws)
        together = self.step_count < self._free_from
        t = self.step_count / self._steps
        for group in self._adam.param_groups:
            group["lr"] = RATE * _ramp(t)
        offsets = self._offsets
        if together:
            fade = NOISE * (1 - self.step_count / self._free_from) ** 2
            noise = torch.randn(offsets.shape, generator=self._random).to(offsets)
            offsets = offsets + noise * fade
        ws = (self._w_avg + offsets * self._spread).expand(self._network.num_ws, -1)
        picture = self._draw(ws)
        distance = self._distance(picture, self._target).mean()
        found = float(distance.detach())
        if found < self.best.distance:
            self.best = Reached(ws.detach().clone(), picture.detach(), found)
        loss = distance
        if not together:
            loss = loss + TOGETHER * (offsets - offsets.mean(dim=0)).square().mean()
        self._adam.zero_grad()
        loss.backward()
        self._adam.step()
        self.step_count += 1
        return found

    def _draw(self, ws: Tensor) -> Tensor:
        return self._network.synthesis(ws[None], noise=torch.ones(1, device=ws.device))

    def _free(self, ws: Tensor) -> None:
        """From here on every layer moves by itself."""
        self._optimise((ws - self._w_avg) / self._spread)

    def _optimise(self, offsets: Tensor) -> None:
        self._offsets = offsets.detach().to(self._w_avg).clone().requires_grad_(True)
        self._adam = torch.optim.Adam([self._offsets], betas=(0.9, 0.999))


def _ramp(t: float) -> float:
    """The learning rate over a run, t from 0 to 1: up in the first 5 %, down a cosine in the last quarter."""
    down = min(1.0, (1 - t) / RAMP_DOWN)
    return min(1.0, (t + 1e-2) / RAMP_UP) * (0.5 - 0.5 * math.cos(down * math.pi))
