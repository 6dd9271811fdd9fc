"""Frames of one network by every backend, taken in turn, so that a noisy machine is noisy for all of them."""

import copy
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from models.backends.choice import Name, candidates, psnr
from models.bench import baseline
from models.generator import Generator
from models.playable import to_bytes
from models.stylegan2 import StyleGAN2

TURN = 0.5
"""Seconds of one contender before the next has its turn."""

UNTIMED = 3
"""Frames at the start of a turn that are not counted: caches fill, and the threads of others fall asleep."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Walking:
    """A look on its way between two seeds, so that every frame has latents of its own."""

    latents: tuple[tuple[str, float], ...]
    noise: float = 1.0
    psi: float = 0.7
    modes: float = 0.0
    shadows: float = 0.0
    master: float = 1.0
    classes: tuple[tuple[int, float], ...] = ()
    bends: tuple[()] = ()

    @property
    def style(self) -> tuple[tuple[str, float], ...]:
        return self.latents


def walk(number: int, batch: int) -> list[Walking]:
    """The looks of frame `number`, a hundred frames from one seed to the next."""
    leg, step = divmod(number, 100)
    return [
        Walking(((str(leg % 8 + 10 * i), 1 - step / 100), (str((leg + 1) % 8 + 10 * i), step / 100)))
        for i in range(batch)
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """What one contender came to; seconds a frame of the whole batch, PSNR in dB against float32."""

    name: str
    batch: int
    p50: float = 0.0
    p99: float = 0.0
    psnr: float | None = None
    reason: str = ""

    @property
    def fps(self) -> float:
        """Pictures a second."""
        return self.batch / self.p50 if self.p50 else 0.0


Paint = Callable[[int], NDArray[np.uint8]]
"""The pictures of frame `number`."""


def contenders(
    network: StyleGAN2, device: torch.device, batch: int, wanted: Sequence[str], threads: int, say: Say
) -> tuple[dict[str, Paint], list[Row]]:
    """The baselines and every backend, warm; and a row for each that cannot run."""
    ready: dict[str, Paint] = {}
    refused: list[Row] = []
    dtypes = [torch.float32, torch.float16] if device.type == "cuda" else [torch.float32]
    reference = _generator(network, device, batch, "float32")
    for dtype in dtypes:
        ready[f"baseline {str(dtype).removeprefix('torch.')}"] = _baseline(
            network, device, dtype, batch, threads, reference
        )
    for name in dict.fromkeys(c.name for c in candidates(network, device, "")):
        if wanted and name not in wanted:
            continue
        say(f"preparing {name}")
        try:
            generator = _generator(network, device, batch, name)
            generator.warm_up(batch)
        except (ValueError, RuntimeError) as error:
            refused.append(Row(name, batch, reason=str(error).splitlines()[0]))
            continue
        ready[generator.backend] = lambda number, generator=generator: generator.synthesize(
            walk(number, batch)
        )  # type: ignore[misc]
    return ready, refused


def _generator(network: StyleGAN2, device: torch.device, batch: int, backend: str) -> Generator:
    return Generator.of(network, device, backend=cast("Name", backend), batch=batch)


def _baseline(
    network: StyleGAN2,
    device: torch.device,
    dtype: torch.dtype,
    batch: int,
    threads: int,
    reference: Generator,
) -> Paint:
    plain = copy.deepcopy(network).to(device=device, dtype=dtype)

    def paint(number: int) -> NDArray[np.uint8]:
        # It is given all that the machine has, and what comes after it finds things as they were.
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            return plainly(number)
        finally:
            torch.set_num_threads(before)

    def plainly(number: int) -> NDArray[np.uint8]:
        with torch.inference_mode():
            ws = reference.ws(walk(number, batch)).to(device=device, dtype=dtype)
            one = torch.ones(batch, device=device, dtype=dtype)
            picture = baseline.synthesize(plain, ws, one)
            return to_bytes(picture.float(), one.float()).cpu().numpy()

    return paint


def race(ready: dict[str, Paint], batch: int, seconds: float, say: Say) -> list[Row]:
    """Every contender for about so many seconds."""
    expected = ready["baseline float32"](7)
    rows: dict[str, list[float]] = {name: [] for name in ready}
    quality = {name: psnr(paint(7), expected) for name, paint in ready.items()}
    number = 0
    while any(sum(took) < seconds for took in rows.values()):
        for name, paint in ready.items():
            if sum(rows[name]) >= seconds:
                continue
            say(name)
            turn = time.perf_counter() + TURN
            for count in itertools.count():
                number += 1
                begun = time.perf_counter()
                paint(number)
                if count >= UNTIMED:
                    rows[name].append(time.perf_counter() - begun)
                    if time.perf_counter() > turn:
                        break
    return [
        Row(name, batch, median(took), float(np.percentile(took, 99)), quality[name])
        for name, took in rows.items()
    ]


@dataclass(frozen=True, slots=True)
class Soak:
    """Many frames by one backend: MiB by which the process grew; whether equal looks gave equal bytes."""

    frames: int
    grown: float
    equal: bool


def soak(generator: Generator, frames: int, resident: Callable[[], float]) -> Soak:
    """`resident` gives the memory of the process in MiB; the first tenth is for caches to fill."""
    first = generator.synthesize(walk(3, 1)).copy()
    before = 0.0
    for number in range(frames):
        generator.synthesize(walk(number, 1))
        if number == frames // 10:
            before = resident()
    grown = resident() - before
    return Soak(frames, grown, bool(np.array_equal(first, generator.synthesize(walk(3, 1)))))
