"""What the discriminator sees pictures through."""

import pytest
import torch

from models.dataset.augment.augmentation import Augmentation
from models.training.augmenter import DIFFAUGMENT, EVERY, Augmenter
from models.training.recipe import Recipe, from_another


def _through(augmentation: Augmentation, x: torch.Tensor) -> torch.Tensor:
    import numpy as np

    size = x.shape[2], x.shape[3]
    return augmentation.pictures(x, augmentation.draw(np.random.default_rng(0), len(x), size))


def test_without_augmentation_nothing_is_touched_and_no_dice_are_thrown() -> None:
    x = torch.rand(4, 3, 8, 8)
    before = torch.get_rng_state()
    assert Augmenter(Recipe())(x) is x
    assert torch.equal(torch.get_rng_state(), before)


def test_diffaugment_moves_whole_pixels_cuts_a_quarter_and_can_be_differentiated() -> None:
    x = torch.rand(64, 3, 16, 16, requires_grad=True)
    _, translation, cutout = DIFFAUGMENT
    moved = _through(translation, x)
    assert set(moved.flatten().tolist()) <= set(x.flatten().tolist()) | {0.0}
    assert 0.4 < float((_through(cutout, torch.ones(64, 3, 16, 16)) == 1).float().mean()) < 0.95
    torch.autograd.backward(Augmenter(Recipe(augment="diffaugment"))(x).sum())
    assert x.grad is not None
    assert float(x.grad.abs().sum()) > 0


@pytest.mark.parametrize("sign", [0.9, 0.3])
def test_p_goes_towards_the_target_once_every_few_steps(sign: float) -> None:
    augmenter = Augmenter(Recipe(augment="ada"))
    augmenter.restore(0.5, [])
    for _ in range(EVERY - 1):
        augmenter.adapt(sign, 16)
    assert augmenter.p == 0.5
    augmenter.adapt(sign, 16)
    assert augmenter.p == pytest.approx(0.5 + (1 if sign > 0.6 else -1) * EVERY * 16 / 500_000)


def test_p_goes_faster_where_a_run_begins_with_what_another_knows() -> None:
    augmenter = Augmenter(from_another(Recipe(augment="ada")))
    for _ in range(EVERY):
        augmenter.adapt(0.9, 16)
    assert augmenter.p == pytest.approx(EVERY * 16 / 100_000)


def test_p_stays_between_never_and_always_and_where_it_was_fixed() -> None:
    shy, sure, fixed = (Augmenter(Recipe(augment="ada", p=p)) for p in (None, None, 0.3))
    sure.restore(1.0, [])
    for _ in range(EVERY):
        shy.adapt(-1.0, 16)
        sure.adapt(1.0, 16)
        fixed.adapt(1.0, 16)
    assert (shy.p, sure.p, fixed.p) == (0.0, 1.0, 0.3)


def test_at_a_small_p_most_pictures_are_left_alone() -> None:
    augmenter = Augmenter(Recipe(augment="ada", p=0.02))
    torch.manual_seed(0)
    x = torch.rand(400, 3, 8, 8)
    untouched = (augmenter(x) == x).flatten(1).all(dim=1).float().mean()
    assert 0.98**2 - 0.03 < float(untouched) < 0.98**2 + 0.03


def test_a_ground_stays_as_dark_as_it_is() -> None:
    """Nothing but the hole, which is grey, has a tone that was not there."""
    augmenter = Augmenter(Recipe(augment="ada", p=1.0))
    black = torch.full((16, 3, 16, 16), -1.0)
    assert set(augmenter(black).flatten().tolist()) == {-1.0, 0.0}


def test_only_a_mirrored_run_mirrors() -> None:
    names = [[o.name for o in Augmenter(Recipe(augment="ada", p=1.0, mirror=m)).adaptive().operations]
             for m in (False, True)]  # fmt: skip
    assert ["flip" in of for of in names] == [False, True]
