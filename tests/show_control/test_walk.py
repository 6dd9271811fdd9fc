"""Walks: where they pass, that they close, and that their weights always sum to one."""

from math import hypot, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.walk import MEAN, Walk, WalkKind, Weights, still, weighted_sum


def seed(number: int) -> Weights:
    return ((str(number), 1.0),)


def blend(numbers: list[int], shares: list[float]) -> Weights:
    return weighted_sum(
        (share / sum(shares), seed(number)) for number, share in zip(numbers, shares, strict=True)
    )


points = st.one_of(
    st.integers(0, 99).map(seed),
    st.builds(
        blend,
        st.lists(st.integers(0, 99), min_size=3, max_size=3, unique=True),
        st.lists(st.floats(0.1, 1.0), min_size=3, max_size=3),
    ),
)
walks = st.builds(
    Walk,
    st.sampled_from([kind for kind in WalkKind if kind is not WalkKind.CLIPS]),
    st.lists(points, min_size=2, max_size=6).map(tuple),
    st.floats(0.0, 2.0),
    st.floats(1.0, 120.0),
)


def distance(a: Weights, b: Weights) -> float:
    return sum(abs(weight) for _, weight in weighted_sum([(1.0, a), (-1.0, b)]))


@given(walks, st.floats(-1000.0, 10000.0))
def test_weights_sum_to_one_and_name_each_key_once(walk: Walk, phase: float) -> None:
    weights = walk.weights(phase)
    assert sum(weight for _, weight in weights) == pytest.approx(1.0, abs=1e-9)
    assert [key for key, _ in weights] == sorted({key for key, _ in weights})


@given(walks, st.floats(-100.0, 1000.0))
def test_a_walk_is_continuous(walk: Walk, phase: float) -> None:
    # 4 multiples, 2 pi, 2 per direction, radius 2, or 3 per segment of a spline: far below 1000 a turn.
    assert distance(walk.weights(phase), walk.weights(phase + 1e-4)) <= 1000.0 / walk.seconds * 1e-4 + 1e-9


@given(walks.filter(lambda walk: walk.kind in (WalkKind.DRIFT, WalkKind.LOOP)), st.floats(0.0, 100.0))
def test_a_turn_takes_its_seconds(walk: Walk, phase: float) -> None:
    assert distance(walk.weights(phase), walk.weights(phase + walk.seconds)) < 1e-6


@pytest.mark.parametrize(
    ("kind", "phase", "expected"),
    [
        (WalkKind.STILL, 123.0, seed(1)),
        (WalkKind.LOOP, 0.0, seed(1)),
        (WalkKind.LOOP, 10.0, seed(2)),
        (WalkKind.LOOP, 20.0, seed(3)),
        (WalkKind.LOOP, 40.0, seed(2)),
        (WalkKind.LOOP, -10.0, seed(3)),
        (WalkKind.CHAIN, -5.0, seed(1)),
        (WalkKind.CHAIN, 0.0, seed(1)),
        (WalkKind.CHAIN, 15.0, seed(2)),
        (WalkKind.CHAIN, 30.0, seed(3)),
        (WalkKind.CHAIN, 500.0, seed(3)),
    ],
)
def test_where_a_walk_passes(kind: WalkKind, phase: float, expected: Weights) -> None:
    walk = Walk(kind, (seed(1), seed(2), seed(3)), seconds=30.0)
    assert distance(walk.weights(phase), expected) < 1e-9


def test_a_chain_starts_and_stops_gently() -> None:
    chain = Walk(WalkKind.CHAIN, (seed(1), seed(2), seed(3)), seconds=30.0)
    middle = distance(chain.weights(14.9), chain.weights(15.0))
    assert distance(chain.weights(0.0), chain.weights(0.1)) < middle / 10.0
    assert distance(chain.weights(29.9), chain.weights(30.0)) < middle / 10.0


@pytest.mark.parametrize("others", [2, 4, 6])
@pytest.mark.parametrize("phase", [0.0, 1.0, 3.3, 7.9])
def test_a_drift_stays_its_radius_away_from_its_centre(others: int, phase: float) -> None:
    walk = Walk(WalkKind.DRIFT, tuple(seed(number) for number in range(others + 1)), radius=0.5, seconds=8.0)
    weights = dict(walk.weights(phase))
    along = [weights.get(str(number), 0.0) for number in range(1, others + 1)]
    assert hypot(*along) == pytest.approx(0.5)
    assert weights["0"] == pytest.approx(1.0)
    assert weights.get(MEAN, 0.0) == pytest.approx(-sum(along), abs=1e-9)


def test_a_drift_along_one_direction_goes_to_and_fro() -> None:
    walk = Walk(WalkKind.DRIFT, (seed(1), seed(2)), radius=0.5, seconds=8.0)
    assert dict(walk.weights(0.0))["2"] == pytest.approx(0.5 * sqrt(2.0))
    assert dict(walk.weights(4.0))["2"] == pytest.approx(-0.5 * sqrt(2.0))


@given(walks)
def test_walks_survive_the_way_to_plain_and_back(walk: Walk) -> None:
    assert Walk.from_plain(walk.to_plain()) == walk
    assert hash(Walk.from_plain(walk.to_plain())) == hash(walk)


def test_a_still_walk_is_its_point() -> None:
    assert still(seed(5)).weights(99.0) == (("5", 1.0),)
