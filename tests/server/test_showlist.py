"""Whole cues of a show file come, go and move; comments stay, and whoever names a cue follows."""

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.editing.blocks import EditError
from server.editing.cuelist import Place, counted, deleted, duplicated, inserted, moved, renumbered
from server.editing.groups import grouped, ungrouped
from server.editing.numbers import between
from server.editing.text import edited
from server.editing.tree import Tree
from show_control.cue import number_key
from show_control.errors import ShowFileError
from show_control.showfile import parse_show
from tests.server.test_showtext import DINNER, TEXT, changes, cues


def order(text: str) -> list[str]:
    return list(cues(text))


def inside(text: str, group: str) -> list[str]:
    return [cue["number"] for cue in cues(text)[group]["cue"]]


@pytest.mark.parametrize("text", [TEXT, DINNER, TEXT.rstrip(), TEXT.replace("\n", "\r\n"), "a = 1"])
def test_what_was_read_is_written_again(text: str) -> None:
    assert Tree(text).text() == text


# insert


def test_a_cue_is_inserted_at_the_place_of_its_number() -> None:
    text = inserted(TEXT, {"number": "1.5", "name": "New", "look": {"psi": 0.5}})
    come = ["", "[[cue]]", 'number = "1.5"', 'name = "New"', "look = { psi = 0.5 }"]
    assert changes(TEXT, text) == ([], come)
    assert order(text) == ["1", "1.5", "2", "2.1", "2.2", "3", "4", "5"]
    assert order(inserted(TEXT, {"number": "6", "name": "New"}))[-1] == "6"
    assert order(inserted(TEXT.rstrip(), {"number": "6", "name": "New"}))[-1] == "6"
    assert order(inserted("title = 1", {"name": "New"})) == ["1"]


def test_a_cue_without_a_number_gets_one_that_is_free_at_its_place() -> None:
    new = {"name": "New"}
    assert order(inserted(TEXT, new))[-1] == "6"
    assert order(inserted(TEXT, new, Place(after="1")))[1] == "1.5"
    assert order(inserted(TEXT, new, Place(before="1")))[0] == "0"
    assert inside(inserted(TEXT, new, Place(after="2.1")), "2") == ["2.1", "2.1.5", "2.2"]
    assert inside(inserted(TEXT, new, Place(before="2.1")), "2") == ["2.0", "2.1", "2.2"]
    assert inside(inserted(TEXT, new, Place(into="2")), "2") == ["2.1", "2.2", "2.3"]


def test_a_group_is_inserted_with_its_cues_and_drives_on_lines_of_their_own() -> None:
    drive = {"a.b": {"psi": 1}, "c": {"psi": 2}}
    part = {"number": "6.1", "name": "Part", "drive": drive}
    text = inserted(TEXT, {"number": "6", "name": "New", "kind": "group", "mode": "sequence", "cue": [part]})
    assert cues(text)["6.1"] == part
    assert text.endswith('\n[cue.cue.drive]\n"a.b" = { psi = 1 }\nc = { psi = 2 }\n')


# delete


def test_a_cue_is_deleted_with_what_is_its_own_and_a_heading_stays() -> None:
    text = deleted(TEXT, "1")
    assert "Guests come in" not in text
    assert "# ---- the hall\n" in text
    assert "plate.mom" not in text.partition("# ---- dinner")[0].partition("the hall")[2]
    assert order(text) == ["2", "2.1", "2.2", "3", "4", "5"]
    assert order(deleted(TEXT, "2")) == ["1", "3", "4", "5"]
    assert order(deleted(TEXT, "2.1")) == ["1", "2", "2.2", "3", "4", "5"]
    assert deleted(TEXT, "5").endswith("# both\n")


# numbers


def test_who_names_a_cue_follows_its_new_number_and_so_do_the_cues_in_it() -> None:
    text = renumbered(TEXT, "2", "1.7")
    after = cues(text)
    assert (after["3"]["to"], after["4"]["cues"], after["5"]["to"]) == ("1.7", ["1.7", "1.7.1"], "2")
    assert changes(TEXT, text) == (
        ['number = "2"', 'number = "2.1"', 'number = "2.2"', 'to = "2"', 'cues = [ "2",  "2.1" ]    # both'],
        [
            *('number = "1.7"', 'number = "1.7.1"', 'number = "1.7.2"'),
            *('to = "1.7"', 'cues = [ "1.7",  "1.7.1" ]    # both'),
        ],
    )


