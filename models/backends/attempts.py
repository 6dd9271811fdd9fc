"""What was being tried when the process ended: a library that hangs or crashes is not tried again at once.

Without this, a renderer that its supervisor has killed over a hanging library would hang again, all night.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.backends import cache


@contextmanager
def trying(what: str) -> Iterator[bool]:
    """Around an attempt. True when the last one never came to its end: then this one is to be left out.

    The attempt after that is free again: the process may have been ended for another reason.
    """
    path = _marker(what)
    lost = path.exists()
    with suppress(OSError):
        if lost:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    try:
        yield lost
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _marker(what: str) -> Path:
    return cache.folder() / "attempts" / hashlib.sha256(what.encode()).hexdigest()[:32]
