"""Each operation does what it says, as often as it says, and makes as many pictures as it says."""

from collections.abc import Sequence
from dataclasses import replace
from math import comb

import numpy as np
import pytest
import torch

from models.dataset.augment.augmentation import Augmentation
from models.dataset.augment.changes import Brightness, Contrast, Cutout, Noise, SaltAndPepper, Saturation
from models.dataset.augment.moves import Crop, Flip, Rotate, Scale, Translate
from models.dataset.augment.operation import Operation, OperationError
from models.dataset.augment.recipe import GENTLE, OPERATIONS
from models.dataset.augment.warp import Fill

ALL = list(OPERATIONS.values())


def names(operations: Sequence[type[Operation]]) -> list[str]:
    return [operation.name for operation in operations]


def pictures(n: int, side: int = 12) -> torch.Tensor:
    """Every pixel differs from every other."""
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(1)) * 1.6 - 0.8


def apply(operation: Operation, x: torch.Tensor, seed: int = 0, fill: Fill = Fill.EDGE) -> torch.Tensor:
    one = Augmentation((operation,), fill)
    return one.pictures(x, one.draw(np.random.default_rng(seed), len(x), (x.shape[2], x.shape[3])))


def share_at_most(hits: int, n: int, p: float) -> float:
    """P(X <= hits) for X of n throws at p, exactly summed."""
    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits + 1))


@pytest.mark.parametrize("kind", ALL, ids=names(ALL))
@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_the_probability_is_what_it_says(kind: type[Operation], probability: float) -> None:
    n = 600
    drawn = Augmentation((kind(probability=probability),)).draw(np.random.default_rng(5), n, (12, 12))
    hits = int(drawn.steps[0].chosen.sum())
    assert share_at_most(hits, n, probability) > 1e-4
    assert 1 - share_at_most(hits - 1, n, probability) > 1e-4


def test_pictures_that_are_not_chosen_come_back_bit_for_bit_and_the_others_do_not() -> None:
    x = pictures(200)
    for kind in ALL:
        one = Augmentation((kind(probability=0.3),))
        drawn = one.draw(np.random.default_rng(2), len(x), (12, 12))
        changed = (one.pictures(x, drawn) != x).flatten(1).any(dim=1).numpy()
        chosen = drawn.steps[0].chosen
        assert not (changed & ~chosen).any(), kind.name
        # A shift by nothing, or not one grain of salt, is one of the variants of some.
        assert changed[chosen].all() or kind.has_rest, kind.name


def test_each_picture_has_dice_of_its_own() -> None:
    drawn = Augmentation((Flip(), Flip(axis="y"))).draw(np.random.default_rng(3), 400, (4, 4))
    first, second = (step.chosen for step in drawn.steps)
    for a in (False, True):
        for b in (False, True):
            hits = int(((first == a) & (second == b)).sum())
            assert share_at_most(hits, 400, 0.25) > 1e-4
            assert 1 - share_at_most(hits - 1, 400, 0.25) > 1e-4


@pytest.mark.parametrize(
    "operation",
    [
        Flip(),
        Flip(probability=1),
        Flip(probability=0),
        Translate(reach=0.25),
        Translate(reach=0),
        Translate(reach=0.25, probability=0.5),
        Cutout(side=0.5),
        Cutout(side=0.5, probability=0.5),
        Cutout(side=0),
        SaltAndPepper(share=0),
        Brightness(reach=0),
        Rotate(degrees=0),
        Scale(least=1, most=1),
        Crop(least=1),
    ],
    ids=repr,
)
def test_the_factor_is_the_number_of_pictures_that_one_becomes(operation: Operation) -> None:
    x = pictures(1, side=6).repeat(3000, 1, 1, 1)
    found = {picture.numpy().tobytes() for picture in apply(operation, x, fill=Fill.WRAP)}
    assert len(found) == operation.factor((6, 6))


def test_salt_and_pepper_on_four_pixels_makes_all_its_pictures() -> None:
    x = pictures(1, side=2).repeat(3000, 1, 1, 1)
    operation = SaltAndPepper(share=0.6)
    found = {picture.numpy().tobytes() for picture in apply(operation, x)}
    assert len(found) == operation.factor((2, 2)) == 3**4


@pytest.mark.parametrize(
    "kind", [Rotate, Scale, Crop, Noise, Brightness, Contrast, Saturation], ids=lambda kind: kind.name
)
def test_a_continuous_operation_never_makes_the_same_twice(kind: type[Operation]) -> None:
    x = pictures(1).repeat(300, 1, 1, 1)
    assert kind().factor((12, 12)) == "continuous"
    assert len({picture.numpy().tobytes() for picture in apply(kind(), x)}) == 300


def test_the_factor_of_several_is_their_product() -> None:
    assert Augmentation((Flip(), Translate(reach=0.25))).factor((6, 6)) == 2 * 25
    assert Augmentation((Flip(), Noise())).factor((6, 6)) == "continuous"
    assert Augmentation(()).factor((6, 6)) == 1


@pytest.mark.parametrize("kind", ALL, ids=names(ALL))
def test_the_gradient_is_the_slope(kind: type[Operation]) -> None:
    """Of the whole batch, against small steps, and a second time, as R1 needs it."""
    one = Augmentation((kind(probability=0.7),), Fill.REFLECT)
    x = pictures(4, side=6).requires_grad_(True)
    drawn = one.draw(np.random.default_rng(0), 4, (6, 6))

    def loss(x: torch.Tensor) -> torch.Tensor:
        return one.pictures(x, drawn).square().sum()

    (gradient,) = torch.autograd.grad(loss(x), x, create_graph=True)
    direction = torch.randn(x.shape, generator=torch.Generator().manual_seed(2))
    step = 1e-2
    slope = (loss(x + step * direction) - loss(x - step * direction)) / (2 * step)
    torch.testing.assert_close((gradient * direction).sum(), slope, rtol=2e-3, atol=2e-2)
    torch.autograd.backward(gradient.square().sum())
    assert x.grad is not None
    assert float(x.grad.abs().sum()) > 0