def test_a_cue_goes_to_the_place_of_its_new_number() -> None:
    text = renumbered(TEXT, "1", "3.5")
    assert order(text) == ["2", "2.1", "2.2", "3", "3.5", "4", "5"]
    assert cues(text)["3.5"]["drive"] == {"plate.mom": {"psi": 0.3}}
    assert "# ---- the hall\n\n\n# ---- dinner\n" in text
    assert '# Guests come in.\n[[cue]]\nnumber = "3.5"' in text
    assert inside(renumbered(TEXT, "2.1", "2.3"), "2") == ["2.2", "2.3"]


def test_all_cues_are_counted_through() -> None:
    text = counted(renumbered(TEXT, "1", "0.3"))
    assert order(text) == ["1", "2", "2.1", "2.2", "3", "4", "5"]
    assert text == TEXT
    later = counted(deleted(TEXT, "1"))
    assert order(later) == ["1", "1.1", "1.2", "2", "3", "4"]
    assert (cues(later)["2"]["to"], cues(later)["3"]["cues"]) == ("1", ["1", "1.1"])
    assert inside(counted(deleted(DINNER, "7.0"), "7"), "7")[:2] == ["7.1", "7.2"]


# move


def test_a_cue_moves_behind_another_in_front_of_it_or_into_a_group() -> None:
    text = moved(TEXT, "1", Place(after="3"))
    assert order(text) == ["2", "2.1", "2.2", "3", "3.5", "4", "5"]
    assert order(moved(TEXT, "1", Place(after="5")))[-1] == "6"
    assert order(moved(TEXT, "5", Place(before="1")))[0] == "0"
    text = moved(TEXT, "1", Place(into="2"))
    assert inside(text, "2") == ["2.1", "2.2", "2.3"]
    assert '# Guests come in.\n[[cue.cue]]\nnumber = "2.3"' in text
    assert cues(text)["2.3"]["drive"] == {"plate.mom": {"psi": 0.3}}
    text = moved(text, "2.1", Place(after="2"))
    assert order(text) == ["2", "2.2", "2.3", "2.5", "3", "4", "5"]
    assert cues(text)["4"]["cues"] == ["2", "2.5"]


def test_a_group_moves_with_all_that_is_in_it() -> None:
    text = moved(TEXT, "2", Place(after="4"))
    assert order(text) == ["1", "3", "4", "4.5", "4.5.1", "4.5.2", "5"]
    assert (cues(text)["3"]["to"], cues(text)["4"]["cues"]) == ("4.5", ["4.5", "4.5.1"])


def test_a_cue_that_is_there_already_stays_as_it_is() -> None:
    assert moved(TEXT, "3", Place(after="2")) == moved(TEXT, "3", Place(before="4")) == TEXT
    assert moved(TEXT, "2.2", Place(into="2")) == TEXT


# groups


def test_cues_become_a_group_and_those_who_name_them_follow() -> None:
    text = grouped(TEXT, ["4", "3"])
    assert order(text) == ["1", "2", "2.1", "2.2", "3", "3.1", "3.2", "5"]
    after = cues(text)
    assert (after["3"]["kind"], after["3"]["mode"], after["3"]["name"]) == ("group", "sequence", "Back ...")
    assert after["3.2"]["cues"] == ["2", "2.1"]
    assert "# both\n" in text
    assert order(grouped(TEXT, ["3", "4"], "9", "Two", "together"))[-3:] == ["9", "9.1", "9.2"]


def test_a_goto_to_the_first_cue_of_a_group_leads_to_the_group() -> None:
    assert cues(grouped(TEXT, ["2"]))["3"]["to"] == "2"
    assert cues(grouped(TEXT, ["2"], "1.5"))["3"]["to"] == "1.5"
    assert inside(grouped(TEXT, ["2"]), "2.1") == ["2.1.1", "2.1.2"]


LIST = """[safe]
walk = { still = 4 }
# first
[[cue]]
number = "1"
name = "A"
follow = "manual"
[[cue]]
number = "2"
name = "B"
follow = "done"
[[cue]]
number = "3"
name = "C"
"""


