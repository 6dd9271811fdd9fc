"""The network against slow, literal formulas."""

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from models.fir import blur, halve, upsample
from models.network import Layer
from models.stylegan2 import ModulatedConv, StyleGAN2, mix_styles, truncate
from models.stylegan2_config import StyleGAN2Config

SMALL = StyleGAN2Config(32, z_dim=16, w_dim=16, mapping_layers=2, channel_base=256, channel_max=16)


def fir(gain: float) -> torch.Tensor:
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    return torch.outer(taps, taps) / 64 * gain


def modulated(layer: ModulatedConv, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """The paper's formulation: weights modulated and demodulated for each sample, one grouped convolution."""
    n = len(x)
    weights = layer.weight[None] * layer.affine(w)[:, None, :, None, None]
    weights = weights * torch.rsqrt(weights.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8)
    out, inputs = weights.shape[1:3]
    if layer.up:
        kernels = weights.transpose(1, 2).reshape(n * inputs, out, 3, 3)
        y = F.conv_transpose2d(x.reshape(1, n * inputs, *x.shape[2:]), kernels, stride=2, groups=n)
        y = F.conv2d(F.pad(y, (1, 1, 1, 1)), fir(4.0).expand(n * out, 1, 4, 4), groups=n * out)
    else:
        kernels = weights.reshape(n * out, inputs, 3, 3)
        y = F.conv2d(x.reshape(1, n * inputs, *x.shape[2:]), kernels, padding=1, groups=n)
    y = y.reshape(n, out, *y.shape[2:]) + layer.bias[:, None, None]
    return F.leaky_relu(y, 0.2) * math.sqrt(2)


@pytest.mark.parametrize("up", [False, True])
def test_constant_weights_equal_modulated_weights(up: bool) -> None:
    torch.manual_seed(0)
    layer = ModulatedConv(SMALL, 6, 5, 16, up=up)
    layer.affine.weight.data.mul_(3)
    x, w = torch.randn(3, 6, 8, 8), torch.randn(3, SMALL.w_dim)
    torch.testing.assert_close(layer(x, w, None), modulated(layer, x, w), rtol=1e-4, atol=1e-4)


def test_upsample_is_zero_insertion_and_the_fir() -> None:
    x = torch.randn(2, 3, 8, 8)
    spread = torch.zeros(2, 3, 16, 16)
    spread[:, :, ::2, ::2] = x
    expected = F.conv2d(F.pad(spread, (2, 1, 2, 1)), fir(4.0).expand(3, 1, 4, 4), groups=3)
    torch.testing.assert_close(upsample(x), expected, rtol=1e-5, atol=1e-5)


def test_blur_has_first_and_second_derivatives() -> None:
    x = torch.randn(1, 2, 6, 6, dtype=torch.float64, requires_grad=True)
    # The taps are held in float32, hence the tolerance.
    assert torch.autograd.gradcheck(lambda x: blur(x, pad=1, gain=4.0), x, atol=1e-5)
    assert torch.autograd.gradgradcheck(lambda x: blur(x, pad=0).square(), x, atol=1e-5)


def test_halving_and_doubling_are_each_others_gradient() -> None:
    x = torch.randn(1, 2, 6, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(halve, x, atol=1e-5)
    assert torch.autograd.gradgradcheck(lambda x: halve(x).square(), x, atol=1e-5)
    torch.testing.assert_close(halve(x), blur(x, pad=1)[:, :, ::2, ::2])


def test_a_network_has_the_shape_it_says() -> None:
    network = StyleGAN2(SMALL)
    w = network.mapping(torch.randn(2, 16))
    assert w.shape == (2, 16)
    pictures = network.synthesis(w[:, None].repeat(1, SMALL.num_ws, 1), torch.ones(2))
    assert pictures.shape == (2, 3, 32, 32)
    assert SMALL.num_ws == 8
    assert [SMALL.first_layer(r) for r in SMALL.resolutions] == [0, 1, 3, 5]


def test_z_is_normalised_so_its_length_does_not_matter() -> None:
    mapping = StyleGAN2(SMALL).mapping
    z = torch.randn(4, 16)
    torch.testing.assert_close(mapping(z), mapping(z * 7), rtol=1e-4, atol=1e-5)


def test_constant_noise_is_the_same_twice_and_zero_is_off() -> None:
    torch.manual_seed(1)
    network = StyleGAN2(SMALL)
    for name, parameter in network.named_parameters():
        if name.endswith("noise_strength"):
            parameter.data.fill_(0.5)
    ws = torch.randn(1, SMALL.num_ws, 16)
    on = network.synthesis(ws, torch.ones(1))
    torch.testing.assert_close(on, network.synthesis(ws, torch.ones(1)), rtol=0, atol=0)
    assert (on - network.synthesis(ws, torch.zeros(1))).abs().max() > 0.01


@pytest.mark.parametrize(("psi", "expected"), [(0.0, [1.0, 1.0]), (1.0, [3.0, 5.0]), (0.5, [2.0, 3.0])])
def test_truncation_pulls_towards_the_mean(psi: float, expected: list[float]) -> None:
    ws = torch.tensor([[[3.0], [5.0]]])
    pulled = truncate(ws, torch.tensor([1.0]), torch.tensor([psi]))
    assert pulled.flatten().tolist() == pytest.approx(expected)
    kept = truncate(ws, torch.tensor([1.0]), torch.tensor([psi]), cutoff=1)
    assert kept.flatten().tolist() == pytest.approx([expected[0], 5.0])


def test_style_mixing_takes_the_fine_layers_from_another_w() -> None:
    ws = mix_styles(torch.zeros(1, 2), torch.ones(1, 2), first_fine=3, num_ws=5)
    assert ws[0, :, 0].tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("size", [0, 4, 48, 100])
def test_sizes_that_are_no_power_of_two_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        StyleGAN2Config(size)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"architecture": "new"}, "architecture must be one of skip, resnet, orig"),
        ({"img_channels": 4}, "img_channels"),
        ({"mapping_layers": 9}, "mapping_layers"),
        ({"channel_min": 0}, "at least 1"),
        ({"c_dim": -1}, "at least 1"),
    ],
)  # fmt: skip
def test_impossible_shapes_are_refused(change: dict[str, int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        StyleGAN2Config(**{"size": 32} | change)


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_a_hook_meets_every_layer_in_order(architecture: str) -> None:
    config = replace(SMALL, architecture=architecture)
    network = StyleGAN2(config)
    met: list[tuple[Layer, tuple[int, ...]]] = []

    def hook(layer: Layer, x: torch.Tensor) -> torch.Tensor:
        met.append((layer, tuple(x.shape[1:])))
        return x * 0 if layer.name == "b32.conv1" else x

    ws = torch.randn(2, network.num_ws, 16)
    bent = network.synthesis(ws, torch.ones(2), hook)
    assert tuple(layer for layer, _ in met) == network.layers
    assert all(shape == (layer.channels, layer.resolution, layer.resolution) for layer, shape in met)
    assert [layer.name for layer in network.layers[:3]] == ["b4.conv1", "b8.conv0", "b8.conv1"]
    assert (bent - network.synthesis(ws, torch.ones(2))).abs().max() > 0.01


def test_style_matrices_are_what_a_change_of_w_does_to_styles() -> None:
    network = StyleGAN2(SMALL)
    (index, matrix), layer = network.affines()[2], network.layers[2]
    affine = network.synthesis.blocks["b8"].conv1.affine
    w, step = torch.randn(1, 16), torch.randn(1, 16)
    assert index == layer.ws_index == 2
    torch.testing.assert_close(affine(w + step) - affine(w), step @ matrix.T, rtol=1e-4, atol=1e-5)


def test_half_precision_stays_within_its_range_and_near_the_picture() -> None:
    torch.manual_seed(3)
    layer = ModulatedConv(SMALL, 512, 8, 8, up=False)
    layer.affine.weight.data.mul_(40)
    x, w = torch.randn(2, 512, 8, 8) * 200, torch.randn(2, 16)
    with torch.no_grad():
        known = layer(x, w, None)
        layer.weight.data = layer.weight.data.half()
        found = layer(x.half(), w, None)
    assert found.dtype == torch.float16
    assert (found.float() - known).norm() / known.norm() < 5e-3


def test_the_synthesis_can_be_traced() -> None:
    network = StyleGAN2(SMALL).eval().requires_grad_(False)
    ws, noise = torch.randn(2, network.num_ws, 16), torch.ones(2)
    traced = torch.export.export(network.synthesis, (ws, noise)).module()
    other = torch.randn_like(ws)
    torch.testing.assert_close(traced(other, noise), network.synthesis(other, noise))


def test_a_network_without_classes_takes_none() -> None:
    with pytest.raises(ValueError, match="no classes"):
        StyleGAN2(SMALL).mapping(torch.randn(1, 16), torch.ones(1, 2))
