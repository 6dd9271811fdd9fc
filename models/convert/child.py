"""The process that opens a foreign file: `python -m models.convert.child SOURCE TARGET [DISCRIMINATOR]`.

It limits itself before it looks at a byte, and says how far it is as JSON lines on its standard output:
{"note": ..., "share": 0..1}, and at the end {"done": true} or {"refused": "one sentence"}.
"""

import json
import sys
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file

from models import checkpoint
from models.convert.errors import ConvertError
from models.convert.reading import read

BASE_BYTES = 2 * 2**30
"""What Python and NumPy reserve before any tensor is read."""
BYTES_PER_BYTE = 8
SECONDS = 600
SECONDS_PER_BYTE = 1 / 2**20


def limit(size: int) -> None:
    """Cap this process's memory and processor time by the size of its file, where the system can."""
    try:
        import resource
    except ImportError:  # not on Windows: there the parent's clock is the only limit
        return
    memory = BASE_BYTES + BYTES_PER_BYTE * size
    seconds = SECONDS + int(size * SECONDS_PER_BYTE)
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


def main(source: Path, target: Path, judge: Path | None = None) -> None:
    try:
        limit(source.stat().st_size)
        found = read(
            source, lambda note, share: say(note=note, share=share), with_discriminator=judge is not None
        )
        say(note="writing", share=0.9)
        checkpoint.save_arrays(target, found.family, found.config, found.tensors, found.about)
        if judge is not None and found.discriminator is not None:
            save_file(dict(found.discriminator), judge)
    except ConvertError as error:
        say(refused=str(error))
    except MemoryError:
        say(refused="it needs more memory than a network in a file of its length can")
    except OSError as error:
        say(refused=f"the file could not be read or the network written ({error.strerror})")
    else:
        say(done=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
