"""The cross-fade of frames between networks, painted in turn where all of them would take too long."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from server.renderer.networks import Generator
from server.renderer.understudy import Part

WHOLE = 256
"""Shares are counted in this many parts, which are as fine as the steps of a uint8."""

NEWEST = 0.2
"""How much the newest measurement counts in a smoothed one."""

Frames = npt.NDArray[np.uint8]
"""(streams, size, size, 3)"""


class Smoothed:
    """A duration, smoothed exponentially; None before the first."""

    def __init__(self) -> None:
        self.seconds: float | None = None

    def add(self, seconds: float) -> None:
        before = seconds if self.seconds is None else self.seconds
        self.seconds = before + NEWEST * (seconds - before)


class Dissolve:
    """Paints the networks on stage and blends their frames. `clock` gives seconds, to measure with."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._costs: dict[str, Smoothed] = {}
        self._blending = Smoothed()
        self._frames: dict[str, Frames] = {}  # of the networks on stage, the longest unpainted first

    def paint(self, parts: Mapping[str, Part], generators: Mapping[str, Generator], room: float) -> Frames:
        """The frames of one tick, uint8 (streams, size, size, 3), of the largest size on stage.

        Where painting every network takes more than `room` seconds, or nobody knows yet, one is painted and
        the last frames of the others serve again. Raises ValueError where a look is refused.
        """
        weights = counted({name: share for name, (share, _) in parts.items()})
        self._frames = {name: frames for name, frames in self._frames.items() if name in weights}
        for name in self._due(weights, room):
            begun = self._clock()
            frames = generators[name].synthesize(parts[name][1])
            self._costs.setdefault(name, Smoothed()).add(self._clock() - begun)
            self._frames.pop(name, None)
            self._frames[name] = frames
        if len(weights) == 1:
            return next(iter(self._frames.values()))
        begun = self._clock()
        size = max(frames.shape[1] for frames in self._frames.values())
        self._frames = {name: fitted(frames, size) for name, frames in self._frames.items()}
        mixed = blended([(weight, self._frames[name]) for name, weight in weights.items()])
        self._blending.add(self._clock() - begun)
        return mixed

    def _due(self, names: Mapping[str, int], room: float) -> list[str]:
        """Which networks are painted in this tick."""
        costs = [self._costs[name].seconds for name in names if name in self._costs]
        known = [cost for cost in costs if cost is not None]
        if len(names) == 1 or (
            len(known) == len(names) and sum(known) + (self._blending.seconds or 0.0) <= room
        ):
            return list(names)
        new = [name for name in names if name not in self._frames]
        return new or [next(iter(self._frames))]


def counted(shares: Mapping[str, float]) -> dict[str, int]:
    """Shares as parts of WHOLE, which they sum to; those that have none are left out."""
    weights = {name: round(share * WHOLE) for name, share in shares.items()}
    largest = max(shares, key=lambda name: shares[name])
    weights[largest] += WHOLE - sum(weights.values())
    return {name: weight for name, weight in weights.items() if weight > 0}


def blended(layers: Sequence[tuple[int, Frames]]) -> Frames:
    """The weighted mean of frames of one size, rounded; the weights sum to WHOLE."""
    total = np.full(layers[0][1].shape, WHOLE // 2, np.uint16)
    for weight, frames in layers:
        total += frames.astype(np.uint16) * np.uint16(weight)
    return (total >> np.uint16(8)).astype(np.uint8)


def fitted(frames: Frames, size: int) -> Frames:
    """The frames at `size`, as they are where they have it."""
    if frames.shape[1] == size:
        return frames
    return np.stack(
        [
            np.asarray(Image.fromarray(frame).resize((size, size), Image.Resampling.BICUBIC))
            for frame in frames
        ]
    )
