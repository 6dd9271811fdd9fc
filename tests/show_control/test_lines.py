"""Lines, answers and files in ears: what a guest says, what nobody says, and what the operator decides."""

import pytest

from show_control.effects import Effect, Play, Prompt, Record, Send, Spotlight
from show_control.events import (
    Event,
    Go,
    Goto,
    Hold,
    Panic,
    PlayFinished,
    Resume,
    Skip,
    Speech,
    Stop,
    Take,
)
from show_control.show import Reply, Show
from show_control.showfile import parse_show
from show_control.status import Ear, LineNow

HEAD = """
[show]
title = "Script"
never_show = ["damn*"]
[safe]
walk = { still = 0 }
[guests]
mom = { rate = 2.0 }
dad = {}
"""
LINE = "The soup is getting cold and nobody has touched the bread"
"""Eleven words."""


def line(number: str, lines: str = f'text = "{LINE}"', speaker: str = "mom", follow: str = "done") -> str:
    body = "\n".join(part.strip() for part in lines.split(";"))
    head = f'[[cue]]\nnumber = "{number}"\nname = "line {number}"\nkind = "line"\nspeaker = "{speaker}"\n'
    return f'{head}follow = "{follow}"\n{body}\n'


def ears(number: str, plays: str, lines: str = "") -> str:
    body = "\n".join(part.strip() for part in lines.split(";"))
    head = f'[[cue]]\nnumber = "{number}"\nname = "ears {number}"\nkind = "in-ear"\nfollow = "done"\n'
    return f"{head}plays = [{plays}]\n{body}\n"


END = '[[cue]]\nnumber = "9"\nname = "end"\nkind = "memo"\nsend = [{ to = "log", address = "/end" }]\n'


def start(*cues: str) -> Show:
    """A show that has begun with these cues at 0 s; they are in the list in this order."""
    show = Show(parse_show("\n".join((HEAD, *cues, END)), "script.toml"), 0.0)
    assert show.receive(Go(), 0.0).ok
    return show


def say(show: Show, now: float, text: str, role: str = "mom", final: bool = False) -> None:
    assert show.receive(Speech(role, text, final), now) == Reply(True)


def at(show: Show, now: float) -> str:
    """The number of the current cue."""
    show.advance(now)
    status = show.status(now)
    return status.current.number if status.current else ""


def shown(show: Show, now: float) -> LineNow:
    show.advance(now)
    line = show.status(now).line
    assert line is not None
    return line


def effects(show: Show, now: float) -> tuple[Effect, ...]:
    show.advance(now)
    return show.take_effects()


# a line


def test_a_line_is_shown_to_its_speaker_and_the_microphone_opens() -> None:
    show = start(line("1"))
    assert effects(show, 0.0) == (Spotlight("mom"), Prompt("mom", LINE, "line"), Record("mom", True))
    say(show, 3.0, LINE, final=True)
    assert effects(show, 3.0)[:2] == (Record("mom", False), Prompt("mom", LINE, "done"))
    assert at(show, 3.0) == "9"


def test_the_next_line_comes_after_the_words_that_are_left_at_the_speakers_rate() -> None:
    show = start(line("1"))
    say(show, 2.0, "the soup is getting cold and nobody has touched")
    left = shown(show, 2.0).words - shown(show, 2.0).said
    assert 0 < left <= 3
    assert at(show, 2.0 + left / 2.0 - 0.01) == "1"
    assert at(show, 2.0 + left / 2.0) == "9"


def test_the_rest_that_comes_sooner_is_not_waited_for() -> None:
    show = start(line("1"))
    say(show, 2.0, "the soup is getting cold and nobody has touched")
    say(show, 2.1, LINE)
    assert at(show, 2.1) == "9"


def test_partial_speech_moves_the_progress() -> None:
    show = start(line("1"))
    seen = []
    for now, words in enumerate(("the soup", "the soup is getting", "the soup is getting cold and"), 1):
        say(show, float(now), words)
        status = shown(show, float(now))
        assert status.words == 11
        seen.append((status.progress, status.said))
    assert seen == sorted(seen)
    assert 0.0 < seen[0][0] < seen[-1][0] < 1.0


@pytest.mark.parametrize(
    "said", ["I like the weather", "the dad said something else entirely here", "cold bread"]
)
def test_other_words_are_just_talk(said: str) -> None:
    show = start(line("1"))
    say(show, 1.0, said, final=True)
    assert at(show, 5.0) == "1"


def test_what_another_guest_says_is_not_the_line() -> None:
    show = start(line("1"))
    say(show, 1.0, LINE, role="dad", final=True)
    assert at(show, 5.0) == "1"


