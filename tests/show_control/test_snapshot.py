"""Snapshots: the look at any time, what hold freezes, and the way through JSON and back."""

import json
from dataclasses import replace

import pytest

from show_control.look import Bend, BendKind, Direction, Look
from show_control.mix import Mix, Place
from show_control.odometer import Odometer
from show_control.ramp import Curve, Glide, Ramp
from show_control.snapshot import Snapshot
from show_control.walk import Walk, WalkKind, still

ONE, TWO, THREE = ((("1", 1.0),), (("2", 1.0),), (("3", 1.0),))
SLIP = Bend("slip", BendKind.TRANSLATE, "8", "even", (0.5, 0.0))
GRAIN = Bend("grain", BendKind.NOISE, "16", "", (1.0,))
LOOP = Walk(WalkKind.LOOP, (ONE, TWO, THREE), seconds=30.0)


def ramp(start: float, end: float) -> Ramp:
    """From second 0 to second 4."""
    return Ramp(start, end, 0.0, 4.0, Curve.LINEAR)


def snapshot(**changes: object) -> Snapshot:
    """A loop fading in over a still, four seconds long, with everything else on its way as well."""
    fields: dict[str, object] = {
        "cue": "3",
        "epoch": 1,
        "event": 7,
        "wanted": ("main",),
        "asked": 2,
        "held_at": None,
        "walk": Mix(((Place(still(ONE), 0.0, "main"), 1.0),), Place(LOOP, 0.0, "main"), ramp(0.0, 1.0)),
        "style": Mix.only(None),
        "parts": (
            ("psi", ramp(0.4, 0.8)),
            ("modes", ramp(0.0, 0.4)),
            ("noise", ramp(0.0, 1.0)),
            ("shadows", Ramp.constant(0.0)),
            ("speed", Ramp.constant(1.0)),
            ("master", ramp(0.0, 1.0)),
            ("bend.grain", ramp(0.4, 0.0)),
            ("bend.slip", ramp(0.0, 0.2)),
        ),
        "drives": (),
        "glides": (),
        "directions": (),
        "bends": (SLIP, GRAIN),
        "odometer": Odometer(0.0, 0.0, Ramp.constant(1.0)),
        "grand": Ramp.constant(1.0),
        "lit": Ramp.constant(1.0),
    }
    return Snapshot(**(fields | changes))  # type: ignore[arg-type]


def test_the_look_in_the_middle_of_a_fade() -> None:
    look = snapshot().at(2.0)
    assert look.latents == look.style
    assert sum(weight for _, weight in look.latents) == pytest.approx(1.0)
    assert (look.psi, look.noise, look.master) == (pytest.approx(0.6), 0.5, 0.5)
    assert look.modes == pytest.approx(0.2)
    assert look.bends == (replace(SLIP, amount=0.1), replace(GRAIN, amount=0.2))


def test_the_look_when_the_fade_is_over() -> None:
    look = snapshot().at(10.0)
    assert look == Look("main", TWO, TWO, (), 0.8, 0.4, 1.0, 0.0, (replace(SLIP, amount=0.2),), 1.0)


def test_ahead_is_travel_and_not_time() -> None:
    assert snapshot().at(10.0, ahead=10.0).latents == THREE
    assert snapshot().at(10.0, ahead=10.0).psi == snapshot().at(10.0).psi


def test_hold_freezes_fades_while_walk_controls_and_overlays_go_on() -> None:
    held = snapshot(
        held_at=2.0,
        drives=(("c", "shadows", Ramp.constant(1.0)),),
        glides=(("c", Glide(0.0, 1.0, 2.0, 1.0)),),
        grand=Ramp(1.0, 0.5, 2.0, 1.0, Curve.LINEAR),
    )
    look = held.at(12.0)
    assert (look.psi, look.noise, look.master) == (pytest.approx(0.6), 0.5, 0.25)
    assert look.shadows == pytest.approx(1.0, abs=1e-4)
    # Half of the loop is on stage; after 12 s of travel it has passed seed 2 on the way to 3.
    assert dict(look.latents)["2"] > 0.3
    assert dict(look.latents)["3"] > 0.0


@pytest.mark.parametrize(
    ("part", "gain", "expected"),
    [("psi", 4.0, ("psi", 1.5)), ("psi", -4.0, ("psi", 0.0)), ("noise", 4.0, ("noise", 1.0))],
)
def test_drives_are_kept_within_the_range_of_their_part(
    part: str, gain: float, expected: tuple[str, float]
) -> None:
    driven = snapshot(drives=(("c", part, Ramp.constant(gain)),), glides=(("c", Glide(1.0, 1.0, 0.0, 1.0)),))
    name, value = expected
    assert getattr(driven.at(2.0), name) == value


