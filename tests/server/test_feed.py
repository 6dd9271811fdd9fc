"""The feed: whatever a page has missed, it ends with the state that the show is in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.feed import KEPT, TIMED, Feed

STATE: dict[str, Any] = {
    "type": "state",
    "now": 1.0,
    "mode": "running",
    "controls": {"door": 0.1},
    "event": 0,
}


class Page:
    """A page as the wire has it: it keeps a state, and knows when a patch is missing."""

    def __init__(self) -> None:
        self.state: dict[str, Any] | None = None

    @property
    def serial(self) -> int | None:
        return None if self.state is None else int(self.state["serial"])

    def take(self, messages: tuple[str, ...]) -> None:
        for text in messages:
            message = json.loads(text)
            if message["type"] == "state":
                self.state = message
                continue
            assert self.state is not None
            assert message["serial"] == self.state["serial"] + 1
            self.state |= {"serial": message["serial"], "now": message["now"], **message["set"]}


def told(feed: Feed, **changes: object) -> dict[str, Any]:
    """Tell the feed of a changed state, and give that."""
    state = {**STATE, **changes}
    feed.tell(state, float(state["now"]))
    return state


def only(messages: tuple[str, ...]) -> dict[str, Any]:
    (message,) = messages
    plain: dict[str, Any] = json.loads(message)
    return plain


def test_a_page_that_knows_nothing_gets_a_snapshot() -> None:
    feed = Feed()
    assert feed.since(None) == ()
    state = told(feed)
    assert only(feed.since(None)) == {**state, "serial": 1}


def test_a_page_that_follows_gets_what_has_changed_and_no_more() -> None:
    feed = Feed()
    told(feed)
    told(feed, now=1.1, mode="held")
    assert only(feed.since(1)) == {"type": "patch", "serial": 2, "now": 1.1, "set": {"mode": "held"}}
    assert feed.since(2) == ()


def test_a_value_changes_as_a_whole() -> None:
    feed = Feed()
    told(feed, controls={"door": 0.1, "lamp": 1.0})
    told(feed, controls={"door": 0.2, "lamp": 1.0})
    assert only(feed.since(1))["set"] == {"controls": {"door": 0.2, "lamp": 1.0}}


def test_time_alone_is_a_sign_of_life() -> None:
    feed = Feed()
    told(feed)
    told(feed, now=1.25)
    assert only(feed.since(1)) == {"type": "patch", "serial": 2, "now": 1.25, "set": {}}


def test_one_that_is_behind_by_more_than_is_kept_gets_a_snapshot() -> None:
    feed = Feed()
    for event in range(KEPT + 2):
        state = told(feed, event=event)
    assert len(feed.since(2)) == KEPT
    assert only(feed.since(1)) == {**state, "serial": KEPT + 2}


@pytest.mark.parametrize("serial", [-1, 3, 10**12])
def test_one_that_names_a_serial_that_never_was_gets_a_snapshot(serial: int) -> None:
    feed = Feed()
    told(feed)
    told(feed)
    assert only(feed.since(serial))["type"] == "state"


def test_a_change_is_written_once_for_everybody() -> None:
    feed = Feed()
    told(feed)
    told(feed, mode="panic")
    assert feed.since(1)[0] is feed.since(1)[0]
    assert feed.since(None)[0] is feed.since(None)[0]


def test_the_age_of_a_serial_is_known_for_long() -> None:
    feed = Feed()
    for serial in range(1, TIMED + 101):
        told(feed, now=float(serial))
    now = float(TIMED + 100)
    assert feed.age(feed.serial, now) == 0.0
    assert feed.age(feed.serial - 7, now + 0.5) == 7.5
    assert feed.age(1, now) == TIMED - 1
    assert feed.age(0, now) is None
    assert feed.age(feed.serial + 1, now) is None


KEYS = ("mode", "event", "controls")
CHANGES = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 3))


@given(st.lists(st.tuples(CHANGES, st.sets(st.integers(0, 2)), st.booleans()), max_size=80))
def test_pages_that_read_when_they_like_agree_in_the_end(
    moves: list[tuple[dict[str, int], set[int], bool]],
) -> None:
    feed, pages = Feed(), [Page(), Page(), Page()]
    state = told(feed)
    for now, (changes, reading, lost) in enumerate(moves):
        state = {**state, **changes, "now": float(now)}
        feed.tell(state, float(now))
        for place in reading:
            page = pages[place]
            page.take(feed.since(None if lost else page.serial))
    for page in pages:
        page.take(feed.since(page.serial))
        assert page.state == {**state, "serial": feed.serial}
