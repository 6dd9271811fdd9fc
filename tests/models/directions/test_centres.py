"""Centres: planted clusters are found, and the anchor follows a walk without a jump."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from models.directions.centres import anchor, k_means


def planted(count: int = 6, dim: int = 12) -> tuple[Tensor, Tensor]:
    """Clusters around far centres: centres (count, dim), the fullest first, and shuffled samples."""
    random = torch.Generator().manual_seed(1)
    centres = 10 * torch.randn(count, dim, generator=random, dtype=torch.float64)
    sizes = [100 - 12 * index for index in range(count)]
    parts = [
        centre + 0.5 * torch.randn(size, dim, generator=random, dtype=torch.float64)
        for centre, size in zip(centres, sizes, strict=True)
    ]
    samples = torch.cat(parts)
    return centres, samples[torch.randperm(len(samples), generator=random)]


@pytest.mark.parametrize("seed", range(5))
def test_planted_clusters_are_found_the_fullest_first(seed: int) -> None:
    centres, samples = planted()
    found = k_means(samples, len(centres), seed)
    assert (found - centres).norm(dim=1).max() < 0.5


def test_every_centre_is_the_mean_of_the_samples_nearest_to_it() -> None:
    samples = torch.randn(300, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = k_means(samples, 7, 0)
    nearest = torch.cdist(samples, found).argmin(dim=1)
    for index, centre in enumerate(found):
        assert torch.allclose(samples[nearest == index].mean(dim=0), centre)


def test_a_seed_is_a_result() -> None:
    _, samples = planted()
    assert torch.equal(k_means(samples, 4, 3), k_means(samples, 4, 3))


def test_equal_samples_do_no_harm() -> None:
    assert torch.equal(k_means(torch.ones(5, 3), 3, 0), torch.ones(3, 3, dtype=torch.float64))


@pytest.mark.parametrize("count", [0, 6])
def test_more_centres_than_samples_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 5"):
        k_means(torch.randn(5, 3), count, 0)


def test_on_a_centre_the_anchor_is_that_centre() -> None:
    centres, _ = planted()
    assert torch.allclose(anchor(centres, centres), centres, atol=0.1)


def test_near_a_centre_the_anchor_is_that_centre() -> None:
    centres, _ = planted()
    moved = centres + 0.1 * (centres.roll(1, dims=0) - centres)
    nearest = torch.cdist(anchor(moved, centres), centres).argmin(dim=1)
    assert torch.equal(nearest, torch.arange(len(centres)))


def test_between_two_centres_the_anchor_is_between_them_and_four_times_as_fast() -> None:
    centres = torch.tensor([[-1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    assert torch.allclose(anchor(torch.zeros(1, 2, dtype=torch.float64), centres), torch.zeros(1, 2).double())
    step = torch.tensor([[1e-4, 0.0]], dtype=torch.float64)
    assert (anchor(step, centres) / step)[0, 0].item() == pytest.approx(4.0, rel=1e-3)


def test_a_walk_through_the_modes_never_jumps() -> None:
    centres, _ = planted()
    stops = torch.cat([centres, centres[:1]])
    shares = torch.linspace(0, 1, 4001, dtype=torch.float64)[:, None]
    tau = torch.cdist(centres, centres).fill_diagonal_(torch.inf).amin(dim=1).square().mean() / 8
    # d anchor / dw = 2 / tau times the covariance of the centres under p, at most (diameter / 2)^2.
    bound = 2 / tau * (torch.cdist(centres, centres).max() / 2) ** 2
    for begin, end in pairwise(stops):
        path = begin + shares * (end - begin)
        steps = anchor(path, centres).diff(dim=0).norm(dim=1)
        assert steps.max() <= bound * path.diff(dim=0).norm(dim=1).max()


def test_one_centre_is_the_anchor_of_all() -> None:
    centre = torch.randn(1, 4)
    assert torch.equal(anchor(torch.randn(3, 4), centre), centre.expand(3, -1))


def test_equal_centres_give_a_finite_anchor() -> None:
    assert torch.allclose(anchor(torch.randn(3, 4), torch.ones(2, 4)), torch.ones(3, 4))