def test_the_line_may_come_in_pieces_and_after_a_long_talk() -> None:
    show = start(line("1"))
    say(show, 1.0, "well " * 300, final=True)
    say(show, 2.0, "the soup is getting cold", final=True)
    say(show, 3.0, "and nobody has touched the bread", final=True)
    assert at(show, 3.0) == "9"


# silence


def test_after_ten_seconds_of_silence_the_easier_wording_and_then_the_next() -> None:
    show = start(line("1", f'text = "{LINE}"; easier = "Eat"'))
    effects(show, 0.0)
    assert effects(show, 9.99) == ()
    assert effects(show, 10.0) == (Prompt("mom", "Eat", "easier"),)
    assert shown(show, 10.0).text == "Eat"
    assert at(show, 19.99) == "1"
    assert effects(show, 20.0)[:2] == (Record("mom", False), Prompt("mom", "Eat", "done"))
    assert at(show, 20.0) == "9"


@pytest.mark.parametrize("said", ["Eat", LINE])
def test_either_wording_is_the_line(said: str) -> None:
    show = start(line("1", f'text = "{LINE}"; easier = "Eat"'))
    say(show, 12.0, said, final=True)
    assert at(show, 12.0) == "9"


def test_talk_that_leads_nowhere_gets_twenty_seconds() -> None:
    show = start(line("1"))
    for now in range(1, 20):
        say(show, float(now), "hm " * now)
    assert at(show, 19.9) == "1"
    assert at(show, 20.0) == "9"


def test_progress_gives_more_time() -> None:
    show = start(line("1"))
    say(show, 9.0, "the soup is")
    assert at(show, 18.9) == "1"
    assert at(show, 19.0) == "9"


def test_a_line_that_may_not_be_skipped_waits_for_ever() -> None:
    show = start(line("1", f'text = "{LINE}"; easier = "Eat"; noskip = true'))
    assert at(show, 3000.0) == "1"
    assert shown(show, 3000.0).text == "Eat"
    assert show.deadline() is None
    say(show, 3001.0, "eat", final=True)
    assert at(show, 3001.0) == "9"


@pytest.mark.parametrize("noskip", ["true", "false"])
@pytest.mark.parametrize("event", [Take(), Skip()])
def test_the_operator_takes_a_line_as_said_or_passes_it_over(event: Event, noskip: str) -> None:
    show = start(line("1", f'text = "{LINE}"; noskip = {noskip}'))
    assert show.receive(event, 4.0).ok
    assert at(show, 4.0) == "9"


@pytest.mark.parametrize("command", [Take, Skip])
def test_of_two_presses_that_name_a_line_the_second_passes_over_no_other(command: type[Take | Skip]) -> None:
    show = start(line("1"), line("2"))
    assert show.receive(command("1"), 4.0) == Reply(True)
    assert show.receive(command("1"), 4.0) == Reply(
        False, f"{command.__name__.upper()} refused: it was meant for cue 1, but cue 2 is waited for now."
    )
    assert at(show, 4.0) == "2"
    assert show.receive(command("2"), 4.0) == Reply(True)
    assert at(show, 4.0) == "9"
    assert "waited for" in show.receive(command("2"), 4.0).reason


def test_silence_does_not_run_while_the_show_is_held() -> None:
    show = start(line("1"))
    show.receive(Hold(), 4.0)
    show.receive(Resume(), 100.0)
    assert at(show, 105.9) == "1"
    assert at(show, 106.0) == "9"


def test_a_line_said_during_a_hold_was_heard() -> None:
    show = start(line("1"))
    show.receive(Hold(), 4.0)
    say(show, 50.0, LINE, final=True)
    assert at(show, 90.0) == "1"
    show.receive(Resume(), 100.0)
    assert at(show, 100.0) == "9"


@pytest.mark.parametrize("event", [Panic(), Goto("9"), Stop(), Stop("1")])
def test_whatever_cuts_a_line_short_clears_the_plate_and_closes_the_microphone(event: Event) -> None:
    show = start(line("1"))
    effects(show, 0.0)
    show.receive(event, 4.0)
    assert effects(show, 4.0)[:2] == (Record("mom", False), Prompt("mom", LINE, "done"))
    say(show, 5.0, LINE, final=True)
    assert not [effect for effect in effects(show, 60.0) if not isinstance(effect, Send)]


def test_the_operator_sees_the_line_and_the_next() -> None:
    show = start(
        line("1"), line("2", 'text = "Never again"; armed = false'), line("3", 'text = "Pass it"', "dad")
    )
    status = show.status(0.0)
    assert status.line == LineNow("1", "mom", LINE, False, 0.0, 0, 11)
    assert status.next_line == LineNow("3", "dad", "Pass it", False, 0.0, 0, 2)


# open lines


