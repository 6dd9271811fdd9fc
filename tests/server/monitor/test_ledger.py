"""The ledger: what every sender sends, in numbers, whatever comes."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.monitor.ledger import (
    MOST_RAW,
    MOST_ROWS,
    MOST_TEXT,
    MOST_WATCHED,
    Direction,
    Ledger,
    number,
    words,
)

IN, OUT = Direction.IN, Direction.OUT
PLATE = "/table/plate/mom"


def heard(
    ledger: Ledger, value: Any = 0.5, now: float = 10.0, source: str = "osc 10.0.0.7:5000", reason: str = ""
) -> Any:
    return ledger.hear(IN, source, PLATE, (value,), reason, now)


def test_a_row_is_of_a_direction_a_source_and_an_address() -> None:
    ledger = Ledger()
    for direction, source, address in [
        (IN, "a", "/x"),
        (IN, "b", "/x"),
        (IN, "a", "/y"),
        (OUT, "a", "/x"),
        (IN, "a", "/x"),
    ]:
        ledger.hear(direction, source, address, (1,), "", 1.0)
    assert [(row.direction, row.source, row.address, row.count) for row in ledger.rows()] == [
        (IN, "b", "/x", 1),
        (IN, "a", "/y", 1),
        (OUT, "a", "/x", 1),
        (IN, "a", "/x", 2),
    ]


def test_a_sender_that_takes_another_port_each_time_is_one() -> None:
    ledger = Ledger()
    for port in range(50):
        heard(ledger, source=f"osc 10.0.0.7:{4000 + port}")
    heard(ledger, source="osc tcp fe80::1:4000")
    assert [(row.source, row.count) for row in ledger.rows()] == [
        ("osc 10.0.0.7", 50),
        ("osc tcp fe80::1", 1),
    ]


def test_the_rate_is_that_of_the_last_second_and_fades_when_nothing_comes() -> None:
    ledger = Ledger()
    row = None
    for nth in range(201):
        row = heard(ledger, now=10 + nth / 50)
    assert row.rate(14.0) == pytest.approx(50, rel=0.05)
    assert row.rate(18.0) < 15
    assert row.rate(300.0) < 0.1


def test_a_row_that_is_new_has_the_rate_of_what_came() -> None:
    ledger = Ledger()
    heard(ledger, now=10.0)
    assert heard(ledger, now=10.2).rate(10.2) == 2.0


def test_what_was_refused_is_counted_and_the_reason_is_that_of_the_last() -> None:
    ledger = Ledger()
    heard(ledger, reason="expected one argument")
    row = heard(ledger)
    assert (row.count, row.refused, row.reason) == (2, 1, "")
    assert heard(ledger, reason="no").reason == "no"


def test_it_remembers_how_far_a_sensor_went() -> None:
    ledger = Ledger()
    for value in (3, 700.5, True, "text", math.nan):
        row = heard(ledger, value)
    assert (row.low, row.high) == (1.0, 700.5)


def test_rows_that_changed_come_in_their_order_and_not_twice() -> None:
    ledger = Ledger()
    for address in ("/a", "/b", "/c", "/a"):
        ledger.hear(IN, "s", address, (), "", 1.0)
    assert [row.address for row in ledger.changed(0)] == ["/b", "/c", "/a"]
    first = ledger.changed(0, most=2)
    assert [row.address for row in ledger.changed(first[-1].serial)] == ["/a"]
    assert ledger.changed(ledger.serial) == []


def test_the_row_that_was_silent_for_longest_makes_room() -> None:
    ledger = Ledger()
    heard(ledger)
    for nth in range(MOST_ROWS - 1):
        ledger.hear(IN, "s", f"/a/{nth}", (), "", 1.0)
    heard(ledger)
    ledger.hear(IN, "s", "/one/more", (), "", 2.0)
    addresses = {row.address for row in ledger.rows()}
    assert PLATE in addresses
    assert "/a/0" not in addresses
    assert (len(ledger), ledger.forgotten) == (MOST_ROWS, 1)


def test_raw_messages_are_kept_of_what_is_watched_alone() -> None:
    ledger = Ledger()
    heard(ledger, 0.1, now=1.0)
    assert ledger.watch(PLATE)
    for nth in range(MOST_RAW + 5):
        heard(ledger, nth, now=2.0 + nth)
    kept = ledger.raw(PLATE, 0.0)
    assert len(kept) == MOST_RAW
    assert [each.args for each in ledger.raw(PLATE, 2.0 + MOST_RAW + 2)] == [(MOST_RAW + 3,), (MOST_RAW + 4,)]
    ledger.unwatch(PLATE)
    assert ledger.raw(PLATE, 0.0) == []


def test_only_so_many_addresses_are_watched() -> None:
    ledger = Ledger()
    assert all(ledger.watch(f"/{nth}") for nth in range(MOST_WATCHED))
    assert ledger.watch("/0")
    assert not ledger.watch("/another")


def test_arguments_are_read_as_they_are_said() -> None:
    assert words((0.123456, True, None, "mom", 7)) == '0.1235 true nothing "mom" 7'


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(alphabet=st.characters(), max_size=400),
    st.binary(max_size=400),
    st.just(10**5000),
    st.just("\ud800" * 300),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(Direction),
            st.text(max_size=600),
            st.text(alphabet=st.characters(), max_size=600),
            st.lists(ANYTHING, max_size=70),
            st.text(max_size=600),
            st.floats(min_value=0, max_value=1e9),
        ),
        max_size=30,
    )
)
def test_no_message_makes_it_raise_or_keep_more_than_a_little(messages: list[Any]) -> None:
    ledger = Ledger()
    for direction, source, address, args, reason, now in messages:
        ledger.watch(address[:MOST_TEXT])
        row = ledger.hear(direction, source, address, args, reason, now)
        assert max(len(row.source), len(row.address), len(row.reason)) <= MOST_TEXT
        assert len(words(row.args).encode()) < 4000
        assert row.rate(now) >= 0
        value = number(args)
        assert value is None or math.isfinite(value)
    assert len(ledger) <= len(messages)


def test_a_storm_of_strangers_stays_within_its_bounds() -> None:
    ledger = Ledger()
    for nth in range(5 * MOST_ROWS):
        ledger.hear(
            IN,
            f"osc 10.0.{nth % 7}.1:{nth}",
            f"/{nth}/{'x' * 1000}",
            ("y" * 5000,) * 64,
            "z" * 900,
            nth,
        )
    assert len(ledger) == MOST_ROWS
    assert len(ledger._names) <= MOST_ROWS
