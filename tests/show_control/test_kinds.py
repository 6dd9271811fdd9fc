"""Every kind of cue: what it does, when it is complete, and what ends it."""

import pytest

from show_control.effects import Effect, Send
from show_control.events import (
    Back,
    Control,
    Event,
    Fire,
    Go,
    Goto,
    Hold,
    Panic,
    PlayFinished,
    Preload,
    Resume,
    Skip,
    StandBy,
    Stop,
    Take,
)
from show_control.look import Look
from show_control.show import Reply, Show
from show_control.showfile import parse_show

SAFE = "[safe]\nwalk = { still = 0 }\npsi = 0.4\nnoise = 0.0\n"
LAST = '[[cue]]\nnumber = "99"\nname = "last"\nkind = "memo"\n'


def show_of(cues: str, *, head: str = "") -> Show:
    """A show of these cues, and a memo at the end."""
    return Show(parse_show(f"{head}\n{SAFE}{cues}\n{LAST}", "kinds.toml"), 0.0)


def cue(number: str, kind: str, lines: str = "", table: str = "cue") -> str:
    """One cue as it is written; what follows on a line is divided by semicolons."""
    body = "\n".join(part.strip() for part in lines.split(";"))
    return f'[[{table}]]\nnumber = "{number}"\nname = "{kind} {number}"\nkind = "{kind}"\n{body}\n'


def memo(number: str, send: str = "", lines: str = "", table: str = "cue") -> str:
    """A cue that says when it acted: it sends its number."""
    address = send or f"/{number}"
    return cue(number, "memo", f'send = [{{ to = "log", address = "{address}" }}]; {lines}', table)


def play(show: Show, *steps: tuple[float, Event]) -> list[Reply]:
    return [show.receive(event, now) for now, event in steps]


def sent(show: Show, until: float) -> list[tuple[float, str]]:
    """(time, address) of every message up to a time, for a shell that wakes at every deadline."""
    found: list[tuple[float, str]] = []
    now = 0.0
    while True:
        found += [(now, effect.address) for effect in show.take_effects() if isinstance(effect, Send)]
        due = show.deadline()
        if due is None or due > until:
            show.advance(until)
            return found
        show.advance(due)
        now = due


def effects(show: Show, now: float) -> tuple[Effect, ...]:
    show.advance(now)
    return show.take_effects()


def current(show: Show, now: float) -> str | None:
    show.advance(now)
    status = show.status(now)
    return status.current.number if status.current else None


def running(show: Show, now: float) -> dict[str, str]:
    show.advance(now)
    return {run.number: run.phase for run in show.status(now).running}


def look(show: Show, now: float) -> Look:
    show.advance(now)
    return show.snapshot().at(now)


# follow: when it is complete


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        (cue("1", "wait", "seconds = 3; follow = 'done'"), 3.0),
        (cue("1", "wait", "seconds = 3; post_wait = 2; follow = 'done'"), 5.0),
        (cue("1", "wait", "seconds = 3; pre_wait = 1; follow = 'done'"), 4.0),
        (cue("1", "wait", "seconds = 3; follow = 'continue'"), 0.0),
        (cue("1", "wait", "seconds = 3; follow = 1.5"), 1.5),
        (cue("1", "wait", "seconds = 3; follow = 'done'; armed = false"), 0.0),
        (cue("1", "wait", "seconds = 3; pre_wait = 1; follow = 1; armed = false"), 2.0),
        (cue("1", "memo", "follow = 'done'"), 0.0),
        (cue("1", "look", "fade = { psi = 6, default = 1 }; look = { psi = 0.9 }; follow = 'done'"), 6.0),
        (cue("1", "fade", "fade = 7; look = { psi = 0.9 }; follow = 'done'"), 7.0),
        (cue("1", "note", "to = 's'; note = 60; seconds = 0.25; follow = 'done'"), 0.25),
        (cue("1", "send", "send = [{ to = 's', address = '/a', delay = 2.5 }]; follow = 'done'"), 2.5),
        (cue("1", "memo", "send = [{ to = 's', address = '/a', delay = 2.5 }]; follow = 'done'"), 0.0),
        (cue("1", "gate", "control = 'c'; above = 0.5; timeout = 4; follow = 'done'"), 4.0),
        (cue("1", "disarm", "cues = ['99']; follow = 'done'; post_wait = 1"), 1.0),
    ],
)
def test_the_next_cue_comes_when_this_one_is_done(lines: str, at: float) -> None:
    show = show_of(lines + memo("2"))
    play(show, (0.0, Go()))
    assert (at, "/2") in sent(show, 60.0)


