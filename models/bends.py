"""Network bending: what is done to the features inside a network, between two of its layers.

After Broad, Leymarie and Grierson 2021, "Network Bending: Expressive Manipulation of Deep Generative Models".
Each bend acts on some channels of one layer. Its `amount` a lies in 0..1: 0 leaves the features as they are,
1 is the whole of it, and what lies between moves without steps, so a control can drive it. Bends on one layer
act one after another, in the order in which they are given. A frame without bends does not pass through here.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from models.network import Layer

CHANNELS = re.compile(r"|even|odd|\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*", re.ASCII)
"""Which channels: "" all of them, "even", "odd", or numbers and ranges from 0 on, "0-15,40"."""


class BendLike(Protocol):
    """One bend. `at`: a resolution ("64": the last layer there) or a layer's name; `by`: see BENDS."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def channels(self) -> str: ...
    @property
    def by(self) -> Sequence[float]: ...
    @property
    def amount(self) -> float: ...


def noise(x: Tensor, a: Tensor, deviations: float) -> Tensor:
    """x + a k s n: a fixed pattern n, `deviations` k times as strong as the features' own deviation s."""
    pattern = _pattern(tuple(x.shape[1:])).to(x)
    return x + pattern * x.float().std(dim=(1, 2, 3), keepdim=True).to(x) * (a * deviations)


def threshold(x: Tensor, a: Tensor, deviations: float) -> Tensor:
    """Towards a hard cut at `deviations` k over the mean: 2 s where x > mean + k s, and 0 elsewhere."""
    spread = x.float().std(dim=(1, 2, 3), keepdim=True).to(x)
    mean = x.float().mean(dim=(1, 2, 3), keepdim=True).to(x)
    return x + ((x > mean + spread * deviations).to(x) * 2 * spread - x) * a


def ablate(x: Tensor, a: Tensor) -> Tensor:
    """(1 - a) x: the features fall silent."""
    return x * (1 - a)


def invert(x: Tensor, a: Tensor) -> Tensor:
    """(1 - 2a) x: what spoke for something speaks against it."""
    return x * (1 - 2 * a)


def scale(x: Tensor, a: Tensor, factor: float) -> Tensor:
    """(1 + a (k - 1)) x, k being `factor`."""
    return x * (1 + a * (factor - 1))


def translate(x: Tensor, a: Tensor, right: float, down: float) -> Tensor:
    """Slide by a times these fractions of width and height, around the edges, between samples linearly."""
    moved = []
    for sample, share in zip(x, a.flatten().tolist(), strict=True):
        for dim, fraction in ((-1, right), (-2, down)):
            sample = _slide(sample, share * fraction * sample.shape[dim], dim)
        moved.append(sample)
    return torch.stack(moved)


def rotate(x: Tensor, a: Tensor, degrees: float) -> Tensor:
    """Turn by a times so many degrees about the middle, anticlockwise as seen; mirrored beyond the edges."""
    angle = torch.deg2rad(a.flatten().float() * degrees)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    matrix = torch.stack([torch.stack([cos, -sin, zero], 1), torch.stack([sin, cos, zero], 1)], 1)
    grid = F.affine_grid(matrix, list(x.shape), align_corners=False).to(x)
    return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)


def dilate(x: Tensor, a: Tensor, radius: float) -> Tensor:
    """The largest value within a times `radius` samples (in a square); between whole radii, in proportion."""
    grown = []
    for sample, share in zip(x, a.flatten().tolist(), strict=True):
        whole = int(share * radius)
        near, far = (_largest(sample[None], whole + more)[0] for more in (0, 1))
        grown.append(near + (far - near) * (share * radius - whole))
    return torch.stack(grown)


def erode(x: Tensor, a: Tensor, radius: float) -> Tensor:
    """The smallest value within a times `radius` samples."""
    return -dilate(-x, a, radius)


BENDS: dict[str, tuple[Callable[..., Tensor], tuple[float, ...]]] = {
    "noise": (noise, (1.0,)),
    "threshold": (threshold, (0.0,)),
    "ablate": (ablate, ()),
    "invert": (invert, ()),
    "scale": (scale, (2.0,)),
    "translate": (translate, (0.25, 0.0)),
    "rotate": (rotate, (90.0,)),
    "erode": (erode, (2.0,)),
    "dilate": (dilate, (2.0,)),
}
"""Kind -> what it does, and the `by` it takes where none is given."""


