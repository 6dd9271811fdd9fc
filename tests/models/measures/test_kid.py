"""KID on features whose answer is known."""

import pytest
import torch
from torch import Tensor

from models.measures import kid as module
from models.measures.kid import kid


def gaussian(n: int, d: int, seed: int) -> Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def fid(x: Tensor, y: Tensor) -> float:
    """Fréchet distance of two Gaussians fitted to x and y (Heusel et al. 2017)."""
    x, y = x.double(), y.double()
    a, b = x.T.cov(), y.T.cov()
    values, vectors = torch.linalg.eigh(a)
    root = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(root @ b @ root).clamp(min=0).sqrt().sum()
    return float((x.mean(0) - y.mean(0)).square().sum() + a.trace() + b.trace() - 2 * cross)


def test_of_two_samples_of_one_gaussian_it_is_nothing_where_fid_is_much() -> None:
    x, y = gaussian(700, 512, 0), gaussian(700, 512, 1)
    value, deviation = kid(x, y)
    assert abs(value) < 3 * deviation
    assert abs(value) < 1e-3
    assert fid(x, y) > 100


def test_it_has_no_bias_where_sets_are_tiny() -> None:
    values = [kid(gaussian(12, 8, 2 * n), gaussian(12, 8, 2 * n + 1), subsets=4)[0] for n in range(100)]
    mean = sum(values) / len(values)
    spread = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
    assert abs(mean) < 3 * spread / len(values) ** 0.5


def test_of_two_points_it_is_the_kernels_own_sum() -> None:
    a, b = torch.tensor([1.0, 2.0]), torch.tensor([0.5, -1.0])
    value, deviation = kid(a.expand(8, 2), b.expand(6, 2))
    # k(a, a) = (5/2 + 1)^3, k(b, b) = (1.25/2 + 1)^3, k(a, b) = (-1.5/2 + 1)^3
    assert value == pytest.approx(3.5**3 + 1.625**3 - 2 * 0.25**3)
    assert deviation == pytest.approx(0, abs=1e-9)


def test_the_whole_set_in_pairs_gives_the_plain_formula() -> None:
    x, y = gaussian(40, 6, 0), gaussian(40, 6, 1) + 0.5

    def k(p: Tensor, q: Tensor) -> Tensor:
        return ((p @ q.T).double() / 6 + 1) ** 3

    n = 40
    xx, yy = k(x, x), k(y, y)
    plain = (xx.sum() - xx.trace() + yy.sum() - yy.trace()) / (n * (n - 1)) - 2 * k(x, y).mean()
    value, deviation = kid(x, y, subsets=1000)
    assert value == pytest.approx(float(plain), abs=4 * deviation / 1000**0.5)


def test_blocks_do_not_change_it(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = gaussian(50, 6, 0), gaussian(40, 6, 1)
    whole = kid(x, y)
    monkeypatch.setattr(module, "ROWS", 7)
    # Products of features are float32, and blocks of other sizes add them up in another order.
    assert kid(x, y) == pytest.approx(whole, rel=1e-4)


def test_it_grows_with_the_difference() -> None:
    x, y = gaussian(300, 32, 0), gaussian(300, 32, 1)
    values = [kid(x, y + shift)[0] for shift in (0, 0.2, 0.4, 0.8)]
    assert values == sorted(values)
    assert values[1] > 3 * kid(x, y)[1]


def test_the_deviation_falls_with_the_number_of_pictures() -> None:
    few = kid(gaussian(40, 16, 0), gaussian(40, 16, 1))[1]
    many = kid(gaussian(640, 16, 0), gaussian(640, 16, 1))[1]
    assert 0 < many < few / 4


def test_the_same_seed_draws_the_same_subsets() -> None:
    x, y = gaussian(40, 6, 0), gaussian(40, 6, 1)
    assert kid(x, y, seed=3) == kid(x, y, seed=3)
    assert kid(x, y, seed=3) != kid(x, y, seed=4)


def test_three_pictures_are_too_few() -> None:
    with pytest.raises(ValueError, match="at least four"):
        kid(gaussian(3, 6, 0), gaussian(40, 6, 1))
