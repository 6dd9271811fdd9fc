"""What a stage decided, a line of JSON for each item; the same bytes wherever it was stopped."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

Line = dict[str, Any]
Key = tuple[str, str, str]
"""The name of an item, the sha256 of its input, and the digest of the parameters."""

KEPT, ASIDE = "kept", "aside"


def encode(line: Mapping[str, Any]) -> bytes:
    """A line as bytes. Names that are not UTF-8 are kept as lone surrogates, which ASCII JSON can carry."""
    return json.dumps(line, ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"


@dataclass(frozen=True, slots=True)
class Lines:
    """The whole lines of a manifest, read anew each time: a long one never lies in memory.

    None where there is no file. A torn last line is passed over.
    """

    path: Path

    def __iter__(self) -> Iterator[Line]:
        return (line for _, line in _placed(self.path))

    def __len__(self) -> int:
        return sum(1 for _ in _raw(self.path))

    def kept(self) -> Iterator[Line]:
        return (line for line in self if line["decision"] == KEPT)


def earlier(folder: Path, stage: str) -> Iterator[Line]:
    """All that earlier runs wrote of a stage, the newest last."""
    for path in _written(folder, stage):
        yield from Lines(path)


def key_of(line: Line) -> Key:
    return line["name"], line["sha256"], line["parameters"]["digest"]


class Manifest:
    """The manifest of a stage, written in the order of its items.

    What an earlier run wrote is held against what this one decides: where they agree nothing is written, and
    from where they part the old lines move to `earlier/`. So a run that was stopped and goes on ends in the
    bytes of one that was not, and a run over a folder with a new photograph as if it were the first.
    Of old lines only their places are in memory.
    """

    def __init__(self, folder: Path, stage: str) -> None:
        self.path = folder / f"{stage}.jsonl"
        self._earlier = folder / "earlier"
        folder.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        os.truncate(self.path, sum(map(len, _raw(self.path))))
        self._paths = _written(folder, stage)
        self._places: dict[Key, tuple[int, int]] = {}
        for number, path in enumerate(self._paths):
            self._places |= {key_of(line): (number, place) for place, line in _placed(path)}
        self._old = self.path.open("rb")
        self._position, self._length = 0, self.path.stat().st_size
        self._file = self.path.open("ab")

    def known(self, key: Key) -> Line | None:
        """What an earlier run wrote of an item."""
        if key not in self._places:
            return None
        number, place = self._places[key]
        with self._paths[number].open("rb") as file:
            file.seek(place)
            line: Line = json.loads(file.readline())
        return line

    def put(self, line: Line) -> None:
        """The next line."""
        raw = encode(line)
        if self._position < self._length:
            if self._old.readline() == raw:
                self._position += len(raw)
                return
            self._set_aside()
        self._file.write(raw)
        self._file.flush()

    def close(self) -> None:
        """There are no more lines: what an earlier run had beyond them is set aside."""
        if self._position < self._length:
            self._set_aside()
        self._stop()

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A run that was stopped has said nothing about the lines that it did not reach.
        if kind is None:
            self.close()
        else:
            self._stop()

    def _stop(self) -> None:
        self._old.close()
        self._file.close()

    def _set_aside(self) -> None:
        number = len(list(self._earlier.glob(f"{self.path.stem}-*.jsonl")))
        aside = self._earlier / f"{self.path.stem}-{number:04d}.jsonl"
        part = aside.with_name(aside.name + ".part")
        self._earlier.mkdir(exist_ok=True)
        shutil.copyfile(self.path, part)
        part.replace(aside)
        self._paths[-1] = aside
        os.truncate(self.path, self._position)
        self._length = self._position


def _written(folder: Path, stage: str) -> list[Path]:
    return [*sorted((folder / "earlier").glob(f"{stage}-*.jsonl")), folder / f"{stage}.jsonl"]


def _raw(path: Path) -> Iterator[bytes]:
    """The whole lines as bytes."""
    if path.exists():
        with path.open("rb") as file:
            yield from (raw for raw in file if raw.endswith(b"\n"))


def _placed(path: Path) -> Iterator[tuple[int, Line]]:
    """The whole lines, each with where it begins in the file."""
    place = 0
    for raw in _raw(path):
        yield place, json.loads(raw)
        place += len(raw)