def test_what_follows_when_done_counts_down_for_the_operator() -> None:
    show = show_of(cue("1", "wait", "seconds = 3; post_wait = 2; follow = 'done'") + memo("2"))
    play(show, (0.0, Go()))
    remaining = []
    for now in (1.0, 4.0):
        show.advance(now)
        pending = show.status(now).pending
        assert pending is not None
        remaining.append((pending.number, pending.remaining))
    assert remaining == [("2", 4.0), ("2", 1.0)]


def test_a_go_takes_the_place_of_what_follows_when_done() -> None:
    show = show_of(cue("1", "wait", "seconds = 3; follow = 'done'") + memo("2") + memo("3"))
    play(show, (0.0, Go()), (1.0, Go()))
    assert [address for _, address in sent(show, 60.0)] == ["/2"]
    assert current(show, 60.0) == "2"


# fade: parts of the picture that are no scene


def test_a_fade_bends_what_is_on_stage_until_the_next_look() -> None:
    cues = (
        cue("1", "look", "fade = 1; look = { psi = 0.8 }")
        + cue("2", "fade", "fade = 4; curve = 'linear'; look = { psi = 0.4, noise = 1.0 }")
        + cue("3", "look", "fade = 2; curve = 'linear'; look = { shadows = 1.0 }")
    )
    show = show_of(cues)
    play(show, (0.0, Go()), (10.0, Go()))
    assert (look(show, 12.0).psi, look(show, 12.0).noise) == (pytest.approx(0.6), pytest.approx(0.5))
    assert current(show, 14.0) == "2"
    play(show, (20.0, Go()))
    assert (look(show, 22.0).psi, look(show, 22.0).noise) == (pytest.approx(0.8), 0.0)


def test_a_fade_is_not_in_the_look_that_goto_gives() -> None:
    show = show_of(cue("1", "fade", "fade = 1; look = { psi = 0.9 }") + cue("2", "look"))
    play(show, (0.0, Goto("2")))
    assert look(show, 30.0).psi == 0.4


def test_a_fade_retimes_a_fade_that_runs() -> None:
    cues = cue("1", "look", "fade = 60; look = { psi = 0.9 }") + cue(
        "2", "fade", "fade = 1; look = { psi = 0.9 }"
    )
    show = show_of(cues)
    play(show, (0.0, Go()), (1.0, Go()))
    assert look(show, 2.0).psi == pytest.approx(0.9)


# notes


def test_a_note_goes_off_in_any_case() -> None:
    show = show_of(cue("1", "note", "to = 'sampler'; note = 62; seconds = 2"))
    play(show, (0.0, Go()))
    assert effects(show, 0.0) == (Send("sampler", "/noteOn", (62, 127)),)
    assert effects(show, 1.9) == ()
    assert effects(show, 2.0) == (Send("sampler", "/noteOff", (62,), always=True),)


@pytest.mark.parametrize("leaving", [Panic(), Goto("99"), Stop(), Stop("1"), StandBy("1")])
def test_whatever_cuts_a_note_short_ends_it_once(leaving: Event) -> None:
    show = show_of(cue("1", "note", "to = 'sampler'; note = 62; seconds = 20"))
    play(show, (0.0, Go()))
    assert len(effects(show, 0.0)) == 1
    play(show, (1.0, leaving))
    if isinstance(leaving, StandBy):
        play(show, (1.0, Go()))
    off = Send("sampler", "/noteOff", (62,), always=True)
    assert effects(show, 1.0)[:1] == (off,)
    assert effects(show, 60.0).count(off) == (1 if isinstance(leaving, StandBy) else 0)


# goto


