"""The commands that a page may give: which event each is, and what is no command."""

import pytest

from server.commands import COMMANDS, command_from
from server.patch import Refused
from show_control import events
from show_control.events import Event


@pytest.mark.parametrize(
    ("name", "fields", "event"),
    [
        ("go", {}, events.Go()),
        ("go", {"standby": "2"}, events.Go(expected="2")),
        ("go", {"standby": None}, events.Go()),
        ("back", {}, events.Back()),
        ("goto", {"cue": "12.5"}, events.Goto("12.5")),
        ("goto", {"cue": 3}, events.Goto("3")),
        ("standby", {"cue": "2"}, events.StandBy("2")),
        ("preload", {"network": "sea"}, events.Preload("sea")),
        ("hold", {}, events.Hold()),
        ("resume", {}, events.Resume()),
        ("panic", {}, events.Panic()),
        ("blackout", {}, events.Blackout()),
        ("blackout", {"on": True}, events.Blackout(on=True)),
        ("master", {"value": 1}, events.Master(1.0)),
        ("take", {}, events.Take()),
        ("skip", {}, events.Skip()),
        ("take", {"cue": "2.1"}, events.Take("2.1")),
        ("skip", {"cue": "2.1"}, events.Skip("2.1")),
        ("stop", {}, events.Stop()),
        ("stop", {"cue": "3"}, events.Stop("3")),
        ("desk", {"mode": "show"}, events.Desk(events.DeskMode.SHOW)),
        ("reset", {}, events.Reset()),
        ("note", {"text": " dad laughs "}, events.Note("dad laughs")),
    ],
)
def test_commands(name: str, fields: dict[str, object], event: Event) -> None:
    assert command_from(name, fields) == event
    assert name in COMMANDS


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("pnaic", {}, 'Did you mean "panic"?'),
        ("x" * 100_000, {}, "no such command"),
        ("goto", {}, 'goto: "cue": expected a cue number'),
        ("preload", {"network": 7}, 'preload: "network": expected the name of a network'),
        ("goto", {"cue": 12.5}, "as a string such as"),
        ("go", {"cue": "2"}, "go: expected only \"standby\", got 'cue'"),
        ("take", {"cue": 2.1}, 'take: "cue": expected a cue number'),
        ("panic", {"now": True}, "panic: expected nothing else, got 'now'"),
        ("master", {}, "expected a finite number, got None"),
        ("master", {"value": 127}, "expected a number from 0 to 1, got 127"),
        ("blackout", {"on": 1}, "expected true or false, got 1"),
        ("desk", {"mode": "shwo"}, 'desk: "mode": expected one of edit, rehearsal, show, got'),
    ],
)
def test_commands_that_are_none(name: str, fields: dict[str, object], said: str) -> None:
    with pytest.raises(Refused) as refusal:
        command_from(name, fields)
    assert said in str(refusal.value)
    assert len(str(refusal.value)) < 250


def test_a_tweak_names_a_part_and_its_value() -> None:
    assert command_from("tweak", {"part": "bend.melt", "value": 1}) == events.Tweak("bend.melt", 1.0)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"part": "psi"},
        {"part": 3, "value": 0.5},
        {"part": "psi", "value": "much"},
        {"part": "psi", "value": 0.5, "cue": "2"},
        {"part": "psi", "value": float("inf")},
    ],
)
def test_a_tweak_without_them_is_none(fields: dict[str, object]) -> None:
    with pytest.raises(Refused, match="expected"):
        command_from("tweak", fields)
