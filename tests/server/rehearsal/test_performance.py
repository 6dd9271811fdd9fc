"""A performance on a clock that nobody winds: it comes to its end, the same always, or says why not."""

import random

import pytest

from server.rehearsal.cast import Perfect, Silent, Simulated
from server.rehearsal.performance import Performance
from server.rehearsal.room import Room
from show_control.effects import Prompt
from show_control.events import Speech
from show_control.showfile import parse_show
from tests.server.rehearsal.small_show import HEAD, cue, lines_of, perform, show_of, small

LINE = ('speaker = "mom"', 'text = "The soup is getting cold again"', 'follow = "done"')
END = cue("9", "memo")


def test_the_whole_show_is_played_and_every_kind_of_thing_is_logged() -> None:
    entries, outcome = perform(small())
    assert outcome.ended
    assert lines_of(entries, "go", "act", "send", "play", "played", "control", "wait", "done") == [
        "2.00  go",
        "2.00 1 act Hall",
        "3.00 1 send sound /noteOn 62 127",
        "4.00 1 done",
        "6.00  go",
        "6.00 2 act In the ear",
        "6.00 2 play mom hello.wav",
        "7.00  played mom hello.wav",
        "7.50 2 done",
        "7.50 3 act Mom asks",
        "11.60 3 done said",
        "11.60 4 act Dad answers",
        "13.11 4 done answer: tomato soup",
        "13.11 5 act Mom repeats",
        "16.71 5 done said",
        "16.71 6 act Touch",
        "17.31  control plate.mom 0.5",
        "17.31 6 done",
        "17.31 7 wait 0.5 s",
        "17.81 7 act End",
        "17.81  control plate.mom 0",
        "18.81 7 done",
    ]
    assert outcome.words == "The performance came to its end after 18.814 s."


def test_what_is_shown_and_heard_stands_between() -> None:
    entries, _ = perform(small())
    said = [f"{entry.what} {entry.words}" for entry in entries if 11.5 < entry.at < 16.8]
    said = said[said.index("act Dad answers") :]
    assert said[:6] == [
        "act Dad answers",
        "spotlight dad",
        'prompt dad open ""',
        "record dad on",
        'heard dad "tomato"',
        'prompt dad said "tomato"',
    ]
    assert 'prompt mom line "So it is tomato soup again."' in said
    assert 'heard mom "So it is tomato soup again."' in said


def test_a_line_of_the_log_has_its_columns() -> None:
    entries, _ = perform(small())
    lines = [str(entry) for entry in entries]
    assert lines[0] == "     2.000           operator go"
    assert lines[1] == "     2.000  1        look     act       Hall"
    assert all("\n" not in line for line in lines)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_guests_are_the_same_performance(seed: int) -> None:
    def log() -> list[str]:
        random.seed()  # nobody else's dice count
        return [str(entry) for entry in perform(small(), Simulated(small().guests, seed))[0]]

    assert log() == log()


def test_other_guests_are_another_performance() -> None:
    logs = {tuple(map(str, perform(small(), Simulated(small().guests, seed))[0])) for seed in range(5)}
    assert len(logs) == 5


@pytest.mark.parametrize("seed", range(40))
def test_guests_who_stumble_come_to_the_end_all_the_same(seed: int) -> None:
    entries, outcome = perform(small(), Simulated(small().guests, seed))
    assert outcome.ended, outcome.words
    assert "said" in {entry.words for entry in entries if entry.cue == "5" and entry.what == "done"}


def test_shy_guests_are_helped() -> None:
    easier = failed = 0
    for seed in range(40):
        entries, _ = perform(small(), Simulated(small().guests, seed))
        easier += any("mom easier" in entry.words for entry in entries)
        failed += any(entry.what == "failed" for entry in entries)
    assert easier, "no guest was silent in forty performances"
    assert failed, "every player answered in forty performances"


def test_a_line_that_is_never_said_is_where_it_hangs() -> None:
    file = show_of(cue("4", "line", *LINE, "noskip = true"), END)
    _, outcome = perform(file, Silent(file.guests))
    assert not outcome.ended
    assert outcome.words == (
        'Stuck after 2.000 s: cue 4 "line" (line) waits for ever: mom does not say '
        '"The soup is getting cold again".'
    )


def test_a_silent_guest_gets_the_easier_words_and_then_the_show_goes_on() -> None:
    file = show_of(cue("4", "line", *LINE, 'easier = "The soup"'), END)
    entries, outcome = perform(file, Silent(file.guests))
    assert outcome.ended
    assert lines_of(entries, "prompt", "done") == [
        '2.00 4 prompt mom line "The soup is getting cold again"',
        '12.00 4 prompt mom easier "The soup"',
        "22.00 4 done not said",
        '22.00 4 prompt mom done "The soup"',
        "22.00 9 done",
    ]


def test_a_show_that_is_held_by_a_fault_is_resumed() -> None:
    ears = ('plays = [{ to = "mom", file = "a.wav" }]', "timeout = 3", 'fails = "hold"', 'follow = "done"')
    file = show_of(cue("1", "in-ear", *ears), END)

    class Deaf(Perfect):
        def plays(self, file: str) -> float | None:
            return None

    entries, outcome = perform(file, Deaf(file.guests))
    assert outcome.ended
    assert lines_of(entries, "go", "failed", "done", "resume") == [
        "2.00  go",
        "5.00 1 failed mom's player never answered to a.wav",
        "5.00 1 done",
        "7.00  resume",
        "7.00 9 done",
    ]


