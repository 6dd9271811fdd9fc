"""The generator and the encoder by themselves, in a process of its own, which loads torch.

`python -m server.bench.alone CONFIG CUE SECONDS` prints one JSON object. CUE is "" for the safe look.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from itertools import count
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt

from server.bench.figures import Alone
from server.check import inspect
from server.renderer.worker import encode_jpeg
from show_control.events import Goto
from show_control.show import Show

FEWEST = 3
KEPT = 32


def timed(seconds: float, work: Callable[[int], object]) -> list[float]:
    """Do `work(0)`, `work(1)`, ... for so long, and a few times at least; the seconds that each took."""
    took: list[float] = []
    begun = time.perf_counter()
    for number in count():
        before = time.perf_counter()
        work(number)
        now = time.perf_counter()
        took.append(now - before)
        if now - begun >= seconds and number + 1 >= FEWEST:
            return took
    raise AssertionError("count() has no end")


def measure(config: Path, cue: str, seconds: float) -> Alone:
    """The looks of a cue as its walk goes on, a frame's time apart."""
    import torch

    from models.generator import Generator

    verdict = inspect(config)
    assert verdict.rig is not None
    assert verdict.show_file is not None
    settings = verdict.rig.generator
    generator = Generator.load(settings.weights, settings.device, settings.style_from, settings.psi_below)
    generator.warm_up(1, {bend.at for bend in verdict.show_file.bends})
    show = Show(verdict.show_file, 0.0)
    if cue:
        show.receive(Goto(cue), 0.0)
    snapshot = show.snapshot()
    pictures: list[npt.NDArray[np.uint8]] = []
    sizes: list[int] = []

    def paint(number: int) -> None:
        (picture,) = generator.synthesize([snapshot.at(number / settings.fps)])
        if len(pictures) < KEPT:
            pictures.append(picture)

    def press(number: int) -> None:
        sizes.append(len(encode_jpeg(pictures[number % len(pictures)], settings.jpeg_quality)))

    painting = timed(seconds, paint)
    pressing = timed(seconds / 2, press)
    on_gpu = generator.device.startswith("cuda")
    return Alone(
        generator_fps=len(painting) / sum(painting),
        generate_ms=median(painting) * 1000,
        encode_ms=median(pressing) * 1000,
        jpeg_bytes=median(sizes),
        torch=torch.__version__,
        torch_threads=torch.get_num_threads(),
        device=torch.cuda.get_device_name() if on_gpu else generator.device,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(measure(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))))