@pytest.mark.parametrize("kind", ALL, ids=names(ALL))
def test_what_is_drawn_depends_on_the_seed_alone(kind: type[Operation]) -> None:
    x = pictures(5)
    assert torch.equal(apply(kind(), x, seed=4), apply(kind(), x, seed=4))
    certain = replace(kind(), probability=1)
    if not isinstance(certain, Flip | SaltAndPepper):
        assert not torch.equal(apply(certain, x, seed=4), apply(certain, x, seed=5))


@pytest.mark.parametrize("kind", ALL, ids=names(ALL))
def test_a_picture_alone_is_the_picture_in_a_batch(kind: type[Operation]) -> None:
    one = Augmentation((kind(),), Fill.EDGE)
    x = pictures(6)
    drawn = one.draw(np.random.default_rng(1), 6, (12, 12))
    together = one.pictures(x, drawn)
    for index in range(6):
        steps = tuple(
            replace(step, chosen=step.chosen[[index]], numbers=step.numbers[[index]]) for step in drawn.steps
        )
        alone = one.pictures(x[[index]], replace(drawn, steps=steps))
        torch.testing.assert_close(alone[0], together[index], rtol=0, atol=1e-6)


def test_light_colour_and_noise_are_as_strong_as_they_say() -> None:
    x = pictures(300)
    lighter = (apply(Brightness(reach=0.3), x) - x).mean(dim=(1, 2, 3))
    assert float(lighter.abs().max()) <= 0.3 + 1e-6
    assert float(lighter.max()) > 0.28
    assert float(lighter.min()) < -0.28

    grey = apply(Saturation(least=0, most=1), x)
    torch.testing.assert_close(grey.mean(dim=1), x.mean(dim=1), rtol=0, atol=1e-5)
    stretch = (grey.std(dim=1) / x.std(dim=1)).mean(dim=(1, 2))
    assert float(stretch.min()) >= 0
    assert float(stretch.max()) <= 1 + 1e-4

    flat = apply(Contrast(least=0.5, most=1.5), x)
    torch.testing.assert_close(flat.mean(dim=(1, 2, 3)), x.mean(dim=(1, 2, 3)), rtol=0, atol=1e-5)
    spread = flat.flatten(1).std(dim=1) / x.flatten(1).std(dim=1)
    assert 0.5 - 1e-4 <= float(spread.min()) < 0.55
    assert 1.45 < float(spread.max()) <= 1.5 + 1e-4

    noise = apply(Noise(deviation=0.2), x) - x
    assert float(noise.std()) == pytest.approx(0.2, rel=0.02)
    assert abs(float(noise.mean())) < 0.005


def test_salt_and_pepper_fall_on_whole_pixels_and_as_often_as_it_says() -> None:
    x = pictures(200)
    stained = apply(SaltAndPepper(share=0.2), x)
    hit = (stained != x).any(dim=1)
    assert torch.equal(hit, (stained != x).all(dim=1))
    n, hits = hit.numel(), int(hit.sum())
    assert abs(hits - 0.2 * n) < 4 * (n * 0.2 * 0.8) ** 0.5
    salt = int((stained[:, 0] == 1).sum())
    assert abs(salt - hits / 2) < 4 * (hits / 4) ** 0.5


def test_a_hole_is_a_rectangle_of_its_value() -> None:
    x = pictures(100, side=16)
    holed = apply(Cutout(side=0.5, value=0.25), x)
    hole = (holed != x).any(dim=1)
    assert (holed.permute(0, 2, 3, 1)[hole] == 0.25).all()
    rows, columns = hole.any(dim=2).sum(dim=1), hole.any(dim=1).sum(dim=1)
    assert torch.equal(hole.sum(dim=(1, 2)), rows * columns)
    assert int(rows.max()) == 7
    assert int(rows.min()) >= 4  # a hole about a pixel of the border is cut off there


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Flip(probability=1.2), "probability is 1.2; expected 0 to 1"),
        (lambda: Flip(axis="z"), 'axis is "z"; expected "x" or "y"'),
        (lambda: Rotate(degrees=-1), "degrees is -1; expected 0 to 180"),
        (lambda: Scale(least=0.1), "least is 0.1; expected 0.5 to 1"),
        (lambda: Crop(least=float("nan")), "least is nan"),
        (lambda: Noise(deviation=-1), "deviation is -1"),
        (lambda: SaltAndPepper(share=2), "share is 2"),
        (lambda: Contrast(most=0.5), "most is 0.5; expected 1 to 4"),
        (lambda: Cutout(value=3), "value is 3; expected -1 to 1"),
    ],
)
def test_settings_out_of_range_are_refused(make: "type[Operation]", words: str) -> None:
    with pytest.raises(OperationError, match=words):
        make()


def test_what_is_done_unasked_invents_no_pixels_and_mirrors_nobody() -> None:
    assert {operation.name for operation in GENTLE.operations} == {
        "crop",
        "brightness",
        "contrast",
        "saturation",
    }
    x = pictures(50)
    fills = [replace(GENTLE, fill=fill, value=1.0) for fill in Fill]
    drawn = GENTLE.draw(np.random.default_rng(0), 50, (12, 12))
    # What lies outside is never seen, so every fill mode gives the same.
    results = [one.pictures(x, drawn) for one in fills]
    for other in results[1:]:
        torch.testing.assert_close(other, results[0], rtol=0, atol=1e-5)
