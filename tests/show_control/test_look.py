"""Tracking: what a cue does not name stays as earlier cues left it."""

import pytest

from show_control.look import Bend, BendKind, Drive, LookChange, Scene, family, fold
from show_control.walk import still

HERE, THERE = still((("1", 1.0),)), still((("2", 1.0),))
NOISE, SHIFT = Bend(BendKind.NOISE, 16, 0.2), Bend(BendKind.SHIFT, 8, 0.4)
PLATE, VOICE = Drive("plate.mom", "glitch", 0.5), Drive("voice.mom", "speed", 1.0)


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
        ([LookChange(drives=(PLATE,)), LookChange(drives=(VOICE,))], Scene(HERE, drives=(VOICE,))),
        ([LookChange(drives=(PLATE,)), LookChange(psi=0.1)], Scene(HERE, psi=0.1, drives=(PLATE,))),
        ([LookChange(drives=(PLATE,)), LookChange(drives=())], Scene(HERE)),
    ],
)
def test_fold(changes: list[LookChange], expected: Scene) -> None:
    assert fold(Scene(HERE), changes) == expected


def test_what_a_change_names() -> None:
    change = LookChange(psi=0.0, glitch=SHIFT, move=(("flinch", 0.1),), drives=())
    assert change.named() == {"psi", "glitch", "bend.shift.8", "move", "move.flinch", "drives"}


def test_a_scene_in_numbers() -> None:
    scene = Scene(HERE, glitch=NOISE, move=(("flinch", 0.1),), drives=(PLATE, VOICE))
    assert scene.targets() == {
        "psi": 0.7,
        "noise": 1.0,
        "shadows": 0.0,
        "speed": 1.0,
        "master": 1.0,
        "bend.noise.16": 0.2,
        "move.flinch": 0.1,
    }
    assert scene.gains() == {("plate.mom", "bend.noise.16"): 0.5}
    assert scene.pulls() == {"voice.mom": 1.0}


@pytest.mark.parametrize(
    ("part", "name"), [("psi", "psi"), ("move.flinch", "move"), ("bend.noise.16", "glitch")]
)
def test_parts_share_a_family(part: str, name: str) -> None:
    assert family(part) == name
