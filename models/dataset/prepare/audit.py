"""What the finished set is like, in numbers: yields, how alike its pictures are, imbalance, near-copies."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from models.dataset.prepare.dedupe import Candidate, candidate
from models.dataset.prepare.folder import shown
from models.dataset.prepare.manifest import KEPT, Line, Lines
from models.dataset.prepare.near import neighbours
from models.dataset.prepare.prepared import Prepared
from models.dataset.prepare.recipe import Columns, Recipe

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Yield:
    """What a stage let through."""

    stage: str
    came: int
    kept: int
    reasons: tuple[tuple[str, int], ...]
    """Why the others are aside, the most frequent first; what differs in names alone is one reason."""

    @property
    def share(self) -> float:
        return self.kept / self.came if self.came else 0.0


@dataclass(frozen=True, slots=True)
class Spread:
    """How far something varies over the pictures, as shares of the picture's side, or of 1."""

    what: str
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class NearCopy:
    """Two photographs in the set that still look alike."""

    one: Candidate
    other: Candidate
    distance: int


@dataclass(frozen=True, slots=True)
class Audit:
    """All of it. `warnings` are sentences."""

    yields: tuple[Yield, ...]
    places: Mapping[str, Numbers]
    """Points x, y (n, 2), as shares of the picture: centres of boxes, heads or content."""
    spreads: tuple[Spread, ...]
    brightness: Numbers
    counts: Mapping[str, Mapping[str, int]]
    """How many pictures of each kind, for each way of counting."""
    near: tuple[NearCopy, ...]
    warnings: tuple[str, ...]


def audit(prepared: Prepared, recipe: Recipe) -> Audit:
    """Judge a finished preparation."""
    lines = prepared.lines
    yields = tuple(_yield(stage, lines[stage]) for stage in recipe.stages[:-1] if stage in lines)
    looks = _looks(lines.get("audit", ()))
    places, spreads = _places(prepared, recipe, looks)
    counts = _counts(prepared)
    near = near_copies(_photographs(prepared), recipe.audit.distance)
    warnings = [*_alike(spreads, recipe.audit.spread), *_imbalance(counts)]
    if near:
        bits = recipe.audit.distance
        warnings.append(f"{len(near)} pairs of photographs still look alike (within {bits} bits of 64)")
    if prepared.refusal:
        warnings.insert(0, prepared.refusal)
    return Audit(yields, places, spreads, looks[:, 0], counts, near, tuple(warnings))


def _yield(stage: str, lines: Lines) -> Yield:
    reasons = Counter(kind_of(line["reason"]) for line in lines if line["decision"] != KEPT)
    ordered = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    came = len(lines)
    return Yield(stage, came, came - reasons.total(), tuple(ordered))


def kind_of(reason: str) -> str:
    """A reason without what is particular to one file."""
    for start in ("a copy of", "a mirrored copy of", "the same bytes as"):
        if reason.startswith(start):
            return f"{start} another"
    return shown(reason.split(" (")[0].split(":")[0])


def _looks(measured: Iterable[Line]) -> Numbers:
    """A row a picture: brightness, colour (3), place of the content (2)."""
    numbers = array("d")
    for line in measured:
        if line["decision"] == KEPT:
            numbers.extend((line["brightness"], *line["colour"], *line["content"]))
    return np.array(numbers).reshape(-1, 6)


def _people(lines: Lines, size: int) -> list[Numbers]:
    """Of each slot from the left, a row a picture: box centre, head, height, width; shares of `size`."""
    slots: dict[int, array[float]] = {}
    for line in lines.kept():
        for slot, person in enumerate(sorted(line["people"], key=lambda person: person["box"])):
            x0, y0, x1, y1 = person["box"]
            row = ((x0 + x1) / 2, (y0 + y1) / 2, *person["head"], y1 - y0, x1 - x0)
            slots.setdefault(slot, array("d")).extend(row)
    return [np.array(numbers).reshape(-1, 6) / size for numbers in slots.values()]


