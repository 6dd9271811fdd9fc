"""The machine in tables: what happened and when, and what the stage and the operator then see."""

import pytest

from show_control.events import (
    Back,
    Blackout,
    Control,
    Event,
    Go,
    Goto,
    Hold,
    Master,
    Panic,
    Preload,
    Resume,
    StandBy,
)
from show_control.look import Look
from show_control.show import MOST_STRANGERS, Reply, Show
from show_control.showfile import parse_show

# Seed n is on stage when cue n has faded in. Everything fades in 4 s, in a straight line.
TEXT = """
[show]
title = "Test"
[safe]
walk = { still = 0 }
psi = 0.4
noise = 0.0
master = 0.2
[directions]
flinch = { from = 7, to = 8 }
[bends]
grain = { kind = "noise", at = 16 }
[[cue]]
number = "1"
name = "One"
notes = "first"
fade = 4
curve = "linear"
look = { walk = { still = 1 }, psi = 0.8, master = 1.0 }
send = [ { to = "sound", address = "/one" }, { to = "sound", address = "/later", delay = 3 } ]
[[cue]]
number = "2"
name = "Two"
pre_wait = 2
fade = 4
curve = "linear"
follow = 5
look = { walk = { still = 2 }, noise = 1.0 }
drive = { "plate" = { psi = 0.4, move = { flinch = 0.5 } }, "voice" = { speed = 1.0 } }
send = [ { to = "sound", address = "/two" } ]
[[cue]]
number = "2.5"
name = "Between"
fade = 4
curve = "linear"
follow = "continue"
look = { psi = 0.6 }
send = [ { to = "sound", address = "/between" } ]
[[cue]]
number = "3"
name = "Three"
fade = 4
curve = "linear"
drive = {}
send = [ { to = "sound", address = "/three" } ]
[cue.look]
walk = { loop = [3, 4, 5], seconds = 30 }
shadows = 1.0
bend = { grain = 0.5 }
"""
STILL = TEXT.replace("follow = 5", "").replace('follow = "continue"', "")
LOOPED = TEXT.replace("[show]", "[show]\nloop = true")
OK = Reply(True)


def start(text: str = TEXT) -> Show:
    return Show(parse_show(text, "test.toml"), 0.0)


def play(show: Show, *steps: tuple[float, Event]) -> list[Reply]:
    return [show.receive(event, now) for now, event in steps]


def look(show: Show, t: float) -> Look:
    show.advance(t)
    return show.snapshot().at(t)


def shares(show: Show, t: float) -> dict[str, float]:
    return dict(look(show, t).latents)


def sent(show: Show, t: float) -> list[str]:
    show.advance(t)
    return [send.address for send in show.take_effects()]


def cues(show: Show, t: float) -> tuple[str | None, str | None]:
    """The numbers of the current cue and of the one in standby."""
    show.advance(t)
    status = show.status(t)
    return (
        status.current.number if status.current else None,
        status.standby.number if status.standby else None,
    )


# GO


def test_before_the_first_go_the_safe_look_stands() -> None:
    show = start()
    before = look(show, 100.0)
    assert (before.latents, before.psi, before.master) == ((("0", 1.0),), 0.4, 0.2)
    assert cues(show, 100.0) == (None, "1")
    assert show.snapshot().cue == ""
    assert show.deadline() is None


def test_go_fades_to_the_cue_and_moves_standby_on() -> None:
    show = start()
    assert play(show, (10.0, Go())) == [OK]
    assert cues(show, 10.0) == ("1", "2")
    assert shares(show, 11.0) == pytest.approx({"0": 0.75, "1": 0.25})
    assert (look(show, 12.0).psi, look(show, 12.0).master) == (pytest.approx(0.6), pytest.approx(0.6))
    assert shares(show, 14.0) == {"1": 1.0}
    assert show.snapshot().cue == "1"


