"""Photographs of coloured blocks on grey, someone who finds them, and a run over them as a program.

python toy_folder.py PHOTOS OUT WORKERS
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.dataset.people.segmenter import Person, tight_box

COLORS = ((230, 40, 40), (40, 200, 40), (60, 60, 230), (230, 210, 40), (220, 60, 220), (40, 210, 210))

SMALL: dict[str, dict[str, object]] = {
    "read": {"longest": 320},
    "people": {"pixels": 40},
    "compose": {"canvas": 128, "column": 32, "top": 32},
    "refilter": {"pixels": 12},
}
"""The family at a quarter of its size."""


@dataclass(frozen=True)
class Blocks:
    """Finds each saturated colour as one person; `score` is what it says of all."""

    score: float = 0.99
    name: str = "blocks"

    @property
    def fingerprint(self) -> str:
        return f"blocks {self.score}"

    def make(self) -> "Blocks":
        return self

    def people(self, picture: NDArray[np.uint8], source: Path | None = None) -> list[Person]:
        found = []
        for color in COLORS:
            mask = (np.abs(picture.astype(int) - color).max(axis=2) < 45).astype(np.float32)
            if mask.sum() > 30 and (box := tight_box(mask)):
                found.append(Person(mask, box, self.score))
        return found


def photograph(seed: int, people: int = 4, width: int = 320, height: int = 240) -> Image.Image:
    """`people` blocks of different colours and sizes before a soft background that no other seed has."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(60, 200, (6, 8), dtype=np.uint8))
    picture = coarse.resize((width, height), Image.Resampling.BICUBIC).convert("RGB")
    for slot, who in enumerate(rng.permutation(len(COLORS))[:people]):
        room = width // people
        wide, tall = int(room * rng.uniform(0.7, 0.9)), int(height * rng.uniform(0.45, 0.6))
        left = slot * room + int(rng.integers(0, room - wide))
        top = int(rng.integers(0, height - tall))
        # Folds, so that no two figures are alike.
        folds = rng.integers(-30, 31, (5, 4, 3)) + COLORS[who]
        figure = Image.fromarray(folds.clip(0, 255).astype(np.uint8))
        picture.paste(figure.resize((wide, tall), Image.Resampling.BICUBIC), (left, top))
    return picture


def fill(folder: Path, count: int) -> None:
    """`count` photographs that differ, in JPEG and PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(count):
        if seed % 5 == 4:
            photograph(seed).save(folder / f"{seed:03d}.png")
        else:
            photograph(seed).save(folder / f"{seed:03d}.jpg", quality=92)


@contextmanager
def no_bar(stage: str) -> Iterator[Callable[[float], None]]:
    yield lambda done: None


if __name__ == "__main__":
    from models.dataset.prepare.command import run
    from models.dataset.prepare.crew import Crew
    from models.dataset.prepare.recipe import parse

    with Crew(int(sys.argv[3])) as crew:
        run(Path(sys.argv[1]), Path(sys.argv[2]), parse(SMALL), 0, crew, Blocks())
