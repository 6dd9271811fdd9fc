"""StyleGAN2 as it is played: all that depends on its weights alone is computed once.

The same function as `stylegan2.py`, whose names and formulas it keeps, up to rounding:
- the styles of all layers are one product of ws with stacked matrices, their demodulation another;
- gains are folded into biases, noise and demodulation, for f(a x) = a f(x) where f is a leaky ReLU and a > 0;
- the picture layers weight their matrix, which is small, instead of their features;
- pictures have their channels last, as they leave, and one convolution doubles them, all four phases at once.
"""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.fir import FIR
from models.playable import Playable, State
from models.stylegan2 import Block, Linear, ModulatedConv, Skip, StyleGAN2, ToRGB, clamped


class _Conv(nn.Module):
    """A styled convolution, noise, bias, leaky ReLU; it doubles the size when it has a FIR."""

    weight: Tensor
    bias: Tensor
    noise: Tensor | None
    fir: Tensor | None

    def __init__(self, conv: ModulatedConv, scale: float, dtype: torch.dtype) -> None:
        """`scale` is what the weights are multiplied by; the demodulation takes it back."""
        super().__init__()
        weight = conv.weight.detach() * scale
        weight = weight.transpose(0, 1) if conv.up else weight
        strength = float(conv.noise_strength)
        noise = conv.noise_const * (strength * conv.gain) if strength else None
        taps = torch.tensor(FIR)
        fir = (torch.outer(taps, taps) / 16).expand(conv.weight.shape[0], 1, 4, 4) if conv.up else None
        self.register_buffer("weight", weight.to(dtype).contiguous(memory_format=torch.channels_last))
        self.register_buffer("bias", (conv.bias.detach() * conv.gain)[:, None, None].to(dtype))
        self.register_buffer("noise", None if noise is None else noise.to(dtype))
        self.register_buffer("fir", None if fir is None else fir.to(dtype).contiguous())
        self.clamp = conv.clamp

    def forward(self, x: Tensor, style: Tensor, demodulation: Tensor, strength: Tensor) -> Tensor:
        x = x * _as(style[:, :, None, None], x)
        if self.fir is None:
            x = F.conv2d(x, self.weight, padding=1)
        else:
            x = F.conv_transpose2d(x, self.weight, stride=2)
            x = F.conv2d(x, self.fir, padding=1, groups=x.shape[1])
        x = x * _as(demodulation[:, :, None, None], x)
        if self.noise is not None:
            x = x + self.noise * _as(strength[:, None, None, None], x)
        return clamped(F.leaky_relu(x + self.bias, 0.2), self.clamp)


class _Picture(nn.Module):
    """Features to a picture (n, height, width, channels), in float32: in the sum of these rounding shows."""

    weight: Tensor
    bias: Tensor

    def __init__(self, torgb: ToRGB) -> None:
        super().__init__()
        self.register_buffer("weight", torgb.weight.detach()[:, :, 0, 0].t().contiguous())
        self.register_buffer("bias", torgb.bias.detach().clone())
        self.clamp = torgb.clamp

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        n, channels, height, width = x.shape
        rows = x.permute(0, 2, 3, 1).reshape(n, height * width, channels)
        weight = self.weight * style[:, :, None]
        y = _as(rows @ _as(weight, x), self.bias) + self.bias
        return clamped(y, self.clamp).reshape(n, height, width, -1)


class _Doubling(nn.Module):
    """`upsample` for pictures (n, height, width, channels): all four phases by one convolution."""

    phases: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        rows = torch.tensor([[1.0, 3.0, 0.0], [0.0, 3.0, 1.0]]) / 4
        phases = torch.einsum("iy,jx,oc->ijocyx", rows, rows, torch.eye(channels)).flatten(0, 2)
        self.register_buffer("phases", phases.contiguous())

    def forward(self, x: Tensor) -> Tensor:
        n, height, width, channels = x.shape
        y = F.conv2d(x.permute(0, 3, 1, 2), self.phases, padding=1).permute(0, 2, 3, 1)
        y = y.reshape(n, height, width, 2, 2, channels).permute(0, 1, 3, 2, 4, 5)
        return y.reshape(n, height * 2, width * 2, channels)


class _Skip(nn.Module):
    """The resnet's way past two convolutions."""

    weight: Tensor

    def __init__(self, skip: Skip, dtype: torch.dtype) -> None:
        super().__init__()
        self.register_buffer("weight", (skip.weight.detach() * skip.gain).to(dtype))
        fir = torch.outer(torch.tensor(FIR), torch.tensor(FIR)) / 16
        self.register_buffer("fir", fir.expand(skip.weight.shape[0], 1, 4, 4).to(dtype).contiguous())

    def forward(self, x: Tensor) -> Tensor:
        x = F.conv2d(x, self.weight)
        return F.conv_transpose2d(x, cast("Tensor", self.fir), stride=2, padding=1, groups=x.shape[1])


