"""What this machine has found out about networks and may find out again: the user's cache folder, bounded."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LIMIT = 2 * 2**30
"""The most that graphs may take on disk, in bytes; those longest unused go first."""


def folder() -> Path:
    """MARROW_CACHE where that is set, else where the system keeps caches."""
    if named := os.environ.get("MARROW_CACHE"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("marrow"))


def keep(path: Path, suffixes: tuple[str, ...], write: Callable[[Path], None]) -> None:
    """Have `write` make the file beside its place, with all files of these suffixes, then move them in.

    A cache that cannot be written (a full or read-only disk) is done without.
    """
    part = path.with_name(f"{path.stem}.{os.getpid()}{path.suffix}")
    parts = [part.with_suffix(suffix) for suffix in suffixes]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        # The first suffix is what others look for: it comes last.
        for suffix in reversed(suffixes):
            part.with_suffix(suffix).replace(path.with_suffix(suffix))
        _make_room(path.parent)
    except (OSError, RuntimeError):
        for left in parts:
            with suppress(OSError):
                left.unlink()


def _make_room(directory: Path) -> None:
    files = sorted(
        (entry for entry in directory.iterdir() if entry.is_file()), key=lambda f: f.stat().st_mtime
    )
    size = sum(entry.stat().st_size for entry in files)
    for entry in files:
        if size <= LIMIT:
            return
        size -= entry.stat().st_size
        entry.unlink(missing_ok=True)
