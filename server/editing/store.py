"""The show file on disk: read, saved whole, its last versions kept, and never over what others changed."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from server.wholefile import write_whole

KEPT = 10
"""Versions before the one that is on disk."""


class StoreError(Exception):
    """The file cannot be read or saved; the text says why and what to do. What was on disk still is."""


class ShowStore:
    """One show file. Not thread-safe. `clock` names the backups.

    `text` is what was read or saved last. Reading and saving wait for the disk.
    """

    def __init__(
        self, path: Path, clock: Callable[[], datetime] = datetime.now, instead: str | None = None
    ) -> None:
        """`instead` is what to begin with where the file cannot be read; without it that is a StoreError."""
        self.path = path
        self.text = ""
        self._clock = clock
        self._seen: tuple[int, ...] = ()
        try:
            self.read()
        except StoreError:
            if instead is None:
                raise
            self.text = instead

    @property
    def backups(self) -> Path:
        """The folder of the versions before: dinner.toml.backups/20261121-193000.toml."""
        return self.path.with_name(f"{self.path.name}.backups")

    def read(self) -> str:
        """What is on disk. Raises StoreError."""
        self.text, self._seen = self._on_disk()
        return self.text

    def unread(self, text: str) -> None:
        """What was read last is not played after all: `text` is what counts, and the file has changed."""
        self.text, self._seen = text, ()

    def changed_on_disk(self) -> bool:
        """Whether the file is not what was read or saved last. Looks inside only where it was touched.

        Raises StoreError where it cannot be read.
        """
        try:
            if _mark(self.path) == self._seen:
                return False
        except OSError as error:
            raise StoreError(f"cannot read {self.path}: {error.strerror}") from error
        text, seen = self._on_disk()
        if text != self.text:
            return True
        self._seen = seen
        return False

    def save(self, text: str) -> None:
        """Put a text in the file's place, all of it or nothing, and what was there among the backups.

        Raises StoreError, above all where somebody else has changed the file since it was read.
        """
        if self.changed_on_disk():
            raise StoreError(
                f"{self.path.name} is not saved: it was changed on disk by somebody else. "
                "Revert to what is on disk, then edit again."
            )
        if text == self.text:
            return
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise StoreError(
                f"{self.path.name} is not saved: {error.object[error.start]!r} is no text"
            ) from error
        try:
            self._back_up()
            write_whole(self.path.resolve(), text.encode())
        except OSError as error:
            raise StoreError(
                f"{self.path.name} is not saved: {error.strerror}, in {self.path.parent}"
            ) from error
        self.text, self._seen = text, _mark(self.path)

    def _on_disk(self) -> tuple[str, tuple[int, ...]]:
        try:
            seen = _mark(self.path)  # before reading: a change in between is seen the next time
            return self.path.read_bytes().decode(), seen
        except OSError as error:
            raise StoreError(f"cannot read {self.path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise StoreError(f"cannot read {self.path}: it is not UTF-8") from error

    def _back_up(self) -> None:
        self.backups.mkdir(exist_ok=True)
        name = f"{self._clock():%Y%m%d-%H%M%S}"
        taken = {path.stem for path in self.backups.iterdir()}
        names = (name, *(f"{name}-{count}" for count in range(2, len(taken) + 3)))
        free = next(one for one in names if one not in taken)
        write_whole(self.backups / f"{free}.toml", self.text.encode())
        ours = sorted(
            self.backups.glob("[0-9]*-[0-9]*.toml"), key=lambda path: (path.stat().st_mtime_ns, path)
        )
        for path in ours[:-KEPT]:
            path.unlink()


def _mark(path: Path) -> tuple[int, ...]:
    """What changes when a file is touched."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
