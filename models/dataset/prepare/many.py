"""`python -m models.dataset.prepare.many`: the memory of a preparation against the number of its photographs.

A few hundred painted photographs become many by crops, turns, mirrors and colours. They are small, and who
looks for people says "four" of every picture at once: what grows with the count are the manifests and what
the parent keeps of them, and neither size nor content changes that. `bench` measures large photographs.
"""

import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image

from models.dataset.people.segmenter import Person
from models.dataset.prepare.bench import walk
from models.dataset.prepare.crew import Crew
from models.dataset.prepare.recipe import parse
from models.terminal import progress_bar, say

SIDE = 288
RECIPE = {
    "people": {"pixels": 20, "keep": 96},
    "compose": {"canvas": 64, "column": 16, "top": 16},
    "refilter": {"pixels": 6},
    "split": {"alike": 1.0},
}
"""The family at an eighth of its size. Crops of one photograph show the same things: the set is of no use,
and the search for what is alike, which looks for just that, is made and refuses nothing."""


@dataclass(frozen=True)
class Quarters:
    """Says at once that there is a person in each quarter of a picture."""

    name: str = "quarters"
    fingerprint: str = "quarters"

    def make(self) -> "Quarters":
        return self

    def people(self, picture: NDArray[np.uint8], source: Path | None = None) -> list[Person]:
        height, width = picture.shape[:2]
        found = []
        for quarter in range(4):
            left, right = quarter * width // 4 + 1, (quarter + 1) * width // 4 - 1
            mask = np.zeros((height, width), np.float32)
            mask[height // 6 :, left:right] = 1
            found.append(Person(mask, (left, height // 6, right, height), 0.99))
        return found


def many(
    counts: Annotated[list[int], typer.Argument(min=20, help="how many photographs, for each row")],
    painted: Annotated[int, typer.Option(min=1, help="how many are painted for them")] = 400,
    workers: Annotated[int, typer.Option(min=0, help="processes; 0 means one a core")] = 0,
    photos: Annotated[Path | None, typer.Option(help="where they are, or are made and stay")] = None,
) -> None:
    """Prepare ever more small photographs, and print how much memory all processes held at most."""
    with tempfile.TemporaryDirectory() as place:
        folder = photos or Path(place) / "photos"
        if not folder.exists():
            _fill(folder, max(counts), painted)
        say("| photographs | pictures | seconds | most memory of all processes, MiB | of the parent |")
        say("|---|---|---|---|---|")
        for count in sorted(counts):
            some = Path(place) / f"photos-{count}"
            some.mkdir()
            for path in sorted(folder.iterdir())[:count]:
                (some / path.name).hardlink_to(path)
            with Crew(workers) as crew:
                out = Path(place) / f"out-{count}"
                done = walk(some, out, parse(RECIPE), crew, Quarters())
            made = len(done.prepared.lines["split"]) if not done.prepared.refusal else done.prepared.refusal
            say(
                f"| {count} | {made} | {sum(done.seconds.values()):.0f} | {done.most / 2**20:.0f} "
                f"| {done.parent / 2**20:.0f} |"
            )


def _fill(folder: Path, count: int, painted: int) -> None:
    part = folder.with_name(folder.name + ".part")
    part.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        job = partial(_variants, part, -(-count // painted))
        with progress_bar("painting") as progress:
            for done, _ in enumerate(pool.map(job, range(painted)), start=1):
                progress(done / painted)
    part.rename(folder)


def _variants(folder: Path, each: int, seed: int) -> None:
    """One painted photograph as `each` files that a perceptual hash takes for different ones."""
    from models.dataset.photographs import photograph

    picture = photograph(900_000 + seed, SIDE).image
    height, width = picture.shape[:2]
    rng = np.random.default_rng(seed)
    for number in range(each):
        turn, scale = rng.uniform(-40, 40), rng.uniform(1.2, 2.4)
        centre = (float(rng.uniform(0.25, 0.75) * width), float(rng.uniform(0.25, 0.75) * height))
        matrix = cv2.getRotationMatrix2D(centre, float(turn), float(scale))
        moved = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
        if rng.random() < 0.5:
            moved = moved[:, ::-1]
        moved = moved[..., rng.permutation(3)]
        # Numbered so that the first n of all files are of as many painted ones as can be.
        Image.fromarray(np.ascontiguousarray(moved)).save(folder / f"{number:03d}-{seed:04d}.jpg", quality=88)


if __name__ == "__main__":
    typer.run(many)
