"""What can be followed, and how: names, smoothing, and silence."""

import math

import pytest

from server.follow import Follower, Source, lost, source
from tests.server.light.toy_stage import BLUE, GREEN, RED, ToyStage, picture


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("master", Source()),
        ("plate.mom", Source(control="plate.mom")),
        ("energy.main.motion", Source("main", "motion")),
        ("energy.main.left", Source("main", "left")),
        ("energy.side.wall.right.b", Source("side.wall", "right.b")),
    ],
)
def test_names_of_what_is_followed(name: str, expected: Source) -> None:
    assert source(name) == expected


@pytest.mark.parametrize("name", ["energy.main", "energy.main.loudness", "energy.left", "", "a b", "7"])
def test_other_names_are_refused_with_an_example(name: str) -> None:
    with pytest.raises(ValueError, match=r"energy\.main\.brightness"):
        source(name)


def test_values_of_the_picture_the_controls_and_the_master() -> None:
    stage = ToyStage({"main": picture(0.5, 0.25)}, {"plate.mom": 0.7, "bow": -0.5}, master=0.2)
    read = {
        name: source(name).read(stage.readings)
        for name in (
            "energy.main.brightness",
            "energy.main.motion",
            "energy.main.left",
            "energy.main.middle",
            "energy.main.right",
            "energy.main.right.b",
            "energy.main.right.r",
            "plate.mom",
            "bow",
            "master",
            "energy.side.motion",
            "unheard",
        )
    }
    assert read == {
        "energy.main.brightness": (0.5,),
        "energy.main.motion": (0.25,),
        "energy.main.left": RED,
        "energy.main.middle": GREEN,
        "energy.main.right": BLUE,
        "energy.main.right.b": (1.0,),
        "energy.main.right.r": (0.0,),
        "plate.mom": (0.7,),
        "bow": (0.0,),
        "master": (0.2,),
        "energy.side.motion": None,
        "unheard": None,
    }
    assert source("energy.main.left").width == 3
    assert source("energy.main.left.r").width == 1


def test_smoothing_is_the_same_at_any_rate() -> None:
    def after_a_second(rate: int) -> float:
        stage = ToyStage(controls={"c": 0.0})
        follower = Follower(Source(control="c"), (0.0, 1.0), 0.5)
        follower.step(stage.readings, 0.0)
        stage.controls["c"] = 1.0
        for tick in range(1, rate + 1):
            [value] = follower.step(stage.readings, tick / rate)
        return value

    expected = 1 - math.exp(-1 / 0.5)
    assert after_a_second(5) == pytest.approx(expected)
    assert after_a_second(44) == pytest.approx(expected)


def test_without_smoothing_it_is_there_at_once_and_a_range_may_run_backwards() -> None:
    stage = ToyStage(controls={"c": 0.0})
    follower = Follower(Source(control="c"), (255.0, 55.0), 0.0)
    assert follower.step(stage.readings, 0.0) == (255.0,)
    stage.controls["c"] = 0.5
    assert follower.step(stage.readings, 0.0) == (155.0,)


def test_what_falls_silent_keeps_its_value_and_before_the_first_it_is_low() -> None:
    stage = ToyStage()
    follower = Follower(Source("main", "left"), (10.0, 20.0), 0.2)
    assert follower.step(stage.readings, 0.0) == (10.0, 10.0, 10.0)
    stage.energies["main"] = picture()
    assert follower.step(stage.readings, 1.0) == (20.0, 10.0, 10.0)
    stage.energies.clear()
    assert follower.step(stage.readings, 9.0) == (20.0, 10.0, 10.0)


def test_a_picture_that_nobody_shows_is_told_with_a_near_miss() -> None:
    assert lost("energy.mian.left", ["main", "side"]).startswith('no [[projector]] is named "mian". Did you')
    assert lost("energy.other.left", ["main"]) == 'no [[projector]] is named "other". There are main.'
    for fine in ("energy.main.left", "plate.mom", "master", None, "energy.x"):
        assert lost(fine, ["main"]) == ""
