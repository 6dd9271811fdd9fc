"""StyleGAN2: a mapping network from z to w, and a synthesis network from w to a picture.

Written from the papers (Karras et al. 2019, "Analyzing and Improving the Image Quality of StyleGAN", and
2020, "Training GANs with Limited Data"). The convolutions keep constant weights: activations are scaled by
the style, convolved, then demodulated, which equals modulating the weights up to rounding and lets every
picture of a batch have its own latent.
"""

import math
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.fir import blur, upsample
from models.network import Bender, Config
from models.stylegan2_config import StyleGAN2Config

LRELU_GAIN = math.sqrt(2.0)
RESNET_GAIN = math.sqrt(0.5)


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


def unit(x: Tensor) -> Tensor:
    """(n, k), each row scaled to a mean square of one."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)


class Mapping(nn.Module):
    """z (n, z_dim) and class weights c (n, c_dim) -> w (n, w_dim). Keeps w_avg, the moving mean of w.

    A conditioned network embeds c linearly, normalises it as it does z, and appends it (Karras et al. 2020).
    """

    w_avg: Tensor

    def __init__(self, config: Config, *, embed_dim: int = 0, hidden_dim: int = 0) -> None:
        """`embed_dim`, `hidden_dim`: 0 for w_dim."""
        super().__init__()
        self.c_dim = config.c_dim
        embed_dim = (embed_dim or config.w_dim) if config.c_dim else 0
        hidden = [hidden_dim or config.w_dim] * (config.mapping_layers - 1)
        widths = [config.z_dim + embed_dim, *hidden, config.w_dim]
        self.embed = Linear(config.c_dim, embed_dim) if config.c_dim else None
        self.layers = nn.ModuleList(Linear(a, b, lr_mul=0.01, lrelu=True) for a, b in pairwise(widths))
        self.register_buffer("w_avg", torch.zeros(config.w_dim))

    def forward(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """Raises ValueError when a conditioned network is given no c, or another one is given some."""
        x = unit(z)
        if self.embed is not None and c is not None:
            x = torch.cat([x, unit(self.embed(c))], dim=1)
        elif self.embed is not None or c is not None:
            raise ValueError(f"c must be (n, {self.c_dim})" if self.c_dim else "c must be None: no classes")
        for layer in self.layers:
            x = layer(x)
        return x


def clamped(x: Tensor, limit: float | None) -> Tensor:
    return x if limit is None else x.clamp(-limit, limit)


def rowwise(factor: Tensor, x: Tensor, added: Tensor | None = None) -> Tensor:
    """factor (n, c) * x (n, c, h, w) + added (n or 1, h or 1, w or 1, c).

    Channels lie innermost, and there are few of them where pictures are large: computed a row of pixels at a
    time, with the factors repeated along it, the loops of a CPU stay long.
    """
    n, c, h, w = x.shape
    rows = x.permute(0, 2, 3, 1).reshape(n, h, w * c)
    factors = factor.to(x.dtype).repeat(1, w)[:, None]
    if added is None:
        rows = rows * factors
    else:
        rows = torch.addcmul(added.expand(-1, -1, w, -1).flatten(2), rows, factors)
    return rows.view(n, h, w, c).permute(0, 3, 1, 2)


class ModulatedConv(nn.Module):
    """One synthesis layer: styled convolution, noise, bias, leaky ReLU; doubles the size when `up`.

    `gain` scales what leaves it, `clamp` limits that to +- clamp * gain.
    """

    noise_const: Tensor

    def __init__(
        self,
        config: StyleGAN2Config,
        inputs: int,
        outputs: int,
        resolution: int,
        *,
        up: bool,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.up = up
        self.gain = LRELU_GAIN * gain
        self.clamp = None if config.conv_clamp is None else config.conv_clamp * gain
        self.affine = Linear(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise_const", torch.randn(resolution, resolution))

    def forward(self, x: Tensor, w: Tensor, noise: Tensor | None) -> Tensor:
        """x (n, c, h, w), w (n, w_dim), noise (n or 1, 1, h', w') of unit variance or None."""
        styles = self.affine(w)
        squares = self.weight.float().square().sum(dim=(2, 3))
        demodulation = torch.rsqrt(F.linear(styles.square(), squares) + 1e-8)
        if x.dtype == torch.float16:
            # Sums over thousands of products would leave its range: scale them down before, and up behind.
            scale = styles.abs().amax(dim=1, keepdim=True) * math.sqrt(self.weight[0].numel())
            styles, demodulation = styles / scale, demodulation * scale
        x = rowwise(styles, x)
        if self.up:
            x = F.conv_transpose2d(x, self.weight.transpose(0, 1), stride=2)
            x = blur(x, pad=1, gain=4.0)
        else:
            x = F.conv2d(x, self.weight, padding=1)
        # A gain before the leaky ReLU is a gain behind it, and these passes are as dear as the convolutions.
        x = rowwise(demodulation * self.gain, x, self._added(noise, x))
        return clamped(F.leaky_relu(x, 0.2, inplace=True), self.clamp)

    def _added(self, noise: Tensor | None, x: Tensor) -> Tensor:
        """Bias and noise, (n or 1, h, w or 1, c), as a product of thin matrices: faster than a broadcast."""
        bias = (self.bias * self.gain).to(x.dtype)
        if noise is None:
            return bias.view(1, 1, 1, -1)
        column = noise.to(x.dtype).flatten()
        columns = torch.stack([torch.ones_like(column), column], dim=1)
        strength = (self.noise_strength * self.gain).to(x.dtype).expand_as(bias)
        added = columns @ torch.stack([bias, strength])
        return added.view(noise.shape[0], *x.shape[2:], -1)


class ToRGB(nn.Module):
    """Features to a picture: a styled 1 x 1 convolution without demodulation."""

    def __init__(self, config: StyleGAN2Config, inputs: int) -> None:
        super().__init__()
        self.affine = Linear(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(config.img_channels, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(config.img_channels))
        self.gain = 1.0 / math.sqrt(inputs)
        self.clamp = config.conv_clamp

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        styles = self.affine(w) * self.gain
        x = F.conv2d(x * styles[:, :, None, None].to(x.dtype), self.weight)
        return clamped(x + self.bias[:, None, None].to(x.dtype), self.clamp)


class Skip(nn.Module):
    """The resnet's way past two convolutions: a 1 x 1 convolution and twice the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 1, 1))
        self.gain = RESNET_GAIN / math.sqrt(inputs)

    def forward(self, x: Tensor) -> Tensor:
        return upsample(F.conv2d(x, self.weight * self.gain))


