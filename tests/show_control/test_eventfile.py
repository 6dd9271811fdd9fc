"""Every event as a table and back; whatever is not exactly an event is refused in words."""

import json
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.eventfile import UnreadableEvent, decode, encode
from show_control.events import Blackout, Control, Event, Go, Goto, Master, Skip, Stop, Take

KINDS: tuple[type[Any], ...] = get_args(Event)
EVENTS = st.one_of([st.builds(kind) if fields(kind) else st.just(kind()) for kind in KINDS]) | st.one_of(
    [
        st.builds(kind, **{name: st.from_type(hint) for name, hint in get_type_hints(kind).items()})
        for kind in KINDS
    ]
)


@given(EVENTS)
def test_every_event_survives_json(event: Event) -> None:
    table = json.loads(json.dumps(encode(event), allow_nan=False))
    # NaN is not equal to itself; its text is.
    assert repr(decode(table)) == repr(event)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_is_known_by_its_name(kind: type[Any]) -> None:
    with pytest.raises(UnreadableEvent, match=f"^{kind.__name__.lower()}: unknown key"):
        decode({"kind": kind.__name__.lower(), "nobody": 1})


def test_the_table_reads_as_the_event() -> None:
    assert encode(Goto("5")) == {"kind": "goto", "cue": "5"}
    assert encode(Go()) == {"kind": "go", "expected": None}


@pytest.mark.parametrize("event", [Go(), Take(), Skip(), Stop()])
def test_what_was_written_before_a_cue_could_be_named_is_read(event: Event) -> None:
    assert decode({"kind": type(event).__name__.lower()}) == event


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "expected a kind of event, not a NoneType."),
        ({"kind": 5}, "expected a kind of event, not 5."),
        ({"kind": "gato", "cue": "1"}, 'expected a kind of event, not the text "gato". Did you mean "goto"?'),
        ({"kind": "goto"}, "goto.cue: missing"),
        ({"kind": "goto", "cue": 5}, "goto.cue: expected text, not 5"),
        ({"kind": "goto", "cue": "5", "ceu": "6"}, 'goto: unknown key "ceu". Did you mean "cue"?'),
        ({"kind": "go", "expected": 5}, "go.expected: expected text or nothing, not 5"),
        ({"kind": "blackout", "on": 1}, "blackout.on: expected true or false or nothing, not 1"),
        ({"kind": "master", "value": True}, "master.value: expected a number, not true"),
        ({"kind": "master", "value": "1"}, 'master.value: expected a number, not the text "1"'),
        ({"kind": "master", "value": 10**400}, "master.value: expected a number, not a number of far too"),
        (
            {"kind": "desk", "mode": "opera"},
            'desk.mode: expected one of "edit", "rehearsal", "show", not the',
        ),
    ],
)
def test_what_is_wrong_is_said(table: dict[str, object], said: str) -> None:
    with pytest.raises(UnreadableEvent) as caught:
        decode(table)
    assert str(caught.value).startswith(said)


def test_a_field_with_a_default_may_be_missing() -> None:
    assert decode({"kind": "control", "name": "a", "value": 1}) == Control("a", 1.0)
    assert decode({"kind": "blackout"}) == Blackout()


def test_numbers_that_are_not_finite_have_words() -> None:
    assert encode(Master(float("-inf"))) == {"kind": "master", "value": "-inf"}
    assert decode({"kind": "master", "value": "-inf"}) == Master(float("-inf"))
