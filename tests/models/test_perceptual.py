"""The perceptual distance: zero for the same, growing with damage, smooth to follow, equal in every run."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from models.perceptual import PerceptualDistance, RandomNet, RandomNets


@pytest.fixture(scope="module")
def distance() -> PerceptualDistance:
    return PerceptualDistance()


def picture(seed: int, size: int = 32) -> Tensor:
    """Soft blobs: (1, 3, size, size)."""
    coarse = torch.randn(1, 3, 5, 5, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(coarse, size=(size, size), mode="bicubic").clamp(-1, 1)


def test_a_picture_is_at_no_distance_from_itself(distance: PerceptualDistance) -> None:
    a = picture(0)
    assert distance(a, a).item() == 0


def test_it_does_not_matter_which_comes_first(distance: PerceptualDistance) -> None:
    a, b = picture(0), picture(1)
    assert distance(a, b).item() == pytest.approx(distance(b, a).item(), rel=1e-6)


def test_it_grows_with_the_damage(distance: PerceptualDistance) -> None:
    a = picture(0)
    noise = torch.randn(a.shape, generator=torch.Generator().manual_seed(9))
    found = [distance(a, a + strength * noise).item() for strength in (0.05, 0.1, 0.2, 0.4)]
    assert found == sorted(found)
    assert found[0] > 0


def test_a_small_shift_is_nearer_than_another_picture(distance: PerceptualDistance) -> None:
    a = picture(0)
    assert 4 * distance(a, a.roll(1, dims=-1)).item() < distance(a, picture(1)).item()


def test_blur_is_seen(distance: PerceptualDistance) -> None:
    a = picture(0) + 0.3 * torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    blurred = F.avg_pool2d(F.pad(a, (1, 1, 1, 1), mode="reflect"), 3, stride=1)
    assert distance(a, blurred).item() > 0.01


def test_each_of_a_batch_is_measured_by_itself(distance: PerceptualDistance) -> None:
    a = torch.cat([picture(0), picture(1)])
    b = torch.cat([picture(2), picture(3)])
    alone = torch.cat([distance(a[:1], b[:1]), distance(a[1:], b[1:])])
    assert torch.allclose(distance(a, b), alone, rtol=1e-4)


def test_grey_is_measured_as_grey_in_colour(distance: PerceptualDistance) -> None:
    a, b = picture(0)[:, :1], picture(1)[:, :1]
    as_colour = distance(a.expand(-1, 3, -1, -1), b.expand(-1, 3, -1, -1))
    assert torch.allclose(distance(a, b), as_colour, rtol=1e-5)


def test_following_the_gradient_brings_pictures_together(distance: PerceptualDistance) -> None:
    target, x = picture(0), picture(1).requires_grad_(True)
    before = distance(x, target)
    (gradient,) = torch.autograd.grad(before.sum(), x)
    after = distance((x - 0.05 * gradient / gradient.abs().max()).detach(), target)
    assert after.item() < before.item()


def test_a_flat_picture_has_a_finite_gradient(distance: PerceptualDistance) -> None:
    x = torch.zeros(1, 3, 32, 32, requires_grad=True)
    (gradient,) = torch.autograd.grad(distance(x, picture(0)).sum(), x)
    assert gradient.isfinite().all()


@pytest.mark.parametrize("size", [8, 33, 300])
def test_any_size_can_be_measured(distance: PerceptualDistance, size: int) -> None:
    found = distance(picture(0, size), picture(1, size))
    assert found.shape == (1,)
    assert 0 < found.item() < 10


def test_a_seed_is_the_same_network_everywhere() -> None:
    weight = RandomNet(0).get_buffer("weight0")
    assert torch.equal(weight, RandomNet(0).get_buffer("weight0"))
    assert not torch.equal(weight, RandomNet(1).get_buffer("weight0"))
    # RandomState(0) starts with 1.764052...; the gain is sqrt(2 / 1.04 / 27).
    assert weight[0, 0, 0, 0].item() == pytest.approx(1.764052 * (2 / 1.04 / 27) ** 0.5, rel=1e-5)


def test_the_statistics_are_mean_deviation_and_pools_of_every_channel() -> None:
    statistics = RandomNets((0,))(picture(0))
    assert statistics.shape == (1, (16 + 32 + 64 + 64) * (1 + 1 + 4))
    first = RandomNet(0)(picture(0))[0]
    assert torch.allclose(statistics[0, :16], first.mean(dim=(2, 3))[0], atol=1e-6)
    assert torch.allclose(statistics[0, 16:32], first.std(dim=(2, 3), correction=0)[0], atol=1e-3)
    assert torch.allclose(statistics[0, 32:96].reshape(16, 4).mean(dim=1), statistics[0, :16], atol=1e-5)
