"""Time tags against the clock, in both of their eras."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.parsing.ntp import system_time_to_ntp

from server.osc.timetag import IMMEDIATELY, before, seconds_ahead, time_tag

WALL = datetime(2026, 11, 21, 20, 0, tzinfo=UTC).timestamp()
WRAPS = datetime(2036, 2, 7, 6, 28, 16, tzinfo=UTC).timestamp()


def test_others_write_the_same() -> None:
    theirs = int.from_bytes(system_time_to_ntp(WALL + 0.25), "big")
    assert abs(theirs - time_tag(WALL + 0.25)) < 2**12  # a microsecond: they count in floats


@given(st.floats(-1e9, 1e9), st.sampled_from([WALL, WRAPS - 5.0, WRAPS + 5.0]))
def test_there_and_back(ahead: float, wall: float) -> None:
    assert seconds_ahead(time_tag(wall + ahead), wall) == pytest.approx(ahead, abs=1e-6)


def test_the_seconds_begin_again_in_2036() -> None:
    assert time_tag(WRAPS) == 0
    assert seconds_ahead(time_tag(WRAPS + 3.0), WRAPS - 2.0) == pytest.approx(5.0)
    assert before(time_tag(WRAPS - 2.0), time_tag(WRAPS + 3.0))
    assert not before(time_tag(WRAPS + 3.0), time_tag(WRAPS - 2.0))


@pytest.mark.parametrize("tag", [0, IMMEDIATELY])
def test_immediately_is_now(tag: int) -> None:
    assert seconds_ahead(tag, WALL) == 0.0


@given(st.integers(0, 2**64 - 1))
def test_any_tag_is_within_68_years(tag: int) -> None:
    assert abs(seconds_ahead(tag, WALL)) <= 2**31
