"""The folder of a run: what is called how, and logs that a stop at any moment leaves whole.

run.json               what is trained, on what, and how
log.jsonl              a line a tick
measures.jsonl         a line a kept snapshot
sheet-000064.png       the same seeds at 64 kimg
network-000064.safetensors, network.safetensors      kept snapshots, and the newest
network-000064.discriminator.safetensors             what judged a kept snapshot, to go on from it
state.safetensors      to go on from
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.checkpoint import write_whole

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Names and logs; who paints and trains is elsewhere."""

    path: Path

    @property
    def about(self) -> Path:
        return self.path / "run.json"

    @property
    def state(self) -> Path:
        return self.path / "state.safetensors"

    @property
    def newest(self) -> Path:
        return self.path / "network.safetensors"

    @property
    def log(self) -> Path:
        return self.path / "log.jsonl"

    @property
    def measures(self) -> Path:
        return self.path / "measures.jsonl"

    def sheet(self, kimg: float) -> Path:
        return self.path / f"sheet-{int(kimg):06d}.png"

    def snapshot(self, kimg: float) -> Path:
        return self.path / f"network-{int(kimg):06d}.safetensors"

    def write_about(self, about: Mapping[str, Any]) -> None:
        write_whole(self.about, json.dumps(about, indent=2).encode() + b"\n")

    def forget_after(self, kimg: float) -> None:
        """Take the lines out of both logs that a lost tick wrote: it is done again."""
        for path in (self.log, self.measures):
            lines = list(lines_of(path))
            kept = [line for line in lines if line["kimg"] <= kimg]
            if path.exists():
                write_whole(path, b"".join(_encoded(line) for line in kept))


def add_line(path: Path, line: Line) -> None:
    """On the disk when this returns: what follows counts on it."""
    with path.open("ab") as file:
        file.write(_encoded(line))
        file.flush()
        os.fsync(file.fileno())


def lines_of(path: Path) -> Iterator[Line]:
    """The whole lines of a log; none where there is no file. A torn last line is passed over."""
    if path.exists():
        for raw in path.read_bytes().splitlines(keepends=True):
            if raw.endswith(b"\n"):
                yield json.loads(raw)


def _encoded(line: Line) -> bytes:
    return json.dumps(line).encode() + b"\n"
