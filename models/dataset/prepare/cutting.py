"""The stage `people`: who is in a photograph, who of them is taken, and each of those as a cut-out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.dataset.people.segmenter import Person, SegmenterError
from models.dataset.prepare.near import perceptual_hash
from models.dataset.prepare.photograph import Unusable
from models.dataset.prepare.reading import reopen
from models.dataset.prepare.recipe import People, Read
from models.dataset.prepare.usable import Limits, counted, usable
from models.dataset.prepare.work import Finder, Result, head_of, png, rounded, segmenter_of

SOFT = 0.03
"""How far beyond its box a soft edge is followed, as a share of the longer side."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph by its name under the folder, and the digest of its bytes."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Cutting:
    """Work of the stage `people`. `needed` are taken of those who are found; None takes all."""

    photos: Path
    read: Read
    people: People
    needed: int | None
    finder: Finder

    def __call__(self, item: Photo) -> Result:
        try:
            photograph = reopen(self.photos, item.file, item.sha256, self.read)
            found = segmenter_of(self.finder).people(photograph.pixels, source=self.photos / item.file)
        except (Unusable, SegmenterError) as reason:
            return Result.aside(str(reason))
        scale = photograph.scale
        limits = Limits(self.people.score, self.people.pixels / scale, self.people.whole, scale)
        sure, passed_over = usable(found, limits)
        counts = {
            "found": len(found), "sure": len(sure), "passed_over": [one.line(scale) for one in passed_over],
        }  # fmt: skip
        if len(sure) < self.people.at_least:
            return Result.aside(
                f"{len(sure)} people can be used, at least {self.people.at_least} are needed: "
                f"{counted(len(found), passed_over, limits)}",
                **counts, files=[],
            )  # fmt: skip
        files: dict[str, bytes] = {}
        lines: list[dict[str, Any]] = []
        taken = chosen(sure, self.people.choose, self.needed)
        for number, person in enumerate(sure):
            line: dict[str, Any] = {
                "box": rounded([side * scale for side in person.box]),
                "head": rounded([side * scale for side in head_of(person)]),
                "score": round(float(person.score), 4),
                "taken": number in taken,
            }
            if number in taken:
                figure = cut_out(photograph.pixels, person, self.people.keep)
                line["cut_out"] = name = f"prepared/people/{item.sha256[:16]}-{number}.png"
                line["hash"] = f"{perceptual_hash(figure.convert('RGB')):016x}"
                files[name] = png(figure)
            lines.append(line)
        fields = {**counts, "people": lines, "files": list(files), "width": photograph.width}
        return Result(fields=fields, files=files)


def chosen(people: list[Person], how: str, needed: int | None) -> set[int]:
    """Which of the people, given from left to right, are taken when there are more than are needed."""
    if needed is None or len(people) <= needed:
        return set(range(len(people)))
    match how:
        case "largest":
            keys = [-float(person.mask.sum()) for person in people]
        case "surest":
            keys = [-person.score for person in people]
        case _:
            keys = [float(person.box[0]) for person in people]
    return set(sorted(range(len(people)), key=lambda number: (keys[number], number))[:needed])


def cut_out(pixels: NDArray[np.uint8], person: Person, longest: int) -> Image.Image:
    """A person alone, straight RGBA, cropped to the box and its soft edge and reduced to `longest` pixels.

    The colour is that of the photograph also under the edge, so what is resized must be premultiplied;
    Pillow does that for RGBA.
    """
    # Only so far as the edge may be soft: a loose speck must not shrink a figure.
    x0, y0, x1, y1 = person.box
    edge = max(1, round(SOFT * max(x1 - x0, y1 - y0)))
    top, left = max(0, y0 - edge), max(0, x0 - edge)
    seen = person.mask[top : y1 + edge, left : x1 + edge] >= 1 / 255
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    window = np.s_[top + rows[0] : top + rows[-1] + 1, left + columns[0] : left + columns[-1] + 1]
    alpha = (person.mask[window] * 255).round().clip(0, 255).astype(np.uint8)
    figure = Image.fromarray(np.dstack([pixels[window], alpha]))
    figure.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return figure