@pytest.mark.parametrize(
    ("t", "current", "pending", "fade"),
    [
        (10.0, "1", ("2", 2.0), (3.0, 4.0)),
        (11.5, "1", ("2", 0.5), (1.5, 4.0)),
        (12.0, "2", ("2.5", 5.0), (4.0, 4.0)),
        (15.0, "2", ("2.5", 2.0), (1.0, 4.0)),
        (16.5, "2", ("2.5", 0.5), None),
        (17.0, "3", None, (4.0, 4.0)),
    ],
)
def test_pre_wait_follow_and_continue(
    t: float, current: str, pending: tuple[str, float] | None, fade: tuple[float, float] | None
) -> None:
    show = start()
    play(show, (9.0, Go()), (10.0, Go()))
    assert cues(show, t)[0] == current
    status = show.status(t)
    assert (status.pending and (status.pending.number, status.pending.remaining)) == pending
    assert (status.fade and (status.fade.remaining, status.fade.duration)) == fade


def test_late_timers_delay_nothing() -> None:
    punctual, late = start(), start()
    for show in (punctual, late):
        play(show, (0.0, Go()), (10.0, Go()))
    while (due := punctual.deadline()) is not None and due < 18.0:
        punctual.advance(due)
    for t in (18.0, 19.0, 30.0):
        assert look(late, t) == look(punctual, t)
    assert sent(late, 30.0) == sent(punctual, 30.0) == ["/one", "/later", "/two", "/between", "/three"]


def test_a_go_during_a_pre_wait_lets_the_waiting_cue_act_first() -> None:
    show = start()
    play(show, (0.0, Go()), (10.0, Go()), (11.0, Go()))
    assert cues(show, 11.0) == ("3", None)
    assert sent(show, 11.0)[-3:] == ["/two", "/between", "/three"]


def test_a_go_takes_the_place_of_a_follow() -> None:
    show = start()
    play(show, (0.0, Go()), (10.0, Go()), (14.0, Go()))
    assert cues(show, 14.0) == ("3", None)
    assert cues(show, 60.0) == ("3", None)


def test_a_follow_goes_to_whatever_is_in_standby() -> None:
    show = start()
    play(show, (0.0, Go()), (10.0, Go()), (13.0, StandBy("1")))
    assert cues(show, 17.0) == ("1", "2")


@pytest.mark.parametrize(
    ("second", "ok"), [(10.0, False), (10.2, False), (10.499, False), (10.5, True), (11.0, True)]
)
def test_the_second_of_two_gos_within_half_a_second_is_refused_and_seen(second: float, ok: bool) -> None:
    show = start()
    play(show, (10.0, Go()))
    reply = show.receive(Go(), second, id=5)
    assert (reply.ok, reply.event) == (ok, 5)
    refused = show.status(second).refused
    if ok:
        assert refused is None
    else:
        assert refused is not None
        assert (refused.serial, refused.command, refused.reason) == (1, "go", reply.reason)
        assert reply.reason.startswith(f"GO refused: only {second - 10.0:.1f} s after the last one")
        assert cues(show, second) == ("1", "2")
        assert play(show, (12.0, Go())) == [OK]
        assert show.status(12.0).refused is None


@pytest.mark.parametrize(("after", "ok"), [(0.05, False), (0.499, False), (0.501, True)])
def test_a_go_right_after_a_follow_is_refused(after: float, ok: bool) -> None:
    """The operator pressed for the cue that has just come by itself."""
    show = start(TEXT.replace('follow = "continue"', ""))
    play(show, (0.0, Go()), (10.0, Go()))
    reply = show.receive(Go(), 17.0 + after)
    assert reply.ok == ok
    if not ok:
        said = f"GO refused: cue 2.5 has just followed by itself, {after:.1f} s ago. Press again for cue 3."
        assert reply.reason == said
        assert cues(show, 17.5) == ("2.5", "3")
        assert play(show, (17.6, Go())) == [OK]


def test_a_follow_does_not_keep_a_go_from_what_was_called_since() -> None:
    show = start()
    play(show, (0.0, Go()), (10.0, Go()))
    assert play(show, (17.1, Goto("1")), (17.2, Go())) == [OK, OK]


