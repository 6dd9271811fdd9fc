"""A hand on the look that is on stage, and what the operator is told of that look."""

import pytest

from show_control.events import (
    Back,
    Desk,
    DeskMode,
    Event,
    Go,
    Goto,
    Hold,
    Panic,
    Resume,
    Tweak,
)
from show_control.show import GO_INTERVAL, Show
from show_control.showfile import parse_show

TEXT = """
[show]
title = "Test"
[safe]
walk = { still = 0 }
psi = 0.4
[directions]
flinch = { from = 7, to = 8 }
[bends]
grain = { kind = "noise", at = 16 }
melt = { kind = "noise", at = 32 }
[[cue]]
number = "1"
name = "One"
fade = { psi = 1, default = 4 }
look = { walk = { still = 1 }, psi = 0.8, bend = { grain = 0.25 } }
drive = { plate = { bend = { melt = 0.5 } } }
[[cue]]
number = "2"
name = "Group"
kind = "group"
mode = "sequence"
[[cue.cue]]
number = "2.1"
name = "Look"
look = { psi = 0.6 }
[[cue.cue]]
number = "2.2"
name = "Wait"
kind = "wait"
seconds = 5
[[cue]]
number = "3"
name = "Three"
look = { psi = 0.5 }
"""


@pytest.fixture
def show() -> Show:
    """With the first cue on stage, its fades over."""
    show = Show(parse_show(TEXT, "test.toml"), 0.0)
    assert show.receive(Go(), 0.0).ok
    show.advance(10.0)
    return show


def parts(show: Show, now: float) -> dict[str, float]:
    return dict(show.status(now).look.parts)


def test_the_look_is_told_with_what_is_only_driven(show: Show) -> None:
    look = show.status(10.0).look
    assert (look.cue, look.fades, look.changed) == ("1", {"psi": 1.0, "default": 4.0}, False)
    assert look.parts["psi"] == 0.8
    assert (look.parts["bend.grain"], look.parts["bend.melt"]) == (0.25, 0.0)
    assert "move.flinch" not in look.parts


@pytest.mark.parametrize(("part", "value"), [("psi", 1.2), ("speed", 3.0), ("bend.melt", 0.5)])
def test_a_tweak_glides_there_in_half_a_second(show: Show, part: str, value: float) -> None:
    before = show.snapshot().values(10.0)[part]
    assert show.receive(Tweak(part, value), 10.0).ok
    values = [show.snapshot().values(10.0 + t)[part] for t in (0.0, 0.25, 0.5, 5.0)]
    assert values == pytest.approx([before, (before + value) / 2, value, value])
    assert parts(show, 11.0)[part] == value
    assert show.status(11.0).look.changed


def test_a_direction_that_the_look_does_not_name_is_moved_along(show: Show) -> None:
    assert show.receive(Tweak("move.flinch", -1.0), 10.0).ok
    assert show.snapshot().values(11.0)["move.flinch"] == -1.0
    assert parts(show, 11.0)["move.flinch"] == -1.0


def test_nothing_else_moves(show: Show) -> None:
    before = show.snapshot().values(10.0)
    show.receive(Tweak("psi", 1.0), 10.0)
    assert show.snapshot().values(12.0) == {**before, "psi": 1.0}
    status = show.status(12.0)
    assert status.current is not None
    assert status.standby is not None
    assert (status.current.number, status.standby.number, status.refused) == ("1", "2", None)


def test_the_next_look_takes_it_back(show: Show) -> None:
    show.receive(Tweak("speed", 3.0), 10.0)
    show.receive(Goto("3"), 11.0)
    assert show.snapshot().values(20.0)["speed"] == 1.0
    assert not show.status(20.0).look.changed


@pytest.mark.parametrize(
    ("tweak", "told"),
    [
        (Tweak("psi", 1.6), "psi goes from 0 to 1.5, not to 1.6"),
        (Tweak("psi", float("nan")), "psi goes from 0 to 1.5, not to nan"),
        (Tweak("pis", 0.5), 'a look has no "pis".'),
        (Tweak("bend.grian", 0.5), "bend.grain"),
        (Tweak("classes.3", 0.5), 'a look has no "classes.3"'),
    ],
)
def test_what_no_look_has_is_refused(show: Show, tweak: Tweak, told: str) -> None:
    before = show.snapshot()
    reply = show.receive(tweak, 10.0)
    assert not reply.ok
    assert told in reply.reason
    assert show.snapshot() == before
    refused = show.status(10.0).refused
    assert refused is not None
    assert refused.command == "tweak"


@pytest.mark.parametrize(
    ("before", "told"),
    [(Hold(), "RESUME first"), (Panic(), "during panic"), (Desk(DeskMode.SHOW), "show mode")],
)
def test_it_is_not_for_now(show: Show, before: Event, told: str) -> None:
    assert show.receive(before, 10.0).ok
    assert told in show.receive(Tweak("psi", 1.0), 11.0).reason


def test_whose_look_it_is_follows_what_happens(show: Show) -> None:
    assert show.receive(Goto("2"), 11.0).ok
    assert show.status(11.0).look.cue == "2.1"
    show.receive(Panic(), 12.0)
    assert show.status(12.0).look.cue == ""
    assert parts(show, 12.0)["psi"] == 0.4
    show.receive(Resume(), 13.0)
    assert (show.status(13.0).look.cue, show.status(13.0).look.changed) == ("", False)
    show.receive(Back(), 14.0)
    assert show.status(14.0).look.cue == "1"


def test_when_a_go_is_armed_again_is_told() -> None:
    show = Show(parse_show(TEXT, "test.toml"), 0.0)
    assert show.status(0.0).armed_at is None
    show.receive(Go(), 1.0)
    assert show.status(1.2).armed_at == 1.0 + GO_INTERVAL
    assert not show.receive(Go(), 1.4).ok
    assert show.status(1.4).armed_at == 1.0 + GO_INTERVAL
    assert show.receive(Go(), 1.0 + GO_INTERVAL).ok


def test_what_followed_by_itself_makes_a_go_too_soon_as_well() -> None:
    text = TEXT.replace('name = "One"', 'name = "One"\nfollow = 3.0')
    show = Show(parse_show(text, "test.toml"), 0.0)
    show.receive(Go(), 0.0)
    show.advance(3.1)
    assert show.status(3.1).armed_at == 3.0 + GO_INTERVAL
    assert "just followed by itself" in show.receive(Go(), 3.2).reason
