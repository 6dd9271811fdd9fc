"""`python -m models.dataset.prepare.bench`: photographs a second of each stage, a plain loop, memory."""

import io
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import psutil
import typer
from PIL import Image

from models.checkpoint import write_whole
from models.dataset.prepare.command import write_pages
from models.dataset.prepare.crew import Alone, Crew, Hands
from models.dataset.prepare.near import neighbours
from models.dataset.prepare.pipeline import Preparation
from models.dataset.prepare.prepared import Prepared
from models.dataset.prepare.recipe import Recipe, load
from models.dataset.prepare.work import Finder
from models.terminal import progress_bar, say

HASHES = 100_000


def bench(
    count: Annotated[int, typer.Option(min=4, help="photographs to paint and prepare")] = 32,
    megapixels: Annotated[float, typer.Option(min=0.3, help="of each")] = 12.0,
    recipe: Annotated[str, typer.Option(help="family, plain, aligned, or a TOML file")] = "family",
    photos: Annotated[Path | None, typer.Option(help="these photographs, not painted ones")] = None,
    workers: Annotated[int, typer.Option(min=0, help="processes; 0 means one a core")] = 0,
) -> None:
    """Prepare one folder by a plain loop in one process and by worker processes, and print the table."""
    chosen = load(recipe)
    with tempfile.TemporaryDirectory() as place:
        folder = photos or _painted(Path(place) / "photos", count, megapixels)
        plain = walk(folder, Path(place) / "plain", chosen, Alone())
        with Crew(workers) as crew:
            fast = walk(folder, Path(place) / "crew", chosen, crew)
            size = crew.workers
    say(f"| stage | came | plain loop, a second | {size} workers, a second | times |")
    say("|---|---|---|---|---|")
    for stage, came in plain.came.items():
        slow, quick = plain.seconds[stage], fast.seconds[stage]
        say(f"| {stage} | {came} | {came / slow:.1f} | {came / quick:.1f} | {slow / quick:.2f} |")
    slow, quick = sum(plain.seconds.values()), sum(fast.seconds.values())
    came = plain.came["read"]
    say(f"| all, of photographs | {came} | {came / slow:.2f} | {came / quick:.2f} | {slow / quick:.2f} |")
    say(f"most memory of all processes together: {fast.most / 2**20:.0f} MiB")
    say(f"of the parent alone: {fast.parent / 2**20:.0f} MiB")
    bits = chosen.dedupe.distance
    say(f"{HASHES} hashes and their mirror images within {bits} bits: {_hashes(bits):.1f} s")


@dataclass(slots=True)
class Memory:
    """What this process and its children held at most, in bytes; pages that are shared count once."""

    most: int = 0
    parent: int = 0


@dataclass(slots=True)
class Walk:
    """A preparation, and what it took."""

    prepared: Prepared
    came: dict[str, int]
    """How many items each stage decided on."""
    seconds: dict[str, float]
    """Of each stage, and of the sheets and the report."""
    most: int
    parent: int
    """Bytes at most, of all processes together and of this one."""


def walk(photos: Path, out: Path, recipe: Recipe, hands: Hands, finder: Finder | None = None) -> Walk:
    """Prepare, with a clock and a watch."""
    seconds: dict[str, float] = {}

    @contextmanager
    def clocked(stage: str) -> Iterator[Callable[[float], None]]:
        began = time.perf_counter()
        with progress_bar(f"{stage:9}") as progress:
            yield progress
        seconds[stage] = time.perf_counter() - began

    with _watched() as memory:
        prepared = Preparation(photos, out, recipe, 0, hands, clocked, finder).run()
        began = time.perf_counter()
        write_pages(out, prepared, recipe, 0)
        seconds["pages"] = time.perf_counter() - began
    came = {stage: len(lines) for stage, lines in prepared.lines.items()}
    return Walk(prepared, came, seconds, memory.most, memory.parent)


@contextmanager
def _watched() -> Iterator[Memory]:
    over, memory = threading.Event(), Memory()

    def held(process: psutil.Process) -> int:
        try:
            return int(process.memory_full_info().pss)
        except psutil.Error:
            return 0  # it has ended

    def watch() -> None:
        me = psutil.Process()
        while not over.wait(0.2):
            mine = held(me)
            memory.parent = max(memory.parent, mine)
            memory.most = max(memory.most, mine + sum(map(held, me.children(recursive=True))))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield memory
    over.set()
    thread.join()


def _painted(folder: Path, count: int, megapixels: float) -> Path:
    """Painted photographs, enlarged to the size of a camera's and with its grain, as JPEG."""
    folder.mkdir(parents=True)
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        job = partial(_painted_one, folder, megapixels)
        with progress_bar("painting") as progress:
            for done, _ in enumerate(pool.map(job, range(count)), start=1):
                progress(done / count)
    return folder


def _painted_one(folder: Path, megapixels: float, seed: int) -> None:
    from models.dataset.photographs import photograph

    picture = Image.fromarray(photograph(seed, 1024).image)
    factor = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
    size = round(picture.width * factor), round(picture.height * factor)
    large = picture.resize(size, Image.Resampling.BICUBIC)
    pixels = np.asarray(large, np.int16)
    grain = np.random.default_rng(seed).integers(-6, 7, pixels.shape[:2], dtype=np.int16)[..., None]
    data = io.BytesIO()
    Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8)).save(data, "JPEG", quality=90)
    write_whole(folder / f"{seed:05d}.jpg", data.getvalue())


def _hashes(bits: int) -> float:
    rng = np.random.default_rng(0)
    plain, mirror = rng.integers(0, 2**64, (2, HASHES), dtype=np.uint64)
    plain[::10] = plain[1::10] ^ np.uint64(0b1011)
    began = time.perf_counter()
    neighbours(plain, mirror, bits)
    return time.perf_counter() - began


if __name__ == "__main__":
    typer.run(bench)
