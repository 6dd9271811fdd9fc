"""StyleGAN2: a mapping network from z to w, and a skip synthesis network from w to a picture.

Written from the papers (Karras et al. 2019, "Analyzing and Improving the Image Quality of StyleGAN", and
2020, "Training GANs with Limited Data"). The convolutions keep constant weights: activations are scaled by
the style, convolved, then demodulated, which equals modulating the weights up to rounding and lets every
picture of a batch have its own latent.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Bender = Callable[[int, Tensor], Tensor]
"""(resolution, features (n, c, h, w)) -> features of the same shape: a hook after each block."""

LRELU_GAIN = math.sqrt(2.0)
FIR = (1.0, 3.0, 3.0, 1.0)


@dataclass(frozen=True, slots=True)
class StyleGAN2Config:
    """The shape of a network. `channels(r) = min(channel_base / r, channel_max)` at resolution r."""

    size: int
    z_dim: int = 256
    w_dim: int = 256
    mapping_layers: int = 4
    channel_base: int = 4096
    channel_max: int = 128

    def __post_init__(self) -> None:
        if self.size < 8 or self.size & (self.size - 1):
            raise ValueError(f"size must be a power of two of at least 8, not {self.size}")
        if not 1 <= self.mapping_layers <= 8:
            raise ValueError(f"mapping_layers must be 1 to 8, not {self.mapping_layers}")

    @property
    def resolutions(self) -> tuple[int, ...]:
        """4, 8, 16 ... size."""
        return tuple(2**i for i in range(2, int(math.log2(self.size)) + 1))

    @property
    def num_ws(self) -> int:
        """How many layers take a w of their own: every convolution, and the last picture layer."""
        return 2 * len(self.resolutions)

    def channels(self, resolution: int) -> int:
        return min(self.channel_base // resolution, self.channel_max)

    def first_layer(self, resolution: int) -> int:
        """The index in `ws` of the first convolution of the block at `resolution`."""
        return 0 if resolution <= 4 else 2 * int(math.log2(resolution)) - 5

    def to_plain(self) -> dict[str, int]:
        return cast("dict[str, int]", asdict(self))


class _Blur(torch.autograd.Function):
    """A symmetric FIR is its own transpose: the gradient is the same fast convolution."""

    @staticmethod
    def forward(ctx: object, x: Tensor, gain: float) -> Tensor:
        ctx.gain = gain  # type: ignore[attr-defined]
        taps = torch.tensor(FIR, device=x.device)
        kernel = torch.outer(taps, taps) * (gain / 64)
        return F.conv2d(x, kernel.to(x.dtype).expand(x.shape[1], 1, 4, 4), groups=x.shape[1])

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> tuple[Tensor, None]:
        return blur(F.pad(gradient, (3, 3, 3, 3)), gain=ctx.gain), None  # type: ignore[attr-defined]


def blur(x: Tensor, *, gain: float = 1.0) -> Tensor:
    """The FIR (1, 3, 3, 1) / 8 on both axes, valid mode: (n, c, h, w) -> (n, c, h - 3, w - 3), times gain."""
    return cast("Tensor", _Blur.apply(x, gain))  # type: ignore[no-untyped-call]


def upsample(x: Tensor) -> Tensor:
    """Twice the size by zero insertion and the FIR: (n, c, h, w) -> (n, c, 2h, 2w).

    Written as its two phases: between two neighbours a and b the new samples are (3a + b) / 4 and
    (a + 3b) / 4: bilinear interpolation with samples at pixel centres, but the border fades into zero.
    """
    return F.interpolate(F.pad(x, (1, 1, 1, 1)), scale_factor=2, mode="bilinear", align_corners=False)[
        :, :, 2:-2, 2:-2
    ]


class Linear(nn.Module):
    """A fully connected layer with equalised learning rate: unit weights, scaled as they are used."""

    def __init__(
        self, inputs: int, outputs: int, *, bias: float = 0.0, lr_mul: float = 1.0, lrelu: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr_mul)
        self.bias = nn.Parameter(torch.full((outputs,), bias / lr_mul))
        self.weight_gain = lr_mul / math.sqrt(inputs)
        self.bias_gain = lr_mul
        self.lrelu = lrelu

    def forward(self, x: Tensor) -> Tensor:
        y = F.linear(x, self.weight * self.weight_gain, self.bias * self.bias_gain)
        return F.leaky_relu(y, 0.2) * LRELU_GAIN if self.lrelu else y


class Mapping(nn.Module):
    """z (n, z_dim) -> w (n, w_dim). Keeps w_avg, the moving mean of w, as a buffer."""

    w_avg: Tensor

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        widths = [config.z_dim] + [config.w_dim] * config.mapping_layers
        self.layers = nn.ModuleList(Linear(a, b, lr_mul=0.01, lrelu=True) for a, b in pairwise(widths))
        self.register_buffer("w_avg", torch.zeros(config.w_dim))

    def forward(self, z: Tensor) -> Tensor:
        x = z * torch.rsqrt(z.square().mean(dim=1, keepdim=True) + 1e-8)
        for layer in self.layers:
            x = layer(x)
        return x


class ModulatedConv(nn.Module):
    """One synthesis layer: styled convolution, noise, bias, leaky ReLU; doubles the size when `up`."""

    noise_const: Tensor

    def __init__(
        self, config: StyleGAN2Config, inputs: int, outputs: int, resolution: int, *, up: bool
    ) -> None:
        super().__init__()
        self.up = up
        self.affine = Linear(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise_const", torch.randn(resolution, resolution))

    def forward(self, x: Tensor, w: Tensor, noise: Tensor | None) -> Tensor:
        """x (n, c, h, w), w (n, w_dim), noise (n or 1, 1, h', w') of unit variance or None."""
        styles = self.affine(w)
        squares = self.weight.square().sum(dim=(2, 3))
        demodulation = torch.rsqrt(F.linear(styles.square(), squares) + 1e-8)
        x = x * styles[:, :, None, None].to(x.dtype)
        if self.up:
            x = F.conv_transpose2d(x, self.weight.transpose(0, 1), stride=2)
            x = blur(F.pad(x, (1, 1, 1, 1)), gain=4.0)
        else:
            x = F.conv2d(x, self.weight, padding=1)
        x = x * demodulation[:, :, None, None].to(x.dtype)
        if noise is not None:
            x = x + (noise * self.noise_strength).to(x.dtype)
        return F.leaky_relu(x + self.bias[:, None, None].to(x.dtype), 0.2) * LRELU_GAIN


class ToRGB(nn.Module):
    """Features to a picture: a styled 1 x 1 convolution without demodulation."""

    def __init__(self, config: StyleGAN2Config, inputs: int) -> None:
        super().__init__()
        self.affine = Linear(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(3, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(3))
        self.gain = 1.0 / math.sqrt(inputs)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        styles = self.affine(w) * self.gain
        return F.conv2d(x * styles[:, :, None, None].to(x.dtype), self.weight) + self.bias[:, None, None].to(
            x.dtype
        )


class Block(nn.Module):
    """One resolution of the synthesis network: one convolution at 4 x 4, two above, and a picture."""

    def __init__(self, config: StyleGAN2Config, resolution: int) -> None:
        super().__init__()
        channels = config.channels(resolution)
        self.resolution = resolution
        self.conv0: ModulatedConv | None = None
        if resolution == 4:
            self.const = nn.Parameter(torch.randn(channels, 4, 4))
        else:
            self.conv0 = ModulatedConv(
                config, config.channels(resolution // 2), channels, resolution, up=True
            )
        self.conv1 = ModulatedConv(config, channels, channels, resolution, up=False)
        self.torgb = ToRGB(config, channels)


class Synthesis(nn.Module):
    """ws (n, num_ws, w_dim) -> pictures (n, 3, size, size), about -1 to 1."""

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.config = config
        self.blocks = nn.ModuleDict({f"b{r}": Block(config, r) for r in config.resolutions})

    def forward(self, ws: Tensor, noise: Tensor | str = "random", bend: Bender | None = None) -> Tensor:
        """`noise`: "random" for training, or the strength of the constant noise for each picture, (n,)."""
        n = ws.shape[0]
        x = torch.empty(0)
        rgb: Tensor | None = None
        for module in self.blocks.values():
            block = cast("Block", module)
            first = self.config.first_layer(block.resolution)
            if block.conv0 is None:
                x = (
                    block.const.to(ws.dtype)
                    .expand(n, -1, -1, -1)
                    .contiguous(memory_format=torch.channels_last)
                )
                x = block.conv1(x, ws[:, 0], _noise(block.conv1, noise, n))
                last = 1
            else:
                x = block.conv0(x, ws[:, first], _noise(block.conv0, noise, n))
                x = block.conv1(x, ws[:, first + 1], _noise(block.conv1, noise, n))
                last = first + 2
            if bend is not None:
                x = bend(block.resolution, x)
            picture = block.torgb(x, ws[:, last])
            rgb = picture if rgb is None else upsample(rgb) + picture
        assert rgb is not None
        return rgb


def _noise(layer: ModulatedConv, noise: Tensor | str, n: int) -> Tensor:
    constant = layer.noise_const
    if isinstance(noise, str):
        return torch.randn(n, 1, *constant.shape, device=constant.device)
    return constant * noise[:, None, None, None]


class StyleGAN2(nn.Module):
    """The two networks as one, as they are trained and shipped."""

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.config = config
        self.mapping = Mapping(config)
        self.synthesis = Synthesis(config)


def truncate(ws: Tensor, w_avg: Tensor, psi: Tensor, cutoff: int | None = None) -> Tensor:
    """Pull ws (n, num_ws, w_dim) towards w_avg by psi (n,) in the first `cutoff` layers (None: in all).

    psi 0 is the mean, 1 leaves w alone, above 1 exaggerates (Karras et al. 2018, the truncation trick in W).
    """
    pulled = w_avg + (ws - w_avg) * psi[:, None, None]
    return pulled if cutoff is None else torch.cat([pulled[:, :cutoff], ws[:, cutoff:]], dim=1)


def mix_styles(coarse: Tensor, fine: Tensor, first_fine: int, num_ws: int) -> Tensor:
    """w (n, w_dim) for the layers below `first_fine` and another for the rest -> ws (n, num_ws, w_dim)."""
    layers = torch.arange(num_ws, device=coarse.device) >= first_fine
    return torch.where(layers[None, :, None], fine[:, None, :], coarse[:, None, :])
