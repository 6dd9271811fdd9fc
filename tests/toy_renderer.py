"""A renderer whose networks fit in a head: they paint psi as grey. `python -m tests.toy_renderer MOOD`.

Moods: "well"; "chatty" prints to stdout; "fussy" refuses psi over 1; "slow" takes 1.2 s to load; "broken"
cannot load; "crash" ends while it loads. The network "main" is 32 px and grey; "sea" is 64 px and blue;
any other cannot be loaded, and where the settings name a file for one, that has to exist.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.checkpoint import CheckpointError
from server.renderer.networks import Generator, Progress
from server.renderer.worker import run
from show_control.look import Look

MOOD = sys.argv[1] if len(sys.argv) > 1 else "well"
TINTS = {"main": (1.0, 1.0, 1.0), "sea": (0.0, 0.0, 1.0)}
SIZES = {"main": 32, "sea": 64}


class Toy:
    device = "cpu"
    backend = "toy"
    why = "a toy has no choice"

    def __init__(self, name: str) -> None:
        self.size = SIZES[name]
        self._tint = np.array(TINTS[name])

    def warm_up(self, batch: int, bent_at: Sequence[str]) -> None:
        if MOOD == "chatty":
            print("a library says hello", flush=True)
            os.write(1, b"and so does its C code")

    def synthesize(self, looks: Sequence[Look]) -> npt.NDArray[np.uint8]:
        if MOOD == "fussy" and any(look.psi > 1.0 for look in looks):
            raise ValueError("psi is over 1")
        grey = np.array([look.psi / 1.5 * 255 for look in looks])[:, None, None, None] * self._tint
        return np.broadcast_to(grey, (len(looks), self.size, self.size, 3)).astype(np.uint8)


def load(settings: dict[str, Any], name: str, progress: Progress) -> Generator:
    progress("mixing paint", 0.5)
    match MOOD:
        case "slow":
            time.sleep(1.2)
        case "broken":
            raise CheckpointError("dinner.safetensors: damaged; copy it again")
        case "crash":
            os._exit(3)
    path = settings["networks"].get(name)
    if name not in SIZES or (name != "main" and (path is None or not Path(path).exists())):
        raise CheckpointError(f"{name}.safetensors: no such file")
    return Toy(name)


if __name__ == "__main__":
    sys.exit(run(load))
