"""What was being tried when the process ended: a library that hangs or crashes is not tried again at once.

Without this, a renderer that its supervisor has killed over a hanging library would hang again, all night.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.backends import cache

SKIPPED = "skipped"


@contextmanager
def trying(what: str) -> Iterator[int]:
    """Around an attempt. How many attempts in a row never came to their end; 0 when this one may be made.

    After a lost attempt one is left out and the next is free again: the process may have been ended for
    another reason. Whoever counts two has reason to believe that there is none.
    """
    path = _marker(what)
    lost, skipped = _read(path)
    if lost and not skipped:
        _write(path, f"{lost} {SKIPPED}")
        yield lost
        return
    _write(path, str(lost + 1))
    try:
        yield 0
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _read(path: Path) -> tuple[int, bool]:
    """How many were lost, and whether one was left out since."""
    try:
        count, _, note = path.read_text(encoding="utf-8").partition(" ")
        return int(count), note == SKIPPED
    except (OSError, ValueError):
        return 0, False


def _write(path: Path, text: str) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _marker(what: str) -> Path:
    return cache.folder() / "attempts" / hashlib.sha256(what.encode()).hexdigest()[:32]
