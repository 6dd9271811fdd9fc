"""The discriminator: a residual network with a minibatch standard deviation, as in the StyleGAN2 paper."""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.fir import blur, halve
from models.stylegan2 import LRELU_GAIN, Linear, unit
from models.stylegan2_config import StyleGAN2Config
from models.training.parts import GROUP


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
        if self.bias is None:
            weight, bias = self.weight * self.weight_gain, None
        else:
            # A gain before the leaky ReLU is a gain behind it, and costs no pass of its own.
            weight, bias = self.weight * (self.weight_gain * LRELU_GAIN), self.bias * LRELU_GAIN
        if self.down and kernel == 1:
            x = F.conv2d(halve(x), weight, bias)
        elif self.down:
            x = F.conv2d(blur(x, pad=2), weight, bias, stride=2)
        else:
            x = F.conv2d(x, weight, bias, padding=kernel // 2)
        return x if bias is None else F.leaky_relu(x, 0.2, inplace=True)


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
    """Pictures (n, 3, size, size), -1 to 1 -> logits (n,): above zero means "real".

    With classes (n, c_dim), one-hot, the logit is a projection on the class (Miyato and Koyama 2018).
    """

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        top, deep = config.channels(config.size), config.channels(4)
        self.fromrgb = Conv(config.img_channels, top, 1)
        self.blocks = nn.ModuleDict({f"b{r}": Block(config, r) for r in reversed(config.resolutions[1:])})
        self.conv = Conv(deep + 1, deep, 3)
        self.hidden = Linear(deep * 16, deep, lrelu=True)
        self.out = Linear(deep, deep if config.c_dim else 1)
        self.embed = Linear(config.c_dim, deep) if config.c_dim else None

    def forward(self, x: Tensor, classes: Tensor | None = None) -> Tensor:
        x = self.fromrgb(x.contiguous(memory_format=torch.channels_last))
        for block in self.blocks.values():
            x = block(x)
        x = self.conv(torch.cat([x, minibatch_deviation(x)], dim=1))
        logits: Tensor = self.out(self.hidden(x.flatten(1)))
        if self.embed is not None and classes is not None:
            logits = logits * unit(self.embed(classes)) / math.sqrt(logits.shape[1])
        return logits.sum(dim=1)

    def freeze(self, count: int) -> None:
        """The first `count` blocks and what is before them learn nothing (Mo et al. 2020, "Freeze the
        Discriminator")."""
        for module in (self.fromrgb, *self.blocks.values())[: count + 1 if count else 0]:
            module.requires_grad_(False)


def minibatch_deviation(x: Tensor, group: int = GROUP) -> Tensor:
    """How much the pictures of a group differ, as one feature map: (n, c, h, w) -> (n, 1, h, w).

    Karras et al. 2018, "Progressive Growing of GANs": it lets the discriminator see a collapse.
    """
    n, c, h, w = x.shape
    group = math.gcd(group, n)
    y = x.float().reshape(group, n // group, c, h, w)
    deviation = (y - y.mean(dim=0)).square().mean(dim=0).add(1e-8).sqrt().mean(dim=(1, 2, 3))
    return deviation.repeat(group)[:, None, None, None].expand(n, 1, h, w).to(x.dtype)