@pytest.mark.parametrize(
    ("event", "stays"),
    [
        (Master(0.5), True),
        (Blackout(), True),
        (Control("plate", 0.5), True),
        (StandBy("2"), False),
        (Goto("2"), False),
        (Hold(), False),
        (Panic(), False),
        (Go(), False),
    ],
)
def test_a_refusal_stays_until_a_command_about_cues_is_taken(event: Event, stays: bool) -> None:
    show = start()
    play(show, (0.0, Goto("99")))
    assert show.receive(event, 1.0).ok
    assert (show.status(1.0).refused is not None) == stays


def test_what_was_refused_elsewhere_is_seen_too() -> None:
    show = start()
    play(show, (0.0, Goto("99")))
    show.refuse("goto", "no such thing")
    refused = show.status(0.0).refused
    assert refused is not None
    assert (refused.serial, refused.command, refused.reason) == (2, "goto", "no such thing")


REFUSALS = [
    ([], Go("2"), "meant for cue 2, but cue 1 is in standby"),
    ([Goto("3")], Go(), "the last cue has played"),
    ([Goto("3")], Go("4"), "meant for cue 4, but no cue is in standby"),
    ([], StandBy("2.6"), 'there is no cue "2.6". Did you mean "2.5"?'),
    ([], Goto("99"), 'GOTO refused: there is no cue "99".'),
    ([], Back(), "BACK refused: no cue has played yet"),
    ([Go()], Back(), "BACK refused: cue 1 is the first"),
    ([], Resume(), "RESUME refused: nothing is held"),
    ([Hold()], Go(), "GO refused: the show is held. RESUME"),
    ([Panic()], Go(), "GO refused during panic. RESUME"),
    ([Go(), Panic()], Back(), "BACK refused during panic"),
    ([Panic()], Hold(), "HOLD refused"),
    ([], Master(1.5), "MASTER refused: 1.5 is not between 0 and 1"),
    ([], Master(float("nan")), "MASTER refused: nan"),
    ([], Control("plate", float("inf")), "control plate refused: inf is not a finite number"),
    ([], Control("plate", 1.0, float("nan")), "control plate refused"),
]


@pytest.mark.parametrize(("before", "event", "reason"), REFUSALS)
def test_what_is_refused_says_why_and_changes_nothing(before: list[Event], event: Event, reason: str) -> None:
    show = start()
    for second, earlier in enumerate(before):
        assert show.receive(earlier, float(second)).ok
    snapshot, status = show.snapshot(), show.status(20.0)
    reply = show.receive(event, 20.0)
    assert not reply.ok
    assert reason in reply.reason
    after = show.status(20.0)
    assert show.snapshot() == snapshot
    assert (after.mode, after.current, after.standby, after.epoch) == (
        status.mode,
        status.current,
        status.standby,
        status.epoch,
    )
    assert (after.refused is None) == isinstance(event, Control)


def test_a_go_for_the_cue_in_standby_is_taken() -> None:
    assert play(start(), (0.0, Go("1")), (1.0, Go("2"))) == [OK, OK]


def test_after_the_last_cue_a_looped_show_begins_again() -> None:
    show = start(LOOPED)
    play(show, (0.0, Goto("3")))
    assert cues(show, 0.0) == ("3", "1")
    assert play(show, (1.0, Go())) == [OK]
    # Nothing of the last round is left: cue 1 names no shadows, and still they go.
    assert look(show, 10.0).shadows == 0.0
    assert look(show, 10.0).bends == ()


# goto and back


@pytest.mark.parametrize("number", ["1", "2", "2.5", "3"])
def test_goto_enters_at_once_with_the_look_of_playing_up_to_it(number: str) -> None:
    text = STILL.replace("noise = 0.0", "noise = 0.0\nspeed = 0.0")
    played, sought = start(text), start(text)
    now = 0.0
    while cues(played, now + 5.0)[0] != number:
        now += 10.0
        play(played, (now, Go()))
    play(sought, (0.0, Goto("3")), (1.0, Goto(number)))
    assert cues(sought, 1.0)[0] == number
    assert look(sought, 10.0) == look(played, now + 10.0)
    assert (played.status(now).epoch, sought.status(1.0).epoch) == (0, 2)


def test_goto_leaves_everything_pending_behind() -> None:
    show = start()
    play(show, (0.0, Go()), (1.0, Go()), (2.0, Goto("3")))
    assert sent(show, 60.0) == ["/three"]
    assert cues(show, 60.0) == ("3", None)


