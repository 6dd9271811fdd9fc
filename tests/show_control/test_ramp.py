"""Ramps, glides and the odometer: values, retargeting, and integrals against numeric integration."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.odometer import Odometer
from show_control.ramp import Curve, Glide, Ramp

values = st.floats(-4.0, 4.0)
times = st.floats(-5.0, 20.0)
ramps = st.builds(Ramp, values, values, st.floats(-2.0, 8.0), st.floats(0.0, 10.0), st.sampled_from(Curve))
glides = st.builds(Glide, values, values, st.floats(-2.0, 8.0), st.floats(0.03, 5.0))


def numeric(function: Callable[[float], float], a: float, b: float, steps: int = 4000) -> float:
    """The midpoint rule."""
    width = (b - a) / steps
    return sum(function(a + (step + 0.5) * width) for step in range(steps)) * width


@pytest.mark.parametrize(
    ("curve", "quarter", "half"),
    [
        (Curve.LINEAR, 0.25, 0.5),
        (Curve.SMOOTH, 0.15625, 0.5),
        (Curve.EASE_IN, 0.0625, 0.25),
        (Curve.EASE_OUT, 0.4375, 0.75),
    ],
)
def test_a_ramp_follows_its_curve(curve: Curve, quarter: float, half: float) -> None:
    ramp = Ramp(10.0, 20.0, 100.0, 4.0, curve)
    assert [ramp.at(t) for t in (0.0, 100.0, 101.0, 102.0, 104.0, 999.0)] == [
        10.0,
        10.0,
        10.0 + 10.0 * quarter,
        10.0 + 10.0 * half,
        20.0,
        20.0,
    ]


@pytest.mark.parametrize(
    ("t", "done", "remaining"),
    [(99.0, False, 4.0), (101.0, False, 3.0), (104.0, True, 0.0), (200.0, True, 0.0)],
)
def test_a_ramp_knows_how_long_it_lasts(t: float, done: bool, remaining: float) -> None:
    ramp = Ramp(0.0, 1.0, 100.0, 4.0)
    assert (ramp.done(t), ramp.remaining(t)) == (done, remaining)


def test_a_ramp_without_duration_is_a_step() -> None:
    step = Ramp(1.0, 3.0, 5.0, 0.0)
    assert (step.at(4.999), step.at(5.0)) == (1.0, 3.0)
    assert step.integral(4.0, 6.0) == pytest.approx(4.0)


@given(ramps, times, values, st.floats(0.1, 5.0))
def test_retargeting_starts_where_the_ramp_is(ramp: Ramp, now: float, end: float, duration: float) -> None:
    again = ramp.retarget(now, end, duration)
    assert again.at(now) == ramp.at(now)
    assert again.at(now + duration) == end


@given(ramps, times, st.floats(0.0, 10.0))
def test_a_shifted_ramp_does_the_same_later(ramp: Ramp, t: float, dt: float) -> None:
    shifted = ramp.shifted(dt)
    # A step may fall on either side of a rounding error, which only a ramp without duration shows.
    if ramp.duration > 0.01:
        assert shifted.at(t + dt) == pytest.approx(ramp.at(t), abs=1e-6)


@given(ramps, times, times)
def test_the_integral_of_a_ramp(ramp: Ramp, a: float, b: float) -> None:
    steps = abs(ramp.end - ramp.start) * abs(b - a) / 4000.0
    assert ramp.integral(a, b) == pytest.approx(numeric(ramp.at, a, b), abs=1e-4 + steps)


@given(glides, times, times)
def test_the_integral_of_a_glide(glide: Glide, a: float, b: float) -> None:
    assert glide.integral(a, b) == pytest.approx(numeric(glide.at, a, b), abs=2e-3)


def test_a_glide_depends_on_time_and_not_on_how_often_it_is_told() -> None:
    once = Glide(0.0, 1.0, 0.0, 0.5)
    often = once
    for step in range(1, 100):
        often = often.retarget(step * 0.01, 1.0, 0.5)
    assert often.at(1.0) == pytest.approx(once.at(1.0), abs=1e-12)
    assert once.at(0.5) == pytest.approx(1.0 - 0.36787944117144233)


@given(ramps, st.lists(st.tuples(st.floats(-2.0, 2.0), glides), max_size=3), times, times)
def test_the_odometer_is_the_integral_of_the_speed(
    speed: Ramp, pulls: list[tuple[float, Glide]], t0: float, t: float
) -> None:
    odometer = Odometer(7.0, t0, speed, tuple(pulls))
    steps = abs(speed.end - speed.start) * abs(t - t0) / 4000.0

    def momentary(at: float) -> float:
        return speed.at(at) + sum(gain * glide.at(at) for gain, glide in pulls)

    assert odometer.travel(t0) == 7.0
    assert odometer.travel(t) == pytest.approx(7.0 + numeric(momentary, t0, t), abs=1e-2 + steps)


@given(ramps, glides)
def test_ramps_and_glides_survive_the_way_to_plain_and_back(ramp: Ramp, glide: Glide) -> None:
    assert Ramp.from_plain(ramp.to_plain()) == ramp
    assert Glide.from_plain(glide.to_plain()) == glide
