"""PCA of a cloud whose covariance is known."""

import pytest
import torch
from torch import Tensor

from models.directions.cloud import Cloud
from models.directions.pca import largest, pca

DEVIATIONS = torch.tensor([4.0, 2.0, 1.0, 0.5, 0.25, 0.1], dtype=torch.float64)


@pytest.fixture(scope="module")
def axes() -> Tensor:
    """Orthogonal axes as rows."""
    random = torch.Generator().manual_seed(0)
    return torch.linalg.qr(torch.randn(6, 6, generator=random, dtype=torch.float64))[0]


@pytest.fixture(scope="module")
def cloud(axes: Tensor) -> Cloud:
    """w = z S axes + 3: a linear mapping with a known covariance."""
    z = torch.randn(50_000, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return Cloud.of(z * DEVIATIONS @ axes + 3)


def test_the_axes_deviations_and_shares_are_the_planted_ones(cloud: Cloud, axes: Tensor) -> None:
    found = pca(cloud, 6)
    assert ((found.axes * axes).sum(dim=1).abs() > 0.999).all()
    assert torch.allclose(found.deviations, DEVIATIONS, rtol=0.02)
    assert torch.allclose(found.explained, DEVIATIONS.square() / DEVIATIONS.square().sum(), rtol=0.04)
    assert found.explained.sum().item() == pytest.approx(1)


def test_the_largest_entry_of_an_axis_is_positive(cloud: Cloud) -> None:
    found = pca(cloud, 6).axes
    assert (found.gather(1, found.abs().argmax(dim=1, keepdim=True)) > 0).all()
    mirrored = Cloud.of(-cloud.w)
    assert torch.allclose(pca(mirrored, 6).axes, found, atol=1e-8)


def test_one_deviation_is_the_deviation_along_the_vector(cloud: Cloud, axes: Tensor) -> None:
    scaled = cloud.one_deviation(7 * axes)
    assert torch.allclose(scaled.norm(dim=1), DEVIATIONS, rtol=0.02)
    assert ((scaled * axes).sum(dim=1) > 0).all()
    along = torch.nn.functional.normalize(axes[0] + axes[1], dim=0)
    assert cloud.one_deviation(along[None]).norm().item() == pytest.approx((cloud.w @ along).std().item())


def test_the_spread_is_that_of_an_axis(cloud: Cloud) -> None:
    assert cloud.spread == pytest.approx(DEVIATIONS.square().mean().sqrt().item(), rel=0.02)


@pytest.mark.parametrize("count", [0, 7])
def test_more_axes_than_w_has_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 6"):
        largest(torch.eye(6), count)