def test_goto_skips_the_pre_wait_and_arms_the_follow() -> None:
    show = start()
    play(show, (0.0, Goto("2")))
    assert cues(show, 0.0) == ("2", "2.5")
    assert cues(show, 4.9) == ("2", "2.5")
    assert cues(show, 5.0) == ("3", None)


def test_back_restores_the_picture() -> None:
    show = start()
    play(show, (0.0, Go()))
    before = look(show, 9.0)
    play(show, (10.0, Goto("3")), (20.0, Goto("2")), (21.0, Back()))
    assert cues(show, 21.0) == ("1", "2")
    assert look(show, 25.0) == before


@pytest.mark.parametrize("leaving", [Panic(), Goto("3"), Back()])
def test_what_is_to_be_sent_always_is_sent_at_once(leaving: Event) -> None:
    off = '"/two" }, { to = "sound", address = "/off", delay = 3, always = true }'
    show = start(TEXT.replace('"/two" }', off))
    play(show, (0.0, Goto("2")))
    assert sent(show, 1.0) == ["/two"]
    show.receive(leaving, 2.0)
    assert sent(show, 2.0)[:1] == ["/off"]
    assert "/off" not in sent(show, 60.0)


def test_effects_that_nobody_collected_die_with_their_epoch() -> None:
    show = start()
    play(show, (0.0, Go()), (0.1, Panic()))
    assert sent(show, 10.0) == []


def test_back_during_a_pre_wait_takes_the_go_back_and_leaves_the_stage_alone() -> None:
    show, alone = start(), start()
    for each in (show, alone):
        play(each, (0.0, Go()))
    assert play(show, (1.0, Go()), (2.0, Back())) == [OK, OK]
    assert cues(show, 2.0) == ("1", "2")
    assert show.status(2.0).pending is None
    for t in (2.0, 3.5, 60.0):
        assert look(show, t) == look(alone, t)
    assert sent(show, 60.0) == sent(alone, 60.0)
    assert play(show, (61.0, Go())) == [OK]
    assert cues(show, 63.0) == ("2", "2.5")


def test_back_during_a_pre_wait_brings_the_waiting_cue_whatever_was_put_in_standby_since() -> None:
    show = start(TEXT.replace('name = "One"', 'name = "One"\npre_wait = 3'))
    play(show, (0.0, Go()), (1.0, StandBy("3")))
    assert play(show, (2.0, Back())) == [OK]
    assert cues(show, 60.0) == (None, "1")
    assert "no cue has played yet" in show.receive(Back(), 61.0).reason


def test_goto_during_a_pre_wait_goes_on_from_there() -> None:
    show = start()
    play(show, (0.0, Go()), (1.0, Go()), (2.0, Goto("1")))
    assert cues(show, 60.0) == ("1", "2")


CHAIN = STILL.replace("still = 1 ", "chain = [10, 11, 12], seconds = 6 ")


def test_a_chain_starts_anew_each_time_that_a_cue_names_it() -> None:
    show = start(CHAIN)
    play(show, (0.0, Go()))
    assert shares(show, 20.0) == {"12": 1.0}
    play(show, (20.0, Goto("3")), (30.0, Goto("1")))
    assert shares(show, 34.0).keys() == {"10", "11", "12"}
    assert shares(show, 40.0) == {"12": 1.0}
    play(show, (40.0, Goto("1")), (50.0, Panic()), (60.0, Resume()))
    assert shares(show, 62.0) == {"12": 1.0}


def test_any_other_walk_goes_on_where_it_would_have_been() -> None:
    left, stayed = start(STILL), start(STILL)
    play(left, (0.0, Goto("3")), (10.0, Goto("1")), (27.0, Goto("3")))
    play(stayed, (0.0, Goto("3")))
    assert shares(left, 40.0) == pytest.approx(shares(stayed, 40.0))


# hold and resume


