"""Separability of toys: latents that tell what is seen by a plane, and latents that do not."""

import math

import pytest
import torch
from torch import Tensor

from models.measures.separability import conditional_entropy, pseudo_attributes, separability

N = 800
FACTORS = torch.randn(N, 10, generator=torch.Generator().manual_seed(0))
FEATURES = FACTORS * torch.linspace(3, 1, 10) + 0.01
NOISE = torch.randn(N, 6, generator=torch.Generator().manual_seed(1))


def entangled(factors: Tensor) -> Tensor:
    """The same factors where no plane finds them: each as a place on a spiral, sign and size apart."""
    return torch.cat([(6 * factors).cos(), (6 * factors).sin()], dim=1)


def test_planes_tell_linear_latents_and_not_entangled_ones() -> None:
    mixing = torch.randn(10, 10, generator=torch.Generator().manual_seed(2))
    found = separability(entangled(FACTORS), FACTORS @ mixing, FEATURES)
    assert 1 <= found.w < 1.15
    assert 1.8 < found.z <= 2


def test_it_grows_with_noise_over_the_latents() -> None:
    noise = torch.randn(N, 10, generator=torch.Generator().manual_seed(1))
    a, b = (
        separability(FACTORS + low * noise, FACTORS + high * noise, FEATURES)
        for low, high in ((0, 1), (3, 9))
    )
    scores = [a.z, a.w, b.z, b.w]
    assert scores == sorted(scores)
    assert scores[-1] > scores[0] + 0.7


def test_latents_that_know_nothing_score_two() -> None:
    found = separability(NOISE, NOISE, FEATURES)
    assert found.w == pytest.approx(2, abs=0.03)
    assert found.z == found.w


def test_the_least_sure_half_is_left_out() -> None:
    attributes = pseudo_attributes(FEATURES, count=3)
    assert len(attributes) == 3
    for (chosen, labels), factor in zip(attributes, FACTORS.T, strict=False):
        assert len(chosen) == len(labels) == N // 2
        assert int(labels.sum()) == N // 4
        left_out = torch.ones(N, dtype=torch.bool)
        left_out[chosen] = False
        assert factor[chosen].abs().mean() > 2 * factor[left_out].abs().mean()


def test_the_entropy_of_a_table() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    assert conditional_entropy(labels, labels) == 0
    assert conditional_entropy(torch.zeros(4), labels) == pytest.approx(math.log(2))
    # Answer 0 meets labels 0, 0, 1, answer 1 meets 1: 3/4 of H(1/3).
    expected = 0.75 * -(math.log(1 / 3) / 3 + math.log(2 / 3) * 2 / 3)
    assert conditional_entropy(torch.tensor([0, 0, 0, 1]), labels) == pytest.approx(expected)


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 200"):
        separability(NOISE[:100], FACTORS[:100], FEATURES[:100])
