"""The process behind `picture.py`, which loads torch: `python -m server.doctor.painting CONFIG SCRATCH
SECONDS`.

It prints a line of JSON for each stage that it enters and for each network that it has painted with. What
former starts have found out about this machine is lent to it by way of the folder SCRATCH, so that nothing is
written where that is kept.
"""

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.check import inspect
from server.doctor.picture import Painted
from server.hub import assign_streams
from server.renderer.worker import claim_stdout
from show_control.look import MAIN, Look

STEPS = 100
"""Of the way from one seed to the other."""


def lend(kept: Path, scratch: Path) -> None:
    """What `kept` holds, in `scratch`: graphs, which are large, as links, all else as copies."""
    for path in sorted(kept.rglob("*")):
        place = scratch / path.relative_to(kept)
        with suppress(OSError):  # found out once more, then
            if path.is_file():
                place.parent.mkdir(parents=True, exist_ok=True)
                if path.stat().st_size > 2**16:
                    place.symlink_to(path.resolve())
                else:
                    shutil.copyfile(path, place)


def end_with_parent() -> None:
    """End this process when its input does: then the one that asked has ended."""

    def wait() -> None:
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main(config: Path, scratch: Path, seconds: float) -> int:
    end_with_parent()
    outbox = claim_stdout()

    def say(**table: object) -> None:
        outbox.write(json.dumps(table).encode() + b"\n")
        outbox.flush()

    say(stage="reading the files")
    verdict = inspect(config)
    if verdict.rig is None or verdict.show_file is None:
        raise SystemExit("; ".join(map(str, verdict.problems)))
    say(stage="loading torch")
    from models.backends import cache
    from models.checkpoint import CheckpointError
    from models.generator import Generator

    lend(cache.folder(), scratch)
    os.environ["MARROW_CACHE"] = str(scratch)
    settings = verdict.rig.generator
    batch = len(assign_streams((projector.name, projector.ahead) for projector in verdict.rig.projectors)[0])
    bent_at = sorted({bend.at for bend in verdict.show_file.bends})
    for name, path in settings.all_networks.items():

        def stage(note: str, fraction: float, name: str = name) -> None:
            say(stage=f"{note}, network {name}")

        try:
            generator = Generator.load(
                path,
                settings.device,
                settings.style_from,
                settings.psi_below,
                settings.backend,
                batch,
                hurry=name != MAIN,
                progress=stage,
            )
            stage("warming up", 0.9)
            generator.warm_up(batch, bent_at)
            stage("painting", 1.0)
            fps, flat = paint(generator.synthesize, name, batch, seconds)
        except (CheckpointError, ValueError, OSError) as error:
            say(**asdict(Painted(name, refused=str(error))))
            continue
        found = Painted(name, fps, generator.size, generator.backend, generator.device, flat)
        say(**asdict(found))
        del generator
    return 0


def paint(
    synthesize: Callable[[Sequence[Look]], NDArray[np.uint8]], name: str, batch: int, seconds: float
) -> tuple[float, bool]:
    """On the way from one seed to another: frames a second, and whether the last was all one colour."""
    begun = time.perf_counter()
    for number in count(1):
        share = number % STEPS / STEPS
        point = (("1", 1 - share), ("2", share))
        look = Look(name, point, point, (), 0.7, 0.0, 1.0, 0.0, (), 1.0)
        frames = synthesize([look] * batch)
        took = time.perf_counter() - begun
        if took >= seconds:
            return number / took, bool((frames == frames.flat[0]).all())
    raise AssertionError("count() has no end")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])))
