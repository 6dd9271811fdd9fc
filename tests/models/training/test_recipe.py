"""What is chosen when nobody says, and what is refused."""

import pytest

from models.training.recipe import Recipe, RecipeError, recipe_for


def test_the_number_of_pictures_chooses_the_augmentation() -> None:
    assert [recipe_for(n, 64, 16).augment for n in (20, 99, 100, 6_500, 30_000)] == [
        "diffaugment", "diffaugment", "ada", "ada", "none",
    ]  # fmt: skip
    assert [recipe_for(n, 64, 16).path_length for n in (200, 6_500)] == [0.0, 2.0]


def test_what_is_said_goes_before_what_is_usual() -> None:
    recipe = recipe_for(200, 64, 16, augment="ada", p=0.3, gamma=0.0, lecam=None)
    assert (recipe.augment, recipe.p, recipe.gamma, recipe.lecam) == ("ada", 0.3, 0.0, 0.0)


def test_r1_is_stronger_for_larger_pictures_and_has_a_limit() -> None:
    assert recipe_for(200, 64, 16).gamma == pytest.approx(0.512)
    assert recipe_for(200, 128, 16).gamma == pytest.approx(2.048)
    assert recipe_for(200, 1024, 16).gamma == 10.0


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"batch": 7}, "batch is 7; expected an even number: pictures are compared in pairs"),
        ({"lr": 0.0}, "lr is 0; expected more than 0"),
        ({"gamma": -1.0}, "gamma is -1; expected 0 or more"),
        ({"loss": "hinge"}, 'loss is "hinge"; expected logistic, rpgan'),
        ({"augment": "mixup"}, 'augment is "mixup"; expected none, diffaugment, ada'),
        ({"augment": "none", "p": 0.5}, 'p goes with augment "ada", not with "none"'),
        ({"augment": "ada", "p": 1.5}, "p is 1.5; expected 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(said: dict, sentence: str) -> None:
    with pytest.raises(RecipeError) as refused:
        Recipe(**said)
    assert str(refused.value) == sentence
