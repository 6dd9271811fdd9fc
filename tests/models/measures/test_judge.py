"""The judge on fakes with a known answer: each measure moves the right way."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from models.measures.features import to_tensor
from models.measures.judge import Judge, Measures
from models.measures.tiers import RandomFeatures

Pixels = NDArray[np.uint8]
Draw = Callable[..., Pixels]


def painting(pictures: Tensor) -> Callable[[int], Iterator[Tensor]]:
    return lambda count: iter(torch.split(pictures[:count], 30))


@pytest.fixture(scope="module")
def honest(draw: Draw) -> Tensor:
    return to_tensor(draw(200, 2))


@pytest.fixture(scope="module")
def ideal(judge: Judge, honest: Tensor) -> Measures:
    return judge.judge(painting(honest))


def test_the_same_distribution_twice(ideal: Measures) -> None:
    assert abs(ideal.kid) < 3 * ideal.kid_deviation
    assert min(ideal.precision, ideal.recall) > 0.75
    assert ideal.memorisation.passed
    assert ideal.memorisation.ratio == pytest.approx(1, abs=0.15)
    assert ideal.against == "held-out"


def test_exact_copies_look_perfect_but_fail(judge: Judge, train: Pixels, ideal: Measures) -> None:
    copies = judge.judge(painting(to_tensor(train[:200])))
    assert copies.kid < ideal.kid + 2 * ideal.kid_deviation
    assert copies.precision > ideal.precision - 0.02
    assert copies.recall > ideal.recall - 0.02
    assert (copies.memorisation.ratio, copies.memorisation.share) == (0, 1)
    assert not copies.memorisation.passed


@pytest.mark.parametrize("change", ["noise", "blur", "shift"])
def test_copies_that_are_a_little_changed_fail_too(judge: Judge, train: Pixels, change: str) -> None:
    x = to_tensor(train[:200])
    changed = {
        "noise": x + 0.03 * torch.randn(x.shape, generator=torch.Generator().manual_seed(0)),
        "blur": 0.7 * x + 0.3 * F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False),
        "shift": x.roll(1, 3),
    }[change]
    assert not judge.judge(painting(changed)).memorisation.passed


def test_a_missing_mode_costs_recall_and_not_precision(judge: Judge, draw: Draw, ideal: Measures) -> None:
    half = judge.judge(painting(to_tensor(draw(200, 3, "disc"))))
    assert half.recall < 0.7 * ideal.recall
    assert half.precision > ideal.precision - 0.1
    assert half.kid > ideal.kid + 3 * ideal.kid_deviation
    assert half.memorisation.passed


def test_fewer_of_a_mode_costs_more_and_more(judge: Judge, draw: Draw) -> None:
    discs, both = to_tensor(draw(200, 3, "disc")), to_tensor(draw(200, 2))
    found = [
        judge.judge(painting(torch.cat([both[: 200 - missing], discs[:missing]])))
        for missing in (0, 100, 200)
    ]
    assert [one.kid for one in found] == sorted(one.kid for one in found)
    assert [one.recall for one in found] == sorted((one.recall for one in found), reverse=True)


def test_blur_costs_more_the_stronger_it_is(judge: Judge, honest: Tensor, ideal: Measures) -> None:
    x, found = honest, [ideal]
    for _ in range(3):
        for _ in range(6):
            x = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
        found.append(judge.judge(painting(x)))
    assert [one.kid for one in found] == sorted(one.kid for one in found)
    assert [one.precision for one in found] == sorted((one.precision for one in found), reverse=True)
    assert found[-1].precision < 0.7 * ideal.precision


def test_noise_costs_more_the_stronger_it_is_but_faint_noise_costs_nothing(
    judge: Judge, honest: Tensor, ideal: Measures
) -> None:
    noise = torch.randn(honest.shape, generator=torch.Generator().manual_seed(0))
    faint, *seen = (judge.judge(painting(honest + level * noise)) for level in (0.004, 0.1, 0.3, 0.6))
    assert abs(faint.kid - ideal.kid) < ideal.kid_deviation
    kids = [ideal.kid, *(one.kid for one in seen)]
    assert kids == sorted(kids)
    assert seen[-1].precision < 0.1


def test_the_same_fakes_get_the_same_line(
    judge: Judge, honest: Tensor, ideal: Measures, train: Pixels, held_out: Pixels
) -> None:
    another = Judge(judge.features, train, held_out, fakes=200)
    assert judge.judge(painting(honest)).to_plain() == ideal.to_plain()
    assert another.judge(painting(honest)).to_plain() == ideal.to_plain()


def test_a_line_says_all_that_a_run_keeps(ideal: Measures) -> None:
    line = ideal.to_plain()
    assert list(line) == [
        "tier", "fakes", "against", "kid", "kid_deviation", "precision", "recall", "memorisation",
    ]  # fmt: skip
    assert line["tier"].startswith("B: ")
    assert line["fakes"] == 200


def test_with_nothing_held_out_it_compares_with_the_training_pictures(
    tier_b: RandomFeatures, train: Pixels, honest: Tensor
) -> None:
    judge = Judge(tier_b, train, train[:0], fakes=200)
    found = judge.judge(painting(honest))
    assert found.against == judge.against == "training"
    assert found.memorisation.against == "leave-one-out"
    assert found.memorisation.passed
    assert abs(found.kid) < 3 * found.kid_deviation
    assert judge.real() is None
    assert not judge.judge(painting(to_tensor(train[:200]))).memorisation.passed


def test_real_pictures_are_measured_beside(judge: Judge) -> None:
    real = judge.real()
    assert real is not None
    assert real.pictures == 150
    assert abs(real.kid) < 3 * real.kid_deviation
    assert min(real.precision, real.recall) > 0.75


def test_progress_is_told(tier_b: RandomFeatures, train: Pixels, held_out: Pixels, honest: Tensor) -> None:
    heard: list[float] = []
    judge = Judge(tier_b, train[:60], held_out[:30], fakes=60, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1)
    painted: list[float] = []
    judge.judge(painting(honest), painted.append)
    assert painted == [0.5, 1]


def test_what_cannot_be_judged_is_refused(
    judge: Judge, tier_b: RandomFeatures, train: Pixels, held_out: Pixels
) -> None:
    with pytest.raises(ValueError, match="4 training pictures are too few"):
        Judge(tier_b, train[:4], held_out)
    with pytest.raises(ValueError, match="held-out pictures of 16 px"):
        Judge(tier_b, train, held_out[:, ::2, ::2])
    with pytest.raises(ValueError, match="fakes of 64 px"):
        judge.judge(lambda count: [torch.zeros(count, 3, 64, 64)])
    with pytest.raises(ValueError, match="12 pictures were painted, but 200"):
        judge.judge(lambda count: [torch.zeros(12, 3, 32, 32)])
