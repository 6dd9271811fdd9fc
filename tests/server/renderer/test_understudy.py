"""What is painted while a network is not ready: the old picture, alive. Then a dissolve, never a jump."""

from itertools import pairwise

import pytest

from server.renderer.understudy import LATE_SECONDS, Part, Understudy
from show_control.events import Go, Goto, Hold, Resume
from show_control.show import Show
from show_control.showfile import parse_show
from show_control.walk import weighted_sum

SHOW = """
clips = { boat = { from = "@boat.from", to = 7, steps = 48 } }
safe = { walk = { loop = [1, 2, 3], seconds = 20 }, psi = 0.4 }
[[cue]]
number = "1"
name = "One"
fade = 2
look = { walk = { loop = [4, 5, 6], seconds = 20 } }
[[cue]]
number = "2"
name = "Sea"
fade = 2
look = { network = "sea", walk = { still = { "@grandma" = 0.5, 7 = 0.5 } }, psi = 1.0 }
[[cue]]
number = "3"
name = "Fire"
fade = 2
look = { network = "fire", walk = { still = 8 } }
[[cue]]
number = "4"
name = "Home"
fade = 2
look = { network = "main", walk = { still = 9 } }
[[cue]]
number = "5"
name = "Boat"
fade = 2
look = { network = "sea", walk = { clips = ["boat"] } }
"""
MAIN, BOTH = ("main",), ("main", "sea")


class Stage:
    """A show, the understudy that watches it, and every part that was painted, 50 a second."""

    def __init__(self) -> None:
        self.show = Show(parse_show(SHOW, "test.toml"), 0.0, ("main", "sea", "fire"))
        self.understudy = Understudy()
        self.now = 0.0
        self.painted: list[dict[str, Part]] = []

    def play(self, seconds: float, ready: tuple[str, ...]) -> dict[str, Part]:
        for _ in range(round(seconds * 50)):
            self.now += 0.02
            self.show.advance(self.now)
            self.painted.append(self.understudy.parts(self.show.snapshot(), self.now, [0.0, 5.0], ready))
            assert set(self.painted[-1]) <= set(ready)
            assert sum(share for share, _ in self.painted[-1].values()) == pytest.approx(1.0)
        return self.painted[-1]

    def largest_step(self) -> float:
        """The largest change between two frames, in shares x weights."""
        spreads = [
            [
                (share, tuple((f"{name} {key}", w) for key, w in looks[0].latents))
                for name, (share, looks) in parts.items()
            ]
            for parts in self.painted
        ]
        return max(
            sum(abs(weight) for _, weight in weighted_sum([*one, *((-share, w) for share, w in two)]))
            for one, two in pairwise(spreads)
        )


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.play(1.0, MAIN)
    stage.show.receive(Goto("1"), stage.now)
    stage.play(3.0, MAIN)
    return stage


def test_networks_that_are_ready_cross_fade_as_the_show_says(stage: Stage) -> None:
    stage.show.receive(Go(), stage.now)
    parts = stage.play(1.0, BOTH)
    expected = {look.network: share for share, look in stage.show.snapshot().looks(stage.now)}
    assert {name: share for name, (share, _) in parts.items()} == pytest.approx(expected)
    assert list(stage.play(2.0, BOTH)) == ["sea"]


def test_the_old_picture_goes_on_for_as_long_as_it_takes(stage: Stage) -> None:
    stage.show.receive(Go(), stage.now)
    parts = stage.play(5.0, MAIN)
    share, (look, ahead) = parts["main"]
    assert share == 1.0
    assert {key for key, _ in look.latents} <= {"4", "5", "6"}
    assert look.latents != ahead.latents
    assert look.psi == 1.0, "all but the place is the new cue's"
    later = stage.play(2.0, MAIN)["main"][1][0]
    assert later.latents != look.latents, "it is alive"


def test_what_comes_late_dissolves_in(stage: Stage) -> None:
    stage.show.receive(Go(), stage.now)
    stage.play(4.0, MAIN)
    parts = stage.play(LATE_SECONDS / 2, BOTH)
    assert {name: share for name, (share, _) in parts.items()} == pytest.approx(
        {"main": 0.5, "sea": 0.5}, abs=0.05
    )
    assert list(stage.play(1.0, BOTH)) == ["sea"]
    assert stage.largest_step() < 0.12


def test_what_comes_in_the_middle_of_its_fade_dissolves_in(stage: Stage) -> None:
    stage.show.receive(Go(), stage.now)
    stage.play(1.0, MAIN)
    stage.play(3.0, BOTH)
    assert list(stage.painted[-1]) == ["sea"]
    assert stage.largest_step() < 0.12


def test_a_cue_back_into_a_network_that_is_there_acts_at_once(stage: Stage) -> None:
    stage.show.receive(Go(), stage.now)
    stage.play(4.0, MAIN)
    stage.show.receive(Goto("4"), stage.now)
    assert stage.play(2.5, MAIN)["main"][1][0].latents == (("9", 1.0),)
    assert stage.largest_step() < 0.12


def test_a_network_that_comes_while_it_is_being_left_does_not_jump_in(stage: Stage) -> None:
    stage.show.receive(Go(), stage.now)
    stage.play(4.0, MAIN)
    stage.show.receive(Goto("4"), stage.now)
    stage.play(0.5, MAIN)
    stage.play(3.0, BOTH)
    assert list(stage.painted[-1]) == ["main"]
    assert stage.largest_step() < 0.12


def test_gos_through_networks_that_never_come_never_jump(stage: Stage) -> None:
    for _ in range(3):
        stage.show.receive(Go(), stage.now)
        stage.play(0.7, MAIN)
    stage.play(3.0, BOTH)
    assert stage.largest_step() < 0.12


def test_a_hold_while_it_waits_freezes_nothing_for_good(stage: Stage) -> None:
    stage.show.receive(Go(), stage.now)
    stage.play(0.5, MAIN)
    stage.show.receive(Hold(), stage.now)
    stage.play(1.0, MAIN)
    stage.play(1.0, BOTH)
    stage.show.receive(Resume(), stage.now)
    assert list(stage.play(3.0, BOTH)) == ["sea"]
    assert stage.largest_step() < 0.12


def test_a_renderer_that_starts_in_the_middle_plays_the_walk_in_the_main_network() -> None:
    stage = Stage()
    stage.show.receive(Goto("2"), 0.0)
    stage.show.advance(10.0)
    stage.now = 10.0
    assert stage.play(0.1, MAIN)["main"][1][0].latents == (("7", 0.5), ("mean", 0.5))
    assert list(stage.play(2.0, BOTH)) == ["sea"]
    assert stage.largest_step() < 0.12


def test_clips_of_another_networks_atlas_are_its_mean_in_the_main_one() -> None:
    stage = Stage()
    stage.show.receive(Goto("5"), 0.0)
    stage.show.advance(10.0)
    stage.now = 10.0
    assert stage.play(0.1, MAIN)["main"][1][0].latents == (("mean", 1.0),)
    assert stage.play(2.0, BOTH)["sea"][1][0].latents == (("7", 1.0),)
