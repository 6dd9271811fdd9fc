"""Whether a line was said: the corpus as a whole, and the cases that a show stumbles over, one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from show_control.matching import THRESHOLD, Heard, heard, pause_after
from tests.show_control.speech_score import Trial, precision_and_recall, trials

CORPUS = list(trials())
DREAM = "I dreamt that the clock above the stove had stopped, and nobody wanted to say it first."


@pytest.mark.parametrize("language", ["en", "fr", "de", "nl"])
def test_the_corpus_is_large_enough_to_mean_something(language: str) -> None:
    lines = {trial.line for trial in CORPUS if trial.language == language}
    assert len(lines) >= 10


@pytest.mark.parametrize("language", ["en", "fr", "de", "nl"])
def test_precision_and_recall_hold_in_every_language(language: str) -> None:
    precision, recall = precision_and_recall([t for t in CORPUS if t.language == language], THRESHOLD)
    assert precision >= 0.97
    assert recall >= 0.92


def test_precision_and_recall_hold_on_lines_that_the_constants_were_not_searched_on() -> None:
    precision, recall = precision_and_recall([t for t in CORPUS if not t.number % 2], THRESHOLD)
    assert precision >= 0.98
    assert recall >= 0.95


@pytest.mark.parametrize("trial", {trial.line: trial for trial in CORPUS}.values(), ids=lambda t: t.line)
def test_a_line_said_as_it_is_written_is_whole(trial: Trial) -> None:
    assert heard(trial.line, trial.line, language=trial.language) == Heard(1.0, 1.0, 0, True)


def test_a_long_monologue_before_the_line_changes_nothing() -> None:
    before = (
        "you know I was there once with my aunt and she said the strangest thing about the whole of it " * 10
    )
    assert heard(f"{before} {DREAM}", DREAM) == Heard(1.0, 1.0, 0, True)


def test_what_is_said_after_the_line_changes_nothing() -> None:
    assert heard(f"{DREAM} and then the soup came", DREAM).matched


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("Pass me the salt, please.", "Pass me the bread, please.", "en"),
        ("Who took my chair?", "Who took my cake?", "en"),
        ("Passe-moi le sel.", "Passe-moi le vin.", "fr"),
        ("Gib mir bitte das Salz.", "Gib mir bitte das Brot.", "de"),
        ("Geef me het zout.", "Geef me het brood.", "nl"),
    ],
)
def test_lines_that_differ_in_one_word_do_not_match_each_other(one: str, other: str, language: str) -> None:
    assert not heard(one, other, language=language).matched
    assert not heard(other, one, language=language).matched


def test_long_lines_that_differ_in_a_short_last_word_need_a_threshold_of_their_own() -> None:
    one, other = "We are never going back to the sea.", "We are never going back to the city."
    assert heard(one, other).matched
    assert not heard(one, other, threshold=0.92).matched
    assert heard(other, other, threshold=0.92).matched


@pytest.mark.parametrize(
    ("said", "line", "language"),
    [
        ("als je blieft", "Alsjeblieft!", "nl"),
        ("ice cream", "Icecream!", "en"),
        ("icecream", "Ice cream!", "en"),
        ("abend essen", "Abendessen!", "de"),
        ("van avond", "Vanavond?", "nl"),
    ],
)
def test_one_word_may_be_heard_as_two_and_two_as_one(said: str, line: str, language: str) -> None:
    assert heard(said, line, language=language).matched


def test_progress_moves_with_partial_speech() -> None:
    line = "What are we eating tonight, mother?"
    far = [heard(said, line).words_left for said in ("", "what", "what are we", "what are we eating tonight")]
    assert far == [6, 5, 3, 1]


def test_a_revision_of_the_last_word_goes_on_from_where_it_was() -> None:
    line = "What are we eating tonight, mother?"
    partials = (
        "what are we eat",
        "what are we eating",
        "what are we eating two",
        "what are we eating tonight",
    )
    progress = [heard(said, line).progress for said in partials]
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(5 / 6)


def test_progress_falls_when_the_recogniser_takes_words_back() -> None:
    line = "What are we eating tonight, mother?"
    assert heard("what are we eating", line).progress > heard("what", line).progress


def test_a_line_may_match_before_its_last_word_and_says_how_many_are_left() -> None:
    partial = heard("I dreamt that the clock above the stove had stopped and nobody wanted to", DREAM)
    assert partial.matched
    assert partial.words_left == 3
    assert pause_after(partial.words_left, 2.0) == pytest.approx(1.5)


def test_one_word_from_the_end_of_a_line_is_not_its_end() -> None:
    assert heard("first", DREAM).progress == 0.0


def test_the_threshold_is_the_callers() -> None:
    said, line = "pass me please", "Pass me the salt, please."
    score = heard(said, line).score
    assert heard(said, line, threshold=score).matched
    assert not heard(said, line, threshold=score + 0.001).matched


def test_any_word_answers_an_open_line_and_a_hesitation_does_not() -> None:
    assert heard("soup", "What do you see?", open=True) == Heard(1.0, 1.0, 0, True)
    assert not heard("um, uh", "What do you see?", open=True).matched
    assert not heard("", "What do you see?", open=True).matched


def test_a_line_without_words_is_matched_by_any() -> None:
    assert heard("hello", "...").matched
    assert not heard("", "...").matched


def test_silence_matches_nothing() -> None:
    assert heard("", DREAM) == Heard(0.0, 0.0, 17, False)


def test_an_unknown_language_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="expected a language of en, fr, de, nl, not 'it'"):
        heard("ciao", "Ciao!", language="it")


SPEECH = st.lists(
    st.sampled_from([*DREAM.split(), "um", "the", "boat", "dreams", "stopped", "nobody's", "7", "…"]),
    max_size=40,
)


@settings(max_examples=50)
@given(SPEECH, SPEECH)
def test_more_words_never_lower_score_or_progress(words: list[str], more: list[str]) -> None:
    before, after = heard(" ".join(words), DREAM), heard(" ".join(words + more), DREAM)
    assert after.score >= before.score
    assert after.progress >= before.progress
    assert after.words_left <= before.words_left


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["en", "fr", "de", "nl"]))
def test_whatever_is_said_the_figures_stay_in_their_ranges(said: str, line: str, language: str) -> None:
    found = heard(said, line, language=language)
    assert 0.0 <= found.score <= 1.0
    assert 0.0 <= found.progress <= 1.0
    assert found.words_left >= 0
    assert found.matched == (found.score >= THRESHOLD)
