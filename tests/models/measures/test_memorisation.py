"""The memorisation test on features whose answer is known."""

import pytest
import torch
from torch import Tensor

from models.measures.memorisation import Memorisation, expected_distances, memorisation


def cloud(n: int, seed: int) -> Tensor:
    return torch.randn(n, 16, generator=torch.Generator().manual_seed(seed))


TRAIN, HELD_OUT, HONEST = cloud(300, 0), cloud(120, 1), cloud(200, 2)


def judged(fakes: Tensor, held_out: Tensor = HELD_OUT) -> Memorisation:
    return memorisation(fakes, TRAIN, held_out, *expected_distances(TRAIN, held_out))


def test_an_honest_model_passes() -> None:
    found = judged(HONEST)
    assert found.passed
    assert found.ratio == pytest.approx(1, abs=0.1)
    assert found.share <= 0.05
    assert found.against == "held-out"


def test_exact_copies_fail() -> None:
    found = judged(TRAIN[50:250])
    assert not found.passed
    assert (found.ratio, found.share) == (0, 1)
    assert found.neighbours[:, 0].tolist() == list(range(50, 250))


def test_near_copies_fail() -> None:
    assert not judged(TRAIN[:200] + 0.1 * HONEST).passed


def test_copies_among_honest_pictures_fail_by_their_share() -> None:
    found = judged(torch.cat([TRAIN[:80], HONEST[:120]]))
    assert found.ratio > 0.6
    assert found.share > 0.3
    assert not found.passed


@pytest.mark.parametrize(("trained", "held"), [(300, 120), (300, 600), (2000, 120), (6500, 300)])
def test_little_variety_is_no_copying_however_many_are_held_out(trained: int, held: int) -> None:
    """Pictures near the middle of everything are near to what was trained on, and as near to what was not."""
    train, held_out = cloud(trained, 3), cloud(held, 4)
    expected = expected_distances(train, held_out)
    by_distance_alone = memorisation(0.6 * HONEST, train, train[:0], *expected)
    assert by_distance_alone.share > 0.3
    assert memorisation(0.6 * HONEST, train, held_out, *expected).share < 0.2
    assert memorisation(train[:200], train, held_out, *expected).share == 1


@pytest.mark.parametrize("held_out", [TRAIN[:0], HELD_OUT[:5]])
def test_where_too_little_is_held_out_training_pictures_take_its_place(held_out: Tensor) -> None:
    honest, copies = judged(HONEST, held_out), judged(TRAIN[:200], held_out)
    assert honest.against == "leave-one-out"
    assert len(honest.expected) == 300
    assert honest.passed
    assert not copies.passed


def test_the_first_suspect_is_the_nearest() -> None:
    fakes = HONEST.clone()
    fakes[7] = TRAIN[3]
    found = judged(fakes)
    assert found.suspects[0] == 7
    assert found.neighbours[7, 0] == 3
    assert found.neighbours.shape == (200, 3)


def test_a_training_set_of_copies_of_one_picture_has_no_usual_distance() -> None:
    train = torch.zeros(20, 4)
    found = memorisation(train, train, train[:0], *expected_distances(train, train[:0]))
    assert found.to_plain() == {"ratio": 1.0, "share": 0.0, "passed": True}


def test_the_line_is_rounded_for_reading() -> None:
    assert set(judged(HONEST).to_plain()) == {"ratio", "share", "passed"}
