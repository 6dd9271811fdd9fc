"""Kinds of cues in a show file: what is read, and every problem with its cue and its key."""

import pytest

from show_control.actions import (
    Arm,
    Disarm,
    EarItem,
    Gate,
    Guest,
    Halt,
    InEar,
    Jump,
    Line,
    Memo,
    Messages,
    NewScene,
    Note,
    Retouch,
    Wait,
)
from show_control.cue import Again, Fails, Follow, Group, Order
from show_control.errors import ShowFileError
from show_control.showfile import parse_show

GOOD = """
[show]
title = "Night"
never_show = ["damn*", "hell"]
[safe]
walk = { still = 0 }
[guests]
mom = { rate = 2.2, language = "fr" }
dad = {}
[[cue]]
number = "1"
name = "look"
armed = false
post_wait = 2
again = "ignore"
fails = "hold"
follow = "done"
[[cue]]
number = "2"
name = "fade"
kind = "fade"
fade = 3
look = { psi = 0.9 }
[[cue]]
number = "3"
name = "send"
kind = "send"
send = [{ to = "s", address = "/a" }]
[[cue]]
number = "4"
name = "note"
kind = "note"
to = "sampler"
note = 62
[[cue]]
number = "5"
name = "wait"
kind = "wait"
seconds = 2.5
[[cue]]
number = "6"
name = "goto"
kind = "goto"
to = "8"
[[cue]]
number = "7"
name = "arm"
kind = "arm"
cues = ["1", "8.1"]
[[cue]]
number = "7.5"
name = "disarm"
kind = "disarm"
cues = ["1"]
[[cue]]
number = "8"
name = "group"
kind = "group"
mode = "sequence"
[[cue.cue]]
number = "8.2"
name = "stop some"
kind = "stop"
cues = ["5"]
follow = 4
[[cue.cue]]
number = "8.1"
name = "stop all"
kind = "stop"
cues = "all"
[[cue]]
number = "9"
name = "gate"
kind = "gate"
control = "glass.mom"
above = 0.6
timeout = 30
[[cue]]
number = "10"
name = "line"
kind = "line"
speaker = "mom"
text = "Eat your %food%"
easier = "Eat"
noskip = true
threshold = 0.5
silence = 5
progress_silence = 9
[[cue]]
number = "11"
name = "open"
kind = "line"
speaker = "dad"
open = true
save = "food"
instead = "soup"
prompt = [{ to = "dad", file = "ask.wav", pause = 0.5 }]
[[cue]]
number = "12"
name = "ears"
kind = "in-ear"
timeout = 12
plays = [{ to = "mom", file = "a.wav", pause = 1.0 }, { to = "dad", file = "b.wav" }]
[[cue]]
number = "13"
name = "memo"
kind = "memo"
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ShowFileError) as caught:
        parse_show(text, "n.toml")
    return [str(problem) for problem in caught.value.problems]


def test_every_kind_is_read() -> None:
    show = parse_show(GOOD, "n.toml")
    cues = show.cues.every
    first = cues["1"]
    assert (first.armed, first.post_wait, first.again, first.fails, first.follow) == (
        False,
        2.0,
        Again.IGNORE,
        Fails.HOLD,
        Follow(done=True),
    )
    assert {number: cue.action for number, cue in cues.items() if number != "8"} == {
        "1": NewScene(),
        "2": Retouch(),
        "3": Messages(),
        "4": Note("sampler", 62, 127, 0.5),
        "5": Wait(2.5),
        "6": Jump("8"),
        "7": Arm(("1", "8.1")),
        "7.5": Disarm(("1",)),
        "8.1": Halt(None),
        "8.2": Halt(("5",)),
        "9": Gate("glass.mom", 0.6, None, 30.0),
        "10": Line(
            "mom", "Eat your %food%", "Eat", noskip=True, threshold=0.5, silence=5.0, progress_silence=9.0
        ),
        "11": Line(
            "dad", "", open=True, save="food", instead="soup", prompt=(EarItem("dad", "ask.wav", 0.5),)
        ),
        "12": InEar((EarItem("mom", "a.wav", 1.0), EarItem("dad", "b.wav", 0.0)), 12.0),
        "13": Memo(),
    }
    group = cues["8"].action
    assert isinstance(group, Group)
    assert (group.order, [cue.number for cue in group.cues]) == (Order.SEQUENCE, ["8.1", "8.2"])
    assert [cue.follow for cue in group.cues] == [Follow(done=True), Follow(4.0)]
    assert (show.guests, show.never_show) == ({"mom": Guest(2.2, "fr"), "dad": Guest()}, ("damn*", "hell"))
    assert (show.targets, show.controls, show.gated) == ({"s", "sampler"}, {"glass.mom"}, {"glass.mom"})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('kind = "wait"', 'kind = "wiat"', 'cue 5: kind: expected one of "look", "fade"'),
        ('kind = "wait"', 'kind = "wiat"', 'Did you mean "wait"?'),
        ('kind = "wait"', 'kind = "wait"\nlook = {}', "cue 5: look: unknown key"),
        ("seconds = 2.5", "", "cue 5: seconds: missing; expected how long to wait"),
        ("seconds = 2.5", 'seconds = "x"', "cue 5: seconds: expected a number"),
        ('again = "ignore"', 'again = "ingore"', 'cue 1: again: expected one of "restart", "ignore"'),
        ('fails = "hold"', "fails = 3", 'cue 1: fails: expected one of "go on", "hold"'),
        ("armed = false", "armed = 0", "cue 1: armed: expected true or false"),
        ("look = { psi = 0.9 }", "", "cue 2: look: missing; expected the parts"),
        ('send = [{ to = "s", address = "/a" }]', "", "cue 3: send: missing; expected messages"),
        ("note = 62", "note = 128", "cue 4: note: expected a whole number from 0 to 127, not 128"),
        ("note = 62", "", "cue 4: note: missing"),
        ('to = "sampler"', "", "cue 4: to: missing; expected the name of a target"),
        ('to = "8"', "", "cue 6: to: missing; expected the number of a cue"),
        ('to = "8"', 'to = "88"', 'cue 6: to: there is no cue "88"'),
        ('to = "8"', 'to = "8.1"', "cue 6: to: cue 8.1 is a part of a group; expected a cue of the list"),
        ('cues = ["1", "8.1"]', "", "cue 7: cues: missing; expected the numbers of cues"),
        ('cues = ["1", "8.1"]', 'cues = ["1", "8.3"]', 'there is no cue "8.3". Did you mean "8.'),
        ('cues = "all"', 'cues = "al"', "cue 8.1: cues: expected a list"),
        ('mode = "sequence"', "", 'cue 8: mode: missing; expected "together" or "sequence"'),
        ('mode = "sequence"', 'mode = "sequense"', 'cue 8: mode: expected one of "together", "sequence"'),
        ("follow = 4", 'follow = "manual"', "cue 8.2: follow: in this group the next comes by itself"),
        ('mode = "sequence"', 'mode = "together"', "cue 8.2: follow: in this group all start together"),
        ('number = "8.2"', 'number = "13"', "cue 13: two cues have this number"),
        ('number = "8.2"', "", "cue[9].cue[1]: number: missing"),
        ('number = "8.2"', "number = 8.2", "cue[9].cue[1]: number: 8.2 is a decimal fraction"),
        ("above = 0.6", "above = 0.6\nbelow = 0.1", 'cue 9: expected either "above" or "below"'),
        ("above = 0.6", "", 'cue 9: expected either "above" or "below"'),
        ('control = "glass.mom"', 'control = "/x"', "cue 9: control: expected the name of a control"),
        ('speaker = "mom"', 'speaker = "mum"', 'cue 10: speaker: no guest in [guests] is called "mum"'),
        ('speaker = "mom"', 'speaker = "mum"', 'Did you mean "mom"?'),
        ('speaker = "mom"', "", "cue 10: speaker: expected the name of a guest"),
        ('text = "Eat your %food%"', "", "cue 10: text: missing; expected the words of the line"),
        ("%food%", "%fod%", 'no open line saves its answer as "fod". Did you mean "food"?'),
        ("noskip = true", 'save = "x"', "cue 10: save: only an open line has this; add open = true"),
        ("threshold = 0.5", "threshold = 2", "cue 10: threshold: 2 is out of range"),
        ('instead = "soup"', "", "cue 11: instead: missing; expected what stands for the answer"),
        ('save = "food"', 'save = "a b"', "cue 11: save: expected a word"),
        ('to = "dad", file = "ask.wav"', 'to = "sister", file = "x"', "cue 11: prompt: no guest in [guests]"),
        ('file = "b.wav"', 'flie = "b.wav"', 'cue 12: plays[2].flie: unknown key. Did you mean "file"?'),
        ('file = "b.wav"', 'file = ""', "cue 12: plays[2].file: missing; expected the name of a file"),
        ('mom = { rate = 2.2, language = "fr" }', "mom = { rate = 0 }", "n.toml: guests.mom.rate: 0 is out"),
        ('language = "fr"', 'language = "xx"', "n.toml: guests.mom.language: expected one of"),
        ('never_show = ["damn*", "hell"]', "never_show = [3]", "n.toml: show.never_show[1]: expected text"),
    ],
)
def test_a_problem_says_where_and_what(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert any(expected in problem for problem in found), found


def test_an_empty_group_and_a_deep_one_are_refused() -> None:
    assert (
        "cue 1: cue: missing; a group needs [[cue.cue]] tables"
        in problems(f'{SAFE}[[cue]]\nnumber = "1"\nname = "x"\nkind = "group"\nmode = "together"\n')[0]
    )
    deep = "[safe]\nwalk = { still = 0 }\n"
    for depth in range(1, 300):
        table = ".".join(["cue"] * depth)
        deep += f'[[{table}]]\nnumber = "{depth}"\nname = "x"\nkind = "group"\nmode = "together"\n'
    assert any("groups in groups are 5 deep; expected at most 4" in problem for problem in problems(deep))


SAFE = "[safe]\nwalk = { still = 0 }\n"


def circle(*cues: str, head: str = "") -> list[str]:
    """The problems of cues 1, 2, ... with these lines each; none where it is a show."""
    text = head + SAFE
    for number, lines in enumerate(cues, 1):
        text += f'[[cue]]\nnumber = "{number}"\nname = "x"\n' + lines.replace("; ", "\n") + "\n"
    try:
        parse_show(text, "n.toml")
    except ShowFileError as error:
        return [str(problem) for problem in error.problems]
    return []


GO_ON = 'kind = "memo"; follow = "done"'
TO_ONE = 'kind = "goto"; to = "1"'


@pytest.mark.parametrize(
    ("cues", "turns"),
    [
        ((GO_ON, TO_ONE), True),
        ((TO_ONE,), True),
        (('kind = "goto"; to = "2"', TO_ONE), True),
        (('kind = "memo"', TO_ONE), False),
        (('kind = "wait"; seconds = 0.9; follow = "done"', TO_ONE), True),
        (('kind = "wait"; seconds = 1.1; follow = "done"', TO_ONE), False),
        (('kind = "wait"; seconds = 5; follow = "done"; armed = false', TO_ONE), True),
        (('kind = "wait"; seconds = 5; follow = "continue"', TO_ONE), True),
        (('kind = "memo"; follow = 3', TO_ONE), False),
        (('kind = "memo"; follow = "done"; post_wait = 1', TO_ONE), False),
        ((GO_ON, f"{TO_ONE}; pre_wait = 1"), False),
        (('kind = "look"; follow = "done"; look = { psi = 1 }; fade = 2', TO_ONE), False),
        (('kind = "look"; follow = "done"', TO_ONE), True),
        (('kind = "gate"; control = "c"; above = 0.5; follow = "done"', TO_ONE), True),
        (('kind = "line"; speaker = "mom"; text = "x"; follow = "done"', TO_ONE), False),
        ((GO_ON, 'kind = "goto"; to = "4"; armed = false; follow = "done"', TO_ONE, 'kind = "memo"'), True),
        ((GO_ON, 'kind = "goto"; to = "4"; follow = "done"', TO_ONE, 'kind = "memo"'), False),
        (('kind = "group"; mode = "sequence"; [[cue.cue]]; number = "1.1"; name = "x"; ' + TO_ONE,), True),
        (
            (
                'kind = "group"; mode = "sequence"; [[cue.cue]]; number = "1.1"; name = "x"; kind = "wait"; '
                'seconds = 2; [[cue.cue]]; number = "1.2"; name = "y"; ' + TO_ONE,
            ),
            False,
        ),
    ],
)
def test_a_goto_that_leads_back_to_itself_in_no_time_is_refused(cues: tuple[str, ...], turns: bool) -> None:
    found = circle(*cues)
    assert bool(found) == turns
    assert all("goes round in circles by itself in" in problem for problem in found)


@pytest.mark.parametrize(
    ("cue", "ok"), [(GO_ON, False), ('kind = "wait"; seconds = 2; follow = "done"', True)]
)
def test_a_loop_that_never_waits_is_refused(cue: str, ok: bool) -> None:
    found = circle(cue, cue, head="[show]\nloop = true\n")
    assert (found == []) == ok
    assert ok or "a round takes 0 s; expected at least 1 s" in found[0]
