"""A perceptual distance of our own: three fixed random networks and blurred pixels; nothing is downloaded."""

from itertools import pairwise
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTHS = (3, 16, 32, 64, 64)
SEEDS = (0, 1, 2)
LARGEST = 256
SMALLEST_BLUR = 4
EPSILON = 1e-6


class RandomNet(nn.Module):
    """Four stages of 3 x 3 convolution, leaky ReLU and halving, with weights drawn once from a seed.

    The weights come from NumPy's legacy generator, so a seed is the same network on every machine.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        random = np.random.RandomState(seed)
        self.stages = len(WIDTHS) - 1
        for index, (inputs, outputs) in enumerate(pairwise(WIDTHS)):
            gain = np.sqrt(2 / (1 + 0.2**2) / (inputs * 9))  # He et al. 2015: variance is kept
            weight = (random.randn(outputs, inputs, 3, 3) * gain).astype(np.float32)
            self.register_buffer(f"weight{index}", torch.from_numpy(weight))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """x (n, 3, h, w) -> the features of each stage, (n, c, h / 2^i, w / 2^i)."""
        features = []
        for index in range(self.stages):
            if index and min(x.shape[-2:]) > 1:
                x = F.avg_pool2d(x, 2)
            x = F.leaky_relu(F.conv2d(x, self.get_buffer(f"weight{index}"), padding=1), 0.2)
            features.append(x)
        return tuple(features)


class RandomNets(nn.Module):
    """An ensemble of random networks as one description of a picture (Gatys et al. 2015 compare such
    statistics of a trained network; He, Wang and Hopcroft 2016 show that random weights carry far)."""

    def __init__(self, seeds: tuple[int, ...] = SEEDS) -> None:
        super().__init__()
        self.nets = nn.ModuleList(RandomNet(seed) for seed in seeds)

    def forward(self, x: Tensor) -> Tensor:
        """x (n, 1 or 3, h, w), -1 to 1 -> (n, d): of every channel its mean, deviation and 2 x 2 pools."""
        x = x.expand(-1, 3, -1, -1)
        parts = []
        for net in self.nets:
            for features in net(x):
                deviation = (features.var(dim=(2, 3), correction=0) + EPSILON).sqrt()
                pools = F.adaptive_avg_pool2d(features, 2).flatten(1)
                parts += [features.mean(dim=(2, 3)), deviation, pools]
        return torch.cat(parts, dim=1)


class PerceptualDistance(nn.Module):
    """How unlike two pictures look: 0 for the same; a few hundredths are another picture.

        d(a, b) = mean over scales 1, 2, 4 ... of |blur(a) - blur(b)|^2  +  mean |s(a) - s(b)|^2

    `blur` averages over squares of the scale, `s` are the statistics of the random networks. Differentiable,
    and the same in every run. Pictures above 256 px are compared at 256.

    What it is blind to: meaning. A face and a blot of the same colours, contrast and coarse layout are alike
    to it; eyes weigh no more than wallpaper. Of fine texture it sees the amount in each quarter of the
    picture, the place only as far as single pixels agree; it hardly sees faint noise. It ranks pictures of
    one network against one original; its figures say nothing across sizes or subjects.
    """

    def __init__(self) -> None:
        super().__init__()
        self.nets = RandomNets()

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """a, b (n, 1 or 3, h, w), -1 to 1 -> (n,)."""
        a, b = _no_larger(a), _no_larger(b)
        statistics = (self.nets(a) - self.nets(b)).square().mean(dim=1)
        difference, scales = a - b, []
        while True:
            scales.append(difference.square().mean(dim=(1, 2, 3)))
            if min(difference.shape[-2:]) < 2 * SMALLEST_BLUR:
                break
            difference = F.avg_pool2d(difference, 2)
        return cast("Tensor", torch.stack(scales).mean(dim=0) + statistics)


def _no_larger(x: Tensor) -> Tensor:
    if max(x.shape[-2:]) <= LARGEST:
        return x
    factor = LARGEST / max(x.shape[-2:])
    height, width = (max(1, round(side * factor)) for side in x.shape[-2:])
    return F.interpolate(x, size=(height, width), mode="area")
