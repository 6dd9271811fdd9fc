"""A network is tried in a process of its own before the one that paints takes it in.

There it is read, its backend found, its graphs made and kept, and a picture painted. What hangs or crashes
then costs that process only, and the interpreter of the running show is not held up by the making of graphs:
it finds them made.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from models.budget import NoRoom
from models.checkpoint import CheckpointError

WITHIN = 180.0
"""Seconds after which a network that is still not ready is given up."""

LOWLY = 15
"""The niceness of the trial: it takes what the show leaves."""


def try_out(path: Path, device: str, backend: str, batch: int, bent_at: Sequence[str]) -> None:
    """Try a network with what `Generator.load` and `warm_up` take, and wait for the end of it.

    Raises CheckpointError with the reason why it cannot be played, NoRoom when that is memory.
    """
    asked = json.dumps([str(path), device, backend, batch, list(bent_at)])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "models.ahead", asked],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WITHIN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CheckpointError(f"{path}: not ready after {WITHIN:g} s; it is left alone") from None
    if done.returncode == 0:
        return
    said = done.stdout.decode(errors="replace").strip().splitlines()
    if done.returncode == 2 and said:
        raise CheckpointError(said[-1])
    if done.returncode == 3 and said:
        raise NoRoom(said[-1])
    raise CheckpointError(
        f"{path}: the trial ended with status {done.returncode}; try it with: marrow info {path}"
    )


def main(asked: str) -> int:
    """The trial itself: 0 when the network plays, 2 or 3 after printing a sentence when it cannot."""
    if hasattr(os, "nice"):
        os.nice(LOWLY)
    from models.generator import Generator

    path, device, backend, batch, bent_at = json.loads(asked)
    try:
        generator = Generator.load(Path(path), device, backend=backend, batch=batch, hurry=True)
        generator.warm_up(batch, bent_at)
    except NoRoom as error:
        print(error)
        return 3
    except (CheckpointError, ValueError, OSError) as error:
        print(error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
