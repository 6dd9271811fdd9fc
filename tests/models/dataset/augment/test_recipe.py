"""A recipe is read whole or refused whole, and says what would have been right."""

from pathlib import Path

import pytest

from models.dataset.augment.changes import Brightness, Cutout
from models.dataset.augment.moves import Crop, Flip, Rotate
from models.dataset.augment.recipe import GENTLE, OPERATIONS, Recipe, RecipeError, load, parse
from models.dataset.augment.warp import Fill


def read(tmp_path: Path, text: str) -> Recipe:
    path = tmp_path / "own.toml"
    path.write_text(text)
    return load(path)


def test_operations_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    recipe = read(
        tmp_path,
        'copies = 7\nseed = 3\nfill = "wrap"\nvalue = 1\n[brightness]\n'
        '[flip]\naxis = "y"\n[rotate]\ndegrees = 9',
    )
    assert (recipe.copies, recipe.seed) == (7, 3)
    assert recipe.augmentation.operations == (Brightness(), Flip(axis="y"), Rotate(degrees=9))
    assert (recipe.augmentation.fill, recipe.augmentation.value) == (Fill.WRAP, 1.0)


def test_every_operation_has_defaults_and_goes_to_a_file_and_back(tmp_path: Path) -> None:
    recipe = read(tmp_path, "\n".join(f"[{name}]" for name in OPERATIONS))
    assert [type(operation) for operation in recipe.augmentation.operations] == list(OPERATIONS.values())
    assert read(tmp_path, recipe.to_toml()) == recipe
    assert read(tmp_path, Recipe().to_toml()) == Recipe()


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = {
        "copies": -1,
        "seed": True,
        "fill": "reflekt",
        "value": 5,
        "flipp": {},
        "rotate": {"degree": 3},
        "flip": {"axis": 1},
        "crop": {"least": "most"},
        "noise": {"deviation": 9},
        "scale": 3,
    }
    with pytest.raises(RecipeError) as caught:
        parse(wrong, "own.toml")
    lines = str(caught.value).splitlines()
    for words in (
        "own.toml: copies: expected a whole number from 0 to 1000, found -1",
        "own.toml: seed: expected a whole number from 0, found True",
        "own.toml: fill: expected constant, edge, reflect, symmetric, wrap, found 'reflekt'",
        "own.toml: value: expected -1 (black) to 1 (white), found 5",
        'own.toml: flipp: there is no such thing; did you mean "flip"?',
        'own.toml: rotate.degree: there is no such thing; did you mean "degrees"?',
        "own.toml: flip.axis: expected a text as 'x', found 1",
        "own.toml: crop.least: expected a number as 0.9, found 'most'",
        "own.toml: noise.deviation is 9; expected 0 to 2",
        "own.toml: scale: expected a table of its own, as [scale]",
    ):
        assert words in lines
    assert len(lines) == len(wrong)


def test_what_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"own\.toml: not TOML"):
        read(tmp_path, "copies =")


def test_more_operations_join_moves_in_front_and_stains_behind() -> None:
    recipe = Recipe().with_operations(["cutout", "flip", "crop", "flip"])
    assert recipe.augmentation.operations == (Flip(), *GENTLE.operations, Cutout())
    assert recipe.augmentation.operations[1] == Crop()
    with pytest.raises(RecipeError, match='--with rotat: there is no such thing; did you mean "rotate"'):
        Recipe().with_operations(["rotat"])
