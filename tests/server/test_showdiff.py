"""What a draft changes: line by line, and in words."""

from server.editing.cuelist import Place, deleted, duplicated, moved, renumbered
from server.editing.diff import lines, words
from server.editing.groups import grouped
from server.editing.text import edited
from tests.server.test_showtext import TEXT


def test_lines_that_are_gone_and_have_come_stand_among_their_neighbours() -> None:
    assert lines(TEXT, TEXT) == []
    found = lines(TEXT, edited(TEXT, "5", "note", 61))
    assert [(line["mark"], line["old"], line["new"], line["text"]) for line in found] == [
        (" ", 66, 66, 'kind = "note"'),
        (" ", 67, 67, 'to = "2"'),
        ("-", 68, None, "note = 60"),
        ("+", None, 68, "note = 61"),
        (" ", 69, 69, "# the end"),
    ]
    far = edited(edited(TEXT, "5", "note", 61), None, "safe.psi", 0.5)
    assert [line["mark"] for line in lines(TEXT, far)].count("@") == 1


def test_words_name_the_cue_the_key_and_both_values() -> None:
    text = edited(edited(edited(TEXT, "1", "fade", 3), "1", "look.psi", 0.25), "2.1", "armed", False)
    assert words(TEXT, text) == [
        "Cue 1: fade was 2, and is 3.",
        "Cue 1: look.psi was 0.5, and is 0.25.",
        "Cue 2.1: armed is false; it was not said before.",
    ]
    assert words(TEXT, edited(TEXT, None, "safe.psi", 0.5)) == ["safe.psi was 0.6, and is 0.5."]
    assert words(TEXT, edited(TEXT, "1", "send", None)) == [
        'Cue 1: send was [{ to = "s", address = "/a" }]; it is no longer said.'
    ]


def test_words_tell_what_has_come_gone_and_moved() -> None:
    assert words(TEXT, deleted(TEXT, "1")) == ["Cue 1 (Hall) is gone."]
    assert words(TEXT, duplicated(TEXT, "1")) == ["Cue 1.5 (Hall) is new."]
    assert words(TEXT, renumbered(TEXT, "5", "6")) == ["Cue 5 (Note) is now cue 6."]
    assert words(TEXT, moved(TEXT, "5", Place(into="2"))) == [
        "Cue 5 (Note) is now cue 2.3.",
        "Cue 2.3 is now in group 2.",
    ]
    assert words(TEXT, grouped(TEXT, ["4", "5"])) == [
        "Cue 4 (Quiet) is now cue 4.1.",
        "Cue 5 (Note) is now cue 4.2.",
        "Cue 4 (Quiet ...) is new.",
        "Cue 4.1 is now in group 4.",
        "Cue 4.2 is now in group 4.",
    ]


def test_a_comment_is_no_thing_but_a_line() -> None:
    text = TEXT.replace("# both", "# these two")
    assert words(TEXT, text) == []
    assert [line["mark"] for line in lines(TEXT, text)].count("+") == 1
