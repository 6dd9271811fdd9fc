"""Near-duplicates: of photographs that look the same, mirrored or not, the largest is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.dataset.prepare.manifest import Line
from models.dataset.prepare.near import neighbours
from models.dataset.prepare.work import Result


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a photograph when copies are looked for."""

    file: str
    sha256: str
    pixels: int
    """Width times height."""
    hash: int
    mirror: int
    """The hash of its mirror image."""


def candidate(line: Line) -> Candidate:
    """A photograph by its line of the stage `read`."""
    pixels = line["width"] * line["height"]
    return Candidate(line["file"], line["sha256"], pixels, int(line["hash"], 16), int(line["mirror"], 16))


@dataclass(frozen=True, slots=True)
class Copy:
    """A photograph that is set aside for another."""

    of: str
    distance: int
    mirrored: bool
    exact: bool

    @property
    def reason(self) -> str:
        if self.exact:
            return f"the same bytes as {self.of}"
        how = "mirrored copy" if self.mirrored else "copy"
        return f"a {how} of {self.of} ({self.distance} of 64 bits differ)"

    @property
    def result(self) -> Result:
        what = {"of": self.of, "distance": self.distance, "mirrored": self.mirrored, "exact": self.exact}
        return Result.aside(self.reason, **what)


def copies(photographs: Sequence[Candidate], radius: int, mirrored: bool) -> dict[str, Copy]:
    """The photographs that are to be set aside, by file, each with the larger one that it is a copy of.

    Largest first, a photograph that is not a copy itself takes all that are within `radius` bits of it: so
    copies of copies do not chain two different photographs together. Of equal size the first by name is kept.
    """
    order = sorted(photographs, key=lambda candidate: (-candidate.pixels, candidate.file))
    plain = np.array([candidate.hash for candidate in order], np.uint64)
    flipped = np.array([candidate.mirror for candidate in order], np.uint64) if mirrored else None
    near = neighbours(plain, flipped, radius)
    found: dict[str, Copy] = {}
    for index, keeper in enumerate(order):
        if keeper.file in found:
            continue
        for other, (bits, flip) in sorted(near.get(index, {}).items()):
            copy = order[other]
            if other > index and copy.file not in found:
                found[copy.file] = Copy(keeper.file, bits, flip, copy.sha256 == keeper.sha256)
    return found