def test_a_goto_goes_on_from_there_and_leaves_everything_behind() -> None:
    cues = (
        cue("1", "look", "follow = 2; fade = 1; send = [{ to = 's', address = '/later', delay = 9 }]")
        + cue("2", "goto", "to = '5'; send = [{ to = 's', address = '/now' }]")
        + cue("3", "look", "look = { psi = 0.9 }; fade = 1")
        + memo("5", lines="pre_wait = 3")
    )
    show = show_of(cues)
    play(show, (0.0, Go()))
    assert sent(show, 60.0) == [(2.0, "/now"), (2.0, "/5")]
    assert current(show, 60.0) == "5"
    assert look(show, 60.0).psi == pytest.approx(0.9)
    assert show.status(60.0).epoch == 1


def test_a_go_right_after_a_goto_came_by_itself_is_refused() -> None:
    show = show_of(
        cue("1", "wait", "seconds = 2; follow = 'done'") + cue("2", "goto", "to = '5'") + memo("5")
    )
    play(show, (0.0, Go()))
    assert "cue 5 has just followed by itself" in show.receive(Go(), 2.1).reason


def test_a_disarmed_goto_is_passed_over() -> None:
    show = show_of(cue("1", "goto", "to = '5'; armed = false; follow = 'done'") + memo("2") + memo("5"))
    play(show, (0.0, Go()))
    assert sent(show, 9.0) == [(0.0, "/2")]


# groups


def test_together_all_start_and_the_slowest_ends_it() -> None:
    cues = (
        cue("1", "group", "mode = 'together'; follow = 'done'")
        + memo("1.1", table="cue.cue", lines="pre_wait = 2")
        + cue("1.2", "wait", "seconds = 5; pre_wait = 1", "cue.cue")
        + memo("1.3", table="cue.cue")
        + memo("2")
    )
    show = show_of(cues)
    play(show, (0.0, Go()))
    assert running(show, 0.5) == {"1": "acting", "1.1": "waiting", "1.2": "waiting"}
    assert sent(show, 60.0) == [(0.0, "/1.3"), (2.0, "/1.1"), (6.0, "/2")]
    assert current(show, 60.0) == "2"


def test_in_a_sequence_each_waits_for_the_one_before() -> None:
    cues = (
        cue("1", "group", "mode = 'sequence'; follow = 'done'; post_wait = 1")
        + cue(
            "1.1", "wait", "seconds = 2; post_wait = 1; send = [{ to = 'log', address = '/1.1' }]", "cue.cue"
        )
        + cue("1.2", "wait", "seconds = 9; follow = 1; send = [{ to = 'log', address = '/1.2' }]", "cue.cue")
        + cue("1.3", "wait", "seconds = 9; follow = 'continue'; armed = false", "cue.cue")
        + memo("1.4", table="cue.cue", lines="pre_wait = 0.5")
        + memo("2")
    )
    show = show_of(cues)
    play(show, (0.0, Go()))
    assert sent(show, 60.0) == [(0.0, "/1.1"), (3.0, "/1.2"), (4.5, "/1.4"), (13.0, "/2")]


def test_groups_may_be_in_groups() -> None:
    cues = (
        cue("1", "group", "mode = 'sequence'; follow = 'done'")
        + cue("1.1", "group", "mode = 'together'", "cue.cue")
        + cue("1.1.1", "wait", "seconds = 2", "cue.cue.cue")
        + cue("1.1.2", "wait", "seconds = 3", "cue.cue.cue")
        + memo("1.2", table="cue.cue")
        + memo("2")
    )
    show = show_of(cues)
    play(show, (0.0, Go()))
    assert sent(show, 60.0) == [(3.0, "/1.2"), (3.0, "/2")]


def test_goto_gives_the_look_before_a_group_and_its_looks_then_follow() -> None:
    cues = (
        cue("1", "look", "look = { noise = 0.5 }; fade = 0")
        + cue("2", "group", "mode = 'sequence'")
        + cue("2.1", "wait", "seconds = 10", "cue.cue")
        + cue("2.2", "look", "look = { psi = 1.0 }; fade = 1", "cue.cue")
        + cue("3", "look", "look = { shadows = 1.0 }")
    )
    show = show_of(cues)
    play(show, (0.0, Goto("2")))
    assert (look(show, 9.0).noise, look(show, 9.0).psi) == (0.5, 0.4)
    assert look(show, 12.0).psi == 1.0
    play(show, (20.0, Goto("1")), (30.0, Goto("3")))
    assert (look(show, 40.0).psi, look(show, 40.0).shadows) == (1.0, 1.0)


