"""A discriminator of larger pictures that begins by judging them as the smaller one judges their halves.

A fresh block in front of a trained discriminator makes its judgement noise, and the generator forgets what it
knew before the two have found each other again. So the block is set to pass pictures on: colours travel as
pairs of leaky ReLUs, from which x can be had back, since lrelu(x) - lrelu(-x) = 1.2 x; the convolution that
halves then says just what the smaller network's first layer said (as in Net2Net, Chen et al. 2016).
"""

from typing import cast

import torch
from torch import Tensor, nn

from models.stylegan2 import LRELU_GAIN
from models.training.discriminator import Block, Conv, Discriminator

BACK = 1 / (1.2 * LRELU_GAIN)
"""What brings the difference of a pair back to the colour."""


def too_narrow(network: Discriminator, resolution: int) -> int | None:
    """The first resolution above this one whose block has too few channels for the pairs."""
    pairs = 2 * network.fromrgb.weight.shape[1]
    for size, block in _above(network, resolution):
        if len(block.conv0.weight) < pairs:
            return size
    return None


def continue_from(network: Discriminator, resolution: int, weight: Tensor, bias: Tensor) -> None:
    """Let `network` judge as the one of `resolution` does whose first layer had this weight and bias.

    Its blocks up to `resolution` are in place already, and none above is `too_narrow`. `weight`
    (c, colours, 1, 1) as it was stored.
    """
    colours = weight.shape[1]
    effective = weight[:, :, 0, 0] / colours**0.5
    with torch.no_grad():
        for _, block in _above(network, resolution):
            effective, bias = _passed_on(block, effective, bias)
        _set(network.fromrgb, effective[:, :, None, None], bias)


def _above(network: Discriminator, resolution: int) -> list[tuple[int, Block]]:
    """The blocks of larger pictures than these, from the smallest on."""
    blocks = {int(name.removeprefix("b")): cast("Block", block) for name, block in network.blocks.items()}
    return [(size, blocks[size]) for size in sorted(blocks) if size > resolution]


def _passed_on(block: Block, effective: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Set a block to say lrelu(effective x + bias) of the halved x; what it wants to be given comes back."""
    channels, colours = block.conv0.weight.shape[0], effective.shape[1]
    one = torch.eye(colours, device=effective.device)
    pairs = torch.cat([one, -one])
    of_pairs = BACK * torch.cat([one, -one], dim=1)  # (colours, 2 colours): a pair's difference
    nn.init.zeros_(block.skip.weight)
    conv0 = block.conv0.weight * block.conv0.weight_gain
    conv0[: 2 * colours] = 0
    conv0[: 2 * colours, : 2 * colours, 1, 1] = pairs @ of_pairs
    _set(block.conv0, conv0, torch.zeros(channels, device=one.device))
    # The block scales what it sums by sqrt(1/2); a gain before the leaky ReLU undoes it.
    conv1 = torch.zeros_like(block.conv1.weight)
    conv1[:, : 2 * colours, 1, 1] = 2**0.5 * effective @ of_pairs
    _set(block.conv1, conv1, 2**0.5 * bias)
    wanted = torch.randn(channels, colours, device=one.device) / colours**0.5
    wanted[: 2 * colours] = pairs
    return wanted, torch.zeros(channels, device=one.device)


def _set(layer: Conv, effective: Tensor, bias: Tensor) -> None:
    layer.weight.copy_(effective / layer.weight_gain)
    assert layer.bias is not None
    layer.bias.copy_(bias)
