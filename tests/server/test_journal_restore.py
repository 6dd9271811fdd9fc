"""A show rebuilt from its journal is the show that was played; and a show that keeps dying is not rebuilt."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.night.journalfile import Entry, Header, Session
from server.night.restore import Starts, crash_loop, rebuild
from show_control.events import (
    Back,
    Blackout,
    Control,
    Desk,
    DeskMode,
    Event,
    Go,
    Goto,
    Hold,
    Master,
    Panic,
    PlayFinished,
    Resume,
    Skip,
    Speech,
    StandBy,
    Stop,
    Take,
)
from show_control.show import Show
from show_control.showfile import ShowFile, parse_show

TEXT = """
[show]
title = "Toy"
loop = true
[safe]
walk = { loop = [4, 9], seconds = 40 }
[safe.drive]
"plate.mom" = { psi = 0.2 }
[[cue]]
number = "1"
name = "Sea"
fade = 3
follow = 4
look = { walk = { loop = [12, 40], seconds = 30 }, speed = 2 }
send = [{ to = "sound", address = "/noteOn", args = [1], delay = 2 }]
[[cue]]
number = "2"
name = "Sand"
pre_wait = 1.5
fade = 2
look = { psi = 0.5 }
[[cue]]
number = "3"
name = "Bowl"
fade = 5
look = { walk = { loop = [3, 7], seconds = 10 }, master = 0.5 }
follow = 1
[[cue]]
number = "4"
name = "Question"
kind = "line"
speaker = "mom"
open = true
save = "food"
instead = "soup"
silence = 4
follow = "done"
[[cue]]
number = "5"
name = "Answer"
kind = "line"
speaker = "dad"
text = "We are eating %food% tonight."
easier = "Eat."
silence = 4
follow = "done"
[[cue]]
number = "6"
name = "Door"
kind = "gate"
control = "door"
above = 0.5
timeout = 8
follow = "done"
[[cue]]
number = "7"
name = "Ear"
kind = "in-ear"
plays = [{ to = "mom", file = "a.wav" }]
timeout = 5
follow = "done"
[[cue]]
number = "8"
name = "Rest"
kind = "memo"
[guests]
mom = {}
dad = { rate = 2 }
"""


@pytest.fixture(scope="module")
def show_file() -> ShowFile:
    return parse_show(TEXT, "toy.toml")


NUMBERS = st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "99"])
ROLES = st.sampled_from(["mom", "dad", "nobody"])
SAID = st.sampled_from(["", "um", "we are", "we are eating fish", "well fish", "we are eating fish tonight"])
EVENT: st.SearchStrategy[Event] = st.one_of(
    st.builds(Go, st.none() | NUMBERS),
    st.builds(Goto, NUMBERS),
    st.builds(StandBy, NUMBERS),
    st.sampled_from([Back(), Hold(), Resume(), Panic(), Blackout()]),
    st.builds(Master, st.floats(0, 1)),
    st.builds(Control, st.sampled_from(["plate.mom", "door", "stranger"]), st.floats(-1, 1)),
    st.builds(Speech, ROLES, SAID, st.booleans()),
    st.builds(PlayFinished, ROLES),
    st.sampled_from([Take(), Take("5"), Skip(), Skip("5"), Stop(), Stop("5"), Desk(DeskMode.SHOW)]),
)
NIGHT = st.lists(st.tuples(st.floats(0, 3), EVENT), max_size=30)
HEADER = Header("a", False, 0, 100.0, 0.0, "", "")


def play(show: Show, night: list[tuple[float, Event]], now: float, n: int = 0) -> tuple[list[Entry], float]:
    """Plays a night with an advance in between, as a loop does; gives what the journal would hold."""
    entries = []
    for gap, event in night:
        show.advance(now + gap / 2)
        now += gap
        n += 1
        reply = show.receive(event, now, n)
        entries.append(Entry(n, now, 0.0, "page", event, n, reply.reason))
        show.take_effects()
    return entries, now


def same(one: Show, other: Show, now: float) -> None:
    assert one.snapshot() == other.snapshot()
    assert one.status(now) == other.status(now)
    assert one.deadline() == other.deadline()


@settings(max_examples=60, deadline=None)
@given(NIGHT, st.floats(0, 20))
def test_replay_of_the_journal_is_the_state(
    show_file: ShowFile, night: list[tuple[float, Event]], idle: float
) -> None:
    played = Show(show_file, 100.0)
    entries, now = play(played, night, 100.0)
    now += idle
    played.advance(now)
    rebuilt = rebuild(lambda at: Show(show_file, at), [Session(HEADER, tuple(entries), now)], now)
    assert rebuilt.take_effects() == ()
    same(played, rebuilt, now)


@settings(max_examples=30, deadline=None)
@given(NIGHT, NIGHT)
def test_a_night_with_a_crash_in_it_is_one_night(
    show_file: ShowFile, before: list[tuple[float, Event]], after: list[tuple[float, Event]]
) -> None:
    def make(at: float) -> Show:
        return Show(show_file, at)

    entries, died = play(make(100.0), before, 100.0)
    first = Session(HEADER, tuple(entries), died)
    revived = rebuild(make, [first], 5.0)
    more, now = play(revived, after, 5.0, len(entries))
    revived.advance(now)
    header = replace(HEADER, session="b", continues=True, n=len(entries), now=5.0)
    same(revived, rebuild(make, [first, Session(header, tuple(more), now)], now), now)


def test_what_followed_by_itself_before_the_crash_has_followed(show_file: ShowFile) -> None:
    session = Session(HEADER, (Entry(1, 100.0, 0.0, "page", Go(), 1),), 130.0)
    show = rebuild(lambda at: Show(show_file, at), [session], 7.0)
    current = show.status(7.0).current
    assert current is not None
    assert current.number == "2"


def test_a_kept_answer_is_kept(show_file: ShowFile) -> None:
    events: tuple[Event, ...] = (Goto("4"), Speech("mom", "um, I think it's fish", final=True))
    entries = tuple(Entry(n, 100.0 + n, 0.0, "page", event, n) for n, event in enumerate(events, 1))
    show = rebuild(lambda at: Show(show_file, at), [Session(HEADER, entries, 103.0)], 7.0)
    assert show.status(7.0).answers == {"food": "fish"}


def test_refusals_are_counted_as_they_were(show_file: ShowFile) -> None:
    entry = Entry(1, 101.0, 0.0, "osc", None, 0, "there is no cue 99", "goto")
    refused = (
        rebuild(lambda at: Show(show_file, at), [Session(HEADER, (entry,), 102.0)], 7.0).status(7.0).refused
    )
    assert refused is not None
    assert (refused.command, refused.reason) == ("goto", "there is no cue 99")


def test_without_a_journal_it_is_a_fresh_show(show_file: ShowFile) -> None:
    same(rebuild(lambda at: Show(show_file, at), [], 7.0), Show(show_file, 7.0), 7.0)


@pytest.mark.parametrize(
    ("starts", "loop"),
    [
        ((), False),
        ((950.0, 990.0), False),
        ((900.0, 950.0, 990.0), True),
        ((800.0, 950.0, 990.0), False),
        ((1010.0, 950.0, 990.0), True),
        ((5000.0, 950.0, 990.0), False),
    ],
)
def test_three_crashes_in_two_minutes_are_a_loop(starts: tuple[float, ...], loop: bool) -> None:
    assert crash_loop(starts, 1000.0) is loop


def test_starts_are_remembered_until_one_ends_well(tmp_path: Path) -> None:
    starts = Starts(tmp_path / "starts.json")
    assert starts.before() == ()
    for at in (1.0, 2.0, 3.0, 4.0):
        starts.begun(at)
    assert starts.before() == (2.0, 3.0, 4.0)
    starts.ended()
    assert starts.before() == ()


@pytest.mark.parametrize("text", ["", "{", "5", '["a"]', "[[1]]"])
def test_a_damaged_file_remembers_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "starts.json"
    path.write_text(text)
    assert Starts(path).before() == ()
