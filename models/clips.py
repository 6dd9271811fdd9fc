"""Clips that were saved as files, read without trust, and made points of a network's atlas.

NAME/source.npy, NAME/dest.npy    where the clip begins and ends: 1 x z_dim numbers, a point of Z
NAME/info.json                    {"name": "apple", "snapshot": "network-007743.pkl", "steps": 432}
"""

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import atlas as atlases
from models.atlas import NAME, Atlas

Z = NDArray[np.float64]

LARGEST = 2**20
"""Bytes that any of the three files may have."""
MOST_STEPS = 100_000
MOST_CLIPS = 10_000
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}

_NO_ARRAY = (ValueError, KeyError, TypeError, SyntaxError, TokenError, RecursionError, MemoryError)
"""What reading the header of a file that is no array may raise."""


class ClipError(ValueError):
    """A saved clip that cannot be used; the message says which file, why, and what was expected."""


@dataclass(frozen=True, slots=True, eq=False)
class SavedClip:
    """`start`, `end`: (z_dim,) in float64. `snapshot`: the network it was saved from, if it says."""

    name: str
    folder: Path
    start: Z
    end: Z
    steps: int
    snapshot: str


def folders(root: Path) -> list[Path]:
    """Every folder in `root`, itself included, that has an end of a clip; "take2" comes before "take10".

    Raises ClipError when there is none, or far too many.
    """
    if not root.is_dir():
        raise ClipError(f"{root}: no such folder; expected one that has folders with source.npy and dest.npy")
    found = {path.parent for name in ("source.npy", "dest.npy") for path in root.rglob(name)}
    if not found:
        raise ClipError(f"{root}: no clips in it; a clip is a folder with source.npy, dest.npy and info.json")
    if len(found) > MOST_CLIPS:
        raise ClipError(f"{root}: {len(found)} clips in it; expected {MOST_CLIPS} at most")
    return sorted(found, key=lambda path: [_natural(part) for part in path.relative_to(root).parts])


def read(folder: Path, z_dim: int) -> SavedClip:
    """One saved clip. Raises ClipError; of a file that others have made, nothing is run."""
    info = _read_info(folder / "info.json")
    start, end = (_read_z(folder / name, z_dim) for name in ("source.npy", "dest.npy"))
    return SavedClip(_named(info, folder), folder, start, end, info["steps"], str(info.get("snapshot", "")))


def gap(first: SavedClip, second: SavedClip) -> float:
    """How far (Euclidean, in Z) the second begins from where the first one ends; 0 where they meet."""
    return float(np.linalg.norm(first.end - second.start))


def chains(clips: Sequence[SavedClip]) -> list[list[SavedClip]]:
    """Every clip once, in rows in which each begins exactly where the one before it ends."""
    begin_at: dict[bytes, list[SavedClip]] = {}
    for clip in clips:
        begin_at.setdefault(clip.start.tobytes(), []).append(clip)
    reached = {clip.end.tobytes() for clip in clips}
    firsts = [clip for clip in clips if clip.start.tobytes() not in reached]
    rows, placed = [], set[str]()
    for first in (*firsts, *clips):  # the clips of a ring have no first
        if first.name in placed:
            continue
        row = [first]
        placed.add(first.name)
        while following := [c for c in begin_at.get(row[-1].end.tobytes(), []) if c.name not in placed]:
            row.append(following[0])
            placed.add(following[0].name)
        rows.append(row)
    return rows


def points(clips: Iterable[SavedClip]) -> dict[str, Z]:
    """The points of Z that clips add: "apple.from", "apple.to"."""
    ends = [
        (f"{clip.name}.{end}", z) for clip in clips for end, z in (("from", clip.start), ("to", clip.end))
    ]
    return dict(ends)


def keys(known: Mapping[str, Z], clips: Iterable[SavedClip]) -> dict[str, tuple[str, str]]:
    """Name -> the keys at which each clip begins and ends. Equal points have one key, the first there is.

    So what says that two clips meet is their names alone. `known` are the points of Z that there are already.
    """
    added = points(clips)
    first: dict[bytes, str] = {}
    for name, z in (*((n, z) for n, z in known.items() if n not in added), *added.items()):
        first.setdefault(z.tobytes(), f"@{name}")
    return {clip.name: (first[clip.start.tobytes()], first[clip.end.tobytes()]) for clip in clips}


def known_points(network: Path) -> dict[str, Z]:
    """The points of Z in a network's atlas. Raises CheckpointError."""
    return {name: z.numpy() for name, z in atlases.load(network).latents.items()}


def add(network: Path, clips: Iterable[SavedClip]) -> Path:
    """Put the points of clips into the atlas of a network; a point of the same name makes room."""
    import torch

    added = {name: torch.from_numpy(z) for name, z in points(clips).items()}

    def with_points(atlas: Atlas) -> Atlas:
        return replace(atlas, latents={**atlas.latents, **added})

    atlases.update(network, with_points)
    return atlases.atlas_path(network)


# files


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise ClipError(f"{path}: missing; a clip has source.npy, dest.npy and info.json") from None
    except OSError as error:
        raise ClipError(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > LARGEST:
        raise ClipError(f"{path}: over {LARGEST // 2**20} MiB; that is no part of a clip")
    return data


def _read_z(path: Path, z_dim: int) -> Z:
    file = io.BytesIO(_read(path))
    try:
        version = np.lib.format.read_magic(file)
        shape, _, dtype = _HEADERS[version](file)
    except _NO_ARRAY:
        raise ClipError(f"{path}: not an array of NumPy, or a damaged one; copy it again") from None
    if dtype not in (np.dtype("float32"), np.dtype("float64")):
        raise ClipError(f"{path}: expected numbers (float64), not {dtype}; nothing else is read")
    if shape not in ((1, z_dim), (z_dim,)):
        found = " x ".join(map(str, shape)) or "a single number"
        raise ClipError(f"{path}: expected 1 x {z_dim} numbers, the z of this network, not {found}")
    body = file.read()
    if len(body) != z_dim * dtype.itemsize:
        raise ClipError(f"{path}: cut short, or longer than it says; copy it again")
    z = np.frombuffer(body, dtype).astype(np.float64)
    if not np.isfinite(z).all():
        raise ClipError(f"{path}: it has numbers that are none (NaN or infinite)")
    return z


def _read_info(path: Path) -> dict[str, Any]:
    data = _read(path)
    try:
        info = json.loads(data)
    except (ValueError, RecursionError):
        raise ClipError(f"{path}: not JSON; expected {{name, snapshot, steps}}") from None
    if not isinstance(info, dict):
        raise ClipError(f"{path}: expected {{name, snapshot, steps}}")
    steps = info.get("steps")
    if type(steps) is not int or not 2 <= steps <= MOST_STEPS:
        raise ClipError(f"{path}: steps: expected a whole number from 2 to {MOST_STEPS}, not {steps!r:.40}")
    return info


def _named(info: Mapping[str, Any], folder: Path) -> str:
    """A name that a show can say: letters that it cannot become "_"."""
    said = info.get("name")
    wanted = said if isinstance(said, str) and said.strip() else folder.name
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted.strip()).strip("_")[:64]
    name = name if name[:1].isalpha() else f"clip_{name}"[:64]
    if not NAME.fullmatch(name):
        raise ClipError(f'{folder}: "{wanted[:40]}" cannot be made a name; expected letters')
    return name


def _natural(text: str) -> str:
    """A sorting key by which numbers in names count as numbers."""
    return re.sub(r"\d+", lambda number: number[0].zfill(20), text)