def test_a_group_goes_on_without_a_cue_that_was_stopped() -> None:
    cues = (
        cue("1", "group", "mode = 'sequence'; follow = 'done'")
        + cue("1.1", "wait", "seconds = 50", "cue.cue")
        + cue("1.2", "wait", "seconds = 3", "cue.cue")
        + memo("2")
    )
    show = show_of(cues)
    assert play(show, (0.0, Go()), (5.0, Stop("1.1"))) == [Reply(True)] * 2
    assert running(show, 6.0) == {"1": "acting", "1.2": "acting"}
    assert sent(show, 60.0) == [(8.0, "/2")]


def test_a_part_of_a_group_cannot_be_called_by_itself() -> None:
    show = show_of(cue("1", "group", "mode = 'together'") + memo("1.1", table="cue.cue"))
    [reply] = play(show, (0.0, Goto("1.1")))
    assert reply.reason == "GOTO refused: cue 1.1 is a part of the group 1."


# arm, disarm, stop


def test_a_disarmed_cue_does_nothing_and_is_no_part_of_the_looks_after_it() -> None:
    cues = (
        cue("1", "disarm", "cues = ['2', '3']")
        + cue("2", "look", "look = { psi = 0.9 }; fade = 0; send = [{ to = 's', address = '/2' }]")
        + memo("3")
        + cue("4", "look", "look = { noise = 1.0 }; fade = 0")
        + cue("5", "arm", "cues = ['2']")
        + cue("6", "look", "look = { shadows = 1.0 }; fade = 0")
    )
    show = show_of(cues)
    play(show, *((float(now), Go()) for now in range(4)))
    assert (look(show, 9.0).psi, look(show, 9.0).noise) == (0.4, 1.0)
    play(show, (10.0, Go()), (11.0, Go()))
    assert look(show, 20.0).psi == 0.9
    assert sent(show, 30.0) == []


def test_a_disarmed_group_stands_by_is_passed_over_and_its_parts_can_be_fired() -> None:
    parts = cue("2.1", "look", "look = { psi = 0.9 }; fade = 0", "cue.cue")
    inner = "".join(
        (
            cue("2.2", "group", "mode = 'together'", "cue.cue"),
            cue("2.2.1", "look", "look = { noise = 0.7 }; fade = 0", "cue.cue.cue"),
        )
    )
    group = cue("2", "group", "mode = 'together'; armed = false") + parts + inner
    show = show_of(memo("1") + group + cue("3", "look", "look = { shadows = 1.0 }; fade = 0"))
    assert play(show, (0.0, Go()))[0].ok
    assert show.snapshot().cue == "1"  # while the group stands by
    assert look(show, 1.0).psi == 0.4
    play(show, (2.0, Go()), (3.0, Go()))
    assert (look(show, 4.0).psi, look(show, 4.0).shadows) == (0.4, 1.0)
    play(show, (5.0, Fire("2.1")))
    assert look(show, 6.0).psi == 0.9
    assert show.file.scenes({"2"})["2.2.1"].noise == 0.7
    assert show.file.scenes({"2"})["2"].noise == 0.0


def test_a_stop_ends_chosen_cues_and_silences_them() -> None:
    late = (
        "send = [{ to = 's', address = '/x', delay = 9 }, "
        "{ to = 's', address = '/off', delay = 9, always = true }]"
    )
    cues = (
        cue("1", "wait", f"seconds = 30; {late}; follow = 'continue'")
        + cue(
            "2", "wait", "seconds = 5; follow = 'continue'; send = [{ to = 's', address = '/2', delay = 8 }]"
        )
        + cue("3", "stop", "cues = ['1']; pre_wait = 4")
    )
    show = show_of(cues)
    play(show, (0.0, Go()))
    assert sent(show, 60.0) == [(4.0, "/off"), (8.0, "/2")]


