"""The command that measures a segmenter on painted photographs that no training has seen.

python -m models.dataset.people.evaluate [--count 100] [--first 0] [--sheet sheet.png] [--weights FILE]
"""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track

from models.dataset.people.own import WEIGHTS, OwnSegmenter
from models.dataset.people.pictures import FIRST_SEED
from models.dataset.people.segmenter import Person, Segmenter
from models.dataset.photographs import Photograph, photograph

TILE, ACROSS, SHOWN = 320, 4, 16
COLORS = np.array([(0, 0, 0), (230, 60, 60), (70, 200, 80), (70, 110, 240), (240, 210, 60), (220, 80, 220),
                   (70, 220, 220), (250, 250, 250), (150, 90, 40), (255, 150, 60)], np.float32)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """One photograph: the IoU of each person in it (0: nobody was found), and the score of each found."""

    seed: int
    ious: tuple[float, ...]
    scores: tuple[float, ...]

    @property
    def found(self) -> int:
        return len(self.scores)

    @property
    def counted(self) -> bool:
        return self.found == len(self.ious)


def measure(photo: Photograph, people: list[Person]) -> Result:
    """Pairs who was found with who is there, best pairs first, each at most once."""
    truth = [photo.labels == person.label for person in photo.people]
    found = [person.mask >= 0.5 for person in people]
    table = np.zeros((len(truth), len(found)))
    for i, one in enumerate(truth):
        for j, other in enumerate(found):
            both, either = int((one & other).sum()), int((one | other).sum())
            table[i, j] = both / max(1, either)
    ious = [0.0] * len(truth)
    while table.size and table.max() > 0:
        i, j = divmod(int(table.argmax()), table.shape[1])
        ious[i] = float(table[i, j])
        table[i], table[:, j] = 0, 0
    return Result(photo.seed, tuple(ious), tuple(person.score for person in people))


def _tile(photo: Photograph, people: list[Person]) -> NDArray[np.uint8]:
    """The photograph beside itself, each person found in a colour."""
    picture = photo.image.astype(np.float32)
    tinted = picture.copy()
    for number, person in enumerate(people):
        color = COLORS[1 + number % (len(COLORS) - 1)]
        tinted += person.mask[..., None] * 0.6 * (color - tinted)
    pair = Image.fromarray(np.hstack([picture, tinted]).astype(np.uint8))
    pair.thumbnail((2 * TILE, TILE), Image.Resampling.LANCZOS)
    tile = np.zeros((TILE, 2 * TILE, 3), np.uint8)
    tile[: pair.height, : pair.width] = np.asarray(pair)
    return tile


def _photographs(first: int, count: int, size: int, workers: int) -> Iterator[Photograph]:
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(partial(photograph, size=size), range(first, first + count))


def evaluate(
    segmenter: Segmenter, first: int, count: int, size: int, workers: int = 1
) -> tuple[list[Result], list[NDArray[np.uint8]], float]:
    """The result of each photograph, tiles of the worst and the first ones, and seconds a photograph."""
    results, tiles, spent = [], [], 0.0
    for photo in track(_photographs(first, count, size, workers), description="Measuring", total=count):
        begun = time.perf_counter()
        people = segmenter.people(photo.image)
        spent += time.perf_counter() - begun
        results.append(measure(photo, people))
        tiles.append(_tile(photo, people))
    order = sorted(range(len(results)), key=lambda i: (results[i].counted, min(results[i].ious)))
    chosen = order[: SHOWN // 2] + [i for i in range(len(results)) if i not in order[: SHOWN // 2]]
    return results, [tiles[i] for i in chosen[:SHOWN]], spent / count


def evaluate_command(
    weights: Annotated[Path, typer.Option(dir_okay=False, help="The network to measure.")] = WEIGHTS,
    count: Annotated[int, typer.Option(min=1, help="How many photographs.")] = 100,
    first: Annotated[int, typer.Option(min=0, max=FIRST_SEED - 1, help="Seed of the first one.")] = 0,
    size: Annotated[int, typer.Option(min=64, help="Longer side of a photograph, in pixels.")] = 640,
    workers: Annotated[int, typer.Option(min=1, help="Processes that paint.")] = 1,
    sheet: Annotated[Path | None, typer.Option(dir_okay=False, help="Draw the worst ones.")] = None,
) -> None:
    """Prints the IoU and how often the number of people is right."""
    results, tiles, seconds = evaluate(OwnSegmenter(weights), first, count, size, workers)
    ious = np.array([iou for result in results for iou in result.ious])
    right = sum(result.counted for result in results)
    print(f"photographs {count}, people {len(ious)}, longer side {size} px")
    print(f"mean IoU {ious.mean():.4f}, worst {ious.min():.3f}, at least 0.5 for {(ious >= 0.5).mean():.2%}")
    print(f"the right number of people in {right} of {count}: {100 * right / count:.1f} %")
    scores = np.array([score for result in results for score in result.scores])
    print(f"score at least 0.95 for {(scores >= 0.95).mean():.2%}, least {scores.min():.3f}")
    print(f"{1000 * seconds:.0f} ms a photograph")
    wrong = [result for result in results if not result.counted]
    for result in wrong:
        print(f"  seed {result.seed}: {result.found} found, {len(result.ious)} there")
    if sheet is not None:
        rows = [np.hstack(tiles[i : i + ACROSS // 2]) for i in range(0, len(tiles) - 1, ACROSS // 2)]
        Image.fromarray(np.vstack(rows)).save(sheet)
        print(f"sheet: {sheet} (the worst first)")


if __name__ == "__main__":
    typer.run(evaluate_command)
