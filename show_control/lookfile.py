"""The parts of a show file that speak of latent space and looks: points, directions, walks, drives."""

import re
from collections.abc import Mapping
from functools import partial

from show_control.errors import Problem, suggest
from show_control.look import RANGES, AsWalk, Bend, BendKind, Direction, Drive, LookChange, Scene
from show_control.reader import Reader, choice, kind_of, number
from show_control.walk import MEAN, Walk, WalkKind, Weights, still, weighted_sum

SEED = re.compile(r"0|[1-9]\d{0,9}", re.ASCII)
LARGEST_SEED = 2**32 - 1
NAME = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
CONTROL = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)
RESOLUTIONS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
FEWEST_POINTS = {WalkKind.DRIFT: 2, WalkKind.LOOP: 2, WalkKind.CHAIN: 2}
GAIN = 4.0
SUM_TOLERANCE = 1e-3


class LookReader:
    """Reads looks with the file's points and directions at hand, so that a dangling name is found.

    Every method takes where it is in the file, for the problems, and what stands there.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.points: dict[str, Weights] = {}
        self.directions: dict[str, Direction] = {}
        self._problems = problems

    def read_points(self, where: str, value: object) -> None:
        reader = Reader(where, value, self._problems)
        named = {}
        for name, entry in reader.table.items():
            if name == MEAN or not NAME.fullmatch(name):
                reader.problem('a point is named by a word that is not "mean", such as "home"', name)
            named[name] = self.point(reader.path(name), entry) or ()
        self.points = named

    def read_directions(self, where: str, value: object) -> None:
        reader = Reader(where, value, self._problems)
        for name, entry in reader.table.items():
            if not NAME.fullmatch(name):
                reader.problem('a direction is named by a word, such as "flinch"', name)
            ends = Reader(reader.path(name), entry, self._problems)
            away = ends.require("from", self.point, "the point that the direction leads away from")
            towards = ends.require("to", self.point, "the point that the direction leads to")
            ends.finish()
            self.directions[name] = Direction(name, away or (), towards or ())

    # latent space

    def point(self, where: str, value: object) -> Weights | None:
        """A seed, a name from [points], or a table of seeds with weights that sum to one."""
        match value:
            case str() if value in self.points:
                return self.points[value]
            case str() if _is_key(value):
                return ((value, 1.0),)
            case int() if not isinstance(value, bool) and 0 <= value <= LARGEST_SEED:
                return ((str(value), 1.0),)
            case str():
                near = suggest(value, self.points)
                self._refuse(where, f'no point in [points] is named "{value[:40]}".{near}')
            case dict():
                return self._blend(where, value)
            case _:
                self._refuse(
                    where, f"expected a seed, a point's name, or seeds with weights, not {kind_of(value)}"
                )
        return None

    def _blend(self, where: str, table: Mapping[str, object]) -> Weights | None:
        weights = []
        for key, entry in table.items():
            if not _is_key(key):
                self._refuse(f"{where}.{key}", f'expected a seed (0 to {LARGEST_SEED}) or "mean" as the key')
            weights.append((key, number(f"{where}.{key}", entry, -4.0, 4.0, self._problems)))
        known = tuple((key, weight) for key, weight in weights if weight is not None)
        whole = sum(weight for _, weight in known)
        if len(known) < len(weights):
            return None
        if abs(whole - 1.0) > SUM_TOLERANCE:
            self._refuse(where, f"the weights sum to {whole:g}; they must sum to 1")
            return None
        return weighted_sum([(1.0 / whole, known)])

    def walk(self, where: str, value: object) -> Walk | None:
        """One of the kinds, with its points, radius and seconds."""
        reader = Reader(where, value, self._problems)
        kinds = [kind for kind in WalkKind if kind in reader.table]
        if len(kinds) != 1:
            near = next((hint for key in reader.table if (hint := suggest(key, WalkKind))), "")
            self._refuse(where, f"expected exactly one of {', '.join(WalkKind)}.{near}")
            return None
        kind = kinds[0]
        if kind is WalkKind.STILL:
            point = reader.get(kind, self.point)
            reader.finish()
            return still(point) if point else None
        points = tuple(self.point(*entry) for entry in reader.entries(kind))
        if len(points) < FEWEST_POINTS[kind]:
            reader.problem(f"expected at least {FEWEST_POINTS[kind]} points in the list", kind)
        radius: float | None = 0.0
        if kind is WalkKind.DRIFT:
            radius = reader.require("radius", self._radius, "a number, such as 0.5")
        seconds = reader.require(
            "seconds", self._seconds, "the seconds that a turn (of a chain: the whole) takes"
        )
        reader.finish()
        known = tuple(point for point in points if point)
        if len(known) < max(len(points), FEWEST_POINTS[kind]) or radius is None or seconds is None:
            return None
        return Walk(kind, known, radius, seconds)

    def _radius(self, where: str, value: object) -> float | None:
        return number(where, value, 0.0, 2.0, self._problems)

    def _seconds(self, where: str, value: object) -> float | None:
        return number(where, value, 1.0, 3600.0, self._problems)

    def style(self, where: str, value: object) -> Walk | AsWalk | None:
        return "none" if value == "none" else self.walk(where, value)

    # looks

    def look(self, where: str, value: object) -> LookChange:
        """All keys of a look: walk, style, the numbers, glitch and move."""
        reader = Reader(where, value, self._problems)
        change = self._parts(reader)
        reader.finish()
        return change

    def safe(self, where: str, value: object) -> Scene | None:
        """The safe look: its walk has to be there, and it may have the `drive` of a cue."""
        reader = Reader(where, value, self._problems)
        change = self._parts(reader)
        drives = reader.get("drive", self.drives)
        if isinstance(value, dict) and "walk" not in value:
            reader.problem("missing; expected a walk, such as { still = 4 }", "walk")
        reader.finish()
        return Scene(change.walk, drives=drives or ()).changed(change) if change.walk else None

    def _parts(self, reader: Reader) -> LookChange:
        return LookChange(
            walk=reader.get("walk", self.walk),
            style=reader.get("style", self.style),
            psi=reader.number("psi", *RANGES["psi"]),
            noise=reader.number("noise", *RANGES["noise"]),
            shadows=reader.number("shadows", *RANGES["shadows"]),
            speed=reader.number("speed", *RANGES["speed"]),
            master=reader.number("master", *RANGES["master"]),
            glitch=reader.get("glitch", self.bend),
            move=reader.get("move", partial(self.moves, bounds=RANGES["move"])),
        )

    def bend(self, where: str, value: object) -> Bend | None:
        reader = Reader(where, value, self._problems)
        kind = reader.require("bend", self._bend_kind, "the kind of bend")
        at = reader.require(
            "at", self._resolution, "the resolution of the features that it bends, such as 16"
        )
        amount = reader.number("amount", *RANGES["glitch"])
        reader.finish()
        return Bend(BendKind(kind), at, amount or 0.0) if kind and at else None

    def _bend_kind(self, where: str, value: object) -> str | None:
        return choice(where, value, list(BendKind), self._problems)

    def _resolution(self, where: str, value: object) -> int | None:
        if isinstance(value, int) and value in RESOLUTIONS:
            return value
        self._refuse(where, f"expected one of {', '.join(map(str, RESOLUTIONS))}, not {kind_of(value)}")
        return None

    def moves(self, where: str, value: object, bounds: tuple[float, float]) -> tuple[tuple[str, float], ...]:
        """Direction -> amount (of a drive: gain)."""
        reader = Reader(where, value, self._problems)
        for name in reader.table:
            if name not in self.directions:
                reader.problem(f"no such direction in [directions].{suggest(name, self.directions)}", name)
        amounts = {name: reader.number(name, *bounds) for name in reader.table}
        return tuple(sorted((name, amount) for name, amount in amounts.items() if amount is not None))

    def drives(self, where: str, value: object) -> tuple[Drive, ...]:
        """Control -> { part = gain }."""
        reader = Reader(where, value, self._problems)
        drives: list[Drive] = []
        for control, entry in reader.table.items():
            if not CONTROL.fullmatch(control):
                reader.problem('a control is named like "plate.mom": letters, digits, dots', control)
            drives += self._gains(control, Reader(f'{where}."{control}"', entry, self._problems))
        return tuple(drives)

    def _gains(self, control: str, reader: Reader) -> list[Drive]:
        drives = []
        for part in RANGES.keys() - {"move"}:
            gain = reader.number(part, -GAIN, GAIN)
            drives += [] if gain is None else [Drive(control, part, gain)]
        for direction, gain in reader.get("move", partial(self.moves, bounds=(-GAIN, GAIN))) or ():
            drives.append(Drive(control, f"move.{direction}", gain))
        if any(isinstance(entry, dict) for part, entry in reader.table.items() if part != "move"):
            reader.problem('a control with a dot in its name needs quotes: "plate.mom" = { psi = 0.2 }')
        reader.finish()
        return drives

    def _refuse(self, where: str, message: str) -> None:
        self._problems.append(Problem(where, message))


def _is_key(key: str) -> bool:
    return key == MEAN or (SEED.fullmatch(key) is not None and int(key) <= LARGEST_SEED)