def test_what_followed_by_itself_still_does() -> None:
    text = grouped(LIST, ["1", "2"])
    assert cues(text)["1"]["follow"] == "done"
    assert "follow" not in cues(text)["1.1"]
    assert "follow" not in cues(grouped(LIST, ["1", "2"], mode="together"))["1.2"]
    parse_show(text, "show.toml")
    text = ungrouped(text, "1")
    assert order(text) == ["1.1", "1.2", "3"]
    assert [cues(text)[one].get("follow") for one in order(text)] == ["done", "done", None]
    assert "# first\n" in text
    parse_show(text, "show.toml")


def test_a_group_that_does_more_stays_as_a_cue_that_does_it() -> None:
    text = ungrouped(DINNER, "8")
    after = cues(text)
    assert (after["8"]["kind"], after["8"]["follow"], after["8"]["send"]) == (
        *("send", "continue"),
        [{"to": "sound", "address": "/scene", "args": ["sea"]}],
    )
    assert (after["8.3"]["follow"], "follow" in after["8.11"]) == ("done", False)
    assert len(after) == len(cues(DINNER))
    parse_show(text, "dinner.toml")


def test_cues_of_a_group_in_a_group_come_out_into_the_one_around_it() -> None:
    text = grouped(DINNER, ["7.1", "7.2"])
    assert inside(text, "7")[:3] == ["7.0", "7.1", "7.3"]
    assert '[[cue.cue.cue]]\nnumber = "7.1.2"' in text
    parse_show(text, "dinner.toml")
    text = ungrouped(text, "7.1")
    assert inside(text, "7")[:4] == ["7.0", "7.1.1", "7.1.2", "7.3"]
    assert '[[cue.cue]]\nnumber = "7.1.2"' in text
    parse_show(text, "dinner.toml")


# duplicate


def test_a_cue_is_duplicated_behind_itself() -> None:
    text = duplicated(TEXT, "1")
    assert cues(text)["1.5"] == cues(TEXT)["1"] | {"number": "1.5"}
    assert text.count("# psi = 0.7 was too much") == 2
    assert order(duplicated(TEXT, "1", "7"))[-1] == "7"


def test_a_group_is_duplicated_and_what_it_says_of_itself_is_of_the_copy() -> None:
    text = duplicated(edited(TEXT, "2.2", "cues", ["2.1"]), "2")
    text = edited(text, "2.2", "kind", "stop")
    copy = next(number for number in order(text) if cues(text)[number]["name"] == "Dinner" and number != "2")
    assert inside(text, copy) == [f"{copy}.1", f"{copy}.2"]
    again = duplicated(text, "2", "8")
    assert cues(again)["8.2"]["cues"] == ["8.1"]
    assert cues(again)["3"]["to"] == "2"


# refusals


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: deleted(TEXT, "2.11"), 'there is no cue "2.11". Did you mean "2.1"?'),
        (lambda: inserted(TEXT, {"number": "2.1", "name": "N"}), "there is a cue 2.1 already"),
        (lambda: inserted(TEXT, {"number": 2, "name": "N"}), "number: write it in quotes"),
        (lambda: inserted(TEXT, {"name": "N", "look": {"psi": None}}), "None has no place in a show file"),
        (lambda: inserted(TEXT, {"name": "N"}, Place(into="1")), "cue 1 is no group"),
        (lambda: inserted(TEXT, {"name": "N"}, Place("1", "2")), "expected one place"),
        (lambda: moved(TEXT, "2", Place(into="2")), "cannot be moved to itself, or into itself"),
        (lambda: moved(TEXT, "2", Place(after="2.1")), "cannot be moved to itself, or into itself"),
        (lambda: moved(DINNER, "2.5", Place(before="2.0")), "there is no number left in front of cue 2.0"),
        (lambda: renumbered(TEXT, "2", "3"), "there is a cue 3 already"),
        (lambda: renumbered(edited(TEXT, "5", "number", "9.1"), "2", "9"), "there is a cue 9.1 already"),
        (lambda: counted(edited(TEXT, "2.1", "number", "5.5"), "5"), ""),
        (lambda: grouped(TEXT, ["1", "2.1"]), "cue 1 and cue 2.1 are not in the same list"),
        (lambda: grouped(TEXT, ["1"], mode="loop"), 'mode: expected "sequence" or "together", not "loop"'),
        (lambda: grouped(TEXT, []), "expected the numbers of the cues"),
        (lambda: ungrouped(TEXT, "1"), "cue 1 is no group"),
        (lambda: duplicated(TEXT, "2", "2.1"), "there is a cue 2.1 already"),
    ],
)
def test_what_cannot_be_done_is_said(make: Any, said: str) -> None:
    if not said:
        assert make()
        return
    with pytest.raises(EditError) as caught:
        make()
    assert said in str(caught.value)


