"""Places in photographs that somebody has marked: a box, or two points."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.dataset.prepare.recipe import RecipeError

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A box, or two points, in pixels of the upright photograph."""

    numbers: Box
    """x0, y0, x1, y1."""
    points: bool = False

    @classmethod
    def of(cls, numbers: list[float], points: bool = False) -> "Place":
        x0, y0, x1, y1 = numbers
        return cls((x0, y0, x1, y1), points)

    def scaled(self, by: float) -> "Place":
        return Place(scaled(self.numbers, by), self.points)


def scaled(box: Box, by: float) -> Box:
    return box[0] * by, box[1] * by, box[2] * by, box[3] * by


def read_places(path: Path) -> dict[str, list[Place]]:
    """Places by file, from JSON lines as {"file", "box": [4]} or {"file", "points": [[2], [2]]}.

    Raises RecipeError with every line that is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"compose.file: {path} cannot be read ({error})") from None
    places: dict[str, list[Place]] = {}
    problems = []
    for number, text in enumerate(lines, start=1):
        try:
            line = json.loads(text)
            points = "box" not in line
            x0, y0, x1, y1 = map(float, [*line["points"][0], *line["points"][1]] if points else line["box"])
            empty = (x0, y0) == (x1, y1) if points else x0 >= x1 or y0 >= y1
            if empty or not np.isfinite((x0, y0, x1, y1)).all():
                raise ValueError("nothing in it")
            places.setdefault(str(line["file"]), []).append(Place((x0, y0, x1, y1), points))
        except (ValueError, TypeError, LookupError):
            problems.append(
                f'{path}:{number}: expected {{"file": "a.jpg", "box": [x0, y0, x1, y1]}} '
                'or {"file": "a.jpg", "points": [[x, y], [x, y]]}'
            )
    if problems:
        raise RecipeError("\n".join(problems))
    return places
