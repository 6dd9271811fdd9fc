"""An open line's answer: what is kept of it, and what may stand on a wall."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.answers import LONGEST
from show_control.matching import LANGUAGES, allowed, cleaned


@pytest.mark.parametrize(
    ("answer", "language", "kept"),
    [
        ("Um, well, I think it's pasta.", "en", "pasta"),
        ("we're eating   fish\nand chips!!", "en", "fish and chips"),
        ("  “Soup”…", "en", "Soup"),
        ("Likewise soup", "en", "Likewise soup"),
        ("Itself", "en", "Itself"),
        ("Well.", "en", "Well"),
        ("yes", "en", "yes"),
        ("um", "en", ""),
        ("Uh, um...", "en", ""),
        ("...", "en", ""),
        ("Euh, alors, je crois que c'est du poisson !", "fr", "du poisson"),
        ("Ähm, also ich glaube, das ist Suppe.", "de", "Suppe"),
        ("Eh, nou ja, ik denk dat het stamppot.", "nl", "stamppot"),
        ("a\x00b\u200bc\x1b[31m", "en", "a b c [31m"),
    ],
)
def test_what_is_kept(answer: str, language: str, kept: str) -> None:
    assert cleaned(answer, language) == kept


def test_a_long_answer_ends_after_a_whole_word() -> None:
    kept = cleaned("potatoes " * 20)
    assert kept == " ".join(["potatoes"] * 6)
    assert len(cleaned("x" * 500)) == LONGEST


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_an_answer_is_short_and_of_one_line(answer: str, language: str) -> None:
    kept = cleaned(answer, language)
    assert len(kept) <= LONGEST
    assert kept == kept.strip()
    assert kept.isprintable()
    assert cleaned(kept, language) == kept


BLOCKED = ["damn", "bloody hell", "shit*", "Éclat", "*", "  "]


@pytest.mark.parametrize(
    "answer",
    [
        "damn",
        "DAMN it",
        "d.a.m.n",
        "d a m n",
        "daaaamn",
        "d4mn",
        "dämn",
        "bloody, hell",
        "shitty",
        "$hit",
        "da\u200bmn",
        "eclat",
    ],
)
def test_what_the_crew_blocks_is_blocked(answer: str) -> None:
    assert not allowed(answer, BLOCKED)


@pytest.mark.parametrize("answer", ["damnation", "hello bloody", "soup", "good 1984", "", "a b c", "pushit"])
def test_everything_else_is_allowed(answer: str) -> None:
    assert allowed(answer, BLOCKED)


def test_an_empty_list_blocks_nothing() -> None:
    assert allowed("damn", [])
