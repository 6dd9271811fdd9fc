"""Networks on disk: safetensors in and out, with a header that says what they are.

    format "marrow-1", family "stylegan2" or "stylegan3", config {...}, about {...}, sha256 of the tensors

Reading the header needs no torch, so the show process can judge a file before the renderer starts.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.families import config_of, network_of
from models.network import Config, Layer

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from models.stylegan2 import StyleGAN2
    from models.stylegan3 import StyleGAN3

FORMAT = "marrow-1"
MAX_HEADER = 16 * 2**20


class CheckpointError(Exception):
    """The file cannot be used; the message is one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a network file says of itself."""

    path: Path
    family: str
    config: Mapping[str, Any]
    about: Mapping[str, Any]
    sha256: str
    """Of its tensors: what the network is known by, whatever the file is called."""

    @property
    def shape(self) -> Config:
        """Its sizes, channels and layers. Raises CheckpointError when the config is not one of its family."""
        try:
            return config_of(self.family, self.config)
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"{self.path}: its config cannot be used ({error})") from None

    @property
    def size(self) -> int:
        """The side of its pictures in pixels."""
        return int(self.config["size"])

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that can be bent, in order."""
        return self.shape.layers

    @property
    def num_ws(self) -> int:
        return self.shape.num_ws

    @property
    def c_dim(self) -> int:
        """How many classes it was trained with; 0 for none."""
        return self.shape.c_dim


def read_header(path: Path) -> Header:
    """Read and check a network file, its digest included, without torch.

    Raises CheckpointError when it is missing, foreign, cut short or damaged.
    """
    if path.suffix != ".safetensors":
        raise CheckpointError(
            f"{path}: not a .safetensors file; convert the network first: marrow convert {path}"
        )
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(
            f"{path}: no such file; name the network in config.toml under generator.weights, "
            "or make one with: marrow train"
        ) from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from None
    damaged = CheckpointError(
        f"{path}: damaged or cut short ({len(data)} bytes); copy it again from its source"
    )
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(MAX_HEADER, len(data) - 8):
        raise damaged
    try:
        header = json.loads(data[8 : 8 + length])
        ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name != "__metadata__"]
        metadata = header.get("__metadata__", {})
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise damaged from None
    if 8 + length + max(ends, default=0) != len(data):
        raise damaged
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise CheckpointError(f"{path}: safetensors, but not a Marrow network; convert it first")
    if hashlib.sha256(memoryview(data)[8 + length :]).hexdigest() != metadata.get("sha256"):
        raise damaged
    try:
        config, about = json.loads(metadata["config"]), json.loads(metadata["about"])
        header = Header(path, str(metadata["family"]), config, about, metadata["sha256"])
        _ = header.size
    except (ValueError, TypeError, KeyError):
        raise damaged from None
    return header


def save(path: Path, family: str, config: Mapping[str, Any], tensors: "Mapping[str, torch.Tensor]",
         about: Mapping[str, Any]) -> None:  # fmt: skip
    """Write a network whole or not at all: a temporary file beside it, then a rename."""
    arrays = {name: tensor.detach().cpu().contiguous().numpy() for name, tensor in tensors.items()}
    save_arrays(path, family, config, arrays, about)


def save_arrays(path: Path, family: str, config: Mapping[str, Any], arrays: "Mapping[str, NDArray[Any]]",
                about: Mapping[str, Any]) -> None:  # fmt: skip
    """As `save`, without torch. The same network gives the same bytes."""
    import numpy as np
    from safetensors.numpy import save as to_bytes

    # NumPy's own ascontiguousarray would give a single number an axis.
    plain = {name: np.array(numbers, order="C") for name, numbers in arrays.items()}
    tensors = to_bytes(plain)
    length = int.from_bytes(tensors[:8], "little")
    body = memoryview(tensors)[8 + length :]
    # The library writes metadata in any order; ours is sorted, so that equal networks are equal files.
    metadata = {
        "format": FORMAT, "family": family, "config": json.dumps(config), "about": json.dumps(about),
        "sha256": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip
    header = json.dumps({"__metadata__": metadata} | json.loads(tensors[8 : 8 + length])).encode()
    header += b" " * (-len(header) % 8)
    write_whole(path, len(header).to_bytes(8, "little") + header + body)


def discriminator_beside(network: Path) -> Path:
    """Where the discriminator of a converted network lies, if it was converted too."""
    return network.with_name(f"{network.stem}.discriminator.safetensors")


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file in one step, so that a power cut leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path: Path) -> "tuple[Header, dict[str, torch.Tensor]]":
    """The header and the tensors, in float32. Raises CheckpointError."""
    from safetensors.torch import load as from_bytes

    header = read_header(path)
    return header, {name: tensor.float() for name, tensor in from_bytes(path.read_bytes()).items()}


def build(path: Path) -> "tuple[Header, StyleGAN2 | StyleGAN3]":
    """The network of a file, its weights in place. Raises CheckpointError when they do not fit its config."""
    import torch

    header, tensors = load(path)
    # Shapes without memory: a config that asks for more than the file holds is refused before it costs any.
    with torch.device("meta"):
        network = network_of(header.shape)
    try:
        network.load_state_dict(tensors, assign=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise CheckpointError(f"{path}: its tensors do not fit its config ({reason})") from None
    return header, network
