"""Boundaries: a known hyperplane is learnt, its accuracy is honest, and useless labels are refused."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from models.directions.boundary import learn, wilson, without


def labelled(n: int, wrong: float = 0.0, seed: int = 0, offset: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
    """w (n, 16), labels by a known hyperplane of which a share is turned over, and its normal."""
    random = torch.Generator().manual_seed(seed)
    normal = normalize(torch.randn(16, generator=random, dtype=torch.float64), dim=0)
    w = torch.randn(n, 16, generator=random, dtype=torch.float64) * 3 + 5
    labels = ((w - 5) @ normal > offset).long()
    turned = torch.rand(n, generator=random) < wrong
    return w, torch.where(turned, 1 - labels, labels), normal


def test_a_known_hyperplane_is_learnt() -> None:
    w, labels, normal = labelled(400)
    found = learn(w, labels)
    assert found.normal @ normal > 0.97
    assert found.normal.norm().item() == pytest.approx(1)
    assert found.accuracy > 0.93
    assert found.interval[0] < found.accuracy < found.interval[1]
    assert found.samples == 400


def test_labels_that_are_one_in_five_wrong_are_held_out_at_most_four_in_five() -> None:
    w, labels, normal = labelled(500, wrong=0.2)
    found = learn(w, labels)
    assert found.normal @ normal > 0.9
    assert 0.68 < found.accuracy < 0.84


def test_the_held_out_accuracy_is_that_of_pictures_never_seen() -> None:
    w, labels, _ = labelled(2100, wrong=0.1)
    found = learn(w[:100], labels[:100])
    normal, offset = found.normal, -(w[:100] @ found.normal).median()
    fresh = ((w[100:] @ normal + offset > 0) == labels[100:].bool()).double().mean().item()
    assert found.interval[0] < fresh < found.interval[1]


def test_labels_that_mean_nothing_are_no_better_than_chance() -> None:
    w, _, _ = labelled(300)
    labels = torch.randint(2, (300,), generator=torch.Generator().manual_seed(5))
    found = learn(w, labels)
    assert found.interval[0] <= found.chance


def test_a_rare_label_says_what_chance_would_score() -> None:
    w, labels, _ = labelled(300, offset=3.0)
    found = learn(w, labels)
    assert found.chance == pytest.approx(1 - labels.double().mean().item())
    assert found.accuracy > found.chance


def test_the_same_labels_teach_the_same() -> None:
    w, labels, _ = labelled(100)
    assert torch.equal(learn(w, labels).normal, learn(w, labels).normal)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (torch.ones(200), "200 samples are labelled 1 and 0 are labelled 0"),
        (torch.zeros(200), "0 samples are labelled 1 and 200"),
        (torch.arange(49) % 2, "49 labelled samples are too few"),
        ((torch.arange(60) < 9).long(), "9 samples are labelled 1"),
    ],
)
def test_labels_that_cannot_teach_are_refused(labels: Tensor, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        learn(torch.randn(len(labels), 16), labels)


def test_the_interval_is_wilsons() -> None:
    # Worked by hand: 8 of 10.
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(10, 10)[1] == pytest.approx(1.0)
    assert wilson(0, 10)[0] == pytest.approx(0.0)


def test_freed_of_one_is_the_conditional_projection() -> None:
    one, other = normalize(torch.randn(2, 16, dtype=torch.float64), dim=1)
    assert torch.allclose(without(one, 3 * other[None]), one - (one @ other) * other)


def test_freed_of_several_moves_along_none_of_them() -> None:
    torch.manual_seed(0)
    direction, others = torch.randn(16).double(), torch.randn(3, 16).double()
    others = torch.cat([others, others[:1] + others[1:2]])  # one of them says nothing new
    left = without(direction, others)
    assert (others @ left).abs().max() < 1e-9
    assert left @ direction > 0
    assert torch.linalg.matrix_rank(torch.cat([others, (direction - left)[None]])) == 3


def test_nothing_left_is_refused() -> None:
    others = torch.randn(2, 16)
    with pytest.raises(ValueError, match="nothing is left"):
        without(others[0] + 2 * others[1], others)
