"""The discriminator: a residual network with a minibatch standard deviation, as in the StyleGAN2 paper."""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.stylegan2 import LRELU_GAIN, Linear, blur
from models.stylegan2_config import StyleGAN2Config


class Conv(nn.Module):
    """A convolution with equalised learning rate; halves the size behind the FIR when `down`."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, down: bool = False, lrelu: bool = True
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if lrelu else None
        self.weight_gain = 1 / math.sqrt(inputs * kernel * kernel)
        self.down = down

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.weight.shape[-1]
        weight = self.weight * self.weight_gain
        if self.down and kernel == 1:
            x = F.conv2d(blur(F.pad(x, (1, 1, 1, 1)))[:, :, ::2, ::2], weight)
        elif self.down:
            x = F.conv2d(blur(F.pad(x, (2, 2, 2, 2))), weight, stride=2)
        else:
            x = F.conv2d(x, weight, padding=kernel // 2)
        if self.bias is None:
            return x
        return F.leaky_relu(x + self.bias[:, None, None].to(x.dtype), 0.2) * LRELU_GAIN


class Block(nn.Module):
    """Two convolutions and a skip; (n, c, r, r) -> (n, c', r / 2, r / 2)."""

    def __init__(self, config: StyleGAN2Config, resolution: int) -> None:
        super().__init__()
        inputs, outputs = config.channels(resolution), config.channels(resolution // 2)
        self.conv0 = Conv(inputs, inputs, 3)
        self.conv1 = Conv(inputs, outputs, 3, down=True)
        self.skip = Conv(inputs, outputs, 1, down=True, lrelu=False)

    def forward(self, x: Tensor) -> Tensor:
        return cast("Tensor", (self.skip(x) + self.conv1(self.conv0(x))) * math.sqrt(0.5))


class Discriminator(nn.Module):
    """Pictures (n, 3, size, size), -1 to 1 -> logits (n,): above zero means "real"."""

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        top, deep = config.channels(config.size), config.channels(4)
        self.fromrgb = Conv(3, top, 1)
        self.blocks = nn.ModuleDict({f"b{r}": Block(config, r) for r in reversed(config.resolutions[1:])})
        self.conv = Conv(deep + 1, deep, 3)
        self.hidden = Linear(deep * 16, deep, lrelu=True)
        self.out = Linear(deep, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fromrgb(x.contiguous(memory_format=torch.channels_last))
        for block in self.blocks.values():
            x = block(x)
        x = self.conv(torch.cat([x, minibatch_deviation(x)], dim=1))
        return cast("Tensor", self.out(self.hidden(x.flatten(1))).squeeze(1))


def minibatch_deviation(x: Tensor, group: int = 4) -> Tensor:
    """How much the pictures of a group differ, as one feature map: (n, c, h, w) -> (n, 1, h, w).

    Karras et al. 2018, "Progressive Growing of GANs": it lets the discriminator see a collapse.
    """
    n, c, h, w = x.shape
    group = math.gcd(group, n)
    y = x.float().reshape(group, n // group, c, h, w)
    deviation = (y - y.mean(dim=0)).square().mean(dim=0).add(1e-8).sqrt().mean(dim=(1, 2, 3))
    return deviation.repeat(group)[:, None, None, None].expand(n, 1, h, w).to(x.dtype)