class PlayStyleGAN2(Playable):
    """The playable form of `StyleGAN2`. The state is (features, picture so far) or (features, skipped)."""

    const: Tensor
    matrices: Tensor
    offsets: Tensor
    rows: Tensor
    squares: Tensor
    tiny: Tensor
    leaving: Tensor

    def __init__(self, network: StyleGAN2, dtype: torch.dtype) -> None:
        super().__init__()
        self.layers, self.size, self.dtype = network.layers, network.size, dtype
        blocks = [cast("Block", block) for block in network.synthesis.blocks.values()]
        convs = [conv for block in blocks for conv in (block.conv0, block.conv1) if conv is not None]
        # float16 ends at 65504, which sums over thousands of products may pass: weights are brought to a
        # size at which they do not, and styles to 1 at most.
        self.bounded = dtype == torch.float16
        scales = [_unit_scale(conv.weight) if self.bounded else 1.0 for conv in convs]
        self.convs = nn.ModuleList(
            _Conv(conv, scale, dtype) for conv, scale in zip(convs, scales, strict=True)
        )
        self.pictures = nn.ModuleDict(
            {str(2 * i): _Picture(block.torgb) for i, block in enumerate(blocks) if block.torgb is not None}
        )
        self.skips = nn.ModuleDict(
            {
                str(2 * i - 1): _Skip(block.skip, dtype)
                for i, block in enumerate(blocks)
                if block.skip is not None
            }
        )
        self.doubling = _Doubling(network.img_channels)
        self.register_buffer("const", blocks[0].const.detach().to(dtype)[None])
        self._stack_styles(convs, blocks, scales)

    def _stack_styles(self, convs: list[ModulatedConv], blocks: list[Block], scales: list[float]) -> None:
        """Every style's affine map in one stack, padded to the widest, and the squares of the weights."""
        torgbs = [block.torgb for block in blocks if block.torgb is not None]
        affines = [(conv.affine, 1.0) for conv in convs] + [(torgb.affine, torgb.gain) for torgb in torgbs]
        rows = [layer.ws_index for layer in self.layers]
        rows += [self.layers[int(index)].ws_index + 1 for index in self.pictures]
        self.register_buffer("rows", torch.tensor(rows))
        self.widths = [affine.bias.shape[0] for affine, _ in affines]
        outputs = [conv.weight.shape[0] for conv in convs]
        widest = max(self.widths)
        self.outputs = outputs
        self.gains = [conv.gain for conv in convs]
        matrices = torch.zeros(len(affines), affines[0][0].weight.shape[1], widest)
        offsets = torch.zeros(len(affines), 1, widest)
        for i, (affine, gain) in enumerate(affines):
            matrix, bias = _folded(affine)
            matrices[i, :, : self.widths[i]] = matrix.t() * gain
            offsets[i, 0, : self.widths[i]] = bias * gain
        squares = torch.zeros(len(convs), widest, max(outputs))
        for i, (conv, scale) in enumerate(zip(convs, scales, strict=True)):
            square = (conv.weight.detach().float() * scale).square().sum(dim=(2, 3))
            squares[i, : square.shape[1], : square.shape[0]] = square.t()
        self.register_buffer("matrices", matrices)
        self.register_buffer("offsets", offsets)
        self.register_buffer("squares", squares)
        self.register_buffer("tiny", torch.tensor([1e-8 * scale**2 for scale in scales])[:, None, None])
        self.register_buffer("leaving", torch.tensor(self.gains)[:, None, None])

    def begin(self, ws: Tensor) -> State:
        return ()

    def styles(self, ws: Tensor) -> State:
        """The style of each convolution and each picture layer, then the demodulation of each convolution."""
        count = len(self.convs)
        found = torch.baddbmm(self.offsets, ws.index_select(1, self.rows).transpose(0, 1), self.matrices)
        convs, tiny = found[:count], self.tiny
        if self.bounded:
            largest = convs.abs().amax(dim=2, keepdim=True) + 1e-8
            convs = convs / largest
            tiny = tiny / largest.square()
        demodulation = torch.rsqrt(torch.bmm(convs.square(), self.squares) + tiny) * self.leaving
        styles = [convs[i, :, :width] for i, width in enumerate(self.widths[:count])]
        styles += [found[count + i, :, :width] for i, width in enumerate(self.widths[count:])]
        return (*styles, *(demodulation[i, :, :width] for i, width in enumerate(self.outputs)))

    def step(self, index: int, state: State, styles: State, noise: Tensor) -> State:
        x, carried = self.const.expand(noise.shape[0], -1, -1, -1), state[1:]
        if index == 0:
            x = x.contiguous(memory_format=torch.channels_last)
        else:
            x = state[0]
            if str(index - 1) in self.pictures:
                carried = (self._pictured(index - 1, state, styles),)
            if str(index) in self.skips:
                carried = (self.skips[str(index)](x),)
        x = self.convs[index](x, styles[index], styles[len(self.widths) + index], noise)
        if str(index - 1) in self.skips:
            return (x + carried[0],)
        return (x, *carried)

    def picture(self, state: State, styles: State) -> Tensor:
        return self._pictured(len(self.convs) - 1, state, styles).permute(0, 3, 1, 2)

    def _pictured(self, index: int, state: State, styles: State) -> Tensor:
        """The picture after layer `index`: what came from below, doubled, and what this layer adds."""
        style = styles[len(self.convs) + list(self.pictures).index(str(index))]
        picture = cast("Tensor", self.pictures[str(index)](state[0], style))
        return picture if len(state) == 1 else cast("Tensor", self.doubling(state[1])) + picture


def _as(x: Tensor, like: Tensor) -> Tensor:
    """x in the dtype of another; where it has that already, no trace of it is left in a traced graph."""
    return x if x.dtype == like.dtype else x.to(like.dtype)


def _unit_scale(weight: Tensor) -> float:
    return 1 / math.sqrt(float(weight.detach().float().square().mean()) * weight[0].numel() + 1e-12)


def _folded(affine: Linear) -> tuple[Tensor, Tensor]:
    """Weight and bias of a linear layer with the gains of equalised learning rate in them."""
    return affine.weight.detach() * affine.weight_gain, affine.bias.detach() * affine.bias_gain