def test_a_gate_that_nobody_opens_is_where_it_hangs() -> None:
    file = show_of(cue("3", "gate", 'control = "plate.mom"', "above = 0.5", 'follow = "done"'), END)

    class Away(Perfect):
        def moves(self) -> float | None:
            return None

    _, outcome = perform(file, Away(file.guests))
    assert not outcome.ended
    assert outcome.words.startswith('Stuck after 2.000 s: cue 3 "gate" (gate) waits for ever')


def test_a_gate_that_waits_for_less_is_opened() -> None:
    gates = (
        cue("3", "gate", 'control = "plate.mom"', "above = 0.5", 'follow = "done"'),
        cue("4", "gate", 'control = "plate.mom"', "below = 0.1", 'follow = "done"'),
    )
    entries, outcome = perform(show_of(*gates, END))
    assert outcome.ended
    assert lines_of(entries, "control") == ["2.60  control plate.mom 0.5", "3.10  control plate.mom 0"]


def test_a_list_that_begins_again_is_played_once() -> None:
    looped = HEAD.replace('title = "Small"', 'title = "Small"\nloop = true')
    file = show_of(cue("1", "memo", "follow = 1"), cue("2", "memo", "follow = 1"), head=looped)
    entries, outcome = perform(file)
    assert outcome.ended
    assert lines_of(entries, "act") == ["2.00 1 act memo", "3.00 2 act memo"]


def test_a_jump_to_the_first_cue_is_the_end() -> None:
    file = show_of(cue("1", "memo", "follow = 1"), cue("2", "goto", 'to = "1"'), cue("3", "memo"), head=HEAD)
    entries, outcome = perform(file)
    assert outcome.ended
    assert lines_of(entries, "act") == ["2.00 1 act memo", "3.00 2 act goto"]


def test_a_circle_in_the_middle_is_given_up_and_named() -> None:
    file = show_of(
        cue("1", "memo", 'follow = "continue"'),
        cue("2", "wait", "seconds = 5", 'follow = "done"'),
        cue("3", "goto", 'to = "2"'),
        cue("4", "memo"),
    )
    entries, outcome = perform(file, longest=60.0)
    assert not outcome.ended
    assert "No end after" in outcome.words
    assert "cue 2" in outcome.words
    assert entries[-1].at <= 60.0


def test_sends_that_are_on_their_way_when_the_last_cue_is_done_still_go_out() -> None:
    file = show_of(
        cue("1", "memo", "follow = 0.5", 'send = [{ to = "log", address = "/late", delay = 30 }]'),
        cue("2", "memo"),
    )
    entries, _ = perform(file)
    assert lines_of(entries, "send") == ["32.00 1 send log /late"]


def test_what_is_ended_by_others_is_said() -> None:
    file = show_of(
        cue("1", "wait", "seconds = 60", "follow = 1"),
        cue("2", "stop", 'cues = ["1"]', "follow = 1"),
        cue("3", "memo", "armed = false"),
    )
    entries, _ = perform(file)
    assert lines_of(entries, "stopped", "disarmed") == ["3.00 1 stopped", "4.00 3 disarmed memo"]


def test_an_operator_who_is_too_quick_is_refused_and_presses_again() -> None:
    file = show_of(cue("1", "memo"), cue("2", "memo"))
    performance = Performance(file, Room(Perfect(file.guests)), pause=0.3)
    entries = [entry for moment in performance.moments() for entry in moment.entries]
    assert performance.outcome is not None
    assert performance.outcome.ended
    assert [entry.words[:18] for entry in entries if entry.what == "refused"] == ["GO refused: only 0"]


def test_recorded_speech_is_heard_at_its_time() -> None:
    file = show_of(cue("4", "line", *LINE, "noskip = true"), END)
    plan = [
        (5.0, Speech("mom", "the soup is", False)),
        (7.0, Speech("mom", "the soup is getting cold again", True)),
    ]
    entries, outcome = perform(file, room=Room(Silent(file.guests), plan))
    assert outcome.ended
    assert lines_of(entries, "heard", "done") == [
        '5.00  heard mom "the soup is"',
        '7.00  heard mom "the soup is getting cold again" final',
        "7.00 4 done said",
        "7.00 9 done",
    ]


def test_who_is_told_to_stop_says_nothing_more_but_the_end_of_what_was_said() -> None:
    file = small()
    simulated = Room(Simulated(file.guests, 3))
    simulated.told(Prompt("mom", "one two three four five six", "line"), 0.0)
    simulated.told(Prompt("mom", "one two three four five six", "done"), 3.0)
    left = []
    while (event := simulated.take(1000.0)) is not None:
        left.append(event)
    assert len(left) <= 1
    assert all(isinstance(event, Speech) and event.final for event in left)
    perfect = Room(Perfect(file.guests))
    perfect.told(Prompt("mom", "one two three", "line"), 0.0)
    perfect.told(Prompt("mom", "one two three", "done"), 1.0)
    assert perfect.deadline() is None


def test_a_performance_of_forty_five_minutes() -> None:
    """Its steps, not its seconds: each line costs a handful of words and a few turns of the machine."""
    body = "".join(
        cue(str(number), "line", *LINE).replace("again", f"again {number}") for number in range(1, 500)
    )
    file = parse_show(f"{HEAD}{body}{END.replace('9', '9999')}", "long.toml")
    performance = Performance(file, Room(Perfect(file.guests)))
    steps = sum(1 for _ in performance.moments())
    assert performance.outcome is not None
    assert performance.outcome.ended
    assert performance.outcome.at > 45 * 60 / 2
    assert steps < 499 * 12
