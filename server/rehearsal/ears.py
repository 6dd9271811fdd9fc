"""How long the files for guests' ears are, where a rehearsal has them at hand."""

import wave
from pathlib import Path

from server.rehearsal.cast import Length


def lengths(folder: Path) -> Length:
    """Seconds of the WAV files in a folder. Others, and those that are not there or damaged, have none."""

    def length(file: str) -> float | None:
        try:
            with wave.open(str(folder / file), "rb") as sound:
                return sound.getnframes() / sound.getframerate()
        except (OSError, EOFError, wave.Error, ZeroDivisionError):
            return None

    return length
