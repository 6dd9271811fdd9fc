"""Cue numbers, their order, and the times that a cue gives to its parts."""

import pytest

from show_control.cue import Cue, CueList, Follow, Group, Order, number_key
from show_control.ramp import Curve


def test_cues_stand_in_the_order_of_their_numbers() -> None:
    numbers = ["13", "2", "12.10", "12", "12.9", "0.5", "12.5.1", "12.5"]
    cues = CueList(Cue(number, "") for number in numbers)
    assert [cue.number for cue in cues] == ["0.5", "2", "12", "12.5", "12.5.1", "12.9", "12.10", "13"]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (12.5, "12.10 and 12.1 would be one cue"),
        (float("nan"), "in quotes"),
        (12, "in quotes"),
        (True, "whole numbers"),
        (None, "whole numbers"),
        ("", "whole numbers"),
        ("12.", "whole numbers"),
        (".5", "whole numbers"),
        ("012", "whole numbers"),
        ("1e3", "whole numbers"),
        ("-1", "whole numbers"),
        ("1\n", "whole numbers"),
        ("٣", "whole numbers"),
        ("9" * 7, "whole numbers"),
        ("intro", "whole numbers"),
    ],
)
def test_a_bad_number_is_refused_with_the_reason(number: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        number_key(number)


def test_two_cues_with_one_number_are_refused() -> None:
    with pytest.raises(ValueError, match="same number"):
        CueList([Cue("1", "a"), Cue("1", "b")])


def test_neighbours() -> None:
    cues = CueList([Cue("1", "a"), Cue("2", "b")])
    one, two = cues
    assert (cues.first(), cues.after(one), cues.after(two)) == (one, two, None)
    assert (cues.before(two), cues.before(one)) == (one, None)
    assert (cues.get("2"), cues.get("2.0"), len(cues)) == (two, None, 2)
    assert CueList([]).first() is None


@pytest.mark.parametrize(
    ("fades", "curves", "part", "expected"),
    [
        ((), (), "psi", (2.0, Curve.SMOOTH)),
        ((("default", 5.0),), (), "psi", (5.0, Curve.SMOOTH)),
        ((("default", 5.0), ("psi", 7.0)), (("psi", Curve.LINEAR),), "psi", (7.0, Curve.LINEAR)),
        ((("default", 5.0),), (("default", Curve.EASE_IN),), "master", (5.0, Curve.EASE_IN)),
        ((("default", 0.0),), (), "walk", (0.5, Curve.SMOOTH)),
        ((("style", 0.1),), (), "style", (0.5, Curve.SMOOTH)),
        ((("default", 0.0),), (), "drive", (0.5, Curve.SMOOTH)),
        ((("default", 0.0),), (), "shadows", (0.0, Curve.SMOOTH)),
    ],
)
def test_each_part_has_its_own_time_and_none_moves_in_a_jump(
    fades: tuple[tuple[str, float], ...],
    curves: tuple[tuple[str, Curve], ...],
    part: str,
    expected: tuple[float, Curve],
) -> None:
    assert Cue("1", "", fades=fades, curves=curves).timing(part) == expected


@pytest.mark.parametrize(
    ("follow", "plain"),
    [
        (Follow(), "manual"),
        (Follow(0.0), "continue"),
        (Follow(12.0), 12.0),
        (Follow(done=True), "done"),
    ],
)
def test_a_cue_as_a_list_shows_it(follow: Follow, plain: str | float) -> None:
    cue = Cue("1", "Hall", "wait", follow=follow, fades=(("default", 3.0), ("walk", 8.0)))
    assert cue.to_plain() == {
        "number": "1",
        "name": "Hall",
        "notes": "wait",
        "kind": "look",
        "armed": True,
        "fade": 8.0,
        "follow": plain,
        "who": [],
        "words": "",
    }


def test_a_list_knows_the_cues_in_its_groups() -> None:
    group = Cue("2", "b", action=Group(Order.TOGETHER, (Cue("2.1", "c"), Cue("2.2", "d"))))
    cues = CueList([group, Cue("1", "a")])
    assert [cue.number for cue in cues] == ["1", "2"]
    assert list(cues.every) == ["1", "2", "2.1", "2.2"]
    assert cues.get("2.1") is None
    with pytest.raises(ValueError, match="same number"):
        CueList([group, Cue("2.2", "x")])
