"""What the tiers see, and what they are blind to."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from models.measures import own
from models.measures.features import (
    as_saved,
    describe,
    evenly,
    no_larger,
    sized,
    to_tensor,
)
from models.measures.tiers import RandomFeatures, features
from models.picture import to_pixels

Pixels = NDArray[np.uint8]
CPU = torch.device("cpu")


def away(tier: RandomFeatures, pixels: Pixels, change: Callable[[Tensor], Tensor]) -> float:
    """How far a change moves pictures, over how far one of them is from the next."""
    x = to_tensor(pixels[:40])
    here, there = tier.of(x), tier.of(change(x))
    return float((there - here).norm(dim=1).median() / (here - here.roll(1, 0)).norm(dim=1).median())


def test_tier_b_is_scaled_by_the_training_pictures(tier_b: RandomFeatures, train: Pixels) -> None:
    found = describe(tier_b, train)
    assert found.shape == (300, 3 * (16 + 32 + 64 + 64) * 6)
    assert found.dtype == torch.float32
    assert found.mean(dim=0).abs().max() < 0.01
    assert (found.std(dim=0) < 1.01).all()
    assert found.std(dim=0).median() == pytest.approx(1, abs=0.01)
    assert tier_b.tier == "B: three random networks at 64 px, scaled by the training pictures"


def test_tier_b_is_the_same_every_time(tier_b: RandomFeatures, train: Pixels) -> None:
    again = features("B", train)
    assert torch.equal(describe(again, train[:8]), describe(tier_b, train[:8]))


def test_tier_b_is_blind_to_faint_noise_and_sees_strong_noise(tier_b: RandomFeatures, train: Pixels) -> None:
    noise = torch.randn(40, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    moved = [away(tier_b, train, lambda x, s=s: x + s * noise) for s in (0.01, 0.05, 0.2, 0.5)]
    assert moved[0] < 0.05
    assert moved[-1] > 0.4
    assert moved == sorted(moved)


def test_tier_b_sees_blur(tier_b: RandomFeatures, train: Pixels) -> None:
    def blurred(times: int) -> Callable[[Tensor], Tensor]:
        def change(x: Tensor) -> Tensor:
            for _ in range(times):
                x = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
            return x

        return change

    moved = [away(tier_b, train, blurred(times)) for times in (1, 3, 9)]
    assert moved == sorted(moved)
    assert moved[0] > 0.05


def test_tier_b_does_not_see_what_is_finer_than_its_side(train: Pixels) -> None:
    checks = torch.ones(32, 32)
    checks[::2, ::2] = checks[1::2, 1::2] = -1

    def checked(x: Tensor) -> Tensor:
        return x + 0.2 * checks

    coarse, fine = (RandomFeatures(train, CPU, side) for side in (16, 32))
    assert away(coarse, train, checked) < 1e-4
    assert away(fine, train, checked) > 0.05


def test_large_pictures_are_averaged_down_and_small_ones_left_alone() -> None:
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert no_larger(x, 2).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert no_larger(x, 8) is x
    assert sized(x, 2).shape[-1] == 2
    assert sized(x, 8).shape[-1] == 8


def test_fakes_are_rounded_as_files_are(train: Pixels) -> None:
    x = to_tensor(train[:2])
    assert torch.equal(as_saved(x + 1e-3), x)
    assert np.array_equal(to_pixels(x), train[:2])
    assert as_saved(torch.full((1, 1, 4, 4), 3.0)).shape == (1, 3, 4, 4)
    assert as_saved(torch.full((1, 1, 4, 4), 3.0)).max() == 1


def test_an_even_choice() -> None:
    pixels = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
    assert evenly(pixels, 5).flatten().tolist() == [0, 2, 4, 6, 8]
    assert len(evenly(pixels, 7)) == 5
    assert len(evenly(pixels, 20)) == 10


@pytest.mark.slow
def test_tier_c_learns_to_tell_pictures_apart(train: Pixels) -> None:
    learnt = own.learn(to_tensor(train[:32]), 16, 0)
    fresh = own.learn(to_tensor(train[:32]), 0, 0)
    torch.manual_seed(0)
    a, b = own.view(to_tensor(train[64:96])), own.view(to_tensor(train[64:96]))

    def loss(net: own.OwnNet) -> float:
        with torch.no_grad():
            return float(own.contrast(*(net(x) - net(a).mean(dim=0) for x in (a, b))))

    assert loss(learnt) < 0.97 * loss(fresh)


def test_tier_c_is_kept_and_found_again(train: Pixels, tmp_path: Path) -> None:
    heard: list[float] = []
    first = own.own_features(train[:24], tmp_path, 0, CPU, heard.append, steps=2)
    assert heard == [0.5, 1]
    (kept,) = tmp_path.iterdir()
    again = own.own_features(train[:24], tmp_path, 0, CPU, heard.append, steps=2)
    assert heard == [0.5, 1]
    x = to_tensor(train[:4])
    assert torch.equal(first.of(x), again.of(x))
    assert first.of(x).shape == (4, 2 * 96 * 6)
    assert first.tier == "C: a small network taught on 24 of your own pictures, at 64 px"

    kept.write_bytes(b"cut short")
    once_more = own.own_features(train[:24], tmp_path, 0, CPU, heard.append, steps=2)
    assert len(heard) == 4
    assert torch.equal(once_more.of(x), first.of(x))
    own.own_features(train[:24], tmp_path, 1, CPU, steps=1)
    assert len(list(tmp_path.iterdir())) == 2


def test_learning_leaves_the_random_numbers_of_others_alone(train: Pixels) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    own.own_features(train[:8], None, 0, CPU, steps=1)
    assert torch.equal(torch.rand(3), expected)


def test_what_cannot_be_is_refused(train: Pixels) -> None:
    with pytest.raises(ValueError, match='tier "D": expected A, B or C'):
        features("D", train)
    with pytest.raises(ValueError, match="--inception FILE"):
        features("A", train)
    with pytest.raises(ValueError, match="too few to learn"):
        features("C", train[:3])
