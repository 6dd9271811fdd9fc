"""What of a show file speaks of looks and latent space: points, clips, walks, directions, bends, drives."""

import re
from collections.abc import Mapping
from functools import partial

from show_control.bendfile import read_bend
from show_control.clip import RATE, Clip
from show_control.errors import Problem, suggest
from show_control.look import RANGES, Amounts, AsWalk, Bend, BendKind, Direction, Drive, LookChange, Scene
from show_control.reader import Reader, kind_of, number
from show_control.walk import MEAN, Walk, WalkKind, Weights, still, weighted_sum

SEED = re.compile(r"0|[1-9]\d{0,9}", re.ASCII)
LARGEST_SEED = 2**32 - 1
NAME = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
CONTROL = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)
ATLAS_POINT = re.compile(rf"@{NAME.pattern}(\.{NAME.pattern})?", re.ASCII)
ATLAS_DIRECTION = re.compile(rf"\+{NAME.pattern}", re.ASCII)
INDEX = re.compile(r"0|[1-9]\d{0,4}", re.ASCII)
TABLES = ("classes", "bend", "move")
"""The parts of a look that are tables of amounts."""
FEWEST_POINTS = {WalkKind.DRIFT: 2, WalkKind.LOOP: 2, WalkKind.CHAIN: 2}
STEPS = (2, 100_000)
RATES = (1.0, 240.0)
GAIN = 4.0
SUM_TOLERANCE = 1e-3
RETIRED = {
    "glitch": 'it is a bend with a name now: [bends] melt = { kind = "translate", at = 16 }, '
    "and where glitch stood: bend = { melt = 0.5 }"
}
"""Keys of looks that there were once, and what is written now."""