def test_a_stop_of_all_leaves_the_picture_and_the_list() -> None:
    cues = (
        cue(
            "1",
            "look",
            "look = { psi = 0.8 }; fade = 4; send = [{ to = 's', address = '/x', delay = 2 }]",
        )
        + cue("2", "stop", "cues = 'all'")
        + memo("3")
    )
    show = show_of(cues)
    play(show, (0.0, Go()), (1.0, Go()))
    assert running(show, 1.0) == {}
    assert sent(show, 9.0) == []
    assert look(show, 9.0).psi == pytest.approx(0.8)
    assert show.receive(Go(), 10.0).ok


def test_the_operator_stops_one_cue_or_all() -> None:
    cues = cue("1", "wait", "seconds = 30; follow = 9") + memo("2", lines="pre_wait = 5") + memo("3")
    show = show_of(cues)
    assert "STOP refused: cue 1 is not running." in show.receive(Stop("1"), 0.0).reason
    assert 'there is no cue "98".' in show.receive(Stop("98"), 0.0).reason
    assert play(show, (0.0, Go()), (1.0, Stop("1"))) == [Reply(True)] * 2
    assert running(show, 30.0) == {}
    assert sent(show, 30.0) == []
    assert play(show, (31.0, Go("2")), (32.0, Stop())) == [Reply(True)] * 2
    standby = show.status(32.0).standby
    assert standby is not None
    assert standby.number == "2"
    assert sent(show, 60.0) == []


# gates


@pytest.mark.parametrize(
    ("lines", "steps", "at"),
    [
        ("above = 0.5", [(3.0, 0.4), (4.0, 0.5)], 4.0),
        ("below = 0.2", [(3.0, 0.4), (4.0, 0.1)], 0.0),
        ("above = 0.5; timeout = 6", [(3.0, 0.4)], 6.0),
        ("above = 0.5", [(3.0, 0.4)], None),
    ],
)
def test_a_gate_waits_for_its_control(lines: str, steps: list[tuple[float, float]], at: float | None) -> None:
    show = show_of(cue("1", "gate", f"control = 'glass.mom'; {lines}; follow = 'done'") + memo("2"))
    play(show, (0.0, Go()))
    found = sent(show, 0.0)
    for now, value in steps:
        show.receive(Control("glass.mom", value, 1.0), now)
        found += [(now, effect.address) for effect in show.take_effects() if isinstance(effect, Send)]
    found += sent(show, 60.0)
    assert found == ([] if at is None else [(at, "/2")])


def test_a_gate_that_is_open_already_is_passed() -> None:
    show = show_of(cue("1", "gate", "control = 'c'; above = 0.5; follow = 'done'") + memo("2"))
    play(show, (0.0, Control("c", 0.9)), (5.0, Go()))
    assert current(show, 5.0) == "2"


def test_the_operator_opens_a_gate() -> None:
    show = show_of(cue("1", "gate", "control = 'c'; above = 0.5; follow = 'done'") + memo("2"))
    assert "TAKE refused" in show.receive(Take(), 0.0).reason
    assert play(show, (0.0, Go()), (5.0, Take())) == [Reply(True)] * 2
    assert current(show, 5.0) == "2"


@pytest.mark.parametrize(("fails", "mode"), [("go on", "running"), ("hold", "held")])
def test_a_gate_that_nobody_opens_is_named_and_holds_the_show_if_it_is_to(fails: str, mode: str) -> None:
    lines = f"control = 'c'; above = 0.5; timeout = 3; fails = '{fails}'; follow = 'done'"
    show = show_of(cue("1", "gate", lines) + memo("2"))
    play(show, (0.0, Go()))
    show.advance(10.0)
    status = show.status(10.0)
    assert status.failed is not None
    assert (status.failed.number, status.failed.serial) == ("1", 1)
    assert status.failed.reason == 'the control "c" did not come to 0.5 or above within 3 s'
    assert status.mode == mode
    if mode == "held":
        assert current(show, 10.0) == "1"
        play(show, (20.0, Resume()))
        assert show.status(20.0).failed is None
    assert current(show, 20.0) == "2"


def test_a_gate_that_opens_while_held_is_passed_at_the_resume() -> None:
    show = show_of(cue("1", "gate", "control = 'c'; above = 0.5; timeout = 9; follow = 'done'") + memo("2"))
    play(show, (0.0, Go()), (1.0, Hold()), (50.0, Control("c", 1.0)))
    assert current(show, 90.0) == "1"
    play(show, (100.0, Resume()))
    assert current(show, 100.0) == "2"


