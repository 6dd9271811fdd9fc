"""What a stage decided, a line of JSON for each item; the same bytes wherever it was stopped."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from models.checkpoint import write_whole

Line = dict[str, Any]
Key = tuple[str, str, str]
"""The name of an item, the sha256 of its input, and the digest of the parameters."""

KEPT, ASIDE = "kept", "aside"


def encode(line: Mapping[str, Any]) -> bytes:
    """A line as bytes. Names that are not UTF-8 are kept as lone surrogates, which ASCII JSON can carry."""
    return json.dumps(line, ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"


def read(path: Path) -> Iterator[Line]:
    """The whole lines of a manifest; none where there is no file. A torn last line is passed over."""
    for raw in _whole_lines(path):
        yield json.loads(raw)


def key_of(line: Line) -> Key:
    return line["name"], line["sha256"], line["parameters"]["digest"]


class Manifest:
    """The manifest of a stage, written in the order of its items.

    What an earlier run wrote is held against what this one decides: where they agree nothing is written, and
    from where they part the old lines move to `earlier/`. So a run that was stopped and goes on ends in the
    bytes of one that was not, and a run over a folder with a new photograph as if it were the first.
    """

    def __init__(self, folder: Path, stage: str) -> None:
        self.path = folder / f"{stage}.jsonl"
        self._earlier = folder / "earlier"
        folder.mkdir(parents=True, exist_ok=True)
        self._written = _whole_lines(self.path)
        self._position = 0
        self.known: dict[Key, Line] = {}
        for old in sorted(self._earlier.glob(f"{stage}-*.jsonl")):
            self.known |= {key_of(line): line for line in read(old)}
        self.known |= {key_of(line): line for line in map(json.loads, self._written)}
        if self.path.exists():
            os.truncate(self.path, sum(map(len, self._written)))
        self._file = self.path.open("ab")

    def put(self, line: Line) -> None:
        """The next line."""
        raw = encode(line)
        if self._position < len(self._written):
            if self._written[self._position] == raw:
                self._position += 1
                return
            self._set_aside()
        self._file.write(raw)
        self._file.flush()

    def close(self) -> None:
        """There are no more lines: what an earlier run had beyond them is set aside."""
        if self._position < len(self._written):
            self._set_aside()
        self._file.close()

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A run that was stopped has said nothing about the lines that it did not reach.
        if kind is None:
            self.close()
        else:
            self._file.close()

    def _set_aside(self) -> None:
        number = len(list(self._earlier.glob(f"{self.path.stem}-*.jsonl")))
        write_whole(self._earlier / f"{self.path.stem}-{number:04d}.jsonl", b"".join(self._written))
        os.truncate(self.path, sum(map(len, self._written[: self._position])))
        self._written = self._written[: self._position]


def _whole_lines(path: Path) -> list[bytes]:
    if not path.exists():
        return []
    return [raw for raw in path.read_bytes().splitlines(keepends=True) if raw.endswith(b"\n")]
