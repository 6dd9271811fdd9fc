"""The journal's files: numbered segments in a folder, written at their end and forced onto the disk."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from server.night.journalfile import night, segments
from server.wholefile import sync_folder


class Segments:
    """Writes one segment after the other; used from one thread. Every method may raise OSError.

    `header(first, n)` is the line that begins a segment: whether it is the first of this process, and how
    many entries of the night come before. A segment ends at `size` bytes. Where all take more than `most`
    bytes, those of former nights are deleted, the oldest first; this night's never are.
    """

    def __init__(self, folder: Path, header: Callable[[bool, int], bytes], size: int, most: int) -> None:
        self.over = False
        """All take more than `most` bytes, and all are of this night."""
        self._folder, self._header = folder, header
        self._size, self._most = size, most
        self._file: int | None = None
        self._written = 0
        self._first = True

    def append(self, lines: bytes, n: int, sync: bool) -> None:
        """Write whole lines, which come after `n` entries; with `sync`, return when they are on the disk.

        After an error the segment is left as it is, torn or not, and what follows goes into a new one.
        """
        try:
            if self._file is None or self._written >= self._size:
                self.close()
                self._open(n)
            assert self._file is not None
            _write(self._file, lines)
            self._written += len(lines)
            if sync:
                _sync(self._file)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what could be lost here was not acknowledged
                os.close(file)

    def _open(self, n: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        last = max((int(path.stem) for path in segments(self._folder)), default=0)
        path = self._folder / f"{last + 1:06}.jsonl"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        try:
            line = self._header(self._first, n)
            _write(file, line)
            os.fsync(file)
            sync_folder(self._folder)
        except OSError:
            os.close(file)
            path.unlink(missing_ok=True)  # one that is empty would be made again with every try
            raise
        self._file, self._written, self._first = file, len(line), False
        self._prune()

    def _prune(self) -> None:
        sizes = {path: path.stat().st_size for path in segments(self._folder)}
        total = sum(sizes.values()) + self._size  # the new one will grow to this
        kept = set(night(self._folder))
        for path, size in sizes.items():
            if total <= self._most:
                break
            if path not in kept:
                path.unlink()
                total -= size
        self.over = total > self._most


def _write(file: int, data: bytes) -> None:
    """All of it: the system may take less than it is given."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync(file: int) -> None:
    """The data, not the time of the last change; where there is no such call, everything."""
    if hasattr(os, "fdatasync"):
        os.fdatasync(file)
    else:
        os.fsync(file)
