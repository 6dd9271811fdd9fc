"""What is on stage becomes a cue, as a person would write it, and leads to the same picture again."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.editing.blocks import EditError
from server.editing.recording import recorded, updated
from show_control.events import Adopt, Event, Fire, Go, Goto, Tweak
from show_control.look import NUMBERS, Scene
from show_control.show import Show
from show_control.showfile import ShowFile, parse_show
from tests.server.test_showtext import DINNER, changes, cues

TEXT = """\
[safe]
walk = { still = 4 }
psi = 0.6

[points]
home = 4
table = { 9 = 0.7, 31 = 0.3 }

[clips]
apple = { from = "@apple.from", to = "@apple.to", steps = 432 }

[directions]
lean = { from = 19, to = 74 }

[bends]
slip = { kind = "translate", at = 16 }

# the hall
[[cue]]
number = "1"
name = "Hall"
fade = 4                  # slowly
look = { walk = { drift = ["home", 12], radius = 0.35, seconds = 70 }, psi = 0.65 }

[cue.drive]
"plate.mom" = { psi = 0.1, move = { lean = 0.2 } }
"plate.dad" = { psi = 0.2 }

[[cue]]
number = "2"
name = "Clip"
drive = {}

[cue.look]
network = "sea"
walk = { clips = ["apple"] }
style = { loop = ["table", 5], seconds = 30 }
classes = { 3 = 1 }

[[cue]]
number = "3"
name = "Lean"
kind = "fade"
fade = 10
look = { move = { lean = 0.5 }, bend = { slip = 0.25 } }

[[cue]]
number = "4"
name = "Group"
kind = "group"
mode = "sequence"

[[cue.cue]]
number = "4.1"
name = "Part"
look = { psi = 0.7 }