OPEN = 'text = "What are we eating?"; open = true; save = "answer"; instead = "soup"'
AFTER = line("2", 'text = "I hate %answer% so much"; easier = "No %answer%"', "dad")


def test_an_answer_is_kept_cleaned_and_stands_in_later_lines() -> None:
    show = start(line("1", OPEN), AFTER)
    assert effects(show, 0.0)[1] == Prompt("mom", "What are we eating?", "open")
    next_line = show.status(0.0).next_line
    assert next_line is not None
    assert next_line.text == "I hate soup so much"
    say(show, 2.0, "um well I think")
    say(show, 3.0, "um well I think it's roast potatoes.", final=True)
    assert at(show, 3.0) == "2"
    assert show.status(3.0).answers == {"answer": "roast potatoes"}
    assert shown(show, 3.0).text == "I hate roast potatoes so much"
    assert Prompt("dad", "I hate roast potatoes so much", "line") in effects(show, 3.0)
    say(show, 5.0, "I hate roast potatoes so much", "dad", final=True)
    assert at(show, 5.0) == "9"


def test_fillers_are_no_answer_yet() -> None:
    show = start(line("1", OPEN), AFTER)
    say(show, 2.0, "um, uh", final=True)
    assert at(show, 3.0) == "1"
    say(show, 4.0, "fish", final=True)
    assert show.status(4.0).answers == {"answer": "fish"}


def test_an_answer_that_no_wall_may_show_is_not_shown_anywhere() -> None:
    show = start(line("1", OPEN), AFTER)
    effects(show, 0.0)
    say(show, 2.0, "damnable potatoes", final=True)
    assert show.status(2.0).answers == {"answer": "soup"}
    assert not any("damn" in str(effect) for effect in effects(show, 2.0))


def test_an_utterance_that_never_ends_is_an_answer_all_the_same() -> None:
    show = start(line("1", OPEN), AFTER)
    say(show, 2.0, "green beans")
    assert at(show, 11.9) == "1"
    assert at(show, 12.0) == "2"
    assert show.status(12.0).answers == {"answer": "green beans"}


def test_what_was_heard_so_far_is_taken_as_the_answer() -> None:
    show = start(line("1", OPEN), AFTER)
    say(show, 2.0, "green beans")
    show.receive(Take(), 3.0)
    assert show.status(3.0).answers == {"answer": "green beans"}
    assert at(show, 3.0) == "2"


def test_an_open_line_that_nobody_answers_plays_its_prompt_and_goes_on() -> None:
    prompt = '; prompt = [{ to = "mom", file = "ask.wav", pause = 1 }, { to = "mom", file = "please.wav" }]'
    show = start(line("1", OPEN + prompt), AFTER)
    effects(show, 0.0)
    assert effects(show, 10.0) == (Play("mom", "ask.wav"),)
    show.receive(PlayFinished("mom"), 13.0)
    assert effects(show, 14.0) == (Play("mom", "please.wav"),)
    show.receive(PlayFinished("mom"), 15.0)
    assert at(show, 24.9) == "1"
    assert at(show, 25.0) == "2"
    assert shown(show, 25.0).text == "I hate soup so much"


def test_an_answer_during_the_prompt_counts() -> None:
    show = start(line("1", OPEN + '; prompt = [{ to = "mom", file = "ask.wav" }]'), AFTER)
    show.advance(10.0)
    say(show, 11.0, "eggs", final=True)
    assert (at(show, 11.0), show.status(11.0).answers) == ("2", {"answer": "eggs"})
    assert show.receive(PlayFinished("mom"), 12.0).ok


# files in ears


def test_files_in_one_ear_wait_for_each_other_and_ears_do_not() -> None:
    show = start(
        ears(
            "1",
            '{ to = "mom", file = "a", pause = 2 }, { to = "dad", file = "b" }, { to = "mom", file = "c" }',
        )
    )
    assert effects(show, 0.0) == (Play("mom", "a"), Play("dad", "b"))
    show.receive(PlayFinished("mom"), 3.0)
    assert effects(show, 5.0) == (Play("mom", "c"),)
    show.receive(PlayFinished("dad"), 6.0)
    assert at(show, 6.0) == "1"
    show.receive(PlayFinished("mom"), 7.0)
    assert at(show, 7.0) == "9"
    assert show.status(7.0).failed is None


@pytest.mark.parametrize(("fails", "mode"), [("go on", "running"), ("hold", "held")])
def test_a_player_that_never_answers_is_named_and_the_scene_goes_on(fails: str, mode: str) -> None:
    show = start(
        ears("1", '{ to = "mom", file = "a" }, { to = "dad", file = "b" }', f"timeout = 5; fails = '{fails}'")
    )
    show.receive(PlayFinished("dad"), 2.0)
    show.advance(6.0)
    status = show.status(6.0)
    assert status.failed is not None
    assert (status.failed.number, status.failed.reason) == ("1", "mom's player never answered to a")
    assert status.mode == mode
    if mode == "held":
        show.receive(Resume(), 20.0)
    assert at(show, 20.0) == "9"


