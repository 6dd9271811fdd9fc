"""Training as the papers write it, kept as the measure for everything faster: float32, and a pass for a step.

The losses, the optimisers and the order of things are those of the trainer; how pictures are painted and
judged is not.
"""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from models.bench.baseline import synthesize
from models.fir import FIR
from models.stylegan2 import LRELU_GAIN, unit
from models.training.data import Batch
from models.training.discriminator import Block, Conv, Discriminator, minibatch_deviation
from models.training.trainer import Trainer


class PlainTrainer(Trainer):
    """The trainer of a recipe in float32, its networks run as textbooks have them."""

    def _painted(self, part: Batch) -> Tensor:
        return synthesize(self.G, self._ws(part), None)

    def _judged(self, pictures: Tensor, part: Batch) -> Tensor:
        return judge(self.D, self.augmenter(pictures).contiguous(), part.classes)


def judge(network: Discriminator, x: Tensor, classes: Tensor | None = None) -> Tensor:
    """What `network` says of pictures (n, c, size, size): (n,)."""
    x = _conv(network.fromrgb, x)
    for module in network.blocks.values():
        block = cast("Block", module)
        x = (_conv(block.skip, x) + _conv(block.conv1, _conv(block.conv0, x))) * math.sqrt(0.5)
    x = _conv(network.conv, torch.cat([x, minibatch_deviation(x)], dim=1))
    logits: Tensor = network.out(network.hidden(x.flatten(1)))
    if network.embed is not None and classes is not None:
        logits = logits * unit(network.embed(classes)) / math.sqrt(logits.shape[1])
    return logits.sum(dim=1)


def _conv(layer: Conv, x: Tensor) -> Tensor:
    kernel = layer.weight.shape[-1]
    weight = layer.weight * layer.weight_gain
    if layer.down:
        pad = 2 if kernel == 3 else 1
        x = _fir(F.pad(x, (pad, pad, pad, pad)))
        x = F.conv2d(x, weight, stride=2)
    else:
        x = F.conv2d(x, weight, padding=kernel // 2)
    if layer.bias is None:
        return x
    return F.leaky_relu(x + layer.bias[:, None, None], 0.2) * LRELU_GAIN


def _fir(x: Tensor) -> Tensor:
    taps = torch.tensor(FIR, device=x.device, dtype=x.dtype)
    kernel = torch.outer(taps, taps) / 64
    return F.conv2d(x, kernel.expand(x.shape[1], 1, 4, 4), groups=x.shape[1])
