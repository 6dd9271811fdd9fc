"""Looks: what a cue asks for, what that adds up to, and what a single frame is made from.

`LookChange` names some parts, `Scene` is all of them (earlier cues are tracked), and `Look` is a
scene evaluated at one instant, with fades, walks and controls in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Literal

from show_control.walk import Walk, Weights

RANGES: dict[str, tuple[float, float]] = {
    "psi": (0.0, 1.5),
    "noise": (0.0, 1.0),
    "shadows": (0.0, 1.0),
    "glitch": (0.0, 1.0),
    "master": (0.0, 1.0),
    "speed": (0.0, 4.0),
    "move": (-2.0, 2.0),
}
"""The parts of a look that are numbers, and their ranges. A drive may push speed below 0: it walks back."""


class BendKind(StrEnum):
    NOISE = "noise"
    SHIFT = "shift"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True)
class Bend:
    """A glitch on the features of one resolution: `at` is 4, 8, 16 ...; `amount` lies in 0..1."""

    kind: BendKind
    at: int
    amount: float


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame is made from. Both lists of weights sum to one.

    `style` is for the fine layers, and equals `latents` where nothing else was asked for.
    `master` is the look's own, times the grand master, times blackout.
    """

    latents: Weights
    style: Weights
    psi: float
    noise: float
    shadows: float
    bends: tuple[Bend, ...]
    master: float


@dataclass(frozen=True, slots=True)
class Direction:
    """A way to move: by amount a, a x (towards - away) is added to the latents. Their sum stays one."""

    name: str
    away: Weights
    towards: Weights


@dataclass(frozen=True, slots=True)
class Drive:
    """A control adds gain x its value to a part: "psi", "glitch", "speed", "move.flinch" ..."""

    control: str
    part: str
    gain: float


AsWalk = Literal["none"]
"""The style that is no style of its own: the fine layers follow the walk."""


@dataclass(frozen=True, slots=True)
class LookChange:
    """The parts of the look that a cue names; None for the others. `drives` replaces the whole table."""

    walk: Walk | None = None
    style: Walk | AsWalk | None = None
    psi: float | None = None
    noise: float | None = None
    shadows: float | None = None
    speed: float | None = None
    master: float | None = None
    glitch: Bend | None = None
    move: tuple[tuple[str, float], ...] | None = None
    drives: tuple[Drive, ...] | None = None

    def named(self) -> frozenset[str]:
        """The parts it names, as they are called where the stage keeps them ("move.flinch")."""
        names = {field.name for field in fields(self) if getattr(self, field.name) is not None}
        if self.glitch is not None:
            names.add(bend_part(self.glitch))
        return frozenset(names | {f"move.{direction}" for direction, _ in self.move or ()})


@dataclass(frozen=True, slots=True)
class Scene:
    """Every part of the look: what the stage fades towards."""

    walk: Walk
    style: Walk | AsWalk = "none"
    psi: float = 0.7
    noise: float = 1.0
    shadows: float = 0.0
    speed: float = 1.0
    master: float = 1.0
    glitch: Bend = Bend(BendKind.NOISE, 16, 0.0)
    move: tuple[tuple[str, float], ...] = ()
    drives: tuple[Drive, ...] = ()

    def changed(self, change: LookChange) -> "Scene":
        """This scene with what the change names; directions that it does not name keep their amount."""
        named = {
            field.name: value
            for field in fields(change)
            if (value := getattr(change, field.name)) is not None
        }
        if change.move is not None:
            named["move"] = tuple(sorted((dict(self.move) | dict(change.move)).items()))
        return replace(self, **named)

    def targets(self) -> dict[str, float]:
        """Part -> value, for every part that is a number."""
        values = {part: getattr(self, part) for part in ("psi", "noise", "shadows", "speed", "master")}
        values[bend_part(self.glitch)] = self.glitch.amount
        return values | {f"move.{direction}": amount for direction, amount in self.move}

    def gains(self) -> dict[tuple[str, str], float]:
        """(control, part) -> gain, but for speed. A drive on "glitch" acts on the bend of this scene."""
        bend = bend_part(self.glitch)
        named = {(d.control, bend if d.part == "glitch" else d.part): d.gain for d in self.drives}
        return {key: gain for key, gain in named.items() if key[1] != "speed"}

    def pulls(self) -> dict[str, float]:
        """Control -> gain on the speed of the walks, which acts inside the odometer."""
        return {drive.control: drive.gain for drive in self.drives if drive.part == "speed"}


def fold(start: Scene, changes: Iterable[LookChange]) -> Scene:
    """What a series of cues adds up to."""
    for change in changes:
        start = start.changed(change)
    return start


def bend_part(bend: Bend) -> str:
    """Each bend fades by itself, so that one can leave while another comes."""
    return f"bend.{bend.kind.value}.{bend.at}"


def family(part: str) -> str:
    """The name that fades, curves and ranges are given by: "move.flinch" -> "move"."""
    head = part.partition(".")[0]
    return "glitch" if head == "bend" else head
