"""The frame clock on a manual clock: on time, late, very late."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.pacer import Pacer


def play(fps: int, start: float, works: list[float]) -> tuple[Pacer, list[tuple[int, float, float]]]:
    """Run the clock with work that takes so long; (tick, pts, when it was begun)."""
    pacer, now, ticks = Pacer(fps), start, []
    for work in works:
        tick = pacer.next(now)
        now = max(now, tick.pts)
        ticks.append((tick.number, tick.pts, now))
        now += work
    return pacer, ticks


def test_on_time_every_tick_comes_at_its_moment() -> None:
    pacer, ticks = play(10, 100.0, [0.03] * 5)
    assert [number for number, _, _ in ticks] == [1000, 1001, 1002, 1003, 1004]
    assert [pts for _, pts, _ in ticks] == pytest.approx([100.0, 100.1, 100.2, 100.3, 100.4])
    assert pacer.skipped == 0


def test_slow_work_runs_on_without_waiting_for_the_next_tick() -> None:
    pacer, ticks = play(10, 100.0, [0.13] * 8)
    assert [begun for _, _, begun in ticks] == pytest.approx([100.0 + 0.13 * i for i in range(8)])
    assert [number for number, _, _ in ticks] == [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009]
    assert pacer.skipped == 2


def test_a_long_absence_is_skipped_and_never_caught_up() -> None:
    pacer, ticks = play(10, 100.0, [0.01, 5.02, 0.01, 0.01])
    assert [number for number, _, _ in ticks] == [1000, 1001, 1051, 1052]
    assert [pts for _, pts, _ in ticks] == pytest.approx([100.0, 100.1, 105.12, 105.2])
    assert pacer.skipped == 49


def test_a_sleeper_that_wakes_early_gets_no_tick_twice() -> None:
    pacer = Pacer(30)
    first = pacer.next(10.01)
    second = pacer.next(10.01)
    third = pacer.next(second.pts - 1e-4)
    assert (second.number, third.number) == (first.number + 1, first.number + 2)


@given(
    st.integers(1, 120),
    st.floats(0, 1e6),
    st.lists(st.floats(0, 2), min_size=1, max_size=50),
)
def test_ticks_rise_and_tell_the_time(fps: int, start: float, works: list[float]) -> None:
    pacer, ticks = play(fps, start, works)
    numbers = [number for number, _, _ in ticks]
    assert all(a < b for a, b in pairwise(numbers))
    assert pacer.skipped == numbers[-1] - numbers[0] - (len(numbers) - 1)
    for number, pts, begun in ticks:
        assert begun >= pts
        assert begun - pts <= 1 / fps + 1e-6
        assert number in (math.floor(pts * fps), math.floor(pts * fps) + 1)