# again


def test_a_second_start_restarts_or_is_refused() -> None:
    for again, oks in (("restart", [True, True]), ("ignore", [True, False])):
        show = show_of(cue("1", "wait", f"seconds = 9; again = '{again}'"))
        play(show, (0.0, Go()), (1.0, StandBy("1")))
        [reply] = play(show, (2.0, Go()))
        assert [True, reply.ok] == oks
        assert reply.ok or "cue 1 still runs, and is not to start twice" in reply.reason
        assert running(show, 10.0) == ({"1": "acting"} if reply.ok else {})


def test_a_follow_to_a_cue_that_still_runs_waits_for_it() -> None:
    cues = (
        cue("1", "wait", "seconds = 9; again = 'ignore'; follow = 'continue'")
        + cue("2", "memo", "follow = 'done'")
        + memo("3")
    )
    show = show_of(cues)
    play(show, (0.0, StandBy("2")), (0.0, Goto("1")), (1.0, StandBy("1")))
    assert running(show, 1.0) == {"1": "acting"}
    assert [address for _, address in sent(show, 20.0)] == ["/3"]


# hold


def test_hold_freezes_every_kind_of_wait() -> None:
    cues = (
        cue("1", "group", "mode = 'together'; follow = 'done'")
        + cue("1.1", "wait", "seconds = 4", "cue.cue")
        + cue("1.2", "note", "to = 's'; note = 1; seconds = 3", "cue.cue")
        + cue("1.3", "gate", "control = 'c'; above = 1; timeout = 5", "cue.cue")
        + cue("1.4", "in-ear", "plays = [{ to = 'mom', file = 'a' }]; timeout = 6", "cue.cue")
        + memo("2")
    )
    show = show_of(cues)
    play(show, (0.0, Go()), (2.0, Hold()))
    before = show.status(2.0).running
    assert show.status(90.0).running == before
    assert [address for _, address in sent(show, 90.0)] == ["/noteOn"]
    play(show, (102.0, Resume()))
    assert sent(show, 200.0) == [(103.0, "/noteOff"), (106.0, "/2")]


def test_stopping_a_part_of_a_group_while_held_keeps_the_time() -> None:
    cues = (
        cue("1", "group", "mode = 'sequence'; follow = 'done'")
        + cue("1.1", "wait", "seconds = 50", "cue.cue")
        + memo("2")
    )
    show = show_of(cues)
    play(show, (0.0, Go()), (1.0, Hold()), (50.0, Stop("1.1")), (60.0, Resume()))
    assert sent(show, 100.0)[-1:] == [(0.0, "/2")]


# what is wanted


def test_the_networks_of_a_group_are_wanted_while_it_stands_by_and_while_it_runs() -> None:
    text = (
        SAFE
        + cue("1", "group", "mode = 'sequence'")
        + cue("1.1", "wait", "seconds = 5", "cue.cue")
        + cue("1.2", "look", "look = { network = 'sea' }; preload = ['ice']", "cue.cue")
        + LAST
    )
    show = Show(parse_show(text, "x.toml"), 0.0, ("main", "sea", "ice"))
    assert show.snapshot().wanted == ("main", "sea")
    play(show, (0.0, Go()), (1.0, Preload("main")))
    assert set(show.snapshot().wanted) == {"main", "sea", "ice"}


@pytest.mark.parametrize("event", [Skip(), Take()])
def test_nothing_to_take_or_skip_is_said(event: Event) -> None:
    show = show_of(memo("1"))
    assert "refused" in show.receive(event, 0.0).reason
    assert show.receive(PlayFinished("mom"), 0.0).ok
    play(show, (1.0, Hold()))
    assert "the show is held" in show.receive(event, 2.0).reason


def test_back_goes_through_cues_of_all_kinds() -> None:
    show = show_of(memo("1") + cue("2", "wait", "seconds = 5") + memo("3"))
    play(show, (0.0, Go()), (1.0, Go()), (2.0, Back()))
    assert current(show, 2.0) == "1"
    assert running(show, 2.0) == {}
