"""Counters, their last detail, and the loop's absences."""

import pytest

from server.health import Health, Lateness


def test_counts_and_the_last_detail() -> None:
    health = Health()
    health.count("osc.junk", detail="first")
    health.count("osc.junk", 2, "second")
    health.count("osc.junk")
    plain = health.to_plain()
    assert plain["counters"] == {"osc.junk": 4}
    assert plain["details"] == {"osc.junk": "second"}


def test_a_detail_from_outside_cannot_grow() -> None:
    health = Health()
    health.count("socket.junk", detail="x" * 10_000)
    assert health.to_plain()["details"] == {"socket.junk": "x" * 200}


def test_stalls_over_the_limit_are_counted_and_the_worst_is_kept() -> None:
    health = Health()
    for seconds in (0.001, 0.08, 0.06, 0.049):
        health.stalled(seconds)
    assert health.counted("loop.stalls") == 2
    assert health.to_plain()["loop"] == {"worst_stall_ms": 80.0}


def test_how_late_due_moments_are_acted_on_is_told_in_percentiles() -> None:
    lateness = Lateness()
    for late in [0.00105] * 98 + [0.00405, 0.3]:
        lateness.add(late)
    assert lateness.percentile(50) == pytest.approx(0.0011)
    assert lateness.percentile(99) == pytest.approx(0.0041)
    assert lateness.percentile(100) == 0.3
    assert lateness.to_plain() == {"acted": 100, "p50_ms": 1.1, "p99_ms": 4.1, "worst_ms": 300.0}


def test_where_nothing_was_due_nothing_was_late() -> None:
    assert Health().to_plain()["due"] == {"acted": 0, "p50_ms": 0.0, "p99_ms": 0.0, "worst_ms": 0.0}