[[cue.cue]]
number = "4.2"
name = "Wait"
kind = "wait"
seconds = 100.0
"""


def played(*events: Event, apart: float = 2.0) -> Show:
    """A show in which these happened, so many seconds apart: in the middle of fades."""
    show = Show(parse_show(TEXT, "show.toml"), 0.0)
    for nth, event in enumerate(events, 1):
        assert show.receive(event, apart * nth).ok
    return show


def record(show: Show, number: str = "", name: str = "") -> str:
    current = show.status(0.0).current
    return recorded(show.file, show.scene, current.number if current else "", number, name)


def seen(scene: Scene) -> dict[str, Any]:
    """A scene, without amounts that are nothing."""
    values = {part: round(value, 4) for part, value in scene.targets().items() if round(value, 4)}
    return values | {
        "walk": scene.walk,
        "style": scene.style,
        "network": scene.network,
        "drives": {*scene.drives},
    }


def scene_of(text: str, number: str) -> dict[str, Any]:
    return seen(parse_show(text, "show.toml").scenes()[number])


def test_a_cue_is_recorded_behind_the_current_one_with_what_differs() -> None:
    show = played(Goto("1"), Tweak("psi", 0.8), Tweak("bend.slip", 0.3))
    text = record(show)
    come = [
        "",
        "[[cue]]",
        'number = "1.5"',
        'name = "From the stage"',
        "look = { psi = 0.8, bend = { slip = 0.3 } }",
    ]
    assert changes(TEXT, text) == ([], come)
    assert scene_of(text, "1.5") == seen(show.scene)


def test_names_of_networks_points_and_clips_are_those_of_the_file() -> None:
    show = played(Goto("1"), Fire("2"))
    cue = cues(record(show, "1.2", "Mine"))["1.2"]
    assert cue == {
        "number": "1.2",
        "name": "Mine",
        "look": {
            "network": "sea",
            "walk": {"clips": ["apple"]},
            "style": {"loop": ["table", 5], "seconds": 30},
            "classes": {"3": 1.0},
        },
        "drive": {},
    }
    cue = cues(record(played(Goto("1")), "0"))["0"]
    assert cue["look"] == {"walk": {"drift": ["home", 12], "radius": 0.35, "seconds": 70}, "psi": 0.65}
    assert cue["drive"] == tomllib.loads(TEXT)["cue"][0]["drive"]


def test_in_the_middle_of_a_fade_it_is_where_the_fade_leads() -> None:
    show = played(Goto("1"), Fire("3"))
    assert cues(record(show))["1.5"]["look"] == {"bend": {"slip": 0.25}, "move": {"lean": 0.5}}


def test_before_the_first_cue_it_becomes_the_first() -> None:
    text = record(played(Tweak("psi", 0.3)))
    assert next(iter(cues(text))) == "0"
    assert scene_of(text, "0")["psi"] == 0.3


def test_where_nothing_differs_a_look_still_says_something() -> None:
    assert cues(record(played(Goto("1"))))["1.5"]["look"] == {"psi": 0.65}


def test_behind_a_group_it_is_no_part_of_it() -> None:
    text = record(played(Goto("4")))
    assert [cue["number"] for cue in tomllib.loads(text)["cue"]] == ["1", "2", "3", "4", "5"]


def test_an_update_changes_what_differs_and_leaves_the_rest_as_it_is_written() -> None:
    show = played(Goto("1"), Tweak("psi", 0.8), Tweak("move.lean", -0.5))
    text = updated(show.file, show.scene, "1")
    old = 'look = { walk = { drift = ["home", 12], radius = 0.35, seconds = 70 }, psi = 0.65 }'
    assert changes(TEXT, text) == (
        [old],
        [old.replace("psi = 0.65 }", "psi = 0.8, move = { lean = -0.5 } }")],
    )
    assert scene_of(text, "1") == seen(show.scene)


def test_of_the_drives_only_those_lines_change_that_are_others() -> None:
    louder = TEXT.replace('"plate.dad" = { psi = 0.2 }', '"plate.dad" = { psi = 0.9 }')
    show = played(Goto("1"))
    assert updated(parse_show(louder, "show.toml"), show.scene, "1") == TEXT
    show = played(Goto("2"))
    text = updated(parse_show(TEXT, "show.toml"), show.scene, "1")
    assert cues(text)["1"]["drive"] == {}
    assert scene_of(text, "1") == seen(show.scene)


def test_the_looks_of_a_group_are_updated_by_their_own_number() -> None:
    show = played(Fire("4.1"), Tweak("psi", 0.9))
    assert cues(updated(show.file, show.scene, "4.1"))["4.1"]["look"]["psi"] == 0.9


@pytest.mark.parametrize(
    ("cue", "said"),
    [
        ("4", "cue 4 is no look but a group; name one of its looks: 4.1"),
        ("4.2", "cue 4.2 is no look but a wait"),
        ("9", 'there is no cue "9"'),
        ("", "no cue is on stage; name one"),
    ],
)
def test_what_is_no_look_is_not_updated(cue: str, said: str) -> None:
    with pytest.raises(EditError, match=said):
        updated(played().file, played().scene, cue)


def test_what_the_file_no_longer_means_is_not_recorded_under_its_name() -> None:
    other = TEXT.replace('kind = "translate", at = 16', 'kind = "translate", at = 64')
    show = played(Goto("1"), Tweak("bend.slip", 0.3), Adopt(other), apart=100.0)
    with pytest.raises(
        EditError, match='the picture still has "slip" as it was before the show file changed'
    ):
        record(show)


FILE: ShowFile = parse_show(DINNER, "dinner.toml")
LOOKS = [number for number, cue in FILE.cues.every.items() if cue.action.kind == "look"]
STEPS = st.one_of(
    st.sampled_from(LOOKS).map(Fire),
    st.sampled_from([cue.number for cue in FILE.cues]).map(Goto),
    st.tuples(st.sampled_from([*NUMBERS, "bend.slip", "move.lean"]), st.floats(0.0, 1.0)).map(
        lambda one: Tweak(*one)
    ),
    st.just(Go()),
)


@settings(max_examples=10, deadline=None)
@given(st.lists(STEPS, max_size=5), st.sampled_from(LOOKS))
def test_whatever_is_on_stage_is_played_again_by_what_was_recorded(events: list[Event], look: str) -> None:
    show = Show(FILE, 0.0)
    for nth, event in enumerate(events, 1):
        show.receive(event, 100.0 * nth)
    text = record(show, "6.99")
    file = parse_show(text, "dinner.toml")
    assert seen(file.scenes()["6.99"]) == seen(show.scene)
    file = parse_show(updated(FILE, show.scene, look), "dinner.toml")
    assert seen(file.scenes()[look]) == seen(show.scene)
