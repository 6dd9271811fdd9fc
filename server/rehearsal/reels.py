"""A film in reels: what was painted before a stop is not painted again."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from server.rehearsal.encoder import join
from show_control.snapshot import Snapshot

SECONDS = 10
"""Of a reel: so much is painted again at most."""

Still = tuple[float, Snapshot]
"""Of which moment, in seconds, a frame is; and of what."""


class Reel(NamedTuple):
    """Frames in a row. Its `name` says what is in them, so that a file of that name holds them."""

    name: str
    stills: tuple[Still, ...]


def reels(stills: Iterable[Still], fps: int, settings: str) -> Iterator[Reel]:
    """The frames of a film. `settings` are whatever else decides how they look."""
    frames = iter(stills)
    for number in range(10**9):
        batch = tuple(islice(frames, SECONDS * fps))
        if not batch:
            return
        yield Reel(f"{number:05d}-{_digest(batch, settings)}", batch)


class Reels:
    """The folder beside a film in which its reels lie until it is whole."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._folder = out.with_name(f"{out.name}.reels")
        self._folder.mkdir(exist_ok=True)
        self._done: list[Path] = []
        self.draft = self._folder / f"short{out.suffix}"
        """Where the reel is that is being painted."""
        self.draft.unlink(missing_ok=True)

    def has(self, reel: Reel) -> bool:
        """Whether it was painted before; it takes its place in the film."""
        path = self._path(reel)
        if found := path.is_file():
            self._done.append(path)
        return found

    def done(self, reel: Reel) -> None:
        """It is painted."""
        self._done.append(self.draft.replace(self._path(reel)))

    def cut(self, whole: bool) -> None:
        """Join what there is. Of a `whole` film nothing else is left. Raises FilmError."""
        parts = [*self._done, *([self.draft] if self.draft.is_file() else [])]
        if parts:
            join(parts, self._out)
        if whole or not parts:
            shutil.rmtree(self._folder)

    def _path(self, reel: Reel) -> Path:
        return self._folder / f"{reel.name}{self._out.suffix}"


def _digest(stills: Iterable[Still], settings: str) -> str:
    digest, last = hashlib.sha256(settings.encode()), None
    for pts, snapshot in stills:
        if snapshot is not last:
            last = snapshot
            digest.update(json.dumps(snapshot.to_plain()).encode())
        digest.update(pts.hex().encode())
    return digest.hexdigest()[:16]