class Block(nn.Module):
    """One resolution of the synthesis network: one convolution at 4 x 4, two above, and perhaps a picture."""

    def __init__(self, config: StyleGAN2Config, resolution: int) -> None:
        super().__init__()
        channels = config.channels(resolution)
        resnet = config.architecture == "resnet" and resolution > 4
        self.resolution = resolution
        self.conv0: ModulatedConv | None = None
        self.skip: Skip | None = None
        if resolution == 4:
            self.const = nn.Parameter(torch.randn(channels, 4, 4))
        else:
            inputs = config.channels(resolution // 2)
            self.conv0 = ModulatedConv(config, inputs, channels, resolution, up=True)
            if resnet:
                self.skip = Skip(inputs, channels)
        self.conv1 = ModulatedConv(
            config, channels, channels, resolution, up=False, gain=RESNET_GAIN if resnet else 1.0
        )
        self.torgb: ToRGB | None = None
        if config.architecture == "skip" or resolution == config.size:
            self.torgb = ToRGB(config, channels)


class Synthesis(nn.Module):
    """ws (n, num_ws, w_dim) -> pictures (n, img_channels, size, size), about -1 to 1."""

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.config = config
        self.bendable = config.layers
        self.blocks = nn.ModuleDict({f"b{r}": Block(config, r) for r in config.resolutions})

    def forward(
        self, ws: Tensor, noise: Tensor | str | None = "random", bend: Bender | None = None
    ) -> Tensor:
        """`noise`: "random" for training, or the strength of the constant noise for each picture, (n,),
        or None for none."""
        n = ws.shape[0]
        layers = iter(self.bendable)
        x = torch.empty(0)
        rgb: Tensor | None = None
        for module in self.blocks.values():
            block = cast("Block", module)
            layer = next(layers)
            skipped: Tensor | None = None
            if block.conv0 is None:
                x = block.const.expand(n, -1, -1, -1).contiguous(memory_format=torch.channels_last)
            else:
                skipped = None if block.skip is None else block.skip(x)
                x = block.conv0(x, ws[:, layer.ws_index], _noise(block.conv0, noise, n))
                x = x if bend is None else bend(layer, x)
                layer = next(layers)
            x = block.conv1(x, ws[:, layer.ws_index], _noise(block.conv1, noise, n))
            x = x if skipped is None else x + skipped
            x = x if bend is None else bend(layer, x)
            if block.torgb is not None:
                picture = block.torgb(x, ws[:, layer.ws_index + 1])
                rgb = picture if rgb is None else upsample(rgb) + picture
        assert rgb is not None
        return rgb


def _noise(layer: ModulatedConv, noise: Tensor | str | None, n: int) -> Tensor | None:
    if noise is None:
        return None
    constant = layer.noise_const
    if isinstance(noise, str):
        return torch.randn(n, 1, *constant.shape, device=constant.device)
    return constant * noise[:, None, None, None]


class StyleGAN2(nn.Module):
    """The two networks as one, as they are trained and shipped."""

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.config = config
        self.size, self.img_channels = config.size, config.img_channels
        self.z_dim, self.w_dim, self.c_dim = config.z_dim, config.w_dim, config.c_dim
        self.num_ws, self.layers = config.num_ws, config.layers
        self.mapping = Mapping(config, embed_dim=config.embed_dim, hidden_dim=config.hidden_dim)
        self.synthesis = Synthesis(config)

    def first_layer(self, resolution: int) -> int:
        return self.config.first_layer(resolution)

    def affines(self) -> tuple[tuple[int, Tensor], ...]:
        """(ws index, style matrix (channels, w_dim) with its gain applied) of each bendable layer."""
        matrices = []
        for layer in self.layers:
            affine = cast("Linear", self.synthesis.blocks.get_submodule(f"{layer.name}.affine"))
            matrices.append((layer.ws_index, affine.weight.detach() * affine.weight_gain))
        return tuple(matrices)


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
