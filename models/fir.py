"""The FIR filter (1, 3, 3, 1) of StyleGAN2: behind a convolution that doubles, and before one that halves."""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

FIR = (1.0, 3.0, 3.0, 1.0)


def _kernel(x: Tensor, gain: float) -> Tensor:
    """The FIR for each channel of x."""
    # Worked out where x is: a GPU would wait for numbers that are sent to it.
    taps = 4 - 2 * (torch.arange(4, device=x.device) - 1.5).abs()
    return (torch.outer(taps, taps) * (gain / 64)).to(x.dtype).expand(x.shape[1], 1, 4, 4)


class _Blur(torch.autograd.Function):
    """A symmetric FIR is its own transpose: the gradient is the same fast convolution."""

    @staticmethod
    def forward(ctx: object, x: Tensor, gain: float, pad: int) -> Tensor:
        ctx.gain, ctx.pad = gain, pad  # type: ignore[attr-defined]
        return F.conv2d(x, _kernel(x, gain), padding=pad, groups=x.shape[1])

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> tuple[Tensor, None, None]:
        return blur(gradient, gain=ctx.gain, pad=3 - ctx.pad), None, None  # type: ignore[attr-defined]


def blur(x: Tensor, *, pad: int, gain: float = 1.0) -> Tensor:
    """The FIR (1, 3, 3, 1) / 8 on both axes, times gain, `pad` zeros (0 to 3) on every side before.

    (n, c, h, w) -> (n, c, h + 2 pad - 3, w + 2 pad - 3).
    """
    return cast("Tensor", _Blur.apply(x, gain, pad))  # type: ignore[no-untyped-call]


def upsample(x: Tensor) -> Tensor:
    """Twice the size by zero insertion and the FIR: (n, c, h, w) -> (n, c, 2h, 2w).

    Written as its two phases: between two neighbours a and b the new samples are (3a + b) / 4 and
    (a + 3b) / 4: bilinear interpolation with samples at pixel centres, but the border fades into zero.
    """
    return F.interpolate(F.pad(x, (1, 1, 1, 1)), scale_factor=2, mode="bilinear", align_corners=False)[
        :, :, 2:-2, 2:-2
    ]


class _Halve(torch.autograd.Function):
    """The transpose of `upsample`, up to its gain of 4, and so each is the other's gradient."""

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return F.conv2d(x, _kernel(x, 1.0), stride=2, padding=1, groups=x.shape[1])

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        return upsample(gradient) / 4


def halve(x: Tensor) -> Tensor:
    """Half the size behind the FIR: (n, c, h, w) -> (n, c, h / 2, w / 2); h and w are even."""
    return cast("Tensor", _Halve.apply(x))  # type: ignore[no-untyped-call]
