"""Looks: what a cue asks for, what that adds up to, and what a single frame is made from.

`LookChange` names some parts, `Scene` is all of them (earlier cues are tracked), and `Look` is a
scene evaluated at one instant, with fades, walks and controls in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Literal, Self

from show_control.walk import Walk, Weights

RANGES: dict[str, tuple[float, float]] = {
    "psi": (0.0, 1.5),
    "modes": (0.0, 1.0),
    "noise": (0.0, 1.0),
    "shadows": (0.0, 1.0),
    "master": (0.0, 1.0),
    "speed": (0.0, 4.0),
    "move": (-4.0, 4.0),
    "bend": (0.0, 1.0),
    "classes": (0.0, 1.0),
}
"""The parts of a look that are numbers, and their ranges. A drive may push speed below 0: it walks back."""

MAIN = "main"
"""The network that a show plays until a look names another."""

Amounts = tuple[tuple[str, float], ...]
"""Name (of a direction or a bend) or class -> amount, each once, sorted."""


class BendKind(StrEnum):
    """What a bend does to features; with amount 1, and its numbers `by`:

    noise      adds a fixed pattern of `by` deviations
    threshold  cuts hard at `by` deviations above the mean
    ablate     silences
    invert     turns the sign
    scale      multiplies by `by`
    translate  moves by fractions (of the width, of the height), around the edge
    rotate     turns by `by` degrees
    erode      takes `by` pixels off what is bright
    dilate     adds `by` pixels to it
    """

    NOISE = "noise"
    THRESHOLD = "threshold"
    ABLATE = "ablate"
    INVERT = "invert"
    SCALE = "scale"
    TRANSLATE = "translate"
    ROTATE = "rotate"
    ERODE = "erode"
    DILATE = "dilate"


@dataclass(frozen=True, slots=True)
class Bend:
    """A hand inside the network, on the features of one layer; a look says how far it goes.

    at        "64": the last layer at that resolution; or the name of a layer, "b64.conv0"
    channels  "" for all, "even", "odd", or inclusive ranges: "0-15,40"
    by        the numbers of its kind
    amount    0 (nothing) to 1 (the whole of it)
    """

    name: str
    kind: BendKind
    at: str
    channels: str
    by: tuple[float, ...]
    amount: float = 0.0

    def to_plain(self) -> list[Any]:
        return [self.name, self.kind.value, self.at, self.channels, list(self.by)]

    @classmethod
    def from_plain(cls, plain: list[Any]) -> Self:
        name, kind, at, channels, by = plain
        return cls(name, BendKind(kind), at, channels, tuple(by))


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame of one network is made from.

    Of both lists of weights, those of seeds, "mean" and "@points" sum to one; "+offsets" come on top.
    `style` is for the fine layers, and equals `latents` where nothing else was asked for. `classes` are
    (index, weight) pairs, of which only the proportions count; () is class 0. `bends` has those that do
    something, in the order in which they act. `master` is the look's own, times the grand master, times
    blackout.
    """

    network: str
    latents: Weights
    style: Weights
    classes: tuple[tuple[int, float], ...]
    psi: float
    modes: float
    noise: float
    shadows: float
    bends: tuple[Bend, ...]
    master: float


@dataclass(frozen=True, slots=True)
class Direction:
    """A way to move: by amount a, a x (towards - away) is added to the latents.

    The two ends are points, and the sum of the weights stays one; or there is no `away`, and `towards` is an
    offset of the network's atlas, which does not count in the sum.
    """

    name: str
    away: Weights
    towards: Weights


@dataclass(frozen=True, slots=True)
class Drive:
    """A control adds gain x its value to a part: "psi", "speed", "bend.melt", "move.flinch" ..."""

    control: str
    part: str
    gain: float


AsWalk = Literal["none"]
"""The style that is no style of its own: the fine layers follow the walk."""

NUMBERS = ("psi", "modes", "noise", "shadows", "speed", "master")


@dataclass(frozen=True, slots=True)
class LookChange:
    """The parts of the look that a cue names; None for the others.

    `drives` and `classes` replace the whole table; `move` and `bend` only what they name.
    """

    network: str | None = None
    walk: Walk | None = None
    style: Walk | AsWalk | None = None
    psi: float | None = None
    modes: float | None = None
    noise: float | None = None
    shadows: float | None = None
    speed: float | None = None
    master: float | None = None
    classes: Amounts | None = None
    bend: Amounts | None = None
    move: Amounts | None = None
    drives: tuple[Drive, ...] | None = None

    def named(self) -> frozenset[str]:
        """The parts it names, as they are called where the stage keeps them ("move.flinch")."""
        names = {field.name for field in fields(self) if getattr(self, field.name) is not None}
        tables = {"classes": self.classes, "bend": self.bend, "move": self.move}
        return frozenset(
            names | {f"{table}.{name}" for table, amounts in tables.items() for name, _ in amounts or ()}
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """Every part of the look: what the stage fades towards."""

    walk: Walk
    network: str = MAIN
    style: Walk | AsWalk = "none"
    psi: float = 0.7
    modes: float = 0.0
    noise: float = 1.0
    shadows: float = 0.0
    speed: float = 1.0
    master: float = 1.0
    classes: Amounts = ()
    bend: Amounts = ()
    move: Amounts = ()
    drives: tuple[Drive, ...] = ()

    def changed(self, change: LookChange) -> "Scene":
        """This scene with what the change names; directions and bends that it does not name keep theirs."""
        named = {
            field.name: value
            for field in fields(change)
            if (value := getattr(change, field.name)) is not None
        }
        for table in ("bend", "move"):
            if table in named:
                named[table] = tuple(sorted((dict(getattr(self, table)) | dict(named[table])).items()))
        return replace(self, **named)

    def targets(self) -> dict[str, float]:
        """Part -> value, for every part that is a number."""
        values: dict[str, float] = {part: getattr(self, part) for part in NUMBERS}
        tables = {"classes": self.classes, "bend": self.bend, "move": self.move}
        return values | {
            f"{table}.{name}": amount for table, amounts in tables.items() for name, amount in amounts
        }

    def gains(self) -> dict[tuple[str, str], float]:
        """(control, part) -> gain, but for speed."""
        return {(d.control, d.part): d.gain for d in self.drives if d.part != "speed"}

    def pulls(self) -> dict[str, float]:
        """Control -> gain on the speed of the walks, which acts inside the odometer."""
        return {drive.control: drive.gain for drive in self.drives if drive.part == "speed"}


def fold(start: Scene, changes: Iterable[LookChange]) -> Scene:
    """What a series of cues adds up to."""
    for change in changes:
        start = start.changed(change)
    return start


def family(part: str) -> str:
    """The name that fades, curves and ranges are given by: "move.flinch" -> "move"."""
    return part.partition(".")[0]
