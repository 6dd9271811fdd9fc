"""The composite: the installation's recipe, to the pixel."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.dataset.compose import Recipe, composite, composites, family_composites, shuffled_orders

COLORS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))


def blocks(width: int = 64, height: int = 128) -> list[np.ndarray]:
    """Four opaque cut-outs, each of one colour."""
    people = []
    for color in COLORS:
        person = np.full((height, width, 4), 255, np.uint8)
        person[..., :3] = color
        people.append(person)
    return people


def test_the_layout_of_the_recipe() -> None:
    picture = composite(blocks(), (2, 0, 3, 1))
    assert picture.shape == (512, 512, 3)
    assert picture.dtype == np.uint8
    assert not picture[:128].any()
    for column, who in enumerate((2, 0, 3, 1)):
        figure = picture[128:384, column * 128 : (column + 1) * 128]
        assert (figure == COLORS[who]).all()
    assert not picture[384:].any()


def test_tall_figures_are_cropped_to_384_rows() -> None:
    people = blocks(width=64, height=640)
    for person in people:
        person[:160, :, :3] = 90  # the top quarter: 320 of 1280 rows
    picture = composite(people, (0, 1, 2, 3))
    assert (picture[128:440] == 90).all()
    assert (picture[460:, :128] == COLORS[0]).all()
    assert picture[511].any()


def test_alpha_is_true_at_the_edges() -> None:
    people = blocks(128, 256)
    for person in people:
        person[:, :64, 3] = 0
        person[:, 64:96, 3] = 128
        person[:, :64, :3] = 255  # colour under clear paint must not bleed
    picture = composite(people, (0, 1, 2, 3))
    assert not picture[128:384, :60].any()
    assert np.abs(picture[200, 70:90, 0].astype(int) - 128).max() <= 3
    assert not picture[200, :128, 1:].any()
    assert (picture[200, 100:128, 0] == 255).all()


def test_another_recipe() -> None:
    recipe = Recipe(canvas=200, column=50, top=20, people=3, orders=2)
    picture = composite(blocks(50, 100)[:3], (2, 1, 0), recipe)
    assert picture.shape == (200, 200, 3)
    assert (picture[20:120, :50] == COLORS[2]).all()
    assert not picture[:, 150:].any()
    assert not picture[120:].any()


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 1, 2, 2), (0, 1, 2, 4), (0, 1, 2, 3, 3)])
def test_an_order_that_is_none_is_refused(order: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="order"):
        composite(blocks(), order)


@pytest.mark.parametrize(
    "wrong", [{"column": 129}, {"top": 512}, {"top": -1}, {"orders": 0}, {"orders": 25}, {"people": 5}]
)
def test_a_recipe_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"canvas|orders"):
        Recipe(**wrong)


@given(seed=st.integers(0, 2**32), people=st.integers(1, 6), data=st.data())
def test_orders_are_distinct_permutations(seed: int, people: int, data: st.DataObject) -> None:
    most = len(list(itertools.permutations(range(people))))
    count = data.draw(st.integers(1, min(most, 24)))
    recipe = Recipe(canvas=600, column=100, people=people, orders=count)
    orders = list(shuffled_orders(np.random.default_rng(seed), recipe))
    assert len(orders) == len(set(orders)) == count
    assert all(sorted(order) == list(range(people)) for order in orders)


def test_many_people_cost_no_list_of_all_orders() -> None:
    recipe = Recipe(canvas=400, column=10, people=40, orders=4)
    assert len(set(shuffled_orders(np.random.default_rng(0), recipe))) == 4


def test_a_family_gives_four_composites() -> None:
    pictures = list(family_composites(7))
    assert len(pictures) == 4
    assert len({picture.order for picture in pictures}) == 4
    for picture in pictures:
        assert picture.seed == 7
        assert picture.image.shape == (512, 512, 3)
        assert not picture.image[:128].any()
        for column, (x0, y0, x1, y1) in enumerate(picture.boxes):
            assert (x0, y0, x1) == (column * 128, 128, column * 128 + 128)
            assert 384 < y1 <= 512  # each fills most of its rows
            figure = picture.image[y0:y1, x0:x1]
            assert figure[0].any()
            assert figure[-1].any()
            assert not picture.image[y1:, x0:x1].any()


def test_smaller_composites_are_reduced_ones_and_repeat() -> None:
    full, small = next(family_composites(3)), next(family_composites(3, 128))
    assert small.order == full.order
    assert small.image.shape == (128, 128, 3)
    assert np.abs(full.image.reshape(128, 4, 128, 4, 3).mean(axis=(1, 3)) - small.image).mean() < 4
    assert np.array_equal(small.image, next(family_composites(3, 128)).image)


def test_seeds_follow_one_another() -> None:
    seeds = [picture.seed for picture in composites(range(2), 64)]
    assert seeds == [0] * 4 + [1] * 4
