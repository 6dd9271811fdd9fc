"""A show file takes the place of the one that is played: whole or not at all, and nothing on stage jumps."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.cue import number_key
from show_control.events import (
    Adopt,
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
    Reset,
    Resume,
    Speech,
    StandBy,
)
from show_control.look import Look
from show_control.picture import MOST_STRANGERS
from show_control.show import PANIC_SECONDS, Reply, Show
from show_control.showfile import parse_show
from tests.show_control import test_machine_always as room
from tests.show_control import test_show_always as scenes
from tests.show_control.test_show_always import DISTANCES, Limits, Looks, assert_close, steepest

TEXT = """
[safe]
walk = { still = 0 }
psi = 0.4
[directions]
lean = { from = 1, to = 2 }
[bends]
melt = { kind = "ablate", at = 16 }
slip = { kind = "translate", at = 8 }
[[cue]]
number = "1"
name = "One"
fade = 2
look = { walk = { still = 1 }, psi = 0.8, move = { lean = 0.5 }, bend = { melt = 0.5, slip = 0.25 } }
[[cue]]
number = "2"
name = "Two"
fade = 4
look = { psi = 1.0 }
[[cue]]
number = "3"
name = "Three"
follow = 5
[[cue]]
number = "4"
name = "Four"
"""
FILE = parse_show(TEXT, "adopt.toml")


def edited(*changes: tuple[str, str], text: str = TEXT) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def without(number: str, text: str = TEXT) -> str:
    """The file without a cue."""
    found = re.subn(rf'\[\[cue\]\]\nnumber = "{number}"\n(?:[^\[].*\n)*', "", text)
    assert found[1] == 1
    return found[0]


def started(*events: tuple[float, Event]) -> Show:
    show = Show(FILE, 0.0)
    for now, event in events:
        assert show.receive(event, now).ok
    return show


def standing(show: Show, now: float = 20.0) -> tuple[str, str]:
    status = show.status(now)
    return (
        status.current.number if status.current else "",
        status.standby.number if status.standby else "",
    )


def unnamed(look: Look) -> Look:
    """What is bent how, whatever the bends are called."""
    return replace(look, bends=tuple(replace(bend, name="") for bend in look.bends))


def same(one: Looks, other: Looks) -> bool:
    return [(share, unnamed(look)) for share, look in one] == [
        (share, unnamed(look)) for share, look in other
    ]


# whole or not at all


def test_the_next_cue_is_the_new_one() -> None:
    show = started((0.0, Go()))
    assert show.receive(Adopt(edited(("psi = 1.0", "psi = 0.2"), ('"Two"', '"Second"'))), 10.0).ok
    standby = show.status(10.0).standby
    assert standby is not None
    assert standby.name == "Second"
    show.receive(Go(), 10.0)
    assert show.snapshot().at(14.0).psi == pytest.approx(0.2)


def test_the_file_that_is_played_can_be_asked_for() -> None:
    show = started((0.0, Go()))
    text = edited(('"Four"', '"The end"'))
    show.receive(Adopt(text), 10.0)
    assert (show.file.text, show.file.name) == (text, "adopt.toml")
    assert show.file.cues.every["4"].name == "The end"
    show.receive(Reset(), 11.0)
    assert show.file.text == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[safe", "ADOPT refused: adopt.toml: this is not TOML: "),
        (
            edited(("psi = 1.0", "psi = 9")),
            "ADOPT refused: adopt.toml: cue 2: look.psi: 9 is out of range; expected 0 to 1.5.",
        ),
        (
            edited(("psi = 1.0", "psi = 9"), ("fade = 4", "fade = -1")),
            "Of 2 problems this is the first.",
        ),
        ("", "adopt.toml: safe: missing"),
    ],
)
def test_what_is_no_show_file_is_refused_in_words(text: str, said: str) -> None:
    show = started((0.0, Go()))
    before = show.snapshot(), show.file
    reply = show.receive(Adopt(text), 10.0)
    assert not reply.ok
    assert said in reply.reason
    assert (show.snapshot(), show.file) == before
    refused = show.status(10.0).refused
    assert refused is not None
    assert (refused.command, refused.reason) == ("adopt", reply.reason)


@pytest.mark.parametrize(
    ("at", "text", "said"),
    [
        (1.0, edited(("psi = 0.8", "psi = 0.9")), "cue 1 runs, and would change."),
        (1.0, edited(('"One"', '"First"')), "would change. STOP it, or try again when it has ended."),
        (1.0, without("1"), "cue 1 runs, and would be gone."),
        (1.0, edited(("psi = 1.0", "psi = 1.1")), ""),
        (3.0, edited(("psi = 0.8", "psi = 0.9")), ""),
        (3.0, without("1"), ""),
    ],
)
def test_a_cue_that_runs_does_not_change_under_itself(at: float, text: str, said: str) -> None:
    show = started((0.0, Go()))
    reply = show.receive(Adopt(text), at)
    assert reply.reason == "" if not said else said in reply.reason
    assert reply.ok == (not said)


def test_a_cue_that_waits_or_has_a_follow_to_come_runs() -> None:
    show = started((0.0, Goto("3")))
    assert not show.receive(Adopt(edited(('"Three"', '"Third"'))), 3.0).ok
    assert show.receive(Adopt(edited(('"Three"', '"Third"'))), 6.0).ok
    waiting = edited(('name = "One"', 'name = "One"\npre_wait = 5'))
    show = Show(parse_show(waiting, "adopt.toml"), 0.0)
    show.receive(Go(), 0.0)
    assert "cue 1 runs, and would change" in show.receive(Adopt(TEXT), 4.0).reason


def test_a_cue_that_runs_does_not_move_into_a_group() -> None:
    show = started((0.0, Go()))
    group = '[[cue]]\nnumber = "9"\nname = "Group"\nkind = "group"\nmode = "together"\n'
    text = edited(('[[cue]]\nnumber = "1"', f'{group}[[cue.cue]]\nnumber = "1"'))
    assert show.receive(Adopt(text), 1.0).reason.startswith("ADOPT refused: cue 1 runs, and would be gone.")
    assert show.receive(Adopt(text), 3.0).ok
    assert standing(show, 3.0) == ("1", "2")


def test_a_part_of_a_group_that_runs_keeps_the_group() -> None:
    show = Show(room.FILE, 0.0)
    show.receive(Goto("2"), 0.0)
    text = room.TEXT.replace('"I cannot stand %food%"', '"I love %food%"')
    assert "cue 2 runs, and would change" in show.receive(Adopt(text), 1.0).reason


@pytest.mark.parametrize("mode", DeskMode)
def test_show_mode_alone_refuses(mode: DeskMode) -> None:
    show = started((0.0, Go()), (3.0, Desk(mode)))
    reply = show.receive(Adopt(without("4")), 3.0)
    assert reply.ok == (mode is not DeskMode.SHOW)
    if not reply.ok:
        assert reply == Reply(
            False, "ADOPT refused: the desk is in show mode. Put it in edit or rehearsal first."
        )


def test_the_same_text_changes_nothing_in_any_mode() -> None:
    show = started((0.0, Go()), (0.5, Desk(DeskMode.SHOW)))
    before, status, file = show.snapshot(), show.status(1.0), show.file
    assert show.receive(Adopt(TEXT), 1.0).ok
    assert (show.snapshot(), show.status(1.0)) == (before, status)
    assert show.file is file


def test_to_switch_the_mode_stops_nothing() -> None:
    show, other = started((0.0, Go())), started((0.0, Go()))
    for mode in (*DeskMode, *DeskMode):
        show.receive(Desk(mode), 1.0)
    assert show.snapshot() == other.snapshot()
    assert replace(show.status(1.0), desk=DeskMode.EDIT) == other.status(1.0)
    assert show.deadline() == other.deadline()


# places in the list


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (edited(('"Two"', '"Second"')), ("2", "3")),
        (without("3"), ("2", "4")),
        (without("4", without("3")), ("2", "")),
        ("show = { loop = true }\n" + without("4", without("3")), ("2", "1")),
        (without("2"), ("2", "3")),
        (without("2", without("3")), ("2", "4")),
        (edited(('"3"', '"2.5"')), ("2", "4")),
        (edited(('"3"', '"3.5"')), ("2", "3.5")),
        (TEXT + '[[cue]]\nnumber = "2.5"\nname = "New"\n', ("2", "3")),
    ],
)
def test_current_and_standby_keep_their_numbers(text: str, expected: tuple[str, str]) -> None:
    show = started((0.0, Goto("2")))
    assert show.receive(Adopt(text), 20.0).ok
    assert standing(show) == expected


def test_after_the_last_cue_a_new_one_stands_by() -> None:
    show = started((0.0, Goto("4")))
    assert standing(show, 0.0) == ("4", "")
    assert show.receive(Adopt(TEXT + '[[cue]]\nnumber = "5"\nname = "New"\n'), 1.0).ok
    assert standing(show, 1.0) == ("4", "5")


def test_a_current_cue_that_has_left_the_list_keeps_its_place() -> None:
    show = started((0.0, Goto("2")), (20.0, Adopt(without("2"))))
    assert show.receive(Back(), 20.0).ok
    assert standing(show, 20.0) == ("1", "3")


def test_panic_and_the_way_back_from_it_know_a_cue_that_has_left() -> None:
    show = started((0.0, Goto("2")), (20.0, Adopt(without("2"))), (20.0, Panic()), (30.0, Resume()))
    look = show.snapshot().at(40.0)
    assert (look.psi, dict(look.latents)["1"]) == (0.8, 0.5)
    assert standing(show, 40.0) == ("2", "3")


def test_the_next_line_is_known_after_a_cue_that_has_left() -> None:
    show = Show(room.FILE, 0.0)
    show.receive(Goto("7"), 0.0)
    text = re.sub(r'\[\[cue\]\]\nnumber = "7"(.*\n)*?(?=\[\[cue)', "", room.TEXT)
    show.advance(30.0)
    show.receive(Goto("8"), 30.0)
    show.receive(Goto("7"), 31.0)
    show.receive(Panic(), 31.0)
    assert show.receive(Adopt(text), 31.0).ok
    next_line = show.status(31.0).next_line
    assert next_line is not None
    assert next_line.number == "9"


# what outlives it


def test_a_cue_stays_as_armed_as_it_is_unless_the_file_says_otherwise() -> None:
    show = Show(room.FILE, 0.0)
    show.receive(Goto("5"), 0.0)
    show.receive(Panic(), 0.0)
    show.receive(Adopt(room.TEXT.replace('name = "fade"', 'name = "fades"')), 1.0)
    show.receive(Goto("4"), 2.0)
    assert show.snapshot().at(10.0).psi == pytest.approx(0.9)  # the fade to 1.2 is disarmed
    show.receive(Adopt(room.TEXT.replace('name = "noskip"', 'name = "noskip"\narmed = false')), 20.0)
    show.receive(Goto("9"), 20.0)
    assert show.status(20.0).line is None
    show.receive(Panic(), 21.0)
    assert show.receive(Adopt(room.TEXT), 21.0).ok
    show.receive(Goto("9"), 22.0)
    assert show.status(22.0).line is not None


def test_answers_stay() -> None:
    show = Show(room.FILE, 0.0)
    show.receive(Goto("2"), 0.0)
    show.receive(Speech("mom", "potatoes", True), 1.0)
    show.receive(Panic(), 1.0)
    assert show.receive(Adopt(room.TEXT.replace("I cannot stand", "I love")), 1.0).ok
    assert show.status(1.0).answers == {"food": "potatoes"}
    show.receive(Goto("2"), 2.0)
    next_line = show.status(2.0).next_line
    assert next_line is not None
    assert next_line.text == "I love potatoes"


def test_a_gate_knows_a_control_that_nobody_listened_to() -> None:
    show = started((0.0, Control("glass", 0.75)))
    gate = '[[cue]]\nnumber = "5"\nname = "Gate"\nkind = "gate"\ncontrol = "glass"\nabove = 0.5\n'
    assert show.receive(Adopt(TEXT + gate), 1.0).ok
    show.receive(Goto("5"), 2.0)
    show.advance(2.0)
    assert show.status(2.0).running == ()


def test_a_control_that_moves_the_stage_is_not_forgotten_with_the_strangers() -> None:
    driven = edited(('name = "One"', 'name = "One"\ndrive = { glass = { psi = 0.3 } }'))
    show = Show(parse_show(driven, "adopt.toml"), 0.0)
    for now, event in ((0.0, Go()), (0.0, Control("glass", 1.0)), (10.0, Adopt(TEXT))):
        assert show.receive(event, now).ok
    for nth in range(2 * MOST_STRANGERS):
        show.receive(Control(f"stranger{nth}", 1.0), 11.0)
    assert show.snapshot().at(20.0).psi == pytest.approx(1.1)
    show.receive(Go(), 20.0)
    assert show.snapshot().at(30.0).psi == pytest.approx(1.0)
    assert show.receive(Adopt(edited(('"Four"', '"The end"'))), 30.0).ok
    for nth in range(2 * MOST_STRANGERS):
        show.receive(Control(f"stranger{nth}", 1.0), 31.0)
    assert len(show.status(31.0).controls) == MOST_STRANGERS


# nothing jumps


MELT, SLIP = 'melt = { kind = "ablate", at = 16 }', 'slip = { kind = "translate", at = 8 }'
CHANGED = {
    "a direction": (("lean = { from = 1, to = 2 }", "lean = { from = 5, to = 6 }"),),
    "a direction that is gone": (
        ("lean = { from = 1, to = 2 }\n", ""),
        ("move = { lean = 0.5 }, ", ""),
    ),
    "a bend": (("at = 16", "at = 32"),),
    "bends in another order": ((f"{MELT}\n{SLIP}", f"{SLIP}\n{MELT}"),),
    "bends that are gone": (
        (f"[bends]\n{MELT}\n{SLIP}\n", ""),
        (", bend = { melt = 0.5, slip = 0.25 }", ""),
    ),
}


@pytest.mark.parametrize("changes", CHANGED.values(), ids=CHANGED)
def test_what_a_name_stood_for_stays_on_stage_and_fades_with_the_next_look(
    changes: tuple[tuple[str, str], ...],
) -> None:
    text = edited(*changes)
    show = started((0.0, Go()))
    before = show.snapshot()
    assert show.receive(Adopt(text), 10.0).ok
    assert same(show.snapshot().looks(12.0), before.looks(12.0))
    show.receive(Go(), 20.0)
    fresh = Show(parse_show(text, "adopt.toml"), 0.0)
    fresh.receive(Goto("2"), 0.0)
    mine, other = show.snapshot().at(30.0), fresh.snapshot().at(30.0)
    assert mine == other


def test_names_that_change_twice_are_told_apart() -> None:
    show = started((0.0, Go()))
    for nth, now in enumerate((10.0, 20.0, 30.0), 5):
        text = edited(("lean = { from = 1, to = 2 }", f"lean = {{ from = {nth}, to = 9 }}"))
        assert show.receive(Adopt(text), now).ok
        show.receive(Goto("1"), now)
        before = show.snapshot().looks(now + 0.7)
        assert show.receive(Adopt(TEXT), now + 0.7).ok
        assert same(show.snapshot().looks(now + 0.7), before)
        show.receive(Goto("1"), now + 1.0)
        before = show.snapshot().looks(now + 1.1)
        assert show.receive(Adopt(edited(("from = 1", "from = 3"))), now + 1.1).ok
        assert same(show.snapshot().looks(now + 1.1), before)
        assert len({direction.name for direction in show.snapshot().directions}) == 3
        show.receive(Adopt(TEXT), now + 1.2)
        show.receive(Goto("1"), now + 1.3)
    assert dict(show.snapshot().at(60.0).latents) == pytest.approx({"1": 0.5, "2": 0.5})


VARIANTS = [
    scenes.TEXT,
    scenes.TEXT.replace("psi = 0.9", "psi = 0.1").replace("a = 3", "a = 13"),
    scenes.TEXT.replace("{ from = 7, to = 8 }", "{ from = 17, to = 18 }"),
    scenes.TEXT.replace('{ from = "b", to = "mean" }', "{ from = 30, to = 31 }"),
    scenes.TEXT.replace("at = 16", "at = 32").replace("by = [0.5, 0]", "by = [0.25, 0]"),
    re.sub(r'\[\[cue\]\]\nnumber = "2"\n(?:[^\[].*\n)*', "", scenes.TEXT),
    scenes.TEXT.replace('number = "3"', 'number = "2.2"'),
    scenes.TEXT.replace("show = { loop = true }", "").replace("drive = ", "# "),
    "[[cue]]",
]
FILES = [parse_show(text, "test.toml") for text in VARIANTS[:-1]]
adoptions: st.SearchStrategy[Event] = st.builds(Adopt, st.sampled_from(VARIANTS))
numbers = st.sampled_from(["1", "2", "2.2", "2.5", "3"])
commands: st.SearchStrategy[Event] = st.one_of(
    st.builds(Go),
    st.builds(Go),
    st.builds(StandBy, numbers),
    st.builds(Goto, numbers),
    st.builds(Back),
    st.builds(Hold),
    st.builds(Resume),
    st.builds(Panic),
    st.builds(Reset),
    st.builds(Blackout),
    st.builds(Master, st.floats(0.0, 1.0)),
    st.builds(Desk, st.sampled_from([DeskMode.EDIT, *DeskMode])),
)
steps = st.lists(
    st.tuples(scenes.pauses, st.one_of(commands, commands, adoptions, scenes.controls)),
    min_size=1,
    max_size=25,
)
LIMITS = [Limits.of(file) for file in FILES]
LIMIT = {part: sum(getattr(limits, part) for limits in LIMITS) for part in DISTANCES}


@given(steps, st.floats(0.0, 20.0))
def test_it_is_adopted_whole_or_not_at_all_and_the_stage_goes_on(
    events: list[tuple[float, Event]], later: float
) -> None:
    show, now = Show(FILES[0], 0.0), 0.0
    for pause, event in events:
        now += pause
        show.advance(now)
        before, status, file, due = show.snapshot(), show.status(now), show.file, show.deadline()
        reply = show.receive(event, now)
        if not isinstance(event, Adopt):
            continue
        after = show.status(now)
        assert show.deadline() == due
        assert (after.running, after.mode, after.epoch) == (status.running, status.mode, status.epoch)
        for t in (now, now + 0.1, now + later):
            assert same(before.looks(t), show.snapshot().looks(t))
        if not reply.ok:
            assert (show.snapshot(), show.file) == (before, file)
            assert replace(after, refused=None) == replace(status, refused=None)
            continue
        assert status.desk is not DeskMode.SHOW or event.text == file.text
        assert show.file.text == event.text
        assert (after.current and after.current.number) == (status.current and status.current.number)
        numbers = [cue.number for cue in show.file.cues]
        if status.standby is not None and event.text != file.text:
            was = number_key(status.standby.number)
            onwards = [number for number in numbers if number_key(number) >= was]
            around = numbers if show.file.loop else []
            expected = next(iter([*onwards, *around]), None)
            assert (after.standby and after.standby.number) == expected


@given(events=steps)
def test_nothing_jumps(events: list[tuple[float, Event]]) -> None:
    """As in a show of one file: every change of the picture keeps to a bound."""
    show, now = Show(FILES[0], 0.0), 0.0
    for pause, event in [*events, (1.0, Hold())]:
        then = now + pause
        while (due := show.deadline()) is not None and due <= then:
            check_pace(show, now, due)
            now, before = due, show.snapshot().looks(due)
            show.advance(now)
            assert_close(before, show.snapshot().looks(now))
        check_pace(show, now, then)
        now = then
        cut = isinstance(event, Panic) and show.status(now).mode == "panic"
        before = show.snapshot().looks(now)
        show.receive(event, now)
        if not cut:
            assert_close(before, show.snapshot().looks(now))


def check_pace(show: Show, start: float, end: float) -> None:
    snapshot = show.snapshot()
    for part, distance in DISTANCES.items():
        moved, seconds = steepest(snapshot, start, end, 0.2 / LIMIT[part], distance)
        assert moved <= LIMIT[part] * seconds + 1e-6


@given(steps, st.sampled_from(range(len(FILES))), numbers)
def test_after_it_a_goto_gives_what_the_new_file_gives(
    events: list[tuple[float, Event]], which: int, number: str
) -> None:
    text = VARIANTS[which]
    show, now = Show(FILES[0], 0.0), 0.0
    for pause, event in events:
        now += pause
        if not isinstance(event, Control):
            show.receive(event, now)
    for event in (Panic(), Desk(DeskMode.EDIT)):
        show.receive(event, now)
    assert show.receive(Adopt(text), now).ok
    fresh = Show(FILES[which], now)
    now += PANIC_SECONDS
    replies = {show.receive(Goto(number), now).reason, fresh.receive(Goto(number), now).reason}
    assert len(replies) == 1
    show.take_effects()
    fresh.take_effects()
    for _ in range(30):
        mine, other = show.status(now), fresh.status(now)
        if replies == {""}:
            assert (mine.current, mine.standby, mine.running) == (other.current, other.standby, other.running)
            assert mine.pending == other.pending
            assert show.take_effects() == fresh.take_effects()
        now += 0.7
        show.advance(now)
        fresh.advance(now)
    if replies == {""}:
        one, two = show.snapshot().at(now + 60.0), fresh.snapshot().at(now + 60.0)
        assert (one.network, one.psi, one.noise, one.shadows, one.bends) == (
            two.network,
            two.psi,
            two.noise,
            two.shadows,
            two.bends,
        )


@given(room.steps, st.lists(st.tuples(room.pauses, st.one_of(room.commands, room.room)), max_size=20))
def test_what_runs_goes_on_as_it_would_have(events: room.Steps, after: room.Steps) -> None:
    """A file that changes nothing but the name of a cue that does not run: both shows do the same."""
    show, other = Show(room.FILE, 0.0), Show(room.FILE, 0.0)
    now = room.perform(show, events)
    room.perform(other, events)
    text = room.TEXT.replace('name = "again"', 'name = "encore"')
    if not show.receive(Adopt(text), now).ok:
        return
    assert show.take_effects() == other.take_effects()
    for pause, event in after:
        now += pause
        assert show.receive(event, now).ok == other.receive(event, now).ok
        assert show.take_effects() == other.take_effects()
        assert show.snapshot() == other.snapshot()
        assert [run.phase for run in show.status(now).running] == [
            run.phase for run in other.status(now).running
        ]


# a player's answer


def test_a_late_answer_of_another_file_does_not_end_the_one_that_plays() -> None:
    text = TEXT + (
        '[[cue]]\nnumber = "5"\nname = "Ear"\nkind = "in-ear"\n'
        'plays = [{ to = "mom", file = "a.wav" }, { to = "mom", file = "b.wav" }]\n'
    )
    show = Show(parse_show(text, "adopt.toml"), 0.0)
    show.receive(Goto("5"), 0.0)
    for now, file, left in ((1.0, "b.wav", "a.wav"), (2.0, "a.wav", "b.wav"), (3.0, "a.wav", "b.wav")):
        assert show.receive(PlayFinished("mom", file), now).ok
        assert [ear.file for ear in show.status(now).ears] == [left]
    show.receive(PlayFinished("mom", "b.wav"), 4.0)
    assert show.status(4.0).running == ()
