"""Edits of a show file's text: what is asked for changes, and nothing else, not even a blank."""

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import show_control
from server.editing.blocks import join, numbers, split
from server.editing.text import EditError, Plain, edited

DINNER = (Path(show_control.__file__).parent / "shows" / "dinner.toml").read_text()
TEXT = """\
# A show.

[safe]            # dim
walk = { still = 4 }
psi = 0.6         # not more

[safe.drive]
"plate.mom" = { psi = 0.2 }

# ---- the hall

# Guests come in.
[[cue]]
number = "1"
name = "Hall"     # the first
fade = 2          # slow
look = { psi = 0.5, noise = 0.1 }
send = [
  { to = "s", address = "/a" },   # one
]
# psi = 0.7 was too much

[cue.drive]
"plate.mom" = { psi = 0.3 }

# ---- dinner

[[cue]]
number = "2"
name = "Dinner"
kind = "group"
mode = "sequence"
notes = \"\"\"
[[cue]]
number = "9"
# a text, no comment\"\"\"

# Who begins?
[[cue.cue]]
number = "2.1"
name = "Line"
look = { psi = 0.1 }

[cue.cue.drive]
glass = { psi = 0.1 }

[[cue.cue]]
number = "2.2"
name = "Wait"

[[cue]]
number = "3"
name = "Back"
kind = "goto"
to = "2"

[[cue]]
number = "4"
name = "Quiet"
kind = "stop"
cues = [ "2",  "2.1" ]    # both

[[cue]]
number = "5"
name = "Note"
kind = "note"
to = "2"
note = 60
# the end
"""


