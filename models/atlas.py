"""The atlas of a network: named directions, points of W and of Z, centres of W, in a file beside it.

    NETWORK.atlas.safetensors: format "marrow-atlas-1", network (sha256 of its tensors), about {...}, sha256

Reading the names needs no torch, so the show process can check a look before the renderer starts.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.checkpoint import MAX_HEADER, CheckpointError, write_whole

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = "marrow-atlas-1"
SUFFIX = ".atlas.safetensors"
NAME = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
POINT_NAME = re.compile(rf"{NAME.pattern}(\.{NAME.pattern})?", re.ASCII)
DIRECTION, POINT, LATENT, CENTRES = "direction.", "point.", "latent.", "centres"


@dataclass(frozen=True, slots=True)
class AtlasNames:
    """What an atlas holds: the "+names", the "@names" of W, how many centres for `modes`, the "@names" of Z.

    `latents`: name -> the sha256 of its numbers; equal points have equal ones.
    """

    directions: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    centres: int = 0
    latents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """A way through W. `vector` (w_dim,) is one standard deviation of W long, measured along itself.

    `layers`: the first and the last row of ws that it moves. `about`: where it comes from, plain values.
    """

    vector: "Tensor"
    layers: tuple[int, int]
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """`points`: W+ each, (num_ws, w_dim). `centres`: k-means centres of W, (k, w_dim), or None.

    `latents`: points of Z, (z_dim,) each, in float64, as clips begin and end at them. No name is in both.
    """

    directions: Mapping[str, Direction] = field(default_factory=dict)
    points: Mapping[str, "Tensor"] = field(default_factory=dict)
    centres: "Tensor | None" = None
    latents: Mapping[str, "Tensor"] = field(default_factory=dict)


def atlas_path(network: Path) -> Path:
    """Where the atlas of a network lies, there or not."""
    return network.with_name(network.name.removesuffix(".safetensors") + SUFFIX)


def read_names(network: Path) -> AtlasNames:
    """The names in a network's atlas, without torch; empty when it has none.

    Raises CheckpointError when the atlas is damaged or another network's.
    """
    data = _read(network)
    if data is None:
        return AtlasNames()
    shapes, _ = _checked(network, data)
    return AtlasNames(
        tuple(name.removeprefix(DIRECTION) for name in shapes if name.startswith(DIRECTION)),
        tuple(name.removeprefix(POINT) for name in shapes if name.startswith(POINT)),
        shapes[CENTRES][0] if CENTRES in shapes else 0,
        {name.removeprefix(LATENT): _digest_in(data, name) for name in shapes if name.startswith(LATENT)},
    )


def load(network: Path) -> Atlas:
    """The atlas of a network, W in float32; an empty one when there is no file. Raises CheckpointError."""
    from safetensors import SafetensorError
    from safetensors.torch import load as from_bytes

    data = _read(network)
    if data is None:
        return Atlas()
    shapes, directions = _checked(network, data)
    try:
        tensors = {
            name: tensor.double() if name.startswith(LATENT) else tensor.float()
            for name, tensor in from_bytes(data).items()
        }
    except SafetensorError:
        raise _damaged(network, data) from None
    return Atlas(
        {
            name: Direction(
                tensors[DIRECTION + name], (entry["layers"][0], entry["layers"][1]), entry["about"]
            )
            for name, entry in directions.items()
        },
        {name.removeprefix(POINT): tensors[name] for name in shapes if name.startswith(POINT)},
        tensors.get(CENTRES),
        {name.removeprefix(LATENT): tensors[name] for name in shapes if name.startswith(LATENT)},
    )


def save(network: Path, atlas: Atlas) -> Path:
    """Write the atlas of a network whole or not at all. Raises ValueError for a name that no look can say."""
    from safetensors.torch import save as to_bytes

    for name in atlas.directions:
        check_name(name)
    for name in (*atlas.points, *atlas.latents):
        check_point_name(name)
    if both := atlas.points.keys() & atlas.latents.keys():
        raise ValueError(f"@{min(both)} cannot be a point of W and of Z")
    tensors = {DIRECTION + name: direction.vector for name, direction in atlas.directions.items()}
    tensors |= {POINT + name: point for name, point in atlas.points.items()}
    if atlas.centres is not None:
        tensors[CENTRES] = atlas.centres
    plain = {name: tensor.detach().float().cpu().contiguous() for name, tensor in tensors.items()}
    for name, z in atlas.latents.items():
        plain[LATENT + name] = z.detach().double().cpu().clone()  # two names may share one tensor
    about = {
        name: {"layers": list(direction.layers), "about": dict(direction.about)}
        for name, direction in atlas.directions.items()
    }
    metadata = {
        "format": FORMAT,
        "network": _digest_of(network),
        "directions": json.dumps(about),
        "points": json.dumps(list(atlas.points)),
    }
    if atlas.latents:
        metadata["latents"] = json.dumps(list(atlas.latents))
    bare = to_bytes(plain, metadata)
    metadata["sha256"] = hashlib.sha256(_body(bare)).hexdigest()
    path = atlas_path(network)
    write_whole(path, to_bytes(plain, metadata))
    return path


def update(network: Path, change: Callable[[Atlas], Atlas]) -> Atlas:
    """Change what the file holds at this moment, so that of two commands neither undoes the other."""
    atlas = change(load(network))
    save(network, atlas)
    return atlas


def check_name(name: str) -> str:
    """The name, if a look can say it. Raises ValueError."""
    if not NAME.fullmatch(name):
        raise ValueError(
            f'"{name}" cannot be a name: expected a letter, then letters, digits, "_" or "-", 64 at most'
        )
    return name


def check_point_name(name: str) -> str:
    """The same for a point: two such names with a dot between, "apple.from", are one too."""
    return name if POINT_NAME.fullmatch(name) else check_name(name)


def _read(network: Path) -> bytes | None:
    path = atlas_path(network)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from None


def _checked(network: Path, data: bytes) -> tuple[dict[str, tuple[int, ...]], dict[str, Any]]:
    """The shapes of the tensors in the order of the atlas, and what is said of each direction."""
    path = atlas_path(network)
    damaged = _damaged(network, data)
    try:
        header = _header_of(data[: 8 + MAX_HEADER])
        metadata = header.pop("__metadata__", {})
        if metadata.get("format") != FORMAT:
            raise CheckpointError(f"{path}: not an atlas; move it away and run: marrow directions {network}")
        if metadata.get("sha256") != hashlib.sha256(_body(data)).hexdigest():
            raise damaged
        directions, points = json.loads(metadata["directions"]), json.loads(metadata["points"])
        names = [DIRECTION + name for name in directions] + [POINT + name for name in points]
        names += [LATENT + name for name in json.loads(metadata.get("latents", "[]"))]
        names += [CENTRES] if CENTRES in header else []
        if sorted(names) != sorted(header):
            raise damaged
        for name, entry in directions.items():
            first, last = entry["layers"]
            if not (0 <= int(first) <= int(last) and isinstance(entry["about"], dict) and check_name(name)):
                raise damaged
        shapes = {name: tuple(map(int, header[name]["shape"])) for name in names}
        if any(
            len(shape) != (1 if name.startswith((DIRECTION, LATENT)) else 2) for name, shape in shapes.items()
        ):
            raise damaged
        for of_z in (False, True):  # all of them lie in the one W, or in the one Z
            if len({shape[-1] for name, shape in shapes.items() if name.startswith(LATENT) == of_z}) > 1:
                raise damaged
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise damaged from None
    if metadata.get("network") != _digest_of(network):
        raise CheckpointError(
            f"{path}: made for another network than {network.name}; "
            f"move it away and run: marrow directions {network}"
        )
    return shapes, directions


def _damaged(network: Path, data: bytes) -> CheckpointError:
    return CheckpointError(
        f"{atlas_path(network)}: damaged or cut short ({len(data)} bytes); "
        f"move it away and run: marrow directions {network}"
    )


def _digest_of(network: Path) -> str:
    """The sha256 of a network's tensors as its header states it; the tensors themselves are not read."""
    try:
        with network.open("rb") as file:
            start = file.read(8)
            header = _header_of(start + file.read(min(int.from_bytes(start, "little"), MAX_HEADER)))
        return str(header["__metadata__"]["sha256"])
    except OSError as error:
        raise CheckpointError(f"{network}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise CheckpointError(f"{network}: not a Marrow network; convert it first") from None


def _header_of(data: bytes) -> dict[str, Any]:
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        raise ValueError("cut short")
    header = json.loads(data[8 : 8 + length])
    if not isinstance(header, dict):
        raise TypeError("not a header")
    return header


def _digest_in(data: bytes, name: str) -> str:
    start, end = _header_of(data)[name]["data_offsets"]
    return hashlib.sha256(_body(data)[start:end]).hexdigest()


def _body(data: bytes) -> memoryview:
    return memoryview(data)[8 + int.from_bytes(data[:8], "little") :]
