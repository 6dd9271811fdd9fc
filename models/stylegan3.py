"""StyleGAN3 (T and R): Fourier features and alias-free layers, for playing, not for training.

Written from the paper (Karras et al. 2021, "Alias-Free Generative Adversarial Networks"). As in StyleGAN2
here, the convolutions keep constant weights: activations are scaled, convolved, then demodulated.
"""

import math
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.network import Bender
from models.stylegan2 import LRELU_GAIN, Linear, Mapping, clamped, unit
from models.stylegan3_config import Stage, StyleGAN3Config


def lowpass(taps: int, cutoff: float, width: float, rate: float, *, radial: bool) -> Tensor:
    """A Kaiser-windowed low-pass filter of unit gain: (taps,), or (taps, taps) when it is radial.

    `cutoff`, the transition's `width` and the sampling `rate` in one unit. The window follows Kaiser: an
    attenuation of 2.285 (taps - 1) pi (2 width / rate) + 7.95 dB, beta from it (Oppenheim and Schafer).
    """
    if taps == 1:
        return torch.ones(1)
    attenuation = 2.285 * (taps - 1) * math.pi * (width / (rate / 2)) + 7.95
    if attenuation > 50:
        beta = 0.1102 * (attenuation - 8.7)
    elif attenuation > 21:
        beta = 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    else:
        beta = 0.0
    window = np.kaiser(taps, beta)
    at = (np.arange(taps) - (taps - 1) / 2) / rate
    if radial:
        # The ideal low-pass disc in the plane is a jinc: J1(2 pi f r) f / r.
        distance = math.pi * np.hypot(*np.meshgrid(at, at))
        bessel = torch.special.bessel_j1(torch.from_numpy(2 * cutoff * distance)).numpy()
        # At the centre of an odd number of taps the jinc goes to its limit.
        plane = np.where(distance == 0, cutoff, bessel / np.where(distance == 0, 1, distance))
        response = plane * np.outer(window, window)
    else:
        response = np.sinc(2 * cutoff * at) * window
    return torch.from_numpy(response / response.sum()).float()


def filtered(x: Tensor, taps: Tensor | None, *, down: int = 1) -> Tensor:
    """Convolve every channel with a symmetric filter, without padding, and keep every `down`th sample."""
    if taps is None:
        return x if down == 1 else x[:, :, ::down, ::down]
    channels = x.shape[1]
    taps = taps.to(x.dtype)
    if taps.ndim == 2:
        return F.conv2d(x, taps.expand(channels, 1, -1, -1), stride=down, groups=channels)
    x = F.conv2d(x, taps[:, None].expand(channels, 1, -1, -1), stride=(down, 1), groups=channels)
    return F.conv2d(x, taps[None, :].expand(channels, 1, -1, -1), stride=(1, down), groups=channels)


def raised(x: Tensor, taps: Tensor, up: int) -> Tensor:
    """Follow every sample by up - 1 zeros and filter, on both axes: (n, c, h, w) -> (n, c, h', w').

    A transposed convolution does it without the zeros: h' = (h - 1) up + len(taps), as if len(taps) - 1 rows
    of padding stood before the first sample, and len(taps) - up behind the zeros of the last.
    """
    channels = x.shape[1]
    taps = taps.to(x.dtype)
    down = taps[:, None].expand(channels, 1, -1, -1)
    across = taps[None, :].expand(channels, 1, -1, -1)
    x = F.conv_transpose2d(x, down, stride=(up, 1), groups=channels)
    return F.conv_transpose2d(x, across, stride=(1, up), groups=channels)


