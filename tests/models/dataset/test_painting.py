"""The painter: deterministic, with four people whose masks and boxes are exact."""

import numpy as np
import pytest

from models.dataset.painting import Painting, cut_outs, paint
from models.dataset.traits import Role


@pytest.fixture(scope="module")
def paintings() -> list[Painting]:
    return [paint(seed, 192) for seed in range(6)]


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = paint(5, 128), paint(5, 128)
    assert np.array_equal(first.image, second.image)
    for a, b in zip(first.people, second.people, strict=True):
        assert np.array_equal(a.mask, b.mask)
        assert (a.role, a.box, a.head) == (b.role, b.box, b.head)


def test_different_seeds_give_different_pictures(paintings: list[Painting]) -> None:
    for i, one in enumerate(paintings):
        for other in paintings[:i]:
            assert np.abs(one.image.astype(int) - other.image).mean() > 8


@pytest.mark.parametrize("size", [32, 64, 130, 512])
def test_any_size(size: int) -> None:
    painting = paint(1, size)
    assert painting.image.shape == (size, size, 3)
    assert painting.image.dtype == np.uint8
    assert painting.image.std() > 20
    assert all(person.mask.shape == (size, size) for person in painting.people)


def test_another_size_is_the_same_scene() -> None:
    small, large = paint(2, 128), paint(2, 256)
    halved = large.image.reshape(128, 2, 128, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - small.image).mean() < 14
    for a, b in zip(small.people, large.people, strict=True):
        # Boxes may differ by a finger that shows under a plate at one size alone; masks may not by much.
        coarse = b.mask.reshape(128, 2, 128, 2).mean(axis=(1, 3)) >= 0.5
        assert (a.mask & coarse).sum() / (a.mask | coarse).sum() > 0.93, a.role


def test_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 px"):
        paint(0, 16)


def test_four_roles_each_once(paintings: list[Painting]) -> None:
    for painting in paintings:
        assert tuple(person.role for person in painting.people) == tuple(Role)


def test_masks_are_disjoint_and_boxes_tight(paintings: list[Painting]) -> None:
    for painting in paintings:
        assert np.sum([person.mask for person in painting.people], axis=0).max() == 1
        for person in painting.people:
            x0, y0, x1, y1 = person.box
            assert person.mask.sum() > 600
            inside = person.mask[y0:y1, x0:x1]
            assert inside.sum() == person.mask.sum()
            for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
                assert edge.any()


def test_heads_are_seen_where_they_are_said_to_be(paintings: list[Painting]) -> None:
    for painting in paintings:
        for person in painting.people:
            x0, y0, x1, y1 = person.head
            head = person.mask[y0:y1, x0:x1]
            assert head.mean() > 0.5, (painting.seed, person.role)


def test_the_mask_follows_the_painted_person() -> None:
    # Skin and cloth inside the mask are not the colour of the wall just above it.
    painting = paint(3, 256)
    for person in painting.people:
        x0, y0, x1, _ = person.box
        ring = np.zeros_like(person.mask)
        ring[max(0, y0 - 6) : y0, x0:x1] = True
        taken = np.any([other.mask for other in painting.people], axis=0)
        wall = painting.image[ring & ~taken].astype(float).mean(axis=0)
        body = painting.image[person.mask].astype(float).mean(axis=0)
        assert np.abs(wall - body).max() > 10, person.role


def test_cut_outs_have_true_alpha_and_touch_their_borders() -> None:
    for person in cut_outs(4, 128):
        alpha = person[..., 3]
        assert person.shape[2] == 4
        assert {0, 255} <= set(np.unique(alpha).tolist())
        assert np.unique(alpha).size > 20  # soft edges
        for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]):
            assert edge.max() > 8


@pytest.mark.parametrize("seed", range(5))
def test_cut_outs_are_half_length_figures_bright_enough_for_black(seed: int) -> None:
    for person in cut_outs(seed, 128):
        height, width = person.shape[:2]
        assert 1.9 < height / width < 3.2
        solid = person[person[..., 3] == 255][:, :3]
        assert np.percentile(solid.max(axis=1), 2) > 30
