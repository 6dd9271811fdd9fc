"""The wheel of the loop: speed and position of the walk, and the moment at which it passes the start."""

import math
from itertools import pairwise

import pytest

from server.telling.wheel import HORIZON, SHARP, Passes, position, speed, turns
from show_control.events import Control, Go, Goto, Hold
from show_control.show import Show
from show_control.showfile import parse_show

SHOW = """
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Cue 1"
look = { walk = { loop = [1, 2, 3], seconds = 2 } }
[[cue]]
number = "2"
name = "Cue 2"
look = { walk = { drift = ["mean", 1, 2], radius = 0.5, seconds = 3 } }
[[cue]]
number = "3"
name = "Cue 3"
look = { walk = { chain = [1, 2], seconds = 4 } }
[[cue]]
number = "4"
name = "Cue 4"
look = { walk = { clips = ["a", "b"] } }
[[cue]]
number = "5"
name = "Cue 5"
look = { walk = { loop = [1, 2, 3], seconds = 2 }, speed = 2 }
drive = { pedal = { speed = -3.0 } }
[clips]
a = { from = 1, to = 2, steps = 48 }
b = { from = 2, to = 3, steps = 48 }
"""
START = 100.0


def a_show(*commands: str) -> Show:
    """After a cue."""
    show = Show(parse_show(SHOW, "show.toml"), START)
    for number in commands:
        assert show.receive(Goto(number), START).ok
    return show


def passed(show: Show, end: float, poll: float = math.inf) -> list[tuple[float, int]]:
    """When the start was passed, and which turns began; asked at deadlines, or every `poll` seconds."""
    passes, now, found = Passes(), START, []
    while now < end:
        if (turn := passes.look(show.snapshot(), now)) is not None:
            found.append((now, turn))
        now = min(now + poll, passes.deadline if passes.deadline is not None else end)
    return found


def test_a_walk_that_stands_still_is_nowhere_and_passes_nothing() -> None:
    snapshot = a_show().snapshot()
    assert (position(snapshot, 200.0), turns(snapshot, 200.0)) == (0.0, 0.0)
    assert passed(a_show(), 200.0) == []


def test_the_position_goes_round_once_in_the_seconds_of_the_loop() -> None:
    snapshot = a_show("1").snapshot()
    begun = position(snapshot, START)
    for quarter in range(9):
        after = position(snapshot, START + quarter / 2)
        assert math.cos(2 * math.pi * (after - begun - quarter / 4)) == pytest.approx(1.0)
        assert 0.0 <= after < 1.0


def test_the_start_of_a_loop_is_passed_on_the_moment() -> None:
    show = a_show("1")
    moments = passed(show, START + 10.0)
    assert [turn for _, turn in moments] == [1, 2, 3, 4]
    for moment, turn in moments:
        assert turns(show.snapshot(), moment) == pytest.approx(turn, abs=SHARP)
    for (earlier, _), (later, _) in pairwise(moments):
        assert later - earlier == pytest.approx(2.0, abs=2 * SHARP)


@pytest.mark.parametrize(("cue", "seconds"), [("2", 3.0), ("1", 2.0)])
def test_loops_and_drifts_go_round(cue: str, seconds: float) -> None:
    moments = passed(a_show(cue), START + 4 * seconds)
    assert len(moments) in (3, 4)


@pytest.mark.parametrize("cue", ["3", "4"])
def test_chains_and_clips_go_from_end_to_end_and_pass_nothing(cue: str) -> None:
    show = a_show(cue)
    snapshot = show.snapshot()
    assert position(snapshot, START) == pytest.approx(0.0, abs=0.01)
    assert position(snapshot, START + 2.0) == pytest.approx(0.5, abs=0.01)
    assert position(snapshot, START + 60.0) == 1.0
    assert passed(show, START + 20.0) == []


def test_a_hold_stops_clips_where_they_are() -> None:
    show = a_show("4")
    assert show.receive(Hold(), START + 1.0).ok
    assert position(show.snapshot(), START + 3.0) == position(show.snapshot(), START + 1.0)


def test_the_speed_is_what_the_look_says_and_controls_add() -> None:
    show = a_show("5")
    assert speed(show.snapshot(), START + 60.0) == pytest.approx(2.0)
    assert show.receive(Control("pedal", 1.0, 0.03), START + 60.0).ok
    assert speed(show.snapshot(), START + 70.0) == pytest.approx(-1.0)


def test_a_walk_that_goes_backwards_passes_its_start_too() -> None:
    show = a_show("5")
    assert show.receive(Control("pedal", 1.0, 0.03), START + 1.0).ok
    moments = passed(show, START + 20.0)
    assert len(moments) > 5
    assert [turn for _, turn in moments[-3:]] == [moments[-1][1] + 2, moments[-1][1] + 1, moments[-1][1]]


def test_new_snapshots_on_the_way_lose_no_pass_and_add_none() -> None:
    show, polled = a_show("5"), a_show("5")
    passes, now, found = Passes(), START, []
    began = turns(show.snapshot(), START)
    while now < START + 5.0:
        assert show.receive(Control("pedal", 0.3 * (1 + math.sin(7 * now)), 0.03), now).ok
        if (turn := passes.look(show.snapshot(), now)) is not None:
            found.append(turn)
        now += 0.013
    ended = turns(show.snapshot(), now - 0.013)
    assert found == list(range(math.floor(began) + 1, math.floor(ended) + 1))
    assert len(passed(polled, START + 5.0, poll=0.013)) == len(passed(polled, START + 5.0))


def test_another_walk_begins_without_a_pass() -> None:
    show, passes = a_show("1"), Passes()
    assert passes.look(show.snapshot(), START) is None
    assert show.receive(Goto("2"), START + 0.4).ok
    assert passes.look(show.snapshot(), START + 0.4) is None
    assert show.receive(Goto("3"), START + 0.8).ok
    assert passes.look(show.snapshot(), START + 0.8) is None
    assert passes.deadline is None


def test_it_is_asked_again_within_the_horizon() -> None:
    show, passes = a_show(), Passes()
    assert show.receive(Go(), START).ok
    passes.look(show.snapshot(), START)
    assert passes.deadline is not None
    assert START < passes.deadline <= START + HORIZON
