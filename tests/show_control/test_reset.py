"""Between audiences: after a reset nothing is left, as a comparison with a fresh start proves."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.effects import closes
from show_control.events import (
    Blackout,
    Control,
    Desk,
    DeskMode,
    Event,
    Go,
    Hold,
    Master,
    Note,
    Panic,
    Preload,
    Reset,
    Speech,
)
from show_control.show import PANIC_SECONDS, Reply, Show
from show_control.showfile import ShowFile, parse_show
from show_control.status import Status
from tests.show_control import test_machine_always as room
from tests.show_control import test_show_always as scenes
from tests.show_control.test_machine_always import Steps, perform

FURTHER = (0.0, 0.3, 2.0, 11.0)
"""Seconds after which pictures are compared."""


def as_fresh(status: Status) -> dict[str, Any]:
    """A status as that of a fresh start, as far as it may be: epochs and refusals are counted on."""
    refused = status.refused and replace(status.refused, serial=0)
    return replace(status, epoch=0, desk=DeskMode.EDIT, refused=refused).to_plain()


def assert_alike(mine: Show, other: Show, now: float) -> None:
    """The same status, the same picture now and later, the same networks asked for."""
    assert as_fresh(mine.status(now)) == as_fresh(other.status(now))
    one, two = mine.snapshot(), other.snapshot()
    for later in FURTHER:
        assert one.looks(now + later) == two.looks(now + later)
    assert (one.cue, one.wanted, one.asked, one.held_at) == (two.cue, two.wanted, two.asked, two.held_at)
    assert one.odometer == two.odometer
    assert mine.deadline() == other.deadline()


def assert_complete(file: ShowFile, events: Steps, after: Steps) -> None:
    show = Show(file, 0.0, ("main", "sea"))
    now = perform(show, events)
    show.take_effects()
    before = show.status(now)
    assert show.receive(Reset(), now).ok
    assert all(closes(effect) for effect in show.take_effects())
    fresh = Show(file, now, ("main", "sea"))
    status = show.status(now)
    assert (status.desk, status.epoch) == (before.desk, before.epoch + 1)
    assert as_fresh(replace(status, fade=None)) == as_fresh(fresh.status(now))
    now += PANIC_SECONDS + 1e-6
    show.advance(now)
    fresh.advance(now)
    assert_alike(show, fresh, now)
    for pause, event in after:
        now += pause
        show.advance(now)
        fresh.advance(now)
        assert show.take_effects() == fresh.take_effects()
        assert show.receive(event, now) == fresh.receive(event, now)
        assert show.take_effects() == fresh.take_effects()
        if not isinstance(event, Desk):
            assert_alike(show, fresh, now)


@given(room.steps, room.steps)
def test_nothing_of_a_performance_is_left(events: Steps, after: Steps) -> None:
    assert_complete(room.FILE, events, after)


@given(scenes.steps, scenes.steps)
def test_nothing_of_its_pictures_is_left(events: Steps, after: Steps) -> None:
    assert_complete(scenes.KINDS, events, after)


TEXT = """
[safe]
walk = { still = 0 }
psi = 0.4
[[cue]]
number = "1"
name = "Look"
follow = "done"
look = { walk = { still = 1 }, psi = 0.9 }
send = [
  { to = "s", address = "/later", delay = 60 },
  { to = "s", address = "/off", delay = 60, always = true },
]
[[cue]]
number = "2"
name = "Line"
kind = "line"
speaker = "mom"
text = "What are we eating?"
open = true
save = "food"
instead = "soup"
"""
FILE = parse_show(TEXT, "reset.toml")


def test_it_fades_to_the_safe_look_and_says_so() -> None:
    show = Show(FILE, 0.0)
    show.receive(Go(), 0.0)
    show.receive(Reset(), 10.0)
    assert show.snapshot().at(10.0).psi == pytest.approx(0.9)
    assert show.snapshot().at(11.0).psi == pytest.approx(0.65)
    assert show.snapshot().at(12.0).psi == 0.4
    assert show.status(11.0).to_plain()["fade"] == {"remaining": 1.0, "duration": PANIC_SECONDS}


def test_what_closes_goes_out_and_the_rest_dies() -> None:
    show = Show(FILE, 0.0)
    show.receive(Go(), 0.0)
    show.receive(Reset(), 1.0)
    assert [getattr(effect, "address", "") for effect in show.take_effects()] == ["/off"]
    show.advance(100.0)
    assert show.take_effects() == ()
    assert show.deadline() is None


@pytest.mark.parametrize(
    "event",
    [Hold(), Panic(), Blackout(True), Master(0.2), Control("glass", 1.0), Note("loud"), Preload("main")],
)
def test_each_of_these_is_undone(event: Event) -> None:
    show = Show(FILE, 0.0)
    show.receive(Go(), 0.0)
    assert show.receive(event, 1.0).ok
    show.receive(Reset(), 2.0)
    assert_alike(show, Show(FILE, 2.0), 2.0 + PANIC_SECONDS)


def test_an_answer_is_forgotten() -> None:
    show = Show(FILE, 0.0)
    show.receive(Go(), 0.0)
    show.receive(Speech("mom", "potatoes", True), 5.0)
    assert show.status(5.0).answers == {"food": "potatoes"}
    show.receive(Reset(), 6.0)
    assert show.status(6.0).answers == {}


def test_a_go_may_follow_at_once() -> None:
    show = Show(FILE, 0.0)
    show.receive(Go(), 0.0)
    show.receive(Reset(), 0.1)
    assert show.receive(Go("1"), 0.2).ok


@pytest.mark.parametrize("mode", DeskMode)
def test_the_desk_keeps_its_mode(mode: DeskMode) -> None:
    show = Show(FILE, 0.0)
    show.receive(Desk(mode), 0.0)
    show.receive(Reset(), 0.0)
    assert show.status(0.0).desk is mode


def test_what_was_due_in_that_moment_comes_first() -> None:
    """A follow that is due acts before the reset, which then takes it back."""
    show = Show(FILE, 0.0)
    show.receive(Go(), 0.0)
    show.receive(Reset(), 1_000.0)
    status = show.status(1_000.0)
    assert (status.current, status.running, status.standby and status.standby.number) == (None, (), "1")


@given(st.text(max_size=600))
def test_a_note_changes_nothing_but_their_number(text: str) -> None:
    show = Show(FILE, 0.0)
    show.receive(Go(), 0.0)
    before, snapshot = show.status(1.0), show.snapshot()
    reply = show.receive(Note(text), 1.0)
    if len(text) > 500:
        assert reply == Reply(False, f"NOTE refused: it has {len(text)} characters; 500 are kept at most.")
    elif not text.strip():
        assert reply == Reply(False, "NOTE refused: it says nothing.")
    else:
        assert reply.ok
        assert show.status(1.0) == replace(before, notes=1)
    assert replace(show.snapshot(), event=0) == snapshot


@pytest.mark.parametrize("mode", DeskMode)
def test_a_note_is_taken_in_every_mode_and_keeps_a_refusal_on_the_page(mode: DeskMode) -> None:
    show = Show(FILE, 0.0)
    show.receive(Desk(mode), 0.0)
    assert not show.receive(Go("9"), 0.0).ok
    assert show.receive(Note("she looked at the plate"), 0.0).ok
    status = show.status(0.0)
    assert (status.notes, status.refused is None) == (1, False)