INLINE = (
    '[safe]\nwalk = { still = 4 }\n[[cue]]\nnumber = "1"\nname = "A"\nkind = "group"\nmode = "sequence"\n'
)


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ('cue = [{ number = "7", name = "A" }, { number = "8", name = "B" }]\n', "7"),
        (INLINE + 'cue = [{ number = "7", name = "A" }]\n', "7"),
    ],
)
def test_cues_in_a_list_on_one_line_are_refused_in_words(text: str, cue: str) -> None:
    refused: tuple[Callable[[], str], ...] = (
        lambda: edited(text, cue, "name", "B"),
        lambda: deleted(text, cue),
        lambda: inserted(text, {"name": "New"}),
        lambda: renumbered(text, cue, "9"),
    )
    for make in refused:
        with pytest.raises(EditError, match=r"cue 7 stands in a list.*\[\[cue\]\] table of its own"):
            make()


def test_the_keys_of_a_group_can_be_edited_although_its_cues_are_on_one_line() -> None:
    text = INLINE + 'cue = [{ number = "7", name = "A" }]\n'
    assert cues(edited(text, "1", "name", "B"))["1"]["name"] == "B"


# numbers between others

NUMBERS = st.lists(st.integers(1, 12), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))


@given(st.sets(NUMBERS, min_size=1, max_size=12), st.data())
def test_a_number_between_is_between(taken: set[str], data: st.DataObject) -> None:
    ordered = sorted(taken, key=number_key)
    place = data.draw(st.integers(0, len(ordered)))
    low, high = ([None, *ordered][place], [*ordered, None][place])
    found = number_key(between(low, high, ordered))
    assert low is None or number_key(low) < found
    assert high is None or found < number_key(high)


def test_where_no_number_is_left_it_says_so() -> None:
    with pytest.raises(EditError, match="there is no number left behind cue 1"):
        between("1.0.0.0.0", "1.0.0.0.1", [])
    with pytest.raises(EditError, match="there is no number left in front of cue 0"):
        between(None, "0", [])


# any of it

ORDERS = st.tuples(
    st.sampled_from(
        ["insert", "delete", "move", "renumber", "group", "ungroup", "duplicate", "edit", "count"]
    ),
    *[st.integers(0, 500)] * 3,
)


def obeyed(text: str, what: str, one: int, two: int, three: int) -> str:
    every = order(text)
    cue, other, third = every[one % len(every)], every[two % len(every)], every[three % len(every)]
    place = (Place(after=other), Place(before=other), Place(into=other))[three % 3]
    match what:
        case "insert":
            return inserted(text, {"name": "New"}, place)
        case "delete":
            return deleted(text, cue)
        case "move":
            return moved(text, cue, place)
        case "renumber":
            return renumbered(text, cue, f"{two % 20}.{three % 20}")
        case "group":
            return grouped(
                text, [cue, other, third] if three % 2 else [cue], mode=("sequence", "together")[two % 2]
            )
        case "ungroup":
            return ungrouped(text, cue)
        case "duplicate":
            return duplicated(text, cue)
        case "count":
            return counted(text, cue if two % 2 else "")
    return edited(text, cue, "notes", f"{two}")


def comments(text: str) -> dict[str, int]:
    found = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    return {line: found.count(line) for line in found}


@settings(max_examples=15, deadline=None)
@given(st.lists(ORDERS, min_size=1, max_size=8))
def test_any_changes_leave_a_show_and_its_comments_or_are_refused(
    orders: list[tuple[str, int, int, int]],
) -> None:
    text = DINNER
    for what, one, two, three in orders:
        try:
            after = obeyed(text, what, one, two, three)
            parse_show(after, "dinner.toml")
        except (EditError, ShowFileError):
            continue
        before, now = cues(text), cues(after)
        assert comments(after) == comments(text)
        if what == "delete":
            assert set(now) < set(before)
        elif what in ("move", "renumber", "count", "edit"):
            assert len(now) == len(before)
            assert sorted(cue["name"] for cue in now.values()) == sorted(
                cue["name"] for cue in before.values()
            )
        listed = [cue["number"] for cue in tomllib.loads(after)["cue"]]
        assert listed == sorted(listed, key=number_key)
        assert Tree(after).text() == after
        text = after