def _places(
    prepared: Prepared, recipe: Recipe, looks: Numbers
) -> tuple[dict[str, Numbers], tuple[Spread, ...]]:
    """Where things stand. People are compared slot by slot from the left: four columns are no variety."""
    light, colors, content = looks[:, :1], looks[:, 1:4], looks[:, 4:]
    spreads, places = [], {"content": content}
    tables: list[Numbers] = []
    if isinstance(recipe.compose, Columns) and len(looks):
        tables = _people(prepared.lines["refilter"], recipe.compose.canvas)
    if tables:
        everyone = np.concatenate(tables)
        places = {"boxes": everyone[:, :2], "heads": everyone[:, 2:4]}
        for what, part in (("box centres", np.s_[:, :2]), ("heads", np.s_[:, 2:4]), ("scale", np.s_[:, 4:5])):
            deviation = np.mean([table[part].std(axis=0) for table in tables], axis=0)
            spreads.append(Spread(what, tuple(everyone[part].mean(axis=0)), tuple(deviation)))
    elif len(content):
        spreads.append(Spread("content", tuple(content.mean(axis=0)), tuple(content.std(axis=0))))
    if len(looks):
        spreads.append(Spread("brightness", tuple(light.mean(axis=0)), tuple(light.std(axis=0))))
        spreads.append(Spread("colour", tuple(colors.mean(axis=0)), tuple(colors.std(axis=0))))
    return places, tuple(spreads)


def _alike(spreads: Iterable[Spread], least: float) -> list[str]:
    by = {spread.what: spread for spread in spreads}
    place = by.get("box centres") or by.get("content")
    if place is None or max(place.deviation) >= least:
        return []
    x, y = place.deviation
    return [
        f"everything stands in the same place: {place.what} vary by {x:.1%} of the width and {y:.1%} "
        "of the height. A generator learns that quickly and shows little else, and a classifier trained on "
        "it fails on whatever stands elsewhere. Where that is not wanted, crop every picture at random in "
        "training; one in ten is not enough"
    ]


def _counts(prepared: Prepared) -> dict[str, dict[str, int]]:
    lines = prepared.lines
    made = lines[prepared.made]
    each = Counter(line["file"] for line in made.kept())

    def table(words: Iterable[str]) -> dict[str, int]:
        return dict(sorted(Counter(words).items(), key=lambda pair: (-pair[1], pair[0]))[:12])

    def sources(stage: str) -> Iterable[Line]:
        return (line for line in lines[stage] if line["file"] in each)

    def shape(line: Line) -> str:
        ratio = line["width"] / line["height"]
        return "landscape" if ratio > 1.05 else "portrait" if ratio < 0.95 else "square"

    counts = {
        "pictures by folder": table(_folder(line["file"]) for line in made.kept()),
        "pictures of one photograph": table(str(count) for count in each.values()),
        "shape of photographs": table(map(shape, sources("read"))),
        "format of photographs": table(line["format"] for line in sources("read")),
    }
    if "people" in lines:
        counts["people found in a photograph"] = table(str(line["sure"]) for line in sources("people"))
    if "split" in lines:
        counts["split"] = table(line["split"] for line in made)
    return counts


def _folder(file: str) -> str:
    return shown(file.rsplit("/", 1)[0]) if "/" in file else "(no folder)"


def effective(counts: Iterable[int]) -> float:
    """How many equal kinds would be as varied: the exponential of the entropy."""
    numbers = [count for count in counts if count]
    total = sum(numbers)
    return exp(-sum(n / total * log(n / total) for n in numbers)) if numbers else 0.0


def _imbalance(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    warnings = []
    folders = counts["pictures by folder"]
    if len(folders) > 1 and effective(folders.values()) < len(folders) / 2:
        name, most = next(iter(folders.items()))
        warnings.append(
            f"imbalance: {most / sum(folders.values()):.0%} of the pictures come from {name}; "
            f"the {len(folders)} folders weigh as much as {effective(folders.values()):.1f} equal ones"
        )
    shapes = counts["shape of photographs"]
    if shapes and max(shapes.values()) > 0.95 * sum(shapes.values()) > 20:
        warnings.append(f"imbalance: nearly all photographs are {next(iter(shapes))}")
    return warnings


def _photographs(prepared: Prepared) -> list[Candidate]:
    made = {line["file"] for line in prepared.lines[prepared.made].kept()}
    return [candidate(line) for line in prepared.lines["read"].kept() if line["file"] in made]


def near_copies(photographs: Sequence[Candidate], radius: int) -> tuple[NearCopy, ...]:
    """Pairs within `radius` bits, mirrored ones too, the closest first."""
    plain = np.array([photograph.hash for photograph in photographs], np.uint64)
    mirror = np.array([photograph.mirror for photograph in photographs], np.uint64)
    found = [
        NearCopy(photographs[i], photographs[j], bits)
        for i, near in neighbours(plain, mirror, radius).items() for j, (bits, _) in near.items() if i < j
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda pair: (pair.distance, pair.one.file, pair.other.file)))
