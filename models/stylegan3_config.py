"""The shape of a StyleGAN3: sampling rates, cutoffs, sizes and channels as arithmetic, without torch.

Formulas: Karras et al. 2021, "Alias-Free Generative Adversarial Networks", section 3 and appendix C.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

from models.network import Layer

MAX_SIZE = 4096
MAX_TAPS = 64


@dataclass(frozen=True, slots=True)
class Stage:
    """The signal between two layers. Rates and frequencies in samples or cycles across the picture's side."""

    sampling_rate: int
    cutoff: float
    half_width: float
    size: int
    channels: int


@dataclass(frozen=True, slots=True)
class StyleGAN3Config:
    """T: conv_kernel 3; R: conv_kernel 1, radial filters, twice the channels.

    `layer_count` layers raise the cutoff in a geometric series from `first_cutoff` to half the size, which
    the last `critical` layers keep; stopbands go from `first_stopband` to `last_stopband_rel` of that.
    Each layer keeps `margin` samples around the picture. `filter_size` taps for each factor of up-sampling;
    inside the nonlinearity the rate is `lrelu_upsampling` times as high. `conv_clamp`: None for never.
    """

    size: int
    z_dim: int = 512
    w_dim: int = 512
    mapping_layers: int = 2
    channel_base: int = 32768
    channel_max: int = 512
    c_dim: int = 0
    img_channels: int = 3
    layer_count: int = 14
    critical: int = 2
    first_cutoff: float = 2.0
    first_stopband: float = 2**2.1
    last_stopband_rel: float = 2**0.3
    margin: int = 10
    output_scale: float = 0.25
    conv_kernel: int = 3
    filter_size: int = 6
    lrelu_upsampling: int = 2
    radial: bool = False
    conv_clamp: float | None = 256.0

    def __post_init__(self) -> None:
        if not 16 <= self.size <= MAX_SIZE or self.size & (self.size - 1):
            raise ValueError(
                f"size must be a power of two of at least 16 and at most {MAX_SIZE}, not {self.size}"
            )
        if not 1 <= self.mapping_layers <= 8:
            raise ValueError(f"mapping_layers must be 1 to 8, not {self.mapping_layers}")
        if self.conv_kernel not in (1, 3):
            raise ValueError(f"conv_kernel must be 1 or 3, not {self.conv_kernel}")
        if self.img_channels not in (1, 3):
            raise ValueError(f"img_channels must be 3 (RGB) or 1 (grey), not {self.img_channels}")
        if not 1 <= self.critical < self.layer_count <= 64:
            raise ValueError(
                f"layer_count must be above critical ({self.critical}) and at most 64, not {self.layer_count}"
            )
        positive = (
            self.z_dim, self.w_dim, self.channel_base, self.channel_max, self.filter_size,
            self.lrelu_upsampling, self.first_cutoff, self.first_stopband, self.last_stopband_rel,
        )  # fmt: skip
        if min(positive) <= 0 or min(self.c_dim, self.margin) < 0:
            raise ValueError("dimensions, channels, filters and frequencies must be above zero")
        if max(self.margin, self.filter_size, self.lrelu_upsampling) > MAX_TAPS:
            raise ValueError(f"margin, filter_size and lrelu_upsampling must be at most {MAX_TAPS}")
        if min(stage.channels for stage in self.stages) < 1:
            raise ValueError("every layer must have at least one channel")

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The signal after each layer, the picture last."""
        last_cutoff = self.size / 2
        last_stopband = last_cutoff * self.last_stopband_rel
        stages = []
        for index in range(self.layer_count + 1):
            exponent = min(index / (self.layer_count - self.critical), 1.0)
            cutoff = self.first_cutoff * (last_cutoff / self.first_cutoff) ** exponent
            stopband = self.first_stopband * (last_stopband / self.first_stopband) ** exponent
            rate = 2 ** math.ceil(math.log2(min(stopband * 2, self.size)))
            inner = index < self.layer_count - 1
            stages.append(
                Stage(
                    sampling_rate=rate,
                    cutoff=cutoff,
                    half_width=max(stopband, rate / 2) - cutoff,
                    size=rate + 2 * self.margin if inner else self.size,
                    channels=round(min(self.channel_base / 2 / cutoff, self.channel_max))
                    if index < self.layer_count
                    else self.img_channels,
                )
            )
        return tuple(stages)

    @property
    def num_ws(self) -> int:
        """One w for the Fourier features, one for each layer, one for the picture."""
        return self.layer_count + 2

    @property
    def layers(self) -> tuple[Layer, ...]:
        """L0, L1 ... without the last, which makes the picture."""
        return tuple(
            Layer(f"L{index}", stage.sampling_rate, stage.channels, index + 1)
            for index, stage in enumerate(self.stages[:-1])
        )

    def first_layer(self, resolution: int) -> int:
        """The index in ws of the first layer at `resolution` or above; num_ws where there is none."""
        if resolution <= self.stages[0].sampling_rate:
            return 0
        return next((layer.ws_index for layer in self.layers if layer.resolution >= resolution), self.num_ws)

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)