def test_hold_freezes_and_resume_goes_on_from_there() -> None:
    held, free = start(), start()
    for show in (held, free):
        play(show, (0.0, Go()), (1.0, Go()))
    play(held, (2.0, Hold()))
    assert held.deadline() is None
    assert held.status(90.0).mode == "held"
    assert held.status(90.0).pending == free.status(2.0).pending
    assert held.status(90.0).fade == free.status(2.0).fade
    assert look(held, 90.0) == look(free, 2.0)
    assert sent(held, 90.0) == ["/one"]
    play(held, (102.0, Resume()))
    assert sent(free, 2.0) == ["/one"]
    for t in (2.0, 3.0, 3.5, 8.5, 12.0):
        # The walk went on meanwhile, so only stills can be compared.
        assert shares(held, 100.0 + t).keys() - set("345") == shares(free, t).keys() - set("345")
        assert look(held, 100.0 + t).psi == pytest.approx(look(free, t).psi)
        assert cues(held, 100.0 + t) == cues(free, t)
        assert sent(held, 100.0 + t) == sent(free, t)


def test_the_walk_and_the_controls_go_on_while_held() -> None:
    show = start()
    play(show, (0.0, Goto("3")), (10.0, Hold()))
    assert look(show, 20.0).latents != look(show, 25.0).latents
    show = start(STILL)
    play(show, (0.0, Goto("2")), (10.0, Hold()), (11.0, Control("plate", 0.5, 0.1)))
    assert look(show, 11.0).psi == pytest.approx(0.8)
    assert look(show, 15.0).psi == pytest.approx(1.0)
    assert dict(look(show, 15.0).latents)["8"] == pytest.approx(0.25)


def test_the_walk_keeps_its_speed_and_its_place_through_a_hold() -> None:
    text = TEXT.replace("psi = 0.8, master = 1.0", "speed = 3.0").replace(
        "still = 1 ", "loop = [3, 4], seconds = 60 "
    )
    show = start(text)
    play(show, (0.0, Go()), (2.0, Hold()))
    travel = show.snapshot().odometer.travel
    assert travel(2.0) == pytest.approx(3.0)
    assert travel(12.0) == pytest.approx(3.0 + 10.0 * 2.0)
    play(show, (12.0, Resume()))
    travel = show.snapshot().odometer.travel
    assert travel(12.0) == pytest.approx(23.0)
    assert travel(14.0) == pytest.approx(23.0 + 2.0 * 2.5)


def test_holding_twice_changes_nothing() -> None:
    show = start()
    assert play(show, (0.0, Go()), (1.0, Hold()), (2.0, Hold())) == [OK, OK, OK]
    assert show.snapshot().held_at == 1.0


def test_goto_ends_a_hold() -> None:
    show = start()
    play(show, (0.0, Go()), (1.0, Hold()), (50.0, Goto("3")))
    assert show.status(50.0).mode == "running"
    assert shares(show, 50.0) == pytest.approx({"0": 0.75, "1": 0.25})
    assert look(show, 54.0).shadows == 1.0


# panic


@pytest.mark.parametrize(
    "before",
    [
        [],
        [(0.0, Go())],
        [(0.0, Go()), (1.0, Go())],
        [(0.0, Goto("2")), (1.0, Control("plate", 1.0)), (1.5, Control("voice", 1.0))],
        [(0.0, Goto("3")), (2.0, Hold())],
        [(0.0, Goto("3")), (1.0, Blackout(True)), (2.0, Blackout(False))],
    ],
)
def test_panic_reaches_the_safe_look_in_two_seconds(before: list[tuple[float, Event]]) -> None:
    show = start()
    play(show, *before, (10.0, Panic()))
    assert show.status(10.0).mode == "panic"
    safe = look(show, 12.0)
    assert safe == start().snapshot().at(0.0)
    assert look(show, 500.0) == safe
    assert show.deadline() is None


def test_panic_does_not_wait_for_a_slow_fade_to_the_same_value() -> None:
    show = start(
        TEXT.replace("psi = 0.8, master = 1.0", "psi = 0.4, master = 1.0").replace("fade = 4", "fade = 60")
    )
    play(show, (0.0, Goto("3")), (60.0, Goto("1")), (61.0, Panic()))
    assert look(show, 63.0) == start().snapshot().at(0.0)