def layer_at(layers: Sequence[Layer], at: str) -> Layer:
    """The layer of that name, or the last one at that resolution. Raises ValueError."""
    for layer in reversed(layers):
        if at in (layer.name, str(layer.resolution)):
            return layer
    known = ", ".join(dict.fromkeys(str(layer.resolution) for layer in layers))
    raise ValueError(f'the network has no layer "{at}": expected one of the resolutions {known}, or a name')


class Bends:
    """The bends of a batch of pictures, as the hook that a network calls after its layers."""

    def __init__(self, pictures: Sequence[Iterable[BendLike]], layers: Sequence[Layer]) -> None:
        """`pictures`: the bends of each. Raises ValueError for an unknown kind, layer, channel or `by`."""
        self._amounts: dict[tuple[str, str, str, tuple[float, ...]], list[float]] = {}
        for index, bends in enumerate(pictures):
            for bend in bends:
                if bend.kind not in BENDS:
                    raise ValueError(f'unknown bend "{bend.kind}": expected one of {", ".join(BENDS)}')
                if not bend.amount:
                    continue
                by = tuple(bend.by) or BENDS[bend.kind][1]
                if len(by) != len(BENDS[bend.kind][1]):
                    wanted = len(BENDS[bend.kind][1])
                    raise ValueError(f"the bend {bend.kind} takes {wanted} numbers as `by`, not {len(by)}")
                layer = layer_at(layers, bend.at)
                _chosen(bend.channels, layer.channels)
                amounts = self._amounts.setdefault(
                    (layer.name, bend.kind, bend.channels, by), [0.0] * len(pictures)
                )
                amounts[index] = min(1.0, amounts[index] + bend.amount)

    def __bool__(self) -> bool:
        return bool(self._amounts)

    @property
    def layers(self) -> frozenset[str]:
        """The names of the layers that are bent."""
        return frozenset(layer for layer, *_ in self._amounts)

    def __call__(self, layer: Layer, x: Tensor) -> Tensor:
        for (name, kind, channels, by), amounts in self._amounts.items():
            if name != layer.name:
                continue
            bend, a = BENDS[kind][0], torch.tensor(amounts).to(x)[:, None, None, None]
            if not channels:
                x = bend(x, a, *by)
            else:
                chosen = _chosen(channels, x.shape[1])
                x = x.clone()
                x[:, chosen] = bend(x[:, chosen], a, *by)
        return x


@lru_cache(maxsize=64)
def _chosen(channels: str, count: int) -> list[int]:
    """The indexes that a channel set names among `count` channels. Raises ValueError when there are none."""
    if not CHANNELS.fullmatch(channels):
        raise ValueError(f'channels "{channels[:40]}": expected "even", "odd", or numbers such as "0-15,40"')
    if channels in ("", "even", "odd"):
        return list(range(int(channels == "odd"), count, 2 if channels else 1))
    named: set[int] = set()
    for part in channels.split(","):
        first, _, last = part.partition("-")
        named.update(range(int(first), min(int(last or first), count - 1) + 1))
    if not named:
        raise ValueError(f'channels "{channels[:40]}": the layer has only the channels 0 to {count - 1}')
    return sorted(named)


@lru_cache(maxsize=8)
def _pattern(shape: tuple[int, ...]) -> Tensor:
    """White noise of a layer's shape, always the same: drawing it anew would cost more than the network."""
    return torch.randn(1, *shape, generator=torch.Generator().manual_seed(shape[-1]))


def _slide(x: Tensor, samples: float, dim: int) -> Tensor:
    whole, fraction = divmod(samples, 1.0)
    x = x.roll(int(whole), dims=dim)
    return x + (x.roll(1, dims=dim) - x) * fraction if fraction else x


def _largest(x: Tensor, radius: int) -> Tensor:
    return F.max_pool2d(x, 2 * radius + 1, stride=1, padding=radius) if radius else x