def test_a_drive_moves_latents_and_style_along_a_direction() -> None:
    driven = snapshot(
        style=Mix.only(Place(still(THREE), 0.0, "main")),
        drives=(("c", "move.flinch", Ramp.constant(0.5)), ("c", "bend.grain", Ramp.constant(0.25))),
        glides=(("c", Glide(1.0, 1.0, 0.0, 1.0)),),
        directions=(Direction("flinch", (("7", 1.0),), (("8", 1.0),)),),
    )
    look = driven.at(10.0)
    assert look.latents == (("2", 1.0), ("7", -0.5), ("8", 0.5))
    assert look.style == (("3", 1.0), ("7", -0.5), ("8", 0.5))
    assert look.bends[1] == replace(GRAIN, amount=0.25)


def test_a_control_that_was_never_heard_counts_as_nothing() -> None:
    assert snapshot(drives=(("c", "psi", Ramp.constant(1.0)),)).at(10.0).psi == 0.8


def test_a_style_of_its_own_fades_in_from_the_walk() -> None:
    look = snapshot(style=Mix(((None, 1.0),), Place(still(THREE), 0.0, "main"), ramp(0.0, 1.0))).at(2.0)
    assert dict(look.style)["3"] == pytest.approx(0.5 + 0.5 * dict(look.latents)["3"])
    assert sum(weight for _, weight in look.style) == pytest.approx(1.0)


def test_through_json_and_back_it_is_the_same() -> None:
    before = snapshot(
        held_at=0.1 + 0.2,
        style=Mix(((None, 1.0),), Place(LOOP, 1.0 / 3.0, "sea"), ramp(0.0, 1.0)),
        drives=(("c", "move.flinch", Ramp.constant(0.5)),),
        glides=(("c", Glide(0.1, 0.7, 1e6 + 0.1, 0.03)),),
        directions=(Direction("flinch", (("7", 1.0),), (("8", 1.0),)),),
        odometer=Odometer(1e5 / 3.0, 1.0, ramp(0.0, 1.0), ((0.3, Glide(0.1, 0.7, 0.1, 0.03)),)),
    )
    after = Snapshot.from_plain(json.loads(json.dumps(before.to_plain(), allow_nan=False)))
    assert after == before
    assert [after.at(t, 3.0) for t in (0.0, 1.7, 9.0)] == [before.at(t, 3.0) for t in (0.0, 1.7, 9.0)]


SEA = Mix(((Place(still(ONE), 0.0, "main"), 1.0),), Place(still(TWO), 0.0, "sea"), ramp(0.0, 1.0))


def test_networks_cross_fade_as_looks_with_shares() -> None:
    looks = snapshot(walk=SEA).looks(1.0)
    assert [(share, look.network, look.latents) for share, look in looks] == [
        (0.75, "main", ONE),
        (0.25, "sea", TWO),
    ]
    assert [look.network for _, look in snapshot(walk=SEA).looks(4.0)] == ["sea"]
    assert snapshot(walk=SEA).at(1.0).network == "main"
    assert snapshot(walk=SEA).at(3.0).network == "sea"


def test_places_of_one_network_are_blended_within_it() -> None:
    here, there = Place(still(ONE), 0.0, "main"), Place(still(THREE), 0.0, "main")
    walk = Mix(((here, 0.5), (there, 0.5)), Place(still(TWO), 0.0, "sea"), ramp(0.0, 1.0))
    (share, look), (other, _) = snapshot(walk=walk).looks(3.0)
    assert (share, other) == (0.25, 0.75)
    assert look.latents == (("1", 0.5), ("3", 0.5))


def test_a_style_acts_in_its_own_network_and_elsewhere_the_walk_does() -> None:
    style = Mix.only(Place(still(THREE), 0.0, "sea"))
    (_, main), (_, sea) = snapshot(walk=SEA, style=style).looks(1.0)
    assert (main.latents, main.style) == (ONE, ONE)
    assert (sea.latents, sea.style) == (TWO, THREE)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({}, ()),
        ({"classes.2": 0.0}, ()),
        ({"classes.2": 0.25}, ((0, 0.75), (2, 0.25))),
        ({"classes.2": 1.0}, ((2, 1.0),)),
        ({"classes.0": 1.0, "classes.2": 0.5}, ((0, 1.0), (2, 0.5))),
    ],
)
def test_what_the_classes_lack_to_one_is_class_0(
    weights: dict[str, float], expected: tuple[tuple[int, float], ...]
) -> None:
    parts = snapshot().parts + tuple((part, Ramp.constant(value)) for part, value in weights.items())
    assert snapshot(parts=parts).at(10.0).classes == expected


def test_an_offset_comes_on_top_of_weights_that_sum_to_one() -> None:
    older = Direction("+older", (), (("+older", 1.0),))
    parts = (*snapshot().parts, ("move.+older", Ramp.constant(-3.0)))
    look = snapshot(directions=(older,), parts=parts).at(10.0)
    assert look.latents == (("+older", -3.0), ("2", 1.0))


@pytest.mark.parametrize("junk", [{}, {"cue": "1"}, {"walk": 3}, []])
def test_junk_is_no_snapshot(junk: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Snapshot.from_plain(junk)  # type: ignore[arg-type]
