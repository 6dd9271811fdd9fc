"""Nearest neighbours against the plain definition."""

import pytest
import torch

from models.measures import distances
from models.measures.distances import nearest, squared


def cloud(n: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, 40, generator=torch.Generator().manual_seed(seed))


def test_the_nearest_are_those_of_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "ROWS", 7)
    x, y = cloud(30), cloud(50, 1)
    expected = torch.cdist(x, y).sort(dim=1)
    found, indices = nearest(x, y, 3)
    assert torch.allclose(found, expected.values[:, :3], atol=1e-4)
    assert torch.equal(indices, expected.indices[:, :3])


def test_among_themselves_no_row_is_its_own_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "ROWS", 7)
    x = cloud(20)
    found, indices = nearest(x, x, 1, among_themselves=True)
    assert (indices[:, 0] != torch.arange(20)).all()
    assert torch.allclose(found[:, 0], (torch.cdist(x, x) + torch.eye(20) * 100).min(dim=1).values, atol=1e-4)


def test_a_copy_is_at_no_distance_at_all_however_far_from_zero() -> None:
    x = cloud(20) + 1000
    found, indices = nearest(x[3:5], x, 2)
    assert found[:, 0].tolist() == [0, 0]
    assert indices[:, 0].tolist() == [3, 4]


def test_squared_distances_are_never_below_zero() -> None:
    x = cloud(20)
    assert squared(x, x).min() >= 0


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 4"):
        nearest(cloud(3), cloud(3), 3, among_themselves=True)
