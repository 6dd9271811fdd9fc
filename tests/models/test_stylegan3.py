"""StyleGAN3 in parts whose answers are known; whole pictures are checked with the converted files."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models.network import Layer
from models.stylegan3 import AliasFreeLayer, FourierFeatures, StyleGAN3, lowpass, raised
from models.stylegan3_config import StyleGAN3Config

SMALL = {"size": 32, "z_dim": 8, "w_dim": 8, "channel_base": 256, "channel_max": 8, "layer_count": 6}
T = StyleGAN3Config(**SMALL)
R = StyleGAN3Config(**SMALL, conv_kernel=1, radial=True)


def test_the_shape_of_the_published_network_of_1024_pixels() -> None:
    """The layers of stylegan3-r-ffhq-1024 are named by their sizes and channels."""
    stages = StyleGAN3Config(1024, channel_base=65536, channel_max=1024, conv_kernel=1, radial=True).stages
    assert [(stage.size, stage.channels) for stage in stages] == [
        (36, 1024), (36, 1024), (52, 1024), (52, 1024), (84, 1024), (148, 1024), (148, 1024), (276, 645),
        (276, 406), (532, 256), (1044, 161), (1044, 102), (1044, 64), (1024, 64), (1024, 3),
    ]  # fmt: skip


@pytest.mark.parametrize("radial", [False, True])
def test_a_lowpass_keeps_what_is_low_and_stops_what_is_high(radial: bool) -> None:
    taps = lowpass(24, cutoff=4, width=8, rate=32, radial=radial)
    plane = taps if radial else torch.outer(taps, taps)
    assert plane.sum() == pytest.approx(1, abs=1e-5)
    at = (torch.arange(24) - 11.5) / 32
    for frequency, most, least in ((0.5, 1.01, 0.97), (12.0, 0.03, 0.0)):
        wave = torch.cos(2 * math.pi * frequency * at)
        assert least <= float((plane * wave[:, None]).sum().abs()) <= most


def test_filtering_after_spreading_is_interpolation() -> None:
    """A slow wave, sampled twice as often, is the same wave."""
    at = (torch.arange(64) + 0.5) / 64
    wave = torch.cos(2 * math.pi * 3 * at).expand(1, 1, 64, 64)
    taps = lowpass(24, cutoff=16, width=16, rate=128, radial=False)
    dense = raised(wave, taps, 2)[:, :, 11:-11, 11:-11] * 4
    fine = torch.cos(2 * math.pi * 3 * (torch.arange(128) + 0.5) / 128)
    inner = dense[0, 0, 64, 24:-24]
    assert (inner - fine[24:-24]).abs().max() < 0.02


@pytest.mark.parametrize(("config", "index"), [(T, 0), (T, 2), (T, 5), (R, 0), (R, 2)])
def test_a_layer_equals_modulated_weights_and_whole_filters(config: StyleGAN3Config, index: int) -> None:
    torch.manual_seed(0)
    before, after = config.stages[max(index - 1, 0)], config.stages[index]
    radial = config.radial and index < config.layer_count - config.critical
    layer = AliasFreeLayer(config, before, after, radial=radial, rgb=False)
    layer.magnitude_ema.fill_(0.3)
    layer.bias.data.normal_()
    x, w = torch.randn(2, before.channels, before.size, before.size), torch.randn(2, 8)
    known = []
    for picture, style in zip(x, layer.affine(w), strict=True):
        weight = layer.weight * style[None, :, None, None]
        weight = weight * weight.square().sum(dim=(1, 2, 3), keepdim=True).rsqrt() / math.sqrt(0.3)
        y = F.conv2d(picture[None], weight, padding=weight.shape[2] - 1) + layer.bias[:, None, None]
        n, c, height, width = y.shape
        zeros = torch.zeros(n, c, height * layer.up, width * layer.up)
        zeros[:, :, :: layer.up, :: layer.up] = y
        taps = layer.up_filter.shape[0]
        low, high = layer.pad[0] + taps - 1, layer.pad[1] + taps - layer.up
        zeros = F.pad(zeros, (low, high, low, high))
        for taps, gain in ((layer.up_filter, layer.up**2), (layer.down_filter, 1)):
            plane = taps if taps.ndim == 2 else torch.outer(taps, taps)
            kernel = plane.expand(c, 1, *plane.shape)
            zeros = F.conv2d(zeros, kernel, groups=c) * gain
            if taps is layer.up_filter:
                zeros = F.leaky_relu(zeros, 0.2) * math.sqrt(2)
        known.append(zeros[:, :, :: layer.down, :: layer.down])
    expected = torch.cat(known)
    assert expected.shape == (2, after.channels, after.size, after.size)
    assert (layer(x, w) - expected).norm() / expected.norm() < 1e-5


def test_fourier_features_turn_with_their_transform() -> None:
    """A quarter turn of the frequencies is a quarter turn of the picture."""
    torch.manual_seed(1)
    features = FourierFeatures(T, T.stages[0]).requires_grad_(False)
    still = features(torch.zeros(1, 8))
    features.transform.copy_(torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]))
    turned = features(torch.zeros(1, 8))
    near = min(float((turned - still.rot90(times, (2, 3))).abs().max()) for times in (1, 3))
    assert near < 1e-4
    assert (turned - still).abs().max() > 0.1


@pytest.mark.parametrize("config", [T, R], ids=["T", "R"])
def test_a_hook_meets_every_layer_in_order(config: StyleGAN3Config) -> None:
    network = StyleGAN3(config).eval().requires_grad_(False)
    met: list[Layer] = []

    def hook(layer: Layer, x: torch.Tensor) -> torch.Tensor:
        met.append(layer)
        assert x.shape[1] == layer.channels
        return x

    ws = network.mapping(torch.randn(2, 8))[:, None].repeat(1, network.num_ws, 1)
    pictures = network.synthesis(ws, torch.ones(2), hook)
    assert pictures.shape == (2, 3, 32, 32)
    assert tuple(met) == network.layers
    assert [layer.ws_index for layer in met] == [1, 2, 3, 4, 5, 6]
    assert [index for index, _ in network.affines()] == [1, 2, 3, 4, 5, 6]
    assert (network.first_layer(16), network.first_layer(32), network.first_layer(64)) == (0, 3, 8)


def test_the_synthesis_can_be_traced() -> None:
    network = StyleGAN3(T).eval().requires_grad_(False)
    ws, noise = torch.randn(1, network.num_ws, 8), torch.ones(1)
    traced = torch.export.export(network.synthesis, (ws, noise)).module()
    other = torch.randn_like(ws)
    torch.testing.assert_close(traced(other, noise), network.synthesis(other, noise))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"size": 48}, "power of two"), ({"conv_kernel": 5}, "conv_kernel"), ({"margin": 99}, "at most 64"),
        ({"layer_count": 2}, "layer_count"), ({"first_cutoff": -1.0}, "above zero"),
        ({"img_channels": 2}, "img_channels"), ({"channel_base": 1}, "at least one channel"),
    ],
)  # fmt: skip
def test_impossible_shapes_are_refused(change: dict[str, float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        StyleGAN3Config(**SMALL | change)


def test_a_kaiser_window_of_little_attenuation_is_flat() -> None:
    taps = lowpass(4, cutoff=8, width=0.1, rate=64, radial=False)
    ideal = np.sinc(2 * 8 * (np.arange(4) - 1.5) / 64)
    np.testing.assert_allclose(taps.numpy(), ideal / ideal.sum(), rtol=1e-5)
