"""What every network family offers to the generator, and its layers as names. Needs no torch to import."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Layer:
    """A synthesis layer whose features can be bent.

    `resolution`: its sampling rate, in samples across the picture; `ws_index`: the row of ws that styles it.
    """

    name: str
    resolution: int
    channels: int
    ws_index: int


Bender = Callable[[Layer, "Tensor"], "Tensor"]
"""(layer, features (n, c, h, w)) -> features of the same shape: a hook after each bendable layer."""


class Shape(Protocol):
    """The sizes and layers that a config promises and its network has."""

    @property
    def size(self) -> int: ...
    @property
    def z_dim(self) -> int: ...
    @property
    def w_dim(self) -> int: ...
    @property
    def c_dim(self) -> int: ...
    @property
    def img_channels(self) -> int: ...
    @property
    def num_ws(self) -> int: ...
    @property
    def layers(self) -> tuple[Layer, ...]: ...

    def first_layer(self, resolution: int) -> int: ...


class Config(Shape, Protocol):
    """Everything about a network but its weights."""

    @property
    def mapping_layers(self) -> int: ...

    def to_plain(self) -> dict[str, Any]: ...


class MappingNetwork(Protocol):
    """z (n, z_dim) and classes c (n, c_dim) or None -> w (n, w_dim)."""

    @property
    def w_avg(self) -> "Tensor": ...

    def __call__(self, z: "Tensor", c: "Tensor | None" = None) -> "Tensor": ...


class SynthesisNetwork(Protocol):
    """ws (n, num_ws, w_dim) -> pictures (n, img_channels, size, size), about -1 to 1.

    `noise`: "random" for training, or the strength of the constant noise for each picture, (n,).
    """

    def __call__(
        self, ws: "Tensor", noise: "Tensor | str" = "random", bend: Bender | None = None
    ) -> "Tensor": ...


class Network(Shape, Protocol):
    """A generator network of any family; each is a torch module as well."""

    @property
    def config(self) -> Config: ...
    @property
    def mapping(self) -> MappingNetwork: ...
    @property
    def synthesis(self) -> SynthesisNetwork: ...

    def affines(self) -> "tuple[tuple[int, Tensor], ...]":
        """(ws index, style matrix (channels, w_dim) with its gain applied) of each bendable layer."""
        ...