def test_a_second_panic_is_immediate() -> None:
    show = start()
    play(show, (0.0, Goto("3")), (10.0, Panic()), (10.5, Panic()))
    assert look(show, 10.5) == start().snapshot().at(0.0)
    assert show.status(10.5).epoch == 3


def test_resume_leaves_panic_for_the_current_cue_and_revives_nothing() -> None:
    show = start()
    play(show, (0.0, Go()), (1.0, Go()), (2.0, Panic()), (10.0, Resume()))
    assert look(show, 12.0).latents == (("1", 1.0),)
    assert look(show, 12.0).psi == pytest.approx(0.8)
    assert sent(show, 60.0) == []


def test_panic_puts_a_cue_in_its_pre_wait_in_standby_again() -> None:
    show = start()
    play(show, (0.0, Go()), (1.0, Go()), (2.0, Panic()), (2.1, Panic()))
    assert cues(show, 10.0) == ("1", "2")
    assert play(show, (10.0, Resume()), (11.0, Go())) == [OK, OK]
    assert cues(show, 13.0) == ("2", "2.5")


def test_resume_before_the_first_cue_leaves_panic_for_the_safe_look() -> None:
    show = start()
    assert play(show, (0.0, Panic()), (1.0, Resume()), (2.0, Go())) == [OK, OK, OK]


def test_goto_leaves_panic() -> None:
    show = start()
    play(show, (0.0, Panic()), (1.0, Goto("1")))
    assert show.status(1.0).mode == "running"
    assert shares(show, 5.0) == {"1": 1.0}


def test_standby_can_be_chosen_during_panic() -> None:
    show = start()
    assert play(show, (0.0, Panic()), (1.0, StandBy("3")), (2.0, Resume()), (3.0, Go("3"))) == [OK] * 4


# overlays


@pytest.mark.parametrize("mode", [[], [Hold()], [Panic()]])
def test_blackout_and_master_lie_over_everything(mode: list[Event]) -> None:
    show = start()
    play(show, (0.0, Goto("1")), *((6.0, event) for event in mode))
    master = look(show, 20.0).master
    play(show, (20.0, Master(0.5)))
    assert look(show, 20.05).master == pytest.approx(0.75 * master)
    assert look(show, 20.1).master == pytest.approx(0.5 * master)
    play(show, (21.0, Blackout()))
    assert look(show, 21.15).master == pytest.approx(0.25 * master)
    assert look(show, 21.3).master == 0.0
    assert (show.status(22.0).blackout, show.status(22.0).master) == (True, 0.5)
    play(show, (22.0, Blackout(True)), (23.0, Blackout()))
    assert look(show, 23.3).master == pytest.approx(0.5 * master)


def test_cues_do_not_touch_the_overlays() -> None:
    show = start()
    play(show, (0.0, Master(0.5)), (0.0, Blackout(True)), (1.0, Go()), (9.0, Goto("3")))
    assert look(show, 60.0).master == 0.0
    assert show.status(60.0).master == 0.5


# controls


def test_a_drive_follows_its_control_and_fades_in_with_its_cue() -> None:
    show = start(STILL)
    play(show, (0.0, Control("plate", 1.0)), (10.0, Goto("2")))
    assert look(show, 12.0).psi == pytest.approx(0.6 + 0.2)
    assert look(show, 14.0).psi == pytest.approx(0.8 + 0.4)
    assert dict(look(show, 14.0).latents) == pytest.approx({"2": 1.0, "7": -0.5, "8": 0.5})
    play(show, (20.0, Control("plate", 0.0, smoothing=1.0)))
    assert look(show, 21.0).psi == pytest.approx(0.8 + 0.4 * 0.36787944)
    assert show.status(21.0).controls == pytest.approx({"plate": 0.36787944})


def test_no_control_moves_the_picture_in_a_jump() -> None:
    show = start(STILL)
    play(show, (0.0, Goto("2")), (10.0, Control("plate", 1.0, smoothing=0.0)))
    assert look(show, 10.03).psi == pytest.approx(0.8 + 0.4 * (1.0 - 0.36787944))