class LookReader:
    """Reads looks with the file's points, directions and bends at hand, so that a dangling name is found.

    Every method takes where it is in the file, for the problems, and what stands there.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.points: dict[str, Weights] = {}
        self.clips: dict[str, Clip] = {}
        self.directions: dict[str, Direction] = {}
        self.bends: dict[str, Bend] = {}
        self._problems = problems

    def read_points(self, where: str, value: object) -> None:
        reader = Reader(where, value, self._problems)
        named = {}
        for name, entry in reader.table.items():
            if name == MEAN or not NAME.fullmatch(name):
                reader.problem('a point is named by a word that is not "mean", such as "home"', name)
            named[name] = self.point(reader.path(name), entry) or ()
        self.points = named

    def read_clips(self, where: str, value: object) -> None:
        reader = Reader(where, value, self._problems)
        for name, entry in reader.table.items():
            if not NAME.fullmatch(name):
                reader.problem('a clip is named by a word, such as "apple"', name)
            clip = Reader(reader.path(name), entry, self._problems)
            start = clip.require("from", self._end, "the point of Z that the clip starts from")
            end = clip.require("to", self._end, "the point of Z that the clip leads to")
            if "steps" not in clip.table:
                clip.problem("missing; expected how many steps it has, such as 432", "steps")
            steps = clip.whole("steps", *STEPS)
            clip.finish()
            # One that is wrong is told of here, and not again wherever a walk names it.
            self.clips[name] = Clip(start or "0", end or "0", steps or STEPS[0])

    def _end(self, where: str, value: object) -> str | None:
        """Where a clip starts or leads to: what names a single z."""
        point = self.point(where, value)
        if point is None:
            return None
        if len(point) > 1 or point[0][0] == MEAN:
            self._refuse(where, 'expected a seed or a point of Z in the atlas, such as "@apple.from"')
            return None
        return point[0][0]

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

    def read_bends(self, where: str, value: object) -> None:
        reader = Reader(where, value, self._problems)
        for name, entry in reader.table.items():
            if not NAME.fullmatch(name):
                reader.problem('a bend is named by a word, such as "melt"', name)
            # One that is wrong is told of here, and not again wherever a look names it.
            bend = read_bend(name, Reader(reader.path(name), entry, self._problems))
            self.bends[name] = bend or Bend(name, BendKind.NOISE, "", "", ())

    def network(self, where: str, value: object) -> str | None:
        if isinstance(value, str) and NAME.fullmatch(value):
            return value
        self._refuse(where, f'expected the name of a network in the rig, such as "sea", not {kind_of(value)}')
        return None

    # latent space

    def point(self, where: str, value: object) -> Weights | None:
        """A seed, a name from [points], "@" and a point of the network's atlas, or a table of seeds and such
        points with weights that sum to one."""
        match value:
            case str() if value in self.points:
                return self.points[value]
            case str() if _is_key(value):
                return ((value, 1.0),)
            case int() if not isinstance(value, bool) and 0 <= value <= LARGEST_SEED:
                return ((str(value), 1.0),)
            case str():
                near = suggest(value, self.points)
                if not near and NAME.fullmatch(value):
                    near = f' A point of the network\'s atlas is written "@{value}".'
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
                expected = f'a seed (0 to {LARGEST_SEED}), "mean" or an atlas point such as "@home"'
                self._refuse(f"{where}.{key}", f"expected {expected} as the key")
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
        """One of the kinds, with its points, radius and seconds, or its clips and their rate."""
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
        if kind is WalkKind.CLIPS:
            return self._clips(reader)
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

    def _clips(self, reader: Reader) -> Walk | None:
        names = reader.words(WalkKind.CLIPS)
        if not reader.table[WalkKind.CLIPS]:
            reader.problem("expected at least 1 clip in the list", WalkKind.CLIPS)
        for name in names:
            if name not in self.clips:
                near = suggest(name, self.clips)
                reader.problem(f'no clip in [clips] is named "{name[:40]}".{near}', WalkKind.CLIPS)
        rate = reader.number("rate", *RATES)
        reader.finish()
        known = tuple(self.clips[name] for name in names if name in self.clips)
        return Walk(WalkKind.CLIPS, (), clips=known, rate=rate or RATE) if known else None

    def _radius(self, where: str, value: object) -> float | None:
        return number(where, value, 0.0, 2.0, self._problems)

    def _seconds(self, where: str, value: object) -> float | None:
        return number(where, value, 1.0, 3600.0, self._problems)

    def style(self, where: str, value: object) -> Walk | AsWalk | None:
        return "none" if value == "none" else self.walk(where, value)

    # looks

    def look(self, where: str, value: object) -> LookChange:
        """All keys of a look: network, walk, style, the numbers, classes, bend and move."""
        reader = Reader(where, value, self._problems)
        change = self._parts(reader)
        reader.finish(RETIRED)
        return change

    def safe(self, where: str, value: object) -> Scene | None:
        """The safe look: its walk has to be there, and it may have the `drive` of a cue."""
        reader = Reader(where, value, self._problems)
        change = self._parts(reader)
        drives = reader.get("drive", self.drives)
        if isinstance(value, dict) and "walk" not in value:
            reader.problem("missing; expected a walk, such as { still = 4 }", "walk")
        reader.finish(RETIRED)
        return Scene(change.walk, drives=drives or ()).changed(change) if change.walk else None

    def _parts(self, reader: Reader) -> LookChange:
        return LookChange(
            network=reader.get("network", self.network),
            walk=reader.get("walk", self.walk),
            style=reader.get("style", self.style),
            psi=reader.number("psi", *RANGES["psi"]),
            modes=reader.number("modes", *RANGES["modes"]),
            noise=reader.number("noise", *RANGES["noise"]),
            shadows=reader.number("shadows", *RANGES["shadows"]),
            speed=reader.number("speed", *RANGES["speed"]),
            master=reader.number("master", *RANGES["master"]),
            classes=reader.get("classes", partial(self.amounts, "classes", RANGES["classes"])),
            bend=reader.get("bend", partial(self.amounts, "bend", RANGES["bend"])),
            move=reader.get("move", partial(self.amounts, "move", RANGES["move"])),
        )

    def amounts(self, table: str, bounds: tuple[float, float], where: str, value: object) -> Amounts:
        """What each direction, bend or class of a table is to be, or (of a drive) its gain."""
        reader = Reader(where, value, self._problems)
        for name in reader.table:
            match table:
                case "classes" if not INDEX.fullmatch(name):
                    reader.problem("expected the index of a class as the key, such as 0", name)
                case "bend" if name not in self.bends:
                    reader.problem(f"no such bend in [bends].{suggest(name, self.bends)}", name)
                case "move" if ATLAS_DIRECTION.fullmatch(name):
                    self.directions.setdefault(name, Direction(name, (), ((name, 1.0),)))
                case "move" if name not in self.directions:
                    reader.problem(
                        f"no such direction in [directions].{suggest(name, self.directions)}", name
                    )
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
        for part in RANGES.keys() - {*TABLES}:
            gain = reader.number(part, -GAIN, GAIN)
            drives += [] if gain is None else [Drive(control, part, gain)]
        for table in TABLES:
            gains = reader.get(table, partial(self.amounts, table, (-GAIN, GAIN))) or ()
            drives += [Drive(control, f"{table}.{name}", gain) for name, gain in gains]
        if any(isinstance(entry, dict) for part, entry in reader.table.items() if part not in TABLES):
            reader.problem('a control with a dot in its name needs quotes: "plate.mom" = { psi = 0.2 }')
        reader.finish(RETIRED)
        return drives

    def _refuse(self, where: str, message: str) -> None:
        self._problems.append(Problem(where, message))


def _is_key(key: str) -> bool:
    if key == MEAN or ATLAS_POINT.fullmatch(key):
        return True
    return SEED.fullmatch(key) is not None and int(key) <= LARGEST_SEED