def changes(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that are gone, and those that have come."""
    lines = [line for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line[0] in "+-"]
    return [line[2:] for line in lines if line[0] == "-"], [line[2:] for line in lines if line[0] == "+"]


def cues(text: str) -> dict[str, dict[str, Any]]:
    def every(listed: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for cue in listed:
            yield cue
            yield from every(cue.get("cue", []))

    return {cue["number"]: cue for cue in every(tomllib.loads(text)["cue"])}


# blocks


@pytest.mark.parametrize(
    "text", [TEXT, DINNER, "", "\n# nothing\n", TEXT.rstrip(), TEXT.replace("\n", "\r\n")]
)
def test_blocks_joined_are_the_file(text: str) -> None:
    assert join(split(text)) == text


def test_what_looks_like_a_header_in_a_text_or_a_list_is_none() -> None:
    assert numbers(split(TEXT)) == ["1", "2", "2.1", "2.2", "3", "4", "5"]
    lists = '[points]\nall = [\n[1, 2],\n[3]\n]\n[[cue]]\nnumber = "1"\n'
    assert [block.header for block in split(lists)] == ["", "[points]\n", "[[cue]]\n"]


def test_comments_belong_to_what_they_stand_above() -> None:
    blocks = {block.number: block for block in split(TEXT)}
    assert blocks["1"].lead == "\n# ---- the hall\n\n# Guests come in.\n"
    assert blocks["1"].body.endswith("# psi = 0.7 was too much\n")
    assert blocks["5"].body.endswith("# the end\n")
    assert blocks["2"].body.endswith('# a text, no comment"""\n')


@given(st.text(st.sampled_from("[]\"#=cue. \n\\'a1"), max_size=80))
def test_any_text_is_split_and_joined_or_refused(text: str) -> None:
    try:
        tomllib.loads(text)
    except ValueError:
        with pytest.raises(EditError, match="this is not TOML"):
            split(text)
    else:
        assert join(split(text)) == text


# one key


@pytest.mark.parametrize(
    ("cue", "key", "value", "gone", "come"),
    [
        ("1", "fade", 3.5, ["fade = 2          # slow"], ["fade = 3.5          # slow"]),
        ("1", "name", "The hall", ['name = "Hall"     # the first'], ['name = "The hall"     # the first']),
        (
            "1",
            "look.psi",
            0.25,
            ["look = { psi = 0.5, noise = 0.1 }"],
            ["look = { psi = 0.25, noise = 0.1 }"],
        ),
        (
            "1",
            "look.master",
            1,
            ["look = { psi = 0.5, noise = 0.1 }"],
            ["look = { psi = 0.5, noise = 0.1, master = 1 }"],
        ),
        ("1", "look.psi", None, ["look = { psi = 0.5, noise = 0.1 }"], ["look = { noise = 0.1 }"]),
        ("1", 'drive."plate.mom".psi', 0.1, ['"plate.mom" = { psi = 0.3 }'], ['"plate.mom" = { psi = 0.1 }']),
        ("1", "drive.glass", {"psi": 1}, [], ["glass = { psi = 1 }"]),
        ("1", "drive", None, ["", "[cue.drive]", '"plate.mom" = { psi = 0.3 }'], []),
        ("1", "armed", False, [], ["armed = false"]),
        ("1", "fade", None, ["fade = 2          # slow"], []),
        ("2.1", "look.psi", 0.9, ["look = { psi = 0.1 }"], ["look = { psi = 0.9 }"]),
        ("2.1", "drive.glass.psi", 0.9, ["glass = { psi = 0.1 }"], ["glass = { psi = 0.9 }"]),
        ("2.2", "drive", {"a b": {"psi": 0.5}}, [], ['drive = { "a b" = { psi = 0.5 } }']),
        ("2", "mode", "together", ['mode = "sequence"'], ['mode = "together"']),
        (None, "safe.psi", 0.4, ["psi = 0.6         # not more"], ["psi = 0.4         # not more"]),
        (
            None,
            'safe.drive."plate.mom".psi',
            0.4,
            ['"plate.mom" = { psi = 0.2 }'],
            ['"plate.mom" = { psi = 0.4 }'],
        ),
        (None, "guests.mom", {"rate": 2.5}, [], ["", "[guests]", "mom = { rate = 2.5 }"]),
        ("3", "to", "4", ['to = "2"'], ['to = "4"']),
        ("4", "cues", ["1"], ['cues = [ "2",  "2.1" ]    # both'], ['cues = ["1"]    # both']),
    ],
)
def test_one_key_changes_and_nothing_else(
    cue: str | None, key: str, value: Plain | None, gone: list[str], come: list[str]
) -> None:
    assert changes(TEXT, edited(TEXT, cue, key, value)) == (gone, come)


def test_a_new_key_stands_in_its_cue() -> None:
    for number in numbers(split(TEXT)):
        after = cues(edited(TEXT, number, "pre_wait", 1.5))
        assert {one for one, cue in after.items() if "pre_wait" in cue} == {number}


def test_a_table_is_set_as_a_whole() -> None:
    text = edited(TEXT, "1", "drive", {"glass": {"psi": 1.0}})
    assert cues(text)["1"]["drive"] == {"glass": {"psi": 1.0}}
    assert "# ---- dinner" in text


# lists and tables that are set as a whole

COMMENTED = """\
[[cue]]
number = "1"
name = "Bells"
send = [
  # in the hall
  { to = "s", address = "/bell",  delay = 1.5 },   # the bell

  { to = "s", address = "/door" },                 # the door
  # both ears
  { to = "s", address = "/ears", args = [1.0, "l"] },
]   # all of them

# whose hands
[cue.drive]            # hands
"plate.mom" = { move = { mom = 0.6 }, psi = 0.1 }    # her left
# dad is stronger
"plate.dad" = { move = { dad = 0.8 } }
# more is too much

[[cue]]
number = "2"
"""
BELL = {"to": "s", "address": "/bell", "delay": 1.5}
DOOR = {"to": "s", "address": "/door"}
EARS = {"to": "s", "address": "/ears", "args": [1, "l"]}
"""As a page has it, which knows no 1.0."""
NEW = {"to": "t", "address": "/new"}
BELL_LINE = '  { to = "s", address = "/bell",  delay = 1.5 },   # the bell'
DOOR_LINE = '  { to = "s", address = "/door" },                 # the door'
EARS_LINE = '  { to = "s", address = "/ears", args = [1.0, "l"] },'
MOM_LINE = '"plate.mom" = { move = { mom = 0.6 }, psi = 0.1 }    # her left'
MOM = {"move": {"mom": 0.6}, "psi": 0.1}
DAD = {"move": {"dad": 0.8}}


@pytest.mark.parametrize(
    ("key", "value", "gone", "come"),
    [
        ("send", [BELL, DOOR, EARS], [], []),
        ("send", [BELL | {"delay": 2}, DOOR, EARS], [BELL_LINE], [BELL_LINE.replace("1.5", "2")]),
        (
            "send",
            [BELL, NEW, EARS],
            [DOOR_LINE],
            ['  { to = "t", address = "/new" },                 # the door'],
        ),
        ("send", [BELL, DOOR, EARS, NEW], [], ['  { to = "t", address = "/new" },']),
        ("send", [BELL, EARS], ["", DOOR_LINE], []),
        ("send", [BELL, DOOR], [EARS_LINE], []),
        ("send", [NEW, BELL, DOOR, EARS], [], ['  { to = "t", address = "/new" },']),
        ("drive", {"plate.mom": MOM, "plate.dad": DAD}, [], []),
        (
            "drive",
            {"plate.mom": MOM | {"move": {"mom": 0.7}}, "plate.dad": DAD},
            [MOM_LINE],
            [MOM_LINE.replace("0.6", "0.7")],
        ),
        ("drive", {"plate.mom": MOM}, ['"plate.dad" = { move = { dad = 0.8 } }'], []),
        ("drive", {"plate.mom": MOM, "plate.dad": DAD, "fader": {"psi": 1}}, [], ["fader = { psi = 1 }"]),
        ("drive", {}, [MOM_LINE, '"plate.dad" = { move = { dad = 0.8 } }'], []),
    ],
)
def test_of_a_whole_list_or_table_only_what_differs_changes(
    key: str, value: Plain, gone: list[str], come: list[str]
) -> None:
    text = edited(COMMENTED, "1", key, value)
    assert cues(text)["1"][key] == value
    assert changes(COMMENTED, text) == (gone, come)


TABLES = """\
[[cue]]
number = "1"

# in the hall
[[cue.send]]   # the bell
to = "s"
address = "/bell"
delay = 1.5    # it rings late

[[cue.send]]
# the door
to = "s"
address = "/door"

[[cue]]
number = "2"
"""


@pytest.mark.parametrize(
    ("value", "gone", "come"),
    [
        ([BELL, DOOR], [], []),
        ([BELL | {"delay": 2}, DOOR], ["delay = 1.5    # it rings late"], ["delay = 2    # it rings late"]),
        ([BELL, DOOR | {"always": True}], [], ["always = true"]),
        ([BELL], ["", "[[cue.send]]", "# the door", 'to = "s"', 'address = "/door"'], []),
        ([BELL, DOOR, NEW], [], ["", "[[cue.send]]", 'to = "t"', 'address = "/new"']),
        ([BELL, NEW, DOOR], [], ["", "[[cue.send]]", 'to = "t"', 'address = "/new"']),
    ],
)
def test_of_listed_tables_only_what_differs_changes(value: Plain, gone: list[str], come: list[str]) -> None:
    text = edited(TABLES, "1", "send", value)
    assert cues(text)["1"]["send"] == value
    before, after = changes(TABLES, text)
    assert (sorted(before), sorted(after)) == (sorted(gone), sorted(come))


def test_a_list_of_tables_can_become_another_list() -> None:
    for value in ([], ["a"], [BELL, "a"]):
        assert cues(edited(TABLES, "1", "send", value))["1"]["send"] == value


def test_what_a_list_cannot_keep_is_written_anew() -> None:
    """The comma that the last item lacks would have to stand in front of a comment."""
    text = 'x = [\n  1,  # one\n  2\n  # the end\n]\n[[cue]]\nnumber = "1"\n'
    assert tomllib.loads(edited(text, None, "x", [1, 2, 3]))["x"] == [1, 2, 3]


def test_a_table_without_a_header_of_its_own_is_set_too() -> None:
    text = '[[cue]]\nnumber = "1"\n[cue.drive.glass]  # whose\npsi = 0.1\n'
    assert changes(text, edited(text, "1", "drive", {"glass": {"psi": 0.2}})) == (
        ["psi = 0.1"],
        ["psi = 0.2"],
    )
    assert cues(edited(text, "1", "drive", {"mug": {"psi": 1}}))["1"]["drive"] == {"mug": {"psi": 1}}
    assert cues(edited(text, "1", "drive", {}))["1"]["drive"] == {}


def test_every_number_of_a_row_or_a_drive_in_the_default_show_changes_its_own_line_alone() -> None:
    before = cues(DINNER)
    for number in list(before)[::8]:
        for key in {"send", "plays", "prompt", "drive", "look"} & before[number].keys():
            for value in one_number_higher(before[number][key]):
                text = edited(DINNER, number, key, value)
                gone, come = changes(DINNER, text)
                assert (len(gone), len(come)) == (1, 1)
                assert cues(text)[number][key] == value


def one_number_higher(value: Any) -> Iterator[Any]:
    """The value, again and again, each time with another one of its numbers changed."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from (value | {key: other} for other in one_number_higher(inner))
        case list():
            for nth, inner in enumerate(value):
                yield from ([*value[:nth], other, *value[nth + 1 :]] for other in one_number_higher(inner))
        case int() | float() if not isinstance(value, bool):
            yield value + 1


@pytest.mark.slow
def test_every_key_of_the_default_show_can_be_set_and_taken_away() -> None:
    """Each value becomes another; all else, and every comment, stays as it was."""
    comments = [line for line in DINNER.splitlines() if line.strip().startswith("#")]
    before = cues(DINNER)
    for number in list(before)[::7]:
        for key in before[number]:
            if key in ("cue", "number"):
                continue
            there, gone = edited(DINNER, number, key, "x"), edited(DINNER, number, key, None)
            for text, expected in (
                (there, before[number] | {key: "x"}),
                (gone, without(before[number], key)),
            ):
                after = cues(text)
                assert after[number] == expected
                assert list(after) == list(before)
                assert all(after[n] == cue for n, cue in before.items() if n != number and "cue" not in cue)
                assert [line for line in text.splitlines() if line.strip().startswith("#")] == comments


def without(table: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != key}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**31), 2**31) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    st.sampled_from(["1", "2", "2.1", "5", None]),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3),
    PLAIN,
)
def test_any_value_is_written_and_read_again(cue: str | None, keys: list[str], value: Any) -> None:
    def set_value(text: str) -> str:
        return edited(text, cue, ".".join(["x", *keys]), value)

    text = set_value(TEXT)
    table: Any = tomllib.loads(text) if cue is None else cues(text)[cue]
    for key in ("x", *keys):
        table = table[key]
    assert table == value
    assert set_value(text) == text


@pytest.mark.parametrize(
    ("cue", "key", "value", "said"),
    [
        ("9", "fade", 1, 'there is no cue "9".'),
        ("2.11", "fade", 1, 'there is no cue "2.11". Did you mean "2.1"?'),
        ("1", "curve", None, "curve: there is no such key"),
        ("1", "look.bend.melt", None, "look.bend.melt: there is no such key"),
        ("1", "fade.walk", 3, "fade.walk: fade is 2, which is no table; set it as a whole"),
        ("1", "", 3, '"" is no key; expected one such as look.psi'),
        ("1", "a = 1\nb", 3, "is no key; expected one such as look.psi"),
        ("1", "a b", 3, '"a b" is no key'),
        ("1", "cue.name", "x", "cue.name: name the cue by its number, and the key in it"),
        ("1", "name", "\ud800", "cannot be written"),
        ("1", "look", [None], "None has no place in a show file"),
        ("1", "number", "2", "there is a cue 2 already"),
        ("1", "number", 2, "number: expected whole numbers with dots between"),
    ],
)
def test_what_cannot_be_edited_is_said(cue: str, key: str, value: Any, said: str) -> None:
    with pytest.raises(EditError) as caught:
        edited(TEXT, cue, key, value)
    assert said in str(caught.value)


def test_a_list_of_tables_is_set_as_a_whole() -> None:
    text = TEXT + '\n[[cue.send]]\nto = "s"\naddress = "/a"\n'
    with pytest.raises(EditError, match=r"it is a list of \[\[cue.send\]\]; set that as a whole"):
        edited(text, "5", "send.to", "t")
    assert "send" not in cues(edited(text, "5", "send", None))["5"]
