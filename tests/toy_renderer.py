"""A renderer whose network fits in a head: it paints psi as grey. `python -m tests.toy_renderer MOOD`.

Moods: "well"; "chatty" prints to stdout; "fussy" refuses psi over 1; "slow" takes 1.2 s to load; "broken"
cannot load; "crash" ends while it loads.
"""

import os
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models.checkpoint import CheckpointError
from server.renderer.worker import Generator, Progress, run
from show_control.look import Look

MOOD = sys.argv[1] if len(sys.argv) > 1 else "well"
SIZE = 32


class Toy:
    size = SIZE
    device = "cpu"
    backend = "toy"

    def warm_up(self, batch: int) -> None:
        if MOOD == "chatty":
            print("a library says hello", flush=True)
            os.write(1, b"and so does its C code")

    def synthesize(self, looks: Sequence[Look]) -> npt.NDArray[np.uint8]:
        if MOOD == "fussy" and any(look.psi > 1.0 for look in looks):
            raise ValueError("psi is over 1")
        grey = np.array([look.psi / 1.5 * 255 for look in looks])
        return np.broadcast_to(grey[:, None, None, None], (len(looks), SIZE, SIZE, 3)).astype(np.uint8)


def load(settings: dict[str, Any], progress: Progress) -> Generator:
    progress("mixing paint", 0.5)
    match MOOD:
        case "slow":
            time.sleep(1.2)
        case "broken":
            raise CheckpointError("dinner.safetensors: damaged; copy it again")
        case "crash":
            os._exit(3)
    return Toy()


if __name__ == "__main__":
    sys.exit(run(load))
