"""Bends and shadows on pictures whose answer is known."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
import torch

from models.effects import BENDS, Bends, bend_shift, bend_threshold, shadows


@dataclass
class Bend:
    kind: str
    at: int
    amount: float


@pytest.mark.parametrize("kind", BENDS)
def test_no_amount_changes_nothing(kind: str) -> None:
    x = torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(BENDS[kind](x, torch.zeros(2, 1, 1, 1)), x, rtol=0, atol=0)


@pytest.mark.parametrize("kind", BENDS)
def test_a_small_change_of_amount_is_a_small_change_of_features(kind: str) -> None:
    x = torch.randn(1, 4, 8, 8)
    steps = [BENDS[kind](x, torch.full((1, 1, 1, 1), a / 200)) for a in range(201)]
    worst = max(float((b - a).abs().max()) for a, b in pairwise(steps))
    assert 0 < worst < 0.3


def test_shift_slides_every_second_channel() -> None:
    x = torch.zeros(1, 2, 1, 8)
    x[..., 0] = 1
    y = bend_shift(x, torch.full((1, 1, 1, 1), 0.5))
    assert y[0, 0, 0].tolist() == [0, 0, 1, 0, 0, 0, 0, 0]
    assert y[0, 1, 0].tolist() == [1, 0, 0, 0, 0, 0, 0, 0]


def test_threshold_leaves_two_levels() -> None:
    y = bend_threshold(torch.randn(1, 2, 8, 8), torch.ones(1, 1, 1, 1))
    assert len({round(value, 4) for value in y.flatten().tolist()}) == 2


def test_bends_act_at_their_resolution_on_their_picture_only() -> None:
    bends = Bends([[], [Bend("threshold", 8, 1.0)]])
    x = torch.randn(2, 2, 8, 8)
    torch.testing.assert_close(bends(16, x), x, rtol=0, atol=0)
    y = bends(8, x)
    torch.testing.assert_close(y[0], x[0], rtol=0, atol=0)
    assert not torch.equal(y[1], x[1])


def test_an_unknown_bend_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="noise, shift, threshold"):
        Bends([[Bend("melt", 8, 1.0)]])


def test_shadows_stand_dark_before_light() -> None:
    x = torch.zeros(1, 3, 1, 3)
    x[..., 1] = 50 / 255
    x[..., 2] = 200 / 255
    full = shadows(x, torch.ones(1))
    assert full[0, 0, 0].tolist() == pytest.approx([1.0, 0.5, 0.0], abs=1e-3)
    torch.testing.assert_close(shadows(x, torch.zeros(1)), x, rtol=0, atol=0)
