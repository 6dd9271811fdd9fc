"""Tracking: what a cue does not name stays as earlier cues left it."""

import pytest

from show_control.look import Drive, LookChange, Scene, family, fold
from show_control.walk import still

HERE, THERE = still((("1", 1.0),)), still((("2", 1.0),))
PLATE, VOICE = Drive("plate.mom", "bend.melt", 0.5), Drive("voice.mom", "speed", 1.0)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], Scene(HERE)),
        ([LookChange(psi=0.3), LookChange(noise=0.1)], Scene(HERE, psi=0.3, noise=0.1)),
        ([LookChange(psi=0.3), LookChange(psi=0.0)], Scene(HERE, psi=0.0)),
        ([LookChange(style=THERE), LookChange(walk=THERE)], Scene(THERE, style=THERE)),
        ([LookChange(style=THERE), LookChange(style="none")], Scene(HERE)),
        (
            [LookChange(move=(("a", 0.5), ("b", 0.5))), LookChange(move=(("b", 0.0),))],
            Scene(HERE, move=(("a", 0.5), ("b", 0.0))),
        ),
        (
            [LookChange(bend=(("melt", 0.5),)), LookChange(bend=(("grain", 0.1),))],
            Scene(HERE, bend=(("grain", 0.1), ("melt", 0.5))),
        ),
        (
            [LookChange(classes=(("0", 1.0),)), LookChange(classes=(("2", 0.5),))],
            Scene(HERE, classes=(("2", 0.5),)),
        ),
        ([LookChange(network="sea"), LookChange(walk=THERE)], Scene(THERE, network="sea")),
        ([LookChange(drives=(PLATE,)), LookChange(drives=(VOICE,))], Scene(HERE, drives=(VOICE,))),
        ([LookChange(drives=(PLATE,)), LookChange(psi=0.1)], Scene(HERE, psi=0.1, drives=(PLATE,))),
        ([LookChange(drives=(PLATE,)), LookChange(drives=())], Scene(HERE)),
    ],
)
def test_fold(changes: list[LookChange], expected: Scene) -> None:
    assert fold(Scene(HERE), changes) == expected


def test_what_a_change_names() -> None:
    change = LookChange(
        psi=0.0, bend=(("melt", 0.4),), move=(("flinch", 0.1),), classes=(("2", 1.0),), drives=()
    )
    tables = {"bend", "bend.melt", "move", "move.flinch", "classes", "classes.2", "drives"}
    assert change.named() == {"psi", *tables}


def test_a_scene_in_numbers() -> None:
    scene = Scene(HERE, bend=(("melt", 0.2),), move=(("flinch", 0.1),), drives=(PLATE, VOICE))
    assert scene.targets() == {
        "psi": 0.7,
        "modes": 0.0,
        "noise": 1.0,
        "shadows": 0.0,
        "speed": 1.0,
        "master": 1.0,
        "bend.melt": 0.2,
        "move.flinch": 0.1,
    }
    assert scene.gains() == {("plate.mom", "bend.melt"): 0.5}
    assert scene.pulls() == {"voice.mom": 1.0}


@pytest.mark.parametrize(
    ("part", "name"),
    [("psi", "psi"), ("move.flinch", "move"), ("bend.melt", "bend"), ("classes.2", "classes")],
)
def test_parts_share_a_family(part: str, name: str) -> None:
    assert family(part) == name
