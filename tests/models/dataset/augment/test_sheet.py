"""The sheet shows what each operation does to one picture, and each fill mode as numpy pads."""

import numpy as np
import pytest

from models.dataset.augment.recipe import OPERATIONS, Recipe
from models.dataset.augment.sheet import GAP, MARGIN, SHOWN, SIDE, sheet, written
from models.dataset.augment.warp import Fill

PICTURE = np.random.default_rng(0).integers(1, 255, (SIDE, SIDE, 3), np.uint8)


@pytest.fixture(scope="module")
def tiles() -> list[list[np.ndarray]]:
    page = np.asarray(sheet(PICTURE, Recipe()))
    step = SIDE + GAP
    rows = (page.shape[0] - GAP) // step
    return [
        [page[GAP + row * step :, MARGIN + column * step :][:SIDE, :SIDE] for column in range(SHOWN)]
        for row in range(rows)
    ]


def test_a_row_for_the_picture_each_operation_the_recipe_and_the_fill_modes(
    tiles: list[list[np.ndarray]],
) -> None:
    assert len(tiles) == 1 + len(OPERATIONS) + 2
    np.testing.assert_array_equal(tiles[0][0], PICTURE)
    for row, (name, kind) in zip(tiles[1:], OPERATIONS.items(), strict=False):
        changed = [not np.array_equal(tile, PICTURE) for tile in row]
        # Of those that may leave a picture as it is, the draws of the sheet still show something.
        assert all(changed) or (kind.has_rest and any(changed)), name


def test_fill_modes_on_the_sheet_are_those_of_numpy(tiles: list[list[np.ndarray]]) -> None:
    by = SIDE // 4
    for tile, fill in zip(tiles[-1], Fill, strict=True):
        options = {"constant_values": 0} if fill is Fill.CONSTANT else {}
        wanted = np.pad(PICTURE, ((by, 0), (by, 0), (0, 0)), mode=fill.value, **options)[:SIDE, :SIDE]
        np.testing.assert_array_equal(tile, wanted, err_msg=fill)


def test_a_factor_can_be_read() -> None:
    assert written("continuous") == "factor: continuous"
    assert written(1521) == "factor: 1,521"
    assert written(3**400) == "factor: about 10^191"


def test_a_picture_that_is_not_square_keeps_its_shape() -> None:
    page = np.asarray(sheet(PICTURE[: SIDE // 2], Recipe()))
    np.testing.assert_array_equal(page[GAP : GAP + SIDE // 2, MARGIN : MARGIN + SIDE], PICTURE[: SIDE // 2])
