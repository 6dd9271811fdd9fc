"""The bench's baseline is the same network, written as in the paper."""

import pytest
import torch

from models.bench import baseline
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config


def test_the_baseline_paints_the_same_pictures() -> None:
    torch.manual_seed(0)
    net = StyleGAN2(StyleGAN2Config(32, 16, 16, 2, 500, 16)).eval().requires_grad_(False)
    baseline.unit_noise(net, 0.2)
    ws, noise = torch.randn(2, net.num_ws, 16), torch.tensor([1.0, 0.4])
    with torch.inference_mode():
        torch.testing.assert_close(
            baseline.synthesize(net, ws, noise), net.synthesis(ws, noise), rtol=1e-4, atol=1e-4
        )


def test_work_is_counted_as_products() -> None:
    net = StyleGAN2(StyleGAN2Config(8, 4, 4, 1, 16, 4))
    # 4 channels at 4 px, 2 at 8: a convolution at 4, one that doubles, one at 8, two pictures.
    expected = 4 * 4 * 9 * 16 + 2 * 4 * 9 * 16 + 2 * 2 * 9 * 64 + 3 * 4 * 16 + 3 * 2 * 64
    assert baseline.macs(net) == pytest.approx(expected)