def test_a_voice_makes_the_walk_travel_faster() -> None:
    show = start(STILL)
    play(show, (0.0, Goto("2")), (10.0, Control("voice", 1.0, 0.03)))
    travel = show.snapshot().odometer.travel
    assert travel(10.0) == pytest.approx(10.0)
    assert travel(20.0) == pytest.approx(30.0 - 0.03, abs=1e-9)
    play(show, (20.0, Goto("3")))
    assert show.snapshot().odometer.travel(25.0) == pytest.approx(35.0 - 0.03, abs=1e-9)


def test_controls_are_clipped() -> None:
    show = start()
    assert play(show, (0.0, Control("c0", 1e30, 0.0)), (0.0, Control("c1", -7.0, 0.0))) == [OK, OK]
    assert show.status(10.0).controls == pytest.approx({"c0": 1.0, "c1": -1.0})


def test_strangers_neither_lock_out_a_control_of_the_show_nor_fill_the_status() -> None:
    show = start(STILL)
    play(show, (0.0, Control("voice", 0.5)), (0.0, Control("seen", 0.5)))
    for number in range(1000):
        assert show.receive(Control(f"c{number}", 0.5), 0.0).ok
        assert show.receive(Control("seen", 0.25), 0.0).ok
    assert play(show, (0.0, Control("plate", 1.0))) == [OK]
    known = show.status(10.0).controls
    assert len(known) == MOST_STRANGERS + 2
    assert (known["plate"], known["voice"]) == pytest.approx((1.0, 0.5))
    assert known["seen"] == pytest.approx(0.25)
    assert "c999" in known
    assert "c0" not in known
    assert show.snapshot().glides == ()


def test_the_drives_of_the_safe_look_act_before_the_first_go_and_in_panic() -> None:
    safe = 'drive = { "plate" = { psi = 0.3, move = { flinch = 1.0 } } }\n[directions]'
    show = start(
        STILL.replace("[directions]", safe, 1).replace(
            "look = { walk = { still = 1 }", "drive = {}\nlook = { walk = { still = 1 }"
        )
    )
    play(show, (0.0, Control("plate", 1.0)))
    touched = look(show, 5.0)
    assert touched.psi == pytest.approx(0.7)
    assert dict(touched.latents) == pytest.approx({"0": 1.0, "7": -1.0, "8": 1.0})
    play(show, (10.0, Go()))
    assert look(show, 20.0).psi == pytest.approx(0.8)
    play(show, (20.0, Panic()))
    assert look(show, 22.0) == touched
    play(show, (23.0, Panic()), (23.0, Control("plate", 0.0)))
    assert look(show, 30.0).psi == pytest.approx(0.4)


# what it tells


def test_the_newest_event_is_in_the_snapshot() -> None:
    show = start()
    show.receive(Go(), 0.0, id=7)
    assert show.receive(Go(), 0.1, id=8) == Reply(False, show.receive(Go(), 0.1).reason, 8)
    assert show.snapshot().event == 8


def test_time_does_not_run_backwards() -> None:
    show = start()
    play(show, (10.0, Go()), (5.0, Goto("3")))
    assert look(show, 10.0).latents == (("0", 1.0),)


def test_status_as_plain_data() -> None:
    show = start()
    play(show, (0.0, Go()), (0.1, Go()), (0.2, Control("plate", 0.0)))
    assert show.status(1.0).to_plain() == {
        "mode": "running",
        "current": {"number": "1", "name": "One", "notes": "first"},
        "standby": {"number": "2", "name": "Two", "notes": ""},
        "pending": None,
        "fade": {"remaining": 3.0, "duration": 4.0},
        "blackout": False,
        "master": 1.0,
        "controls": {"plate": 0.0},
        "refused": {
            "serial": 1,
            "command": "go",
            "reason": "GO refused: only 0.1 s after the last one. Press again.",
        },
        "epoch": 0,
        "desk": "edit",
        "running": [
            {
                "number": "1",
                "name": "One",
                "kind": "look",
                "phase": "acting",
                "remaining": 3.0,
                "progress": 0.25,
            }
        ],
        "failed": None,
        "line": None,
        "next_line": None,
        "answers": {},
        "notes": 0,
        "ears": [],
        "armed_at": 0.5,
        "look": {
            "cue": "1",
            "parts": {
                "psi": 0.8,
                "modes": 0.0,
                "noise": 0.0,
                "shadows": 0.0,
                "speed": 1.0,
                "master": 1.0,
            },
            "fades": {"default": 4.0},
            "changed": False,
        },
    }


