"""What makes figures weaker than they look is said."""

from models.measures.report import About, cautions


def about(train: int = 900, held_out: int = 100, trained_on: int | None = None) -> About:
    return About("a.safetensors", "0" * 64, 64, "dinners", train, held_out, trained_on)


def test_another_set_than_the_network_was_trained_on_is_told() -> None:
    (told,) = cautions(about(trained_on=200))
    assert told.startswith("This network was trained on 200 pictures; dinners has 900")
    assert cautions(about(trained_on=900)) == cautions(about()) == ()


def test_few_pictures_are_told() -> None:
    assert cautions(about(held_out=0))[0].startswith("No picture is held out")
    assert [told.split()[1] for told in cautions(about(train=30, held_out=12))] == ["12", "30"]
