"""The show file: what is read, and every problem at once, each with its place and its near miss."""

from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show_control.cue import Follow
from show_control.effects import Send
from show_control.errors import ShowFileError, suggest
from show_control.look import Bend, BendKind, Direction, Drive
from show_control.ramp import Curve
from show_control.showfile import parse_show
from show_control.walk import Walk, WalkKind, still

GOOD = """
[show]
title = "Dinner"
loop = true
[safe]
walk = { still = "home" }
psi = 0.4
master = 0.25
drive = { "chair.dad" = { master = 0.5 } }
[points]
home = 4
family = { 4 = 0.5, 9 = 0.5 }
[directions]
flinch = { from = 7, to = "family" }
[bends]
slip = { kind = "translate", at = 16, channels = "40 0-15", by = [0.5, 0] }
turn = { kind = "rotate", at = "b64.conv0", channels = "even", by = 45 }
gone = { kind = "ablate", at = 8 }
[[cue]]
number = "12.10"
name = "Later"
[[cue]]
number = "2"
name = "Hall"
notes = "Wait."
pre_wait = 1.5
fade = { walk = 8, default = 4 }
curve = { psi = "ease-in", default = "linear" }
follow = 12
drive = { "plate.mom" = { move = { flinch = 0.8 }, psi = 0.2, bend = { slip = 0.4 }, classes = { 2 = 1 } } }
preload = ["sea"]
send = [
  { to = "sound", address = "/noteOn", args = [62, 127, 0.5, "x", true], delay = 0.5 },
  { to = "sound", address = "/noteOff", args = [62], delay = 1, always = true },
]
[cue.look]
walk = { drift = ["home", 12, "mean"], radius = 0.6, seconds = 60 }
style = { chain = [{ 4 = 0.25, "@grandma" = 0.75 }, "@grandma"], seconds = 20 }
network = "sea"
psi = 0.7
modes = 0.5
bend = { slip = 0.1 }
classes = { 0 = 1.0, 2 = 0.5 }
move = { flinch = 0.2, "+older" = 1.5 }
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ShowFileError) as caught:
        parse_show(text, "dinner.toml")
    return [str(problem) for problem in caught.value.problems]


def with_cue(lines: str) -> str:
    """A good show whose second cue is number 3, with these lines."""
    return f'{GOOD}\n[[cue]]\nnumber = "3"\nname = "x"\n{lines}\n'


def test_a_good_show() -> None:
    show = parse_show(GOOD, "dinner.toml")
    assert (show.title, show.loop) == ("Dinner", True)
    assert (show.safe.walk, show.safe.psi, show.safe.master) == (still((("4", 1.0),)), 0.4, 0.25)
    assert show.points["family"] == (("4", 0.5), ("9", 0.5))
    assert show.directions[0].towards == (("4", 0.5), ("9", 0.5))
    assert (show.controls, show.targets) == ({"plate.mom", "chair.dad"}, {"sound"})
    assert show.safe.drives == (Drive("chair.dad", "master", 0.5),)

    hall, later = show.cues
    assert (hall.number, hall.name, hall.notes, hall.pre_wait) == ("2", "Hall", "Wait.", 1.5)
    assert hall.follow == Follow(12.0)
    assert hall.timing("walk") == (8.0, Curve.LINEAR)
    assert hall.timing("psi") == (4.0, Curve.EASE_IN)
    assert show.directions[1] == Direction("+older", (), (("+older", 1.0),))
    assert show.bends == (
        Bend("slip", BendKind.TRANSLATE, "16", "0-15,40", (0.5, 0.0)),
        Bend("turn", BendKind.ROTATE, "b64.conv0", "even", (45.0,)),
        Bend("gone", BendKind.ABLATE, "8", "", ()),
    )
    assert (hall.change.network, hall.preload, show.networks) == ("sea", ("sea",), {"main", "sea"})
    assert (hall.change.modes, hall.change.classes) == (0.5, (("0", 1.0), ("2", 0.5)))
    assert hall.change.walk == Walk(
        WalkKind.DRIFT, ((("4", 1.0),), (("12", 1.0),), (("mean", 1.0),)), 0.6, 60.0
    )
    assert hall.change.style == Walk(
        WalkKind.CHAIN, ((("4", 0.25), ("@grandma", 0.75)), (("@grandma", 1.0),)), seconds=20.0
    )
    assert hall.change.bend == (("slip", 0.1),)
    assert hall.change.move == (("+older", 1.5), ("flinch", 0.2))
    assert set(hall.change.drives or ()) == {
        Drive("plate.mom", "psi", 0.2),
        Drive("plate.mom", "bend.slip", 0.4),
        Drive("plate.mom", "classes.2", 1.0),
        Drive("plate.mom", "move.flinch", 0.8),
    }
    assert hall.sends == (
        Send("sound", "/noteOn", (62, 127, 0.5, "x", True), 0.5),
        Send("sound", "/noteOff", (62,), 1.0, always=True),
    )
    assert (later.number, later.follow, later.change.drives) == ("12.10", Follow(), None)
    assert show.scenes()["12.10"] == show.scenes()["2"]


def test_weights_are_made_to_sum_to_one_exactly() -> None:
    show = parse_show(GOOD.replace("{ 4 = 0.5, 9 = 0.5 }", "{ 4 = 0.3333, 9 = 0.6663 }"), "dinner.toml")
    assert sum(weight for _, weight in show.points["family"]) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("fadee = 3", 'cue 3: fadee: unknown key. Did you mean "fade"?'),
        ("xyz = 3", "cue 3: xyz: unknown key. Known here: number, name,"),
        ("fade = { wlak = 3 }", 'cue 3: fade.wlak: unknown key. Did you mean "walk"?'),
        ("fade = -1", "cue 3: fade: -1 is out of range; expected 0 to 3600"),
        ('fade = "slow"', 'cue 3: fade: expected a number from 0 to 3600, not the text "slow"'),
        ("fade = true", "cue 3: fade: expected a number from 0 to 3600, not true"),
        ("fade = 0x" + "f" * 9999, "cue 3: fade: a number of far too many digits is out of range"),
        ('curve = "smoth"', 'not the text "smoth". Did you mean "smooth"?'),
        ("pre_wait = nan", "cue 3: pre_wait: nan is out of range"),
        ("pre_wait = inf", "cue 3: pre_wait: inf is out of range"),
        ('follow = "continu"', 'cue 3: follow: expected "manual", "continue", "done" or seconds'),
        ('follow = "continu"', 'Did you mean "continue"?'),
        ("follow = []", "cue 3: follow: expected a number from 0 to 3600, not a list of 0"),
        ("notes = 7", "cue 3: notes: expected text in quotes, not 7"),
        ("notes = 2020-01-01", "cue 3: notes: expected text in quotes, not a date"),
        ("look = 7", "cue 3: look: expected a table, not 7"),
        ("look = { psii = 0.7 }", 'cue 3: look.psii: unknown key. Did you mean "psi"?'),
        ("look = { psi = nan }", "cue 3: look.psi: nan is out of range; expected 0 to 1.5"),
        ("look = { master = 1.1 }", "cue 3: look.master: 1.1 is out of range; expected 0 to 1"),
        ("look = { walk = 4 }", "cue 3: look.walk: expected a table, not 4"),
        (
            "look = { walk = { drfit = [1, 2] } }",
            'exactly one of still, drift, loop, chain, clips. Did you mean "drift"?',
        ),
        ("look = { walk = { still = 1, loop = [1, 2] } }", "cue 3: look.walk: expected exactly one of"),
        ("look = { walk = { still = -1 } }", "cue 3: look.walk.still: expected a seed"),
        ("look = { walk = { still = 1.5 } }", "cue 3: look.walk.still: expected a seed"),
        ("look = { walk = { still = true } }", "cue 3: look.walk.still: expected a seed"),
        (
            'look = { walk = { still = "hmoe" } }',
            'no point in [points] is named "hmoe". Did you mean "home"?',
        ),
        ('look = { walk = { still = "4294967296" } }', "no point in [points] is named"),
        ("look = { walk = { still = 1, seconds = 3 } }", "cue 3: look.walk.seconds: unknown key."),
        (
            "look = { walk = { loop = [1], seconds = 3 } }",
            "cue 3: look.walk.loop: expected at least 2 points",
        ),
        ("look = { walk = { loop = [1, 2] } }", "cue 3: look.walk.seconds: missing"),
        (
            "look = { walk = { loop = [1, 2], seconds = 0 } }",
            "look.walk.seconds: 0 is out of range; expected 1",
        ),
        ("look = { walk = { drift = [1, 2], seconds = 9 } }", "cue 3: look.walk.radius: missing"),
        (
            'look = { walk = { drift = [1, "no"], radius = 1, seconds = 9 } }',
            "cue 3: look.walk.drift[2]: no point",
        ),
        ("look = { walk = { still = { 4 = 0.5, 9 = 0.4 } } }", "the weights sum to 0.9; they must sum to 1"),
        ("look = { walk = { still = { 4 = nan } } }", "cue 3: look.walk.still.4: nan is out of range"),
        ("look = { walk = { still = {} } }", "the weights sum to 0; they must sum to 1"),
        ("look = { walk = { still = { home = 1.0 } } }", "cue 3: look.walk.still.home: expected a seed"),
        ('look = { style = "nnoe" }', 'cue 3: look.style: expected a table, not the text "nnoe"'),
        ("look = { glitch = { amount = 1 } }", "cue 3: look.glitch: it is a bend with a name now: [bends]"),
        (
            'drive = { "plate.mom" = { glitch = 1 } }',
            'drive."plate.mom".glitch: it is a bend with a name now',
        ),
        ("fade = { glitch = 1 }", "cue 3: fade.glitch: it is a bend with a name now"),
        ("look = { bend = { slpi = 1 } }", 'no such bend in [bends]. Did you mean "slip"?'),
        ("look = { bend = { slip = 2 } }", "cue 3: look.bend.slip: 2 is out of range; expected 0 to 1"),
        ("look = { classes = { x = 1 } }", "cue 3: look.classes.x: expected the index of a class"),
        ("look = { classes = { 1 = 2 } }", "cue 3: look.classes.1: 2 is out of range; expected 0 to 1"),
        ("look = { modes = 2 }", "cue 3: look.modes: 2 is out of range; expected 0 to 1"),
        ("look = { network = 3 }", "cue 3: look.network: expected the name of a network in the rig"),
        ('preload = "sea"', "cue 3: preload: expected a list"),
        ('preload = ["a b"]', "cue 3: preload[1]: expected the name of a network in the rig"),
        ('look = { walk = { still = "@" } }', "no point in [points] is named"),
        ('look = { walk = { still = "grandma" } }', 'atlas is written "@grandma"'),
        ('look = { walk = { still = { "+older" = 1 } } }', "expected a seed (0 to"),
        ("look = { move = { flnich = 1 } }", 'no such direction in [directions]. Did you mean "flinch"?'),
        ("look = { move = { flinch = 5 } }", "cue 3: look.move.flinch: 5 is out of range; expected -4 to 4"),
        (
            'drive = { "plate.mom" = { psy = 1 } }',
            'cue 3: drive."plate.mom".psy: unknown key. Did you mean "psi"?',
        ),
        ('drive = { "plate.mom" = { psi = 5 } }', "psi: 5 is out of range; expected -4 to 4"),
        ('drive = { "plate.mom" = { move = { a = 1 } } }', "no such direction in [directions]"),
        ("drive = { plate.mom = { psi = 1 } }", "a control with a dot in its name needs quotes"),
        ('drive = { "/plate" = { psi = 1 } }', "cue 3: drive./plate: a control is named like"),
        ("send = 3", "cue 3: send: expected a list, not 3"),
        ('send = [ { to = "s", address = "/a", always = 1 } ]', "send[1].always: expected true or false"),
        ('send = [ { address = "/a" } ]', "cue 3: send[1].to: missing"),
        ('send = [ { to = "s" } ]', "cue 3: send[1].address: missing"),
        ('send = [ { to = "s", address = "noteOn" } ]', "cue 3: send[1].address: expected an OSC address"),
        ('send = [ { to = "s", address = "/a*" } ]', "cue 3: send[1].address: expected an OSC address"),
        ('send = [ { to = "s", address = "/a", args = [[]] } ]', "cue 3: send[1].args[1]: expected text"),
        ('send = [ { to = "s", address = "/a", args = [nan] } ]', "cue 3: send[1].args[1]: expected text"),
        (
            'send = [ { to = "s", address = "/a", args = [2147483648] } ]',
            "cue 3: send[1].args[1]: expected text",
        ),
    ],
)
def test_a_problem_in_a_cue_says_where_and_what(line: str, expected: str) -> None:
    found = problems(with_cue(line))
    assert any(expected in problem for problem in found), found
    assert all(problem.startswith("dinner.toml: cue 3: ") for problem in found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'number = "12.10"',
            "number = 12.10",
            "dinner.toml: cue[1]: number: 12.1 is a decimal fraction; write",
        ),
        ('number = "12.10"', "number = 12", "dinner.toml: cue[1]: number: write it in quotes"),
        ('number = "12.10"', "", "dinner.toml: cue[1]: number: missing"),
        ('number = "12.10"', 'number = "2"', "dinner.toml: cue 2: two cues have this number"),
        ('name = "Later"', "", "dinner.toml: cue 12.10: name: missing"),
        ('name = "Later"', 'name = " "', "dinner.toml: cue 12.10: name: expected a name"),
        ('[show]\ntitle = "Dinner"', "[show]\ntitle = 3", "dinner.toml: show.title: expected text"),
        ("loop = true", 'loop = "yes"', "dinner.toml: show.loop: expected true or false"),
        ("[safe]", "[saef]", 'dinner.toml: saef: unknown key. Did you mean "safe"?'),
        ("[safe]", "[saef]", "dinner.toml: safe: missing"),
        ('walk = { still = "home" }', "", "dinner.toml: safe.walk: missing"),
        ("drive = {", "drvie = {", 'dinner.toml: safe.drvie: unknown key. Did you mean "drive"?'),
        ("{ master = 0.5 }", "{ mastr = 1 }", 'safe.drive."chair.dad".mastr: unknown key. Did you mean'),
        ("home = 4", "mean = 4", "dinner.toml: points.mean: a point is named"),
        ("home = 4", "7 = 4", "dinner.toml: points.7: a point is named"),
        ("slip = {", "7 = {", "dinner.toml: bends.7: a bend is named by a word"),
        ('kind = "ablate"', 'kind = "abalte"', 'Did you mean "ablate"?'),
        ('kind = "ablate", ', "", "dinner.toml: bends.gone.kind: missing"),
        ("at = 8", "at = 17", "dinner.toml: bends.gone.at: expected one of 4, 8, 16"),
        ("at = 8", 'at = "8"', "dinner.toml: bends.gone.at: expected one of 4, 8, 16"),
        (", at = 8", "", "dinner.toml: bends.gone.at: missing"),
        ("at = 8", "at = 8, by = 1", "bends.gone.by: this kind of bend takes no number, not 1"),
        ("[0.5, 0]", "0.5", "bends.slip.by: this kind of bend takes a list of 2 numbers, not 0.5"),
        ("[0.5, 0]", "[2, 0]", "dinner.toml: bends.slip.by[1]: 2 is out of range; expected -1 to 1"),
        ("by = 45", "by = 720", "dinner.toml: bends.turn.by: 720 is out of range; expected -360 to 360"),
        ('"40 0-15"', '"15-0"', 'bends.slip.channels: expected "even", "odd", or channels'),
        ('"40 0-15"', '"evne"', 'bends.slip.channels: expected "even", "odd", or channels'),
        ('"40 0-15"', '""', 'bends.slip.channels: expected "even", "odd", or channels'),
        ("from = 7, ", "", "dinner.toml: directions.flinch.from: missing"),
        ("from = 7", 'from = "famly"', 'Did you mean "family"?'),
        ("[show]", "[show", "dinner.toml: this is not TOML"),
        ("[show]", "big = " + "9" * 5000 + "\n[show]", "dinner.toml: this is not TOML"),
    ],
)
def test_a_problem_in_the_file_says_where_and_what(old: str, new: str, expected: str) -> None:
    found = problems(GOOD.replace(old, new, 1))
    assert any(expected in problem for problem in found), found


def test_an_empty_file_says_all_that_it_lacks() -> None:
    assert problems("") == [
        "dinner.toml: safe: missing; expected the look that panic fades to",
        "dinner.toml: cue: missing; a show needs at least one [[cue]]",
    ]


def test_a_round_that_never_waits_is_refused() -> None:
    assert problems(
        """
        show = { loop = true }
        safe = { walk = { still = 1 } }
        cue = [ { number = "1", name = "a", follow = "continue" },
            { number = "2", name = "b", follow = 0.5 } ]
        """
    ) == [
        "dinner.toml: show.loop: with loop = true and every cue following by itself, a round takes 0.5 s; "
        "expected at least 1 s"
    ]


def test_every_problem_at_once() -> None:
    found = problems(
        with_cue("fadee = 3\nfollow = -1\nlook = { psi = 9, walk = { still = [] } }") + "\n[[cue]]\n"
    )
    assert [problem.split(": ")[1] for problem in found] == ["cue 3"] * 4 + ["cue[4]"] * 2


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([nan, inf, ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab."', max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
TABLES = ["show", "safe", "points", "directions", "bends", "cue", "look", "drive"]
VALUES = ["number", "name", "send", "walk", "style", "psi", "move", "bend", "classes", "still", "drift"]
keys = st.sampled_from(TABLES + VALUES)


def as_toml(value: Any) -> str:
    match value:
        case None:
            return "1979-05-27"
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(c):08x}" for c in value if not "\ud800" <= c <= "\udfff") + '"'
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{as_toml(key)} = {as_toml(entry)}" for key, entry in value.items()) + "}"
    return repr(value)


def outcome(text: str) -> list[str]:
    """The problems of a text; none where it is a show."""
    try:
        parse_show(text, "f.toml")
    except ShowFileError as error:
        return [str(problem) for problem in error.problems] or ["no problem is named"]
    return []


@given(
    st.dictionaries(
        keys, st.one_of(plain, st.dictionaries(keys, plain), st.lists(st.dictionaries(keys, plain)))
    )
)
def test_whatever_the_file_holds_it_is_read_or_refused(table: dict[str, Any]) -> None:
    text = "\n".join(f"{key} = {as_toml(value)}" for key, value in table.items())
    assert all(problem.startswith("f.toml") for problem in outcome(text))


@given(st.text(max_size=40))
def test_text_that_is_no_toml_is_refused(text: str) -> None:
    with pytest.raises(ShowFileError):
        parse_show(text, "f.toml")


def test_a_deep_nest_is_refused() -> None:
    assert "this is not TOML" in problems("a = " + "[" * 100_000)[0]


@pytest.mark.parametrize(("word", "expected"), [("fadee", ' Did you mean "fade"?'), ("zzz", "")])
def test_suggest(word: str, expected: str) -> None:
    assert suggest(word, ["fade", "follow"]) == expected
