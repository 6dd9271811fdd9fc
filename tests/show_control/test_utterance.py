"""Where one utterance ends and the next begins, and whose words they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.utterance import Begun, Utterances


def begun(*heard: str, left: int = 0) -> Begun:
    """A line of mom's was over after these partials, and another begins."""
    utterances = Utterances()
    for text in heard:
        utterances.hear("mom", text, final=False)
    utterances.over("mom", left)
    return utterances.begun("mom")


@pytest.mark.parametrize(
    ("before", "left", "text", "since"),
    [
        ("the soup is getting", 0, "the soup is getting cold I want bread", "cold I want bread"),
        ("the soup is getting", 1, "the soup is getting cold I want bread", "I want bread"),
        ("the soup is getting", 1, "The soup is getting cold.", ""),
        ("the soup is getting", 1, "the super is getting cold", ""),
        ("the soup is getting", 0, "the", ""),
        ("the soup is getting", 0, "", ""),
        ("the soup is getting", 0, "potatoes", None),
        ("the soup is getting", 0, "my dear I want bread and butter", None),
    ],
)
def test_what_belongs_to_the_line_before_is_no_part_of_the_next(
    before: str, left: int, text: str, since: str | None
) -> None:
    assert begun(before, left=left).after(text) == since


def test_words_that_came_after_the_line_was_over_are_counted_once() -> None:
    utterances = Utterances()
    utterances.hear("mom", "the soup is", final=False)
    utterances.over("mom", 2)
    utterances.hear("mom", "the soup is getting", final=False)
    assert utterances.begun("mom").after("the soup is getting cold bread") == "bread"


def test_after_a_final_all_is_new() -> None:
    utterances = Utterances()
    utterances.hear("mom", "the soup", final=False)
    utterances.hear("mom", "the soup is cold", final=True)
    utterances.over("mom", 2)
    assert utterances.begun("mom").after("the soup") is None


def test_another_utterance_owes_nothing_and_guests_do_not_mix() -> None:
    utterances = Utterances()
    utterances.hear("mom", "the soup is getting", final=False)
    utterances.over("mom", 9)
    utterances.hear("mom", "bread", final=False)
    assert utterances.begun("mom").after("bread and butter") == "and butter"
    assert utterances.begun("dad").after("the soup is getting cold") is None


@given(st.lists(st.text(), max_size=4), st.integers(0, 9), st.text())
def test_whatever_is_said_only_its_own_words_are_left(heard: list[str], left: int, text: str) -> None:
    since = begun(*heard, left=left).after(text)
    assert since is None or text.split()[len(text.split()) - len(since.split()) :] == since.split()
