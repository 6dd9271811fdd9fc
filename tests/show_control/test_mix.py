"""Mixes: interrupted fades start where they are, equal places merge, and the list stays short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.clip import Clip
from show_control.mix import MOST_PLACES, Mix, Place
from show_control.ramp import Curve
from show_control.walk import Walk, WalkKind, Weights, still, weighted_sum


def place(number: int, network: str = "main") -> Place:
    return Place(still(((str(number), 1.0),)), 0.0, network)


def position(mix: Mix, t: float, travel: float) -> Weights:
    return weighted_sum((share, at.weights(travel, t)) for at, share in mix.shares(t) if at is not None)


def apart(a: Weights, b: Weights) -> float:
    return sum(abs(weight) for _, weight in weighted_sum([(1.0, a), (-1.0, b)]))


def fade(mix: Mix, to: Place | None, now: float, seconds: float = 4.0, travel: float = 0.0) -> Mix:
    return mix.retarget(to, now, seconds, Curve.LINEAR, travel)


def test_an_interrupted_fade_becomes_a_longer_list() -> None:
    mix = fade(fade(Mix.only(place(1)), place(2), 0.0), place(3), 1.0)
    assert dict(mix.shares(1.0)) == pytest.approx({place(1): 0.75, place(2): 0.25})
    assert dict(mix.shares(3.0)) == pytest.approx({place(1): 0.375, place(2): 0.125, place(3): 0.5})
    assert mix.shares(5.0) == ((place(3), 1.0),)


def test_equal_places_merge() -> None:
    mix = fade(fade(Mix.only(place(1)), place(2), 0.0), place(1), 1.0)
    assert dict(mix.shares(3.0)) == pytest.approx({place(1): 0.875, place(2): 0.125})
    assert not mix.done(3.0)


def test_a_fade_to_where_it_is_changes_nothing() -> None:
    mix = fade(Mix.only(place(1)), place(1), 0.0)
    assert mix.done(1.0)
    assert mix.shares(1.0) == ((place(1), 1.0),)


CLIPS = Walk(WalkKind.CLIPS, (), clips=(Clip("1", "2", 5), Clip("2", "3", 5)), rate=1.0)


def test_clips_go_by_time_and_not_by_travel() -> None:
    mix = Mix.only(Place(CLIPS, 100.0, "main"))
    assert position(mix, 102.0, travel=0.0) == position(mix, 102.0, travel=77.0) == (("1~2:2/4", 1.0),)
    assert position(mix.shifted(2.0), 102.0, travel=0.0) == (("1", 1.0),)


def test_clips_that_begin_where_the_picture_stands_need_no_fade() -> None:
    mix = fade(Mix.only(place(1)), Place(CLIPS, 10.0, "main"), 10.0)
    assert mix.shares(10.0) == ((Place(CLIPS, 10.0, "main"), 1.0),)
    assert mix.done(10.0)


@pytest.mark.parametrize("before", [place(2), place(1, "sea"), None])
def test_other_clips_fade_in_while_they_play(before: Place | None) -> None:
    clips = Place(CLIPS, 10.0, "main")
    mix = fade(Mix.only(before), clips, 10.0)
    assert dict(mix.shares(11.0)) == pytest.approx({before: 0.75, clips: 0.25})
    assert clips.weights(0.0, 11.0) == (("1~2:1/4", 1.0),)


def test_clips_do_not_cut_into_a_fade_that_only_ends_where_they_begin() -> None:
    mix = fade(fade(Mix.only(place(7)), place(1), 0.0), Place(CLIPS, 2.0, "main"), 2.0)
    assert dict(mix.shares(2.0)) == pytest.approx({place(7): 0.5, place(1): 0.5})


def test_shares_that_nobody_sees_are_dropped() -> None:
    mix = fade(Mix.only(place(1)), place(2), 0.0)
    assert mix.shares(4.0 * 1e-7) == ((place(1), 1.0),)


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0.0, 0.6)), min_size=30, max_size=60))
def test_a_storm_of_retargets_neither_jumps_nor_grows(storm: list[tuple[int, float]]) -> None:
    walk = Walk(WalkKind.LOOP, ((("1", 1.0),), (("2", 1.0),), (("3", 1.0),)), seconds=10.0)
    mix, now = Mix.only(Place(walk, 0.0, "main")), 0.0
    for number, pause in storm:
        now += pause
        # A new origin each time, as a chain has that is called again and again.
        there = Place(walk, now, "main") if number % 2 else place(number)
        following = fade(mix, there, now, 2.0, travel=now)
        assert apart(position(mix, now, now), position(following, now, now)) < 1e-4
        mix = following
        shares = mix.shares(now + 0.1)
        assert len(shares) <= MOST_PLACES + 1
        assert sum(share for _, share in shares) == pytest.approx(1.0, abs=1e-9)


def test_a_storm_over_networks_keeps_them_apart() -> None:
    mix = Mix.only(place(0))
    for number in range(60):
        mix = fade(mix, place(number, ("main", "sea", "fire")[number % 3]), number * 0.01, 2.0)
    shares = mix.shares(0.7)
    assert len(shares) <= MOST_PLACES + 3
    before: dict[str, float] = {}
    for at, share in shares:
        assert at is not None
        before[at.network] = before.get(at.network, 0.0) + share
    after: dict[str, float] = {}
    for at, share in fade(mix, place(7, "sea"), 0.7).shares(0.7):
        assert at is not None
        after[at.network] = after.get(at.network, 0.0) + share
    assert after == pytest.approx(before)


def test_the_network_that_it_fades_to_comes_first() -> None:
    mix = fade(Mix.only(place(1)), place(1, "sea"), 0.0)
    assert mix.networks(0.0) == mix.networks(2.0) == ("sea", "main")
    assert mix.networks(4.0) == ("sea",)
    assert len(mix.shares(2.0)) == 2


def test_no_place_of_its_own_is_never_frozen() -> None:
    mix = Mix.only(None)
    for number in range(40):
        mix = fade(mix, place(number), number * 0.01, 2.0)
    assert None in dict(mix.shares(0.4))
    assert len(mix.shares(0.4)) <= MOST_PLACES + 1


def test_a_mix_survives_the_way_to_plain_and_back() -> None:
    mix = fade(fade(Mix.only(None), place(2), 0.0), place(3), 1.0)
    assert Mix.from_plain(mix.to_plain()) == mix
