"""The stage `split`: what is trained on and what is held out, so that nothing stands on both sides."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.dataset.prepare.manifest import Line
from models.dataset.prepare.near import neighbours, pairs

FIGURE_BITS = 4
"""Two cut-outs whose hashes differ in no more bits than this may be one person of one moment."""
FIGURES = 2
"""Two photographs that share as many such cut-outs are taken for one scene."""


class Leak(ValueError):
    """No split can be made, or the one that was made has the same thing on both sides."""


@dataclass(frozen=True, slots=True)
class Source:
    """A photograph, as the split sees it."""

    file: str
    sha256: str
    hash: int
    mirror: int
    pictures: int
    """How many pictures were made of it."""
    figures: tuple[int, ...] = ()
    """Hashes of the cut-outs."""


def scenes(sources: Sequence[Source], radius: int) -> list[list[Source]]:
    """Photographs that must stay together: alike within `radius` bits, mirrored or not, or in two figures."""
    parent = list(range(len(sources)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = index = parent[parent[index]]
        return index

    for i, j in sorted(links(sources, radius)):
        a, b = sorted((root(i), root(j)))
        parent[b] = a
    groups: dict[int, list[Source]] = {}
    for index, source in enumerate(sources):
        groups.setdefault(root(index), []).append(source)
    return list(groups.values())


def links(sources: Sequence[Source], radius: int) -> set[tuple[int, int]]:
    """Pairs of indices i < j of photographs that belong together."""
    plain = np.array([source.hash for source in sources], np.uint64)
    mirror = np.array([source.mirror for source in sources], np.uint64)
    found = {(min(i, j), max(i, j)) for i, near in neighbours(plain, mirror, radius).items() for j in near}
    figures = np.array([figure for source in sources for figure in source.figures], np.uint64)
    owner = [index for index, source in enumerate(sources) for _ in source.figures]
    shared: Counter[tuple[int, int]] = Counter()
    taken: set[tuple[int, int]] = set()
    for a, b in pairs(figures, FIGURE_BITS).tolist():
        i, j = owner[a], owner[b]
        # Each figure counts once for a pair: one that looks like two others is one.
        if i != j and not {(a, j), (b, i)} & taken:
            taken |= {(a, j), (b, i)}
            shared[i, j] += 1
    return found | {pair for pair, count in shared.items() if count >= FIGURES}


def held_out(groups: Sequence[Sequence[Source]], share: float, seed: int) -> set[str]:
    """The files that are held out, about `share` of all pictures: whole scenes, in an order drawn by digest.

    The order depends on the seed and the photographs alone, so a few new ones move few others.
    Raises Leak when no whole scenes come to 10 to 20 %.
    """
    total = sum(source.pictures for group in groups for source in group)
    if not total:
        raise Leak("no pictures are left to split; report.html says where they went")
    wanted, limit = share * total, 0.2 * total
    chosen: set[str] = set()
    reached = 0

    def draw(group: Sequence[Source]) -> str:
        return min(hashlib.sha256(f"{seed} {source.sha256}".encode()).hexdigest() for source in group)

    for group in sorted(groups, key=draw):
        size = sum(source.pictures for source in group)
        if reached + size <= limit and abs(reached + size - wanted) <= abs(reached - wanted):
            chosen |= {source.file for source in group}
            reached += size
    if not 0.1 * total <= reached <= limit:
        largest = max((len(group) for group in groups), default=0)
        raise Leak(
            f"no split without a leak: {total} pictures of {sum(map(len, groups))} photographs make "
            f"{len(groups)} scenes, the largest of {largest} photographs, and whole scenes come to {reached} "
            "pictures held out, where 10 to 20 % are needed; add photographs, or lower split.distance"
        )
    return chosen


def check(sources: Sequence[Source], sides: Mapping[str, str], pictures: Iterable[Line], radius: int) -> None:
    """Search both sides for the same bytes and for what is alike. `pictures`: the lines of `compose`.

    Raises Leak, naming what is on both sides.
    """
    leaks = []
    seen: dict[bytes, tuple[str, str]] = {}
    for line in pictures:
        side = sides[line["file"]]
        other, there = seen.setdefault(bytes.fromhex(line["picture_sha256"]), (line["name"], side))
        if there != side:
            leaks.append(f"{line['name']} is the same picture as {other}")
    for i, j in sorted(links(sources, radius)):
        a, b = sources[i].file, sources[j].file
        if sides[a] != sides[b]:
            leaks.append(f"{a!r} ({sides[a]}) looks like {b!r} ({sides[b]})")
    refuse(leaks, "raise split.distance")


def refuse(leaks: Sequence[str], advice: str) -> None:
    """Raises Leak where there are any."""
    if leaks:
        more = f", and {len(leaks) - 5} more" if len(leaks) > 5 else ""
        raise Leak(f"the split leaks: {'; '.join(leaks[:5])}{more}; nothing was split; {advice}")
