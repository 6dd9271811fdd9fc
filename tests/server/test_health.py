"""Counters, their last detail, and the loop's absences."""

from server.health import Health


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