# --- networks

SEAS = """
[safe]
walk = { loop = [1, 2, 3], seconds = 30 }
[[cue]]
number = "1"
name = "Here"
preload = ["fire"]
[[cue]]
number = "2"
name = "Sea"
pre_wait = 3
fade = { walk = 4 }
curve = "linear"
look = { network = "sea" }
[[cue]]
number = "3"
name = "Still the sea"
look = { walk = { still = 7 }, psi = 0.2 }
[[cue]]
number = "4"
name = "Home"
look = { network = "main" }
"""


def seas() -> Show:
    return Show(parse_show(SEAS, "seas.toml"), 0.0, ("main", "sea", "fire", "ice"))


def test_a_cue_that_names_a_network_keeps_the_walk_where_it_is() -> None:
    show = seas()
    play(show, (0.0, Goto("2")))
    (share, main), (other, sea) = show.snapshot().looks(1.0)
    assert (main.network, share, sea.network, other) == ("main", 0.75, "sea", 0.25)
    assert main.latents == sea.latents
    assert show.snapshot().looks(5.0)[0][1].network == "sea"


def test_cues_track_the_network() -> None:
    show = seas()
    play(show, (0.0, Goto("3")))
    assert show.snapshot().at(10.0).network == "sea"
    play(show, (10.0, Go()))
    assert show.snapshot().at(20.0).network == "main"


def test_what_is_wanted_is_on_stage_next_or_named() -> None:
    show = seas()
    assert show.snapshot().wanted == ("main",)
    play(show, (0.0, Go()))
    assert show.snapshot().wanted == ("main", "sea", "fire")
    play(show, (1.0, Go()))  # cue 2 waits, cue 3 stands by
    assert show.snapshot().wanted == ("main", "sea", "fire")
    show.advance(4.0)
    assert show.snapshot().wanted == ("sea", "main")
    play(show, (10.0, StandBy("4")))
    assert show.snapshot().wanted == ("sea", "main")
    play(show, (10.0, StandBy("1")))
    assert show.snapshot().wanted == ("sea", "main")


def test_the_network_of_the_safe_look_is_always_wanted() -> None:
    show = seas()
    play(show, (0.0, Goto("3")), (9.0, Goto("3")))
    assert show.snapshot().wanted == ("sea", "main")


def test_a_preload_is_wanted_until_it_has_been_on_stage() -> None:
    show = seas()
    assert play(show, (0.0, Preload("ice")), (0.1, Preload("sea"))) == [OK, OK]
    assert show.snapshot().wanted == ("main", "ice", "sea")
    play(show, (1.0, Goto("2")), (10.0, Goto("1")), (20.0, StandBy("4")))
    assert show.snapshot().wanted == ("main", "fire", "ice")


def test_every_call_for_a_network_is_told_apart() -> None:
    show = seas()
    asked = [show.snapshot().asked]
    for now, event in enumerate((Preload("ice"), Preload("ice"), Goto("2"), Goto("2"))):
        play(show, (float(now), event))
        asked.append(show.snapshot().asked)
    assert asked == sorted(set(asked))


def test_a_network_that_the_rig_lacks_cannot_be_preloaded() -> None:
    show = seas()
    [reply] = play(show, (0.0, Preload("see")))
    assert reply.reason == 'PRELOAD refused: the rig has no network "see". Did you mean "sea"?'
    assert show.snapshot().wanted == ("main",)


def test_panic_dissolves_back_into_the_network_of_the_safe_look() -> None:
    show = seas()
    play(show, (0.0, Goto("3")), (10.0, Panic()))
    assert [look.network for _, look in show.snapshot().looks(11.0)] == ["main", "sea"]
    assert [look.network for _, look in show.snapshot().looks(12.0)] == ["main"]
