"""The contact sheet, and how unlike pictures are."""

import numpy as np

from models.training.sheet import contact_sheet, reduced, spread


def test_a_sheet_has_its_pictures_in_rows() -> None:
    pictures = np.stack([np.full((2, 2, 3), value, dtype=np.uint8) for value in (10, 20, 30)])
    sheet = np.asarray(contact_sheet(pictures, columns=2))
    assert sheet.shape == (4, 4, 3)
    assert [sheet[0, 0, 0], sheet[0, 2, 0], sheet[2, 0, 0], sheet[2, 2, 0]] == [10, 20, 30, 0]


def test_pictures_are_reduced_by_averaging_and_never_enlarged() -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (2, 64, 64, 3), dtype=np.uint8)
    small = reduced(pictures, 16)
    assert small.shape == (2, 16, 16, 3)
    assert small[0, 0, 0, 0] == round(float(pictures[0, :4, :4, 0].mean()))
    assert reduced(small, 32) is small


def test_spread_is_one_for_the_data_and_nothing_for_one_picture() -> None:
    real = np.random.default_rng(0).integers(0, 255, (16, 32, 32, 3), dtype=np.uint8)
    assert spread(real, real) == 1.0
    assert spread(np.repeat(real[:1], 16, axis=0), real) == 0.0
    assert 0.4 < spread((real // 2).astype(np.uint8), real) < 0.6
