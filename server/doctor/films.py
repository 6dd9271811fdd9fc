"""ffmpeg, the program that films of a rehearsal are written with."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from server.doctor.finding import Finding, note, ok

TOPIC = "films"
WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Films:
    """`version` is the first line that ffmpeg says, "" where it is missing or does not work; `reason` then
    says why. `h264`: it can write what every player plays."""

    version: str
    h264: bool = False
    reason: str = ""


def look() -> Films:
    path = shutil.which("ffmpeg")
    if path is None:
        return Films("", reason="it is not installed")
    try:
        version = _said(path, "-version")
        return Films(
            version.partition(" Copyright")[0].splitlines()[0], "libx264" in _said(path, "-encoders")
        )
    except subprocess.TimeoutExpired:
        return Films("", reason=f"it does not answer within {WITHIN:g} s")
    except subprocess.CalledProcessError as error:
        return Films("", reason=f"it ends with status {error.returncode}")
    except (OSError, IndexError):
        return Films("", reason="it cannot be started")


def _said(path: str, what: str) -> str:
    """Raises OSError and subprocess.SubprocessError."""
    done = subprocess.run(
        [path, "-hide_banner", what],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=WITHIN,
        check=True,
    )
    return done.stdout.decode(errors="replace")


def judge(films: Films) -> Iterator[Finding]:
    get = "The show does not need it. For films: sudo apt install ffmpeg"
    if films.reason:
        yield note(TOPIC, f"No films can be written: ffmpeg does not work here, {films.reason}.", get)
    elif not films.h264:
        yield note(TOPIC, f"{films.version} cannot write H.264, which players expect.", get)
    else:
        yield ok(TOPIC, f"{films.version.capitalize()} can write films.")