def test_a_file_finished_during_a_hold_is_not_waited_for_again() -> None:
    show = start(ears("1", '{ to = "mom", file = "a", pause = 3 }', "timeout = 5"))
    show.receive(Hold(), 1.0)
    show.receive(PlayFinished("mom"), 50.0)
    show.receive(Resume(), 60.0)
    assert at(show, 62.9) == "1"
    assert at(show, 63.0) == "9"
    assert show.status(63.0).failed is None


def test_the_operator_does_not_wait_for_a_player() -> None:
    show = start(ears("1", '{ to = "mom", file = "a" }'))
    assert show.receive(Take(), 1.0).ok
    assert at(show, 1.0) == "9"
    assert "no line" in show.receive(Skip(), 2.0).reason


def test_nothing_wakes_for_a_line_that_is_over() -> None:
    show = start(line("1"), line("2", follow="manual"))
    say(show, 1.0, LINE, final=True)
    show.receive(Panic(), 1.0)
    assert show.deadline() is None


def test_what_plays_in_an_ear_is_told_with_its_words_until_the_player_answers() -> None:
    show = start(
        ears("1", '{ to = "mom", file = "a.wav", text = "Sit down." }, { to = "dad", file = "b.wav" }')
    )
    assert show.status(0.0).ears == (Ear("mom", "a.wav", "Sit down."), Ear("dad", "b.wav", ""))
    show.receive(PlayFinished("mom"), 1.0)
    assert show.status(1.0).ears == (Ear("dad", "b.wav", ""),)
    assert show.status(1.0).to_plain()["ears"] == [{"role": "dad", "file": "b.wav", "text": ""}]


QUESTION = 'open = true; text = "What do you want?"; save = "food"; instead = "soup"'


def test_the_end_of_a_line_that_is_over_is_no_answer_to_the_next() -> None:
    show = start(line("1"), line("2", QUESTION))
    say(show, 2.0, "the soup is getting cold and nobody has touched")
    assert at(show, 4.0) == "2"
    say(show, 4.1, "the soup is getting cold and nobody has touched the")
    say(show, 4.2, LINE, final=True)
    assert at(show, 5.0) == "2"
    assert show.status(5.0).answers == {}
    say(show, 6.0, "potatoes", final=True)
    assert show.status(6.0).answers == {"food": "potatoes"}


def test_an_answer_in_the_same_breath_is_kept_without_the_line() -> None:
    show = start(line("1"), line("2", QUESTION))
    say(show, 2.0, "the soup is getting cold and nobody has touched")
    assert at(show, 4.0) == "2"
    say(show, 4.2, f"{LINE} potatoes please", final=True)
    assert show.status(5.0).answers == {"food": "potatoes please"}


def test_the_progress_of_an_easier_wording_is_its_own() -> None:
    show = start(line("1", f'text = "{LINE}"; easier = "Eat your bread"; silence = 5'))
    say(show, 1.0, "the soup")
    now = shown(show, 6.5)
    assert (now.text, now.said, now.words, now.progress) == ("Eat your bread", 0, 3, 0.0)
    say(show, 7.0, "the soup is getting cold and nobody has")
    assert shown(show, 7.0).said == 0


def test_what_was_said_in_easier_words_before_they_were_shown_counts() -> None:
    show = start(line("1", f'text = "{LINE}"; easier = "Eat your bread"; silence = 5'))
    say(show, 1.0, "oh just eat your bread")
    assert at(show, 5.9) == "1"
    assert at(show, 6.0) == "9"


def test_a_guest_has_one_line_at_a_time() -> None:
    show = start(line("1"), line("2", 'text = "Sit down."'))
    effects(show, 0.0)
    assert show.receive(Go(), 1.0).ok
    assert effects(show, 1.0) == (
        Record("mom", False),
        Prompt("mom", LINE, "done"),
        Spotlight("mom"),
        Prompt("mom", "Sit down.", "line"),
        Record("mom", True),
    )
    assert [run.number for run in show.status(1.0).running] == ["2"]
    say(show, 2.0, "sit down", final=True)
    assert at(show, 2.0) == "9"


def test_two_guests_may_have_lines_at_the_same_time() -> None:
    show = start(line("1"), line("2", speaker="dad"))
    assert show.receive(Go(), 1.0).ok
    assert [run.number for run in show.status(1.0).running] == ["1", "2"]
