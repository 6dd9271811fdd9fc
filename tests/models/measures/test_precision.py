"""Precision and recall on sets whose answer is known."""

import pytest
import torch
from torch import Tensor

from models.measures import precision as module
from models.measures.precision import precision_and_recall


def blob(n: int, at: float, seed: int) -> Tensor:
    return torch.randn(n, 4, generator=torch.Generator().manual_seed(seed)) + at


def test_on_a_line_it_can_be_counted() -> None:
    real = torch.tensor([[0.0], [1.0], [2.0], [3.0]])
    fake = torch.tensor([[-1.5], [0.5], [5.5], [20.0]])
    # Balls to the 1st neighbour: of the real all reach 1; of the fakes 2, 2, 5 and 14.5.
    assert precision_and_recall(real, fake, k=1) == (1 / 4, 1.0)
    assert precision_and_recall(fake, real, k=1) == (1.0, 1 / 4)


def test_of_one_distribution_both_are_high() -> None:
    precision, recall = precision_and_recall(blob(300, 0, 0), blob(300, 0, 1))
    assert min(precision, recall) > 0.85


def test_a_missing_mode_costs_recall_alone() -> None:
    real = torch.cat([blob(150, 0, 0), blob(150, 20, 1)])
    precision, recall = precision_and_recall(real, blob(300, 0, 2))
    assert precision > 0.85
    assert 0.35 < recall < 0.55


def test_fakes_beyond_the_real_cost_precision_alone() -> None:
    real = blob(300, 0, 0)
    precision, recall = precision_and_recall(real, torch.cat([blob(150, 0, 1), blob(150, 20, 2)]))
    assert 0.35 < precision < 0.55
    assert recall > 0.85


def test_one_picture_again_and_again_recalls_nothing() -> None:
    real = blob(300, 0, 0)
    precision, recall = precision_and_recall(real, torch.zeros(300, 4))
    assert precision == 1
    assert recall == 0


def test_blocks_do_not_change_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = blob(60, 0, 0), blob(50, 0.5, 1)
    whole = precision_and_recall(real, fake)
    monkeypatch.setattr(module, "ROWS", 7)
    assert precision_and_recall(real, fake) == whole
