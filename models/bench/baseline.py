"""StyleGAN2 as the papers write it, kept as the measure for everything faster.

The weights are modulated and demodulated for each picture, the batch runs as groups of one convolution, and
the FIR filters are passes of their own (Karras et al. 2019, section 2.2 and appendix B).
"""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from models.fir import FIR
from models.stylegan2 import Block, ModulatedConv, StyleGAN2, ToRGB


def synthesize(network: StyleGAN2, ws: Tensor, noise: Tensor | None) -> Tensor:
    """Pictures (n, c, size, size) in the dtype of the network's weights. Skip architecture.

    `noise`: the strength of the constant noise for each picture, (n,); None draws new noise, as
    training does.
    """
    n = len(ws)
    x, rgb, row = torch.empty(0), None, 0
    for module in network.synthesis.blocks.values():
        block = cast("Block", module)
        for conv in (block.conv0, block.conv1):
            if conv is None:
                x = block.const.expand(n, -1, -1, -1)
                continue
            x = _layer(conv, x, ws[:, row], noise)
            row += 1
        assert block.torgb is not None
        picture = _picture(block.torgb, x, ws[:, row])
        rgb = picture if rgb is None else _fir(_spread(rgb), (2, 1, 2, 1)) + picture
    assert rgb is not None
    return rgb


def _layer(layer: ModulatedConv, x: Tensor, w: Tensor, noise: Tensor | None) -> Tensor:
    n, inputs, height, width = x.shape
    weight = layer.weight[None] * layer.affine(w)[:, None, :, None, None]
    weight = weight * torch.rsqrt(weight.float().square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).to(x.dtype)
    outputs = weight.shape[1]
    x = x.reshape(1, n * inputs, height, width)
    if layer.up:
        kernels = weight.transpose(1, 2).reshape(n * inputs, outputs, 3, 3)
        x = F.conv_transpose2d(x, kernels, stride=2, groups=n)
        x = _fir(x.reshape(n, outputs, *x.shape[2:]), (1, 1, 1, 1))
    else:
        x = F.conv2d(x, weight.reshape(n * outputs, inputs, 3, 3), padding=1, groups=n)
        x = x.reshape(n, outputs, height, width)
    if noise is None:
        x = x + torch.randn(n, 1, *x.shape[2:], device=x.device) * layer.noise_strength
    else:
        x = x + layer.noise_const * layer.noise_strength * noise[:, None, None, None]
    return F.leaky_relu(x + layer.bias[:, None, None], 0.2) * layer.gain


def _picture(torgb: ToRGB, x: Tensor, w: Tensor) -> Tensor:
    n, inputs, height, width = x.shape
    weight = torgb.weight[None] * (torgb.affine(w) * torgb.gain)[:, None, :, None, None]
    x = F.conv2d(x.reshape(1, n * inputs, height, width), weight.flatten(0, 1), groups=n)
    return x.reshape(n, -1, height, width) + torgb.bias[:, None, None]


def _spread(x: Tensor) -> Tensor:
    """Zero insertion: (n, c, h, w) -> (n, c, 2h, 2w)."""
    n, channels, height, width = x.shape
    spread = x.new_zeros(n, channels, height, 2, width, 2)
    spread[:, :, :, 0, :, 0] = x
    return spread.reshape(n, channels, height * 2, width * 2)


def _fir(x: Tensor, pad: tuple[int, int, int, int]) -> Tensor:
    taps = torch.tensor(FIR, device=x.device, dtype=x.dtype)
    kernel = torch.outer(taps, taps) / 16
    return F.conv2d(F.pad(x, pad), kernel.expand(x.shape[1], 1, 4, 4), groups=x.shape[1])


def macs(network: StyleGAN2) -> int:
    """Multiply-adds of one picture: the convolutions alone, no FIR, no styles, nothing element by element.

    A transposed convolution of stride 2 counts what it needs: k^2 products for each sample it reads.
    """
    total = 0
    for layer, module in zip(network.layers, _convolutions(network), strict=True):
        side = layer.resolution // 2 if module.up else layer.resolution
        total += module.weight.numel() * side**2
    for block in network.synthesis.blocks.values():
        if (torgb := cast("Block", block).torgb) is not None:
            total += torgb.weight.numel() * cast("Block", block).resolution ** 2
    return total


def _convolutions(network: StyleGAN2) -> list[ModulatedConv]:
    blocks = [cast("Block", block) for block in network.synthesis.blocks.values()]
    return [conv for block in blocks for conv in (block.conv0, block.conv1) if conv is not None]


def unit_noise(network: StyleGAN2, strength: float) -> None:
    """Give random weights what trained ones have: noise and bias in every layer."""
    with torch.no_grad():
        for conv in _convolutions(network):
            conv.noise_strength.fill_(strength)
            conv.bias.normal_(std=strength)
        # Pictures of random weights grow with every resolution; bring them to the range of a picture.
        for block in network.synthesis.blocks.values():
            if (torgb := cast("Block", block).torgb) is not None:
                torgb.weight.mul_(1 / math.sqrt(len(network.synthesis.blocks)))
