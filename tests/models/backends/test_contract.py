"""One contract for all backends: the pictures of the float32 reference, plain and bent, in any batch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from models.backends import openvino
from models.backends.backend import Backend
from models.backends.choice import QUALITY, candidates, psnr
from models.backends.eager import Half, Reference
from models.bends import Bends
from models.network import Network
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config
from models.stylegan3 import StyleGAN3
from models.stylegan3_config import StyleGAN3Config

CPU = torch.device("cpu")
STYLEGAN2 = {
    "skip": StyleGAN2Config(32, 16, 16, 2, 512, 16),
    "resnet, grey, clamped": StyleGAN2Config(
        32, 16, 24, 2, 500, 16, img_channels=1, architecture="resnet", conv_clamp=1.5
    ),
    "orig": StyleGAN2Config(32, 16, 16, 2, 512, 16, architecture="orig"),
}
STYLEGAN3 = {
    "T": StyleGAN3Config(32, 16, 16, 2, 512, 16, layer_count=6, output_scale=1.0),
    "R": StyleGAN3Config(32, 16, 16, 2, 512, 16, layer_count=6, conv_kernel=1, radial=True, output_scale=1.0),
}


@dataclass
class Bend:
    kind: str
    at: str
    amount: float = 0.7
    channels: str = ""
    by: tuple[float, ...] = ()


def network(name: str) -> Network:
    torch.manual_seed(3)
    made: StyleGAN2 | StyleGAN3
    made = StyleGAN2(STYLEGAN2[name]) if name in STYLEGAN2 else StyleGAN3(STYLEGAN3[name])
    with torch.no_grad():
        for parameter_name, parameter in made.named_parameters():
            if parameter_name.endswith(("noise_strength", "bias")) and "affine" not in parameter_name:
                parameter.normal_(std=0.1)
    return made.eval().requires_grad_(False)


NETWORKS = {name: network(name) for name in (*STYLEGAN2, *STYLEGAN3)}


def floor(backend: Backend) -> float:
    """Exact up to a rounding of the last bit in float32; half precision is held to what the probe asks."""
    return 60.0 if "float32" in str(backend) else QUALITY


def painted(backend: Backend, ws: Tensor, bends: Bends | None = None) -> np.ndarray:
    noise, master = torch.linspace(1.0, 0.3, len(ws)), torch.linspace(1.0, 0.5, len(ws))
    with torch.inference_mode():
        frames = backend.paint(ws, noise, master, bends)
    assert frames.dtype == torch.uint8
    return np.array(frames.cpu().numpy())


MAKERS: dict[str, Callable[[Network], Backend]] = {
    "half bfloat16": lambda net: Half(net, CPU, torch.bfloat16),
    "half float16": lambda net: Half(net, CPU, torch.float16),
    "half float32": lambda net: Half(net, CPU, torch.float32),
} | {
    f"openvino {precision}": lambda net, precision=precision: openvino.OpenVino(net, precision, "")
    for precision in openvino.precisions()
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("maker", MAKERS)
def test_pictures_are_those_of_the_reference(maker: str, name: str) -> None:
    net = NETWORKS[name]
    backend, reference = MAKERS[maker](net), Reference(net, CPU)
    ws = torch.randn(2, net.num_ws, net.w_dim, generator=torch.Generator().manual_seed(1))
    for batch in (ws[:1], ws):
        frames, expected = painted(backend, batch), painted(reference, batch)
        assert frames.shape == expected.shape == (len(batch), 32, 32, 3)
        assert psnr(frames, expected) > floor(backend)
        assert expected.std() > 10


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("maker", MAKERS)
def test_bends_act_as_in_the_reference(maker: str, name: str) -> None:
    net = NETWORKS[name]
    backend, reference = MAKERS[maker](net), Reference(net, CPU)
    ws = torch.randn(2, net.num_ws, net.w_dim, generator=torch.Generator().manual_seed(2))
    middle, last = net.layers[len(net.layers) // 2].name, net.layers[-1].name
    bends = Bends(
        [[Bend("scale", middle), Bend("invert", last, 0.2, "even")], [Bend("translate", middle)]], net.layers
    )
    frames, expected = painted(backend, ws, bends), painted(reference, ws, bends)
    assert psnr(frames, expected) > floor(backend) - 3
    assert psnr(expected, painted(reference, ws)) < 30


@pytest.mark.parametrize("maker", MAKERS)
def test_equal_latents_are_equal_bytes_whatever_came_between(maker: str) -> None:
    net = NETWORKS["skip"]
    backend = MAKERS[maker](net)
    ws = torch.randn(2, net.num_ws, net.w_dim)
    first = painted(backend, ws[:1])
    bends = Bends([[Bend("rotate", "16")]], net.layers)
    bent = painted(backend, ws[:1], bends)
    painted(backend, ws[1:])
    assert np.array_equal(painted(backend, ws[:1]), first)
    assert np.array_equal(painted(backend, ws[:1], bends), bent)


@pytest.mark.parametrize("maker", MAKERS)
def test_prepared_cuts_do_not_change_a_plain_frame(maker: str) -> None:
    net = NETWORKS["skip"]
    backend = MAKERS[maker](net)
    ws = torch.randn(1, net.num_ws, net.w_dim)
    before = painted(backend, ws)
    backend.prepare(ws, ["b8.conv1", "b16.conv0"])
    assert np.array_equal(painted(backend, ws), before)


def test_every_backend_of_this_machine_is_under_this_contract() -> None:
    able = {f"{c.name} {c.precision}" for c in candidates(NETWORKS["skip"], CPU, "") if not c.slow_start}
    assert able - {"float32 reference"} <= set(MAKERS)
