"""What the readers share: tensors taken by name, and sizes worked out from shapes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.convert.arrays import Array
from models.convert.errors import ConvertError

Floats = NDArray[np.float32]

LR_MUL = 0.01
"""The learning rate multiplier that Marrow's mapping layers have built in."""

MEAN_SAMPLES = 10_000
MEAN_SEED = 0


@dataclass(slots=True)
class Parts:
    """The tensors of a file by their own names, read when taken; `finish` refuses what nobody took."""

    nodes: Mapping[str, Any]
    read: Callable[[Any], Array]
    taken: set[str] = field(default_factory=set)

    def __contains__(self, name: str) -> bool:
        return name in self.nodes

    def take(self, name: str, *shape: int | None) -> Floats:
        """A tensor in float32; None in `shape` leaves a length open. Raises ConvertError."""
        if name not in self.nodes:
            raise ConvertError(f'its tensor "{name}" is missing')
        try:
            numbers = self.read(self.nodes[name])
        except ConvertError as error:
            raise ConvertError(f'its tensor "{name}" cannot be used: {error}') from None
        fits = len(numbers.shape) == len(shape) and all(
            wanted in (None, length) for wanted, length in zip(shape, numbers.shape, strict=True)
        )
        if not fits:
            expected = tuple("any" if wanted is None else wanted for wanted in shape)
            raise ConvertError(f'its tensor "{name}" has the shape {numbers.shape} instead of {expected}')
        if not numbers.size:
            raise ConvertError(f'its tensor "{name}" is empty')
        self.taken.add(name)
        return numbers.astype(np.float32)

    def scalar(self, name: str) -> Floats:
        """A single number, however many axes of length one it has, without axes."""
        if name not in self.nodes:
            raise ConvertError(f'its tensor "{name}" is missing')
        numbers = self.read(self.nodes[name])
        if numbers.size != 1:
            raise ConvertError(f'its tensor "{name}" has the shape {numbers.shape} instead of one number')
        self.taken.add(name)
        return numbers.astype(np.float32).reshape(())

    def fir(self, name: str) -> None:
        """Check that a filter is (1, 3, 3, 1) on both axes, up to its gain. Absent is fine."""
        if name not in self.nodes or self.nodes[name] is None:
            return
        taps = self.take(name, 4, 4)
        known = np.outer((1, 3, 3, 1), (1, 3, 3, 1)) / 64
        if not np.allclose(taps / (taps.sum() or 1), known, atol=1e-4):
            raise ConvertError(
                f'its filter "{name}" is not (1, 3, 3, 1), the only one that this version plays'
            )

    def finish(self) -> None:
        """Raises ConvertError for a tensor that nobody took: the network is not what it was taken for."""
        left = sorted(
            name for name, node in self.nodes.items() if node is not None and name not in self.taken
        )
        if left:
            raise ConvertError(f'its tensor "{left[0]}" has no place in a network of this kind')


def channel_rule(channels: Mapping[int, int]) -> tuple[int, int]:
    """(base, max) so that min(base // r, max) gives these channels at each resolution r: 4, 8, 16 ...

    Raises ConvertError when no such rule does, or a resolution is missing.
    """
    if sorted(channels) != [4 * 2**step for step in range(len(channels))]:
        raise ConvertError(f"its resolutions are {sorted(channels)}, not 4, 8, 16 and so on"[:200])
    top = max(channels.values())
    base = max(count * resolution for resolution, count in channels.items())
    for resolution, count in channels.items():
        if min(base // resolution, top) != count:
            raise ConvertError(f"its {count} channels at {resolution} x {resolution} follow no known rule")
    return base, top


def mean_w(tensors: Mapping[str, Floats], classes: int) -> Floats:
    """The mean of 10,000 mapped z (and evenly drawn classes), for a file that keeps no w_avg: (w_dim,)."""
    random = np.random.RandomState(MEAN_SEED)
    embed = tensors.get("mapping.embed.weight")
    count = sum(name.startswith("mapping.layers.") for name in tensors) // 2
    width = tensors["mapping.layers.0.weight"].shape[1] - (0 if embed is None else len(embed))
    x = _unit(random.randn(MEAN_SAMPLES, width).astype(np.float32))
    if embed is not None:
        drawn = embed.T[random.randint(classes, size=MEAN_SAMPLES)] / np.sqrt(classes, dtype=np.float32)
        x = np.concatenate([x, _unit(drawn + tensors["mapping.embed.bias"])], axis=1)
    for index in range(count):
        weight = tensors[f"mapping.layers.{index}.weight"]
        x = x @ (weight.T * np.float32(LR_MUL / np.sqrt(weight.shape[1])))
        x = x + tensors[f"mapping.layers.{index}.bias"] * np.float32(LR_MUL)
        x = np.maximum(x, x * np.float32(0.2)) * np.sqrt(2, dtype=np.float32)
    return np.asarray(x.mean(axis=0, dtype=np.float64), np.float32)


def _unit(x: Floats) -> Floats:
    return np.asarray(x / np.sqrt(np.square(x).mean(axis=1, keepdims=True) + 1e-8), np.float32)
