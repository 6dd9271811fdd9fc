"""The stage `refilter`: look at a composite as if it were a photograph; keep it when all are seen in it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.dataset.people.segmenter import SegmenterError
from models.dataset.prepare.recipe import Refilter
from models.dataset.prepare.usable import Limits, counted, usable
from models.dataset.prepare.work import Finder, Result, head_of, rounded, segmenter_of


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite by its path under the output folder."""

    path: str


@dataclass(frozen=True, slots=True)
class Refiltering:
    """Work of the stage `refilter`."""

    out: Path
    refilter: Refilter
    expected: int
    finder: Finder

    def __call__(self, item: Composite) -> Result:
        with Image.open(self.out / item.path) as file:
            pixels = np.array(file.convert("RGB"))
        try:
            found = segmenter_of(self.finder).people(pixels)
        except SegmenterError as reason:
            return Result.aside(str(reason))
        limits = Limits(self.refilter.score, self.refilter.pixels)
        sure, passed_over = usable(found, limits)
        people = [
            {"box": list(person.box), "head": rounded(head_of(person)), "score": round(person.score, 4)}
            for person in sure
        ]
        if len(sure) != self.expected:
            seen = f"{len(sure)} people seen, exactly {self.expected} expected"
            return Result.aside(f"{seen}: {counted(len(found), passed_over, limits)}", people=people)
        return Result(fields={"people": people})
