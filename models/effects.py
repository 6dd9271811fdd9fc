"""What is done to features and to frames: bends inside the network, shadows and the master fade behind it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import torch
from torch import Tensor

SHADOW_THRESHOLD = 50 / 255
SHADOW_SOFTNESS = 0.06


class BendLike(Protocol):
    """One bend: what it does, at which feature resolution, how much (0 does nothing)."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def amount(self) -> float: ...


def bend_noise(x: Tensor, amount: Tensor) -> Tensor:
    """Add a fixed noise pattern, `amount` standard deviations strong."""
    generator = torch.Generator(device="cpu").manual_seed(x.shape[-1])
    pattern = torch.randn(1, *x.shape[1:], generator=generator).to(x)
    deviation = x.float().std(dim=(1, 2, 3), keepdim=True).to(x)
    return x + pattern * deviation * amount


def bend_shift(x: Tensor, amount: Tensor) -> Tensor:
    """Slide every second channel sideways by `amount` of half the width, around the edge, without steps."""
    width = x.shape[-1]
    out = []
    for sample, share in zip(x, amount.flatten().tolist(), strict=True):
        whole, fraction = divmod(share * width / 2, 1.0)
        moved = sample[0::2].roll(int(whole), dims=-1)
        moved = moved + (moved.roll(1, dims=-1) - moved) * fraction
        out.append(torch.stack([moved, sample[1::2]], dim=1).flatten(0, 1))
    return torch.stack(out)


def bend_threshold(x: Tensor, amount: Tensor) -> Tensor:
    """Towards a hard cut: features above their mean become one level, those below fall silent."""
    deviation = x.float().std(dim=(1, 2, 3), keepdim=True).to(x)
    mean = x.float().mean(dim=(1, 2, 3), keepdim=True).to(x)
    return x + ((x > mean).to(x) * 2 * deviation - x) * amount


BENDS = {"noise": bend_noise, "shift": bend_shift, "threshold": bend_threshold}


class Bends:
    """The bends of a batch of pictures, as the hook that the synthesis network calls after each block."""

    def __init__(self, pictures: Sequence[Iterable[BendLike]]) -> None:
        """`pictures`: the bends of each picture. Raises ValueError for an unknown kind."""
        self._amounts: dict[tuple[int, str], list[float]] = {}
        for index, bends in enumerate(pictures):
            for bend in bends:
                if bend.kind not in BENDS:
                    raise ValueError(f'unknown bend "{bend.kind}": expected one of {", ".join(BENDS)}')
                if bend.amount:
                    amounts = self._amounts.setdefault((bend.at, bend.kind), [0.0] * len(pictures))
                    amounts[index] += bend.amount

    def __bool__(self) -> bool:
        return bool(self._amounts)

    def __call__(self, resolution: int, x: Tensor) -> Tensor:
        for (at, kind), amounts in self._amounts.items():
            if at == resolution:
                x = BENDS[kind](x, torch.tensor(amounts).to(x)[:, None, None, None])
        return x


def shadows(x: Tensor, amount: Tensor) -> Tensor:
    """Towards silhouettes: grey, cut at 50 of 255, inverted, so that the family stands dark before light.

    x (n, 3, h, w) in 0..1, amount (n,). The cut has a soft edge, or it would crawl from frame to frame.
    """
    grey = (x * x.new_tensor([0.299, 0.587, 0.114])[:, None, None]).sum(dim=1, keepdim=True)
    lit = ((grey - SHADOW_THRESHOLD) / SHADOW_SOFTNESS + 0.5).clamp(0, 1)
    return x + ((1 - lit) - x) * amount[:, None, None, None]
