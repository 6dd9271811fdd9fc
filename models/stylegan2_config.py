"""The shape of a StyleGAN2: sizes, channels and layers as arithmetic, without torch."""

from dataclasses import asdict, dataclass
from typing import Any

from models.network import Layer

ARCHITECTURES = ("skip", "resnet", "orig")
MAX_SIZE = 4096


@dataclass(frozen=True, slots=True)
class StyleGAN2Config:
    """`channels(r)`: channel_base / r at resolution r, at most channel_max and at least channel_min.

    `architecture`: how pictures leave the network (Karras et al. 2019, figure 7): "skip" sums one of each
    resolution, "resnet" carries features past the two convolutions, "orig" does neither.
    `c_dim`: classes, 0 for none. `embed_dim`, `hidden_dim`: widths inside the mapping network, 0 for w_dim.
    `conv_clamp`: features and pictures are clamped to +- this, None for never.
    """

    size: int
    z_dim: int = 256
    w_dim: int = 256
    mapping_layers: int = 4
    channel_base: int = 4096
    channel_max: int = 128
    c_dim: int = 0
    img_channels: int = 3
    architecture: str = "skip"
    conv_clamp: float | None = None
    embed_dim: int = 0
    hidden_dim: int = 0
    channel_min: int = 1

    def __post_init__(self) -> None:
        if not 8 <= self.size <= MAX_SIZE or self.size & (self.size - 1):
            raise ValueError(
                f"size must be a power of two of at least 8 and at most {MAX_SIZE}, not {self.size}"
            )
        if not 1 <= self.mapping_layers <= 8:
            raise ValueError(f"mapping_layers must be 1 to 8, not {self.mapping_layers}")
        if self.architecture not in ARCHITECTURES:
            raise ValueError(
                f'architecture must be one of {", ".join(ARCHITECTURES)}, not "{self.architecture}"'
            )
        if self.img_channels not in (1, 3):
            raise ValueError(f"img_channels must be 3 (RGB) or 1 (grey), not {self.img_channels}")
        if min(self.z_dim, self.w_dim, self.channel_max, self.channel_min) < 1 or self.c_dim < 0:
            raise ValueError("z_dim, w_dim, channel_max and channel_min must be at least 1")

    @property
    def resolutions(self) -> tuple[int, ...]:
        """4, 8, 16 ... size."""
        return tuple(2**i for i in range(2, self.size.bit_length()))

    @property
    def num_ws(self) -> int:
        """How many layers take a w of their own: every convolution, and the last picture layer."""
        return 2 * len(self.resolutions)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """b4.conv1, b8.conv0, b8.conv1 ... up to the size of the picture."""
        names = [(resolution, conv) for resolution in self.resolutions for conv in ("conv0", "conv1")][1:]
        return tuple(
            Layer(f"b{resolution}.{conv}", resolution, self.channels(resolution), index)
            for index, (resolution, conv) in enumerate(names)
        )

    def channels(self, resolution: int) -> int:
        return max(min(self.channel_base // resolution, self.channel_max), self.channel_min)

    def first_layer(self, resolution: int) -> int:
        """The index in ws of the first layer at `resolution` or above; num_ws where there is none."""
        return next((layer.ws_index for layer in self.layers if layer.resolution >= resolution), self.num_ws)

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)