class FourierFeatures(nn.Module):
    """w -> (n, channels, size, size): sines over the plane, turned and shifted as w says, mixed linearly."""

    freqs: Tensor
    phases: Tensor
    transform: Tensor

    def __init__(self, config: StyleGAN3Config, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.size = stage.sampling_rate + 2 * config.margin
        self.affine = Linear(config.w_dim, 4)
        nn.init.zeros_(self.affine.weight)
        self.affine.bias.data.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0]))
        self.weight = nn.Parameter(torch.randn(stage.channels, stage.channels))
        # Frequencies uniform in the disc of the bandwidth (appendix C).
        freqs = torch.randn(stage.channels, 2)
        radii = freqs.square().sum(dim=1, keepdim=True).sqrt()
        freqs = freqs / (radii * radii.square().exp().pow(0.25)) * stage.cutoff
        self.register_buffer("freqs", freqs)
        self.register_buffer("phases", torch.rand(stage.channels) - 0.5)
        self.register_buffer("transform", torch.eye(3))

    def forward(self, w: Tensor) -> Tensor:
        """w (n, w_dim). The first two numbers of its transform are a rotation's cosine and sine."""
        turn = self.affine(w.float()).float()
        turn = turn / turn[:, :2].norm(dim=1, keepdim=True)
        cos, sin, x, y = (part[:, None] for part in turn.unbind(dim=1))
        zero, one = torch.zeros_like(cos), torch.ones_like(cos)
        rotation = torch.cat([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1).reshape(-1, 3, 3)
        shift = torch.cat([one, zero, -x, zero, one, -y, zero, zero, one], dim=1).reshape(-1, 3, 3)
        transform = rotation @ shift @ self.transform.float()
        freqs = self.freqs.float()[None]
        phases = self.phases.float()[None] + (freqs @ transform[:, :2, 2:]).squeeze(2)
        freqs = freqs @ transform[:, :2, :2]
        # What the user's transform has pushed towards the sampling limit fades out.
        room = self.stage.sampling_rate / 2 - self.stage.cutoff
        amplitudes = (1 - (freqs.norm(dim=2) - self.stage.cutoff) / room).clamp(0, 1)
        at = (torch.arange(self.size, device=w.device) + 0.5 - self.size / 2) / self.stage.sampling_rate
        across = at[None, :, None, None] * freqs[:, None, None, :, 1]
        along = at[None, None, :, None] * freqs[:, None, None, :, 0]
        waves = torch.sin((across + along + phases[:, None, None, :]) * (2 * math.pi))
        waves = waves * amplitudes[:, None, None, :]
        mixed = waves @ (self.weight.float().t() / math.sqrt(self.stage.channels))
        return cast("Tensor", mixed.permute(0, 3, 1, 2).to(self.weight.dtype))


class AliasFreeLayer(nn.Module):
    """Styled convolution, then a leaky ReLU at a higher rate between two low-pass filters."""

    magnitude_ema: Tensor
    up_filter: Tensor
    down_filter: Tensor

    def __init__(
        self, config: StyleGAN3Config, before: Stage, after: Stage, *, radial: bool, rgb: bool
    ) -> None:
        super().__init__()
        self.rgb = rgb
        self.clamp = config.conv_clamp
        kernel = 1 if rgb else config.conv_kernel
        rate = max(before.sampling_rate, after.sampling_rate) * (1 if rgb else config.lrelu_upsampling)
        self.up, self.down = rate // before.sampling_rate, rate // after.sampling_rate
        up_taps = 1 if rgb or self.up == 1 else config.filter_size * self.up
        down_taps = 1 if rgb or self.down == 1 else config.filter_size * self.down
        self.filters_up, self.filters_down = up_taps > 1, down_taps > 1
        self.affine = Linear(config.w_dim, before.channels, bias=1.0)
        self.weight = nn.Parameter(torch.randn(after.channels, before.channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(after.channels))
        self.kernel, self.fan_in = kernel, before.channels * kernel**2
        self.register_buffer("magnitude_ema", torch.ones(()))
        up_filter = lowpass(up_taps, before.cutoff, before.half_width * 2, rate, radial=False)
        down_filter = lowpass(down_taps, after.cutoff, after.half_width * 2, rate, radial=radial)
        self.register_buffer("up_filter", up_filter)
        self.register_buffer("down_filter", down_filter)
        # All that the valid convolutions eat, shared so that the sampling grids stay centred (appendix D).
        total = (
            (after.size - 1) * self.down + 1 - (before.size + kernel - 1) * self.up + up_taps + down_taps - 2
        )
        pad = (total + self.up) // 2
        # `raised` brings some of that with it.
        self.pad = (pad - (up_taps - 1), total - pad + self.up - up_taps)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x (n, inputs, h, w), w (n, w_dim) -> (n, outputs, h', w')."""
        styles = self.affine(w)
        weight = self.weight
        gain = torch.rsqrt(self.magnitude_ema.float())
        if self.rgb:
            scale = (gain / math.sqrt(self.fan_in)).expand(x.shape[0], weight.shape[0])
        else:
            styles = unit(styles)
            full = weight.float()
            norm = full.square().mean(dim=(1, 2, 3), keepdim=True).rsqrt()
            squares = (full * norm).square().sum(dim=(2, 3))
            scale = gain * torch.rsqrt(F.linear(styles.square(), squares) + 1e-8) * norm.flatten()
        if x.dtype == torch.float16:
            # Sums over thousands of products would leave its range: scale them down before, and up behind.
            styles, scale = styles / math.sqrt(self.fan_in), scale * math.sqrt(self.fan_in)
        x = x * styles[:, :, None, None].to(x.dtype)
        x = F.conv2d(x, weight, padding=self.kernel - 1)
        x = x * scale[:, :, None, None].to(x.dtype) + self.bias[:, None, None].to(x.dtype)
        # Zero insertion spreads energy over up x up samples; the gain gives it back.
        x = raised(x, self.up_filter, self.up) * self.up**2 if self.filters_up else x
        before, after = self.pad
        x = F.pad(x, (before, after, before, after)) if before or after else x
        if not self.rgb:
            x = F.leaky_relu(x, 0.2) * LRELU_GAIN
        x = clamped(x, self.clamp)
        return filtered(x, self.down_filter if self.filters_down else None, down=self.down)


class Synthesis(nn.Module):
    """ws (n, num_ws, w_dim) -> pictures (n, img_channels, size, size), about -1 to 1."""

    def __init__(self, config: StyleGAN3Config) -> None:
        super().__init__()
        self.bendable = config.layers
        self.output_scale = config.output_scale
        stages = config.stages
        self.input = FourierFeatures(config, stages[0])
        last = config.layer_count
        self.layers = nn.ModuleList(
            AliasFreeLayer(
                config, stages[max(index - 1, 0)], stages[index],
                radial=config.radial and index < last - config.critical, rgb=index == last,
            )
            for index in range(last + 1)
        )  # fmt: skip

    def forward(self, ws: Tensor, noise: Tensor | str = "random", bend: Bender | None = None) -> Tensor:
        """`noise` is for the other family; there is none in this one."""
        x = self.input(ws[:, 0])
        for index, module in enumerate(self.layers):
            x = module(x, ws[:, index + 1])
            if bend is not None and index < len(self.bendable):
                x = bend(self.bendable[index], x)
        return cast("Tensor", x * self.output_scale)


class StyleGAN3(nn.Module):
    """The two networks as one, as they are shipped."""

    def __init__(self, config: StyleGAN3Config) -> None:
        super().__init__()
        self.config = config
        self.size, self.img_channels = config.size, config.img_channels
        self.z_dim, self.w_dim, self.c_dim = config.z_dim, config.w_dim, config.c_dim
        self.num_ws, self.layers = config.num_ws, config.layers
        self.mapping = Mapping(config)
        self.synthesis = Synthesis(config)

    def first_layer(self, resolution: int) -> int:
        return self.config.first_layer(resolution)

    def affines(self) -> tuple[tuple[int, Tensor], ...]:
        """(ws index, style matrix (channels, w_dim) with its gain applied) of each bendable layer."""
        matrices = []
        for layer, module in zip(self.layers, self.synthesis.layers[: len(self.layers)], strict=True):
            affine = cast("AliasFreeLayer", module).affine
            matrices.append((layer.ws_index, affine.weight.detach() * affine.weight_gain))
        return tuple(matrices)
