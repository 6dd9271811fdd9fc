"""A cue that is started beside the list: it acts, and the list stays where it is."""

import pytest

from show_control.events import Adopt, Event, Fire, Go, Goto, Hold, Panic, Stop
from show_control.show import Show
from show_control.showfile import parse_show

TEXT = """
[show]
title = "Test"
[safe]
walk = { still = 0 }
[[cue]]
number = "1"
name = "One"
fade = 4
follow = 10
look = { walk = { still = 1 } }
[[cue]]
number = "2"
name = "Two"
pre_wait = 1
fade = 4
curve = "linear"
follow = "continue"
look = { walk = { still = 2 } }
send = [{ to = "sound", address = "/two" }]
[[cue]]
number = "3"
name = "Three"
kind = "group"
mode = "sequence"
[[cue.cue]]
number = "3.1"
name = "Part"
kind = "wait"
seconds = 5
[[cue.cue]]
number = "3.2"
name = "Other part"
kind = "send"
send = [{ to = "sound", address = "/part" }]
"""


def start(*events: Event) -> Show:
    show = Show(parse_show(TEXT, "test.toml"), 0.0)
    for event in events:
        assert show.receive(event, 0.0).ok
    return show


def place(show: Show) -> tuple[str | None, str | None]:
    status = show.status(0.0)
    return (
        status.current.number if status.current else None,
        status.standby.number if status.standby else None,
    )


def sent(show: Show, t: float) -> list[str]:
    show.advance(t)
    return [send.address for send in show.take_effects()]


def test_it_acts_after_its_pre_wait_and_the_list_stays_where_it_is() -> None:
    show = start(Go())
    assert show.receive(Fire("2"), 5.0).ok
    assert sent(show, 5.9) == []
    assert sent(show, 6.0) == ["/two"]
    assert place(show) == ("1", "2")
    assert dict(show.snapshot().at(8.0).latents) == pytest.approx({"1": 0.5, "2": 0.5})


def test_nothing_follows_it_and_what_follows_the_list_still_comes() -> None:
    show = start(Go(), Fire("2"))
    show.advance(9.9)
    assert place(show) == ("1", "2")
    show.advance(10.0)
    assert [(run.number, run.phase) for run in show.status(10.0).running] == [("2", "waiting")]
    show.advance(11.0)
    assert place(show)[0] == "3"


def test_a_part_of_a_group_may_be_fired_alone() -> None:
    show = start(Fire("3.2"))
    assert sent(show, 0.0) == ["/part"]
    assert place(show) == (None, "1")


def test_a_group_that_starts_takes_over_its_part_that_was_fired() -> None:
    show = start(Fire("3.1"))
    assert show.receive(Goto("3"), 2.0).ok
    assert sent(show, 6.9) == []
    assert sent(show, 7.0) == ["/part"]


def test_it_is_stopped_like_any_other() -> None:
    show = start(Fire("2"), Stop("2"))
    assert sent(show, 5.0) == []
    assert show.status(5.0).running == ()


@pytest.mark.parametrize(
    ("before", "cue", "said"),
    [
        ([], "2.9", 'FIRE refused: there is no cue "2.9".'),
        ([Hold()], "2", "FIRE refused: the show is held. RESUME first."),
        ([Panic()], "2", "FIRE refused during panic. RESUME returns to the show."),
        ([Fire("3.1")], "3.1", "FIRE refused: cue 3.1 runs. STOP it first."),
        ([Go()], "1", "FIRE refused: cue 1 runs. STOP it first."),
    ],
)
def test_what_cannot_be_fired_is_said(before: list[Event], cue: str, said: str) -> None:
    show = start(*before)
    assert show.receive(Fire(cue), 1.0).reason.startswith(said)


def test_a_part_of_a_group_that_was_fired_stands_against_no_file_that_leaves_it_as_it_is() -> None:
    show = Show(parse_show(TEXT, "show.toml"), 0.0)
    assert show.receive(Fire("3.1"), 1.0).ok
    assert show.receive(Adopt(TEXT.replace('name = "One"', 'name = "First"')), 2.0).ok
    reply = show.receive(Adopt(TEXT.replace("seconds = 5", "seconds = 6")), 2.0)
    assert "cue 3.1 runs, and would change" in reply.reason
