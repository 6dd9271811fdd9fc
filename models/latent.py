"""Latents: from the names and weights that a look carries to the ws that a synthesis network takes.

A key of a point is a seed written in decimal, "7", "mean" (the network's w_avg), or "@name", a point of the
network's atlas. The weights of those sum to one, so the point stays on the plane of its keys and psi keeps
its meaning. "+name" is an offset: a direction of the atlas, one unit being one standard deviation of W.

Seeds and points of Z ("@apple.from") have a z. Between two of those, "7~@apple.from:117/431" is a point too:
117 of 431 equal steps on the straight way through Z, then mapped; the same whenever it is asked for.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Point = tuple[tuple[str, float], ...]
Anchor = Callable[[Tensor], Tensor]
"""w (n, w_dim) -> where psi pulls each of them to, (n, w_dim)."""

MEAN = "mean"
MAX_SEED = 2**32 - 1
CACHED_KEYS = 4096
STEP = re.compile(r"([^~:]+)~([^~:]+):(\d{1,6})/([1-9]\d{0,5})", re.ASCII)


class LatentLike(Protocol):
    """What of a look says where in latent space it is. `classes`: (index, weight) pairs, or ()."""

    @property
    def latents(self) -> Point: ...
    @property
    def style(self) -> Point: ...
    @property
    def classes(self) -> Sequence[tuple[int, float]]: ...
    @property
    def psi(self) -> float: ...
    @property
    def modes(self) -> float: ...


def seed_of(key: str) -> int | None:
    """The seed that a key names, or None for "mean". Raises ValueError for anything else."""
    if key == MEAN:
        return None
    if not (key.isascii() and key.isdecimal()) or int(key) > MAX_SEED:
        raise ValueError(f'"{key}" is not a latent: expected a seed from 0 to {MAX_SEED}, or "{MEAN}"')
    return int(key)


def z_of(seed: int, z_dim: int) -> NDArray[np.float32]:
    """z of a seed, (z_dim,). NumPy's legacy generator: seeds mean what they mean in the StyleGAN tools."""
    return np.random.RandomState(seed).randn(z_dim).astype(np.float32)


class MappingLike(Protocol):
    """The mapping network: z (n, z_dim), one-hot classes c (n, c_dim) or None -> w (n, w_dim)."""

    @property
    def w_avg(self) -> Tensor: ...

    def __call__(self, z: Tensor, c: Tensor | None = None) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Layout:
    """How a network's ws are made up: `first_fine` and `cutoff` are indexes of ws, cutoff None means all."""

    z_dim: int
    w_dim: int
    c_dim: int
    num_ws: int
    first_fine: int
    cutoff: int | None = None


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What an atlas adds to a network: points and offsets, (num_ws, w_dim) each, the modes of W, and
    points of Z, (z_dim,) each in float64."""

    points: Mapping[str, Tensor] = field(default_factory=dict)
    offsets: Mapping[str, Tensor] = field(default_factory=dict)
    anchor: Anchor | None = None
    latents: Mapping[str, Tensor] = field(default_factory=dict)


class Latents:
    """Finds ws for looks, on the CPU in float32: small sums, the same whatever then paints the picture."""

    def __init__(self, mapping: MappingLike, layout: Layout, landmarks: Landmarks) -> None:
        self._mapping = mapping
        self._layout = layout
        self._landmarks = landmarks
        self._mean = mapping.w_avg.detach().float().cpu()
        self._fine = torch.arange(layout.num_ws)[:, None] >= layout.first_fine
        self._pulled = torch.arange(layout.num_ws)[:, None] < (
            layout.num_ws if layout.cutoff is None else layout.cutoff
        )
        self._cache: OrderedDict[tuple[str, int], Tensor] = OrderedDict()

    def ws(self, looks: Sequence[LatentLike]) -> Tensor:
        """The latents of looks, mixed and truncated: (n, num_ws, w_dim). Raises ValueError."""
        return torch.stack([self._one(look) for look in looks])

    def w(self, key: str, index: int = 0) -> Tensor:
        """w of a key, for the class of that index where the network knows classes: (1 or num_ws, w_dim).

        Kept, for as long as there is room. Raises ValueError for a key that means nothing here.
        """
        found = self._cache.get((key, index))
        if found is None:
            found = self._cache[key, index] = self._find(key, index)
            if len(self._cache) > CACHED_KEYS:
                self._cache.popitem(last=False)
        self._cache.move_to_end((key, index))
        return found

    def _find(self, key: str, index: int) -> Tensor:
        if self._of_z(key):
            c = None
            if self._layout.c_dim:
                c = torch.nn.functional.one_hot(torch.tensor([index]), self._layout.c_dim).float()
            with torch.inference_mode():
                return self._mapping(self._z(key).float()[None], c)
        if key.startswith("@"):
            return self._point(key, self._landmarks.points)
        if key.startswith("+"):
            # A direction of another network: while two networks cross-fade, both are given all that moves.
            return self._landmarks.offsets.get(key[1:], torch.zeros(1, self._layout.w_dim))
        seed_of(key)
        return self._mean[None]

    def _of_z(self, key: str) -> bool:
        """Whether the key is mapped from a z, for which the class matters."""
        return key[:1].isdigit() or "~" in key or (key[:1] == "@" and key[1:] in self._landmarks.latents)

    def _z(self, key: str) -> Tensor:
        """z of a key, (z_dim,), in float64: what was saved by the tools that clips come from."""
        if step := STEP.fullmatch(key):
            start, end, at = self._z(step[1]), self._z(step[2]), int(step[3]) / int(step[4])
            return start * (1.0 - at) + end * at
        if key.startswith("@"):
            z = self._point(key, self._landmarks.latents)
            if z.shape != (self._layout.z_dim,):
                raise ValueError(
                    f'"{key}" has {len(z)} numbers; a z of this network has {self._layout.z_dim}'
                )
            return z
        seed = seed_of(key)
        if seed is None:
            raise ValueError(f'"{MEAN}" is no point of Z: a clip goes from a seed or a point of Z to another')
        return torch.from_numpy(z_of(seed, self._layout.z_dim)).double()

    def _point(self, key: str, points: Mapping[str, Tensor]) -> Tensor:
        if key[1:] not in points:
            known = ", ".join(f"@{name}" for name in points) or "none"
            of = " of Z" if points is self._landmarks.latents else ""
            raise ValueError(f'"{key}" is not a point{of} of the network\'s atlas; it has: {known}')
        return points[key[1:]]

    def _one(self, look: LatentLike) -> Tensor:
        classes = self._classes(look.classes)
        ws = self._at(look.latents, classes)
        if look.style != look.latents:
            ws = torch.where(self._fine, self._at(look.style, classes), ws)
        if look.psi == 1.0:
            return ws
        anchor = self._mean
        if look.modes and self._landmarks.anchor is not None:
            anchor = anchor + (self._landmarks.anchor(ws) - anchor) * look.modes
        return torch.where(self._pulled, anchor + (ws - anchor) * look.psi, ws)

    def _at(self, point: Point, classes: Sequence[tuple[int, float]]) -> Tensor:
        """A weighted sum of ws, (num_ws, w_dim). Class weights act in W, where every class is cached."""
        ws = torch.zeros(self._layout.num_ws, self._layout.w_dim)
        for key, weight in point:
            for index, share in classes if self._of_z(key) else ((0, 1.0),):
                ws += self.w(key, index) * (weight * share)
        return ws

    def _classes(self, wanted: Sequence[tuple[int, float]]) -> Sequence[tuple[int, float]]:
        """Shares that sum to one. Without any, the first class; a network that knows none ignores them."""
        if not self._layout.c_dim:
            return ((0, 1.0),)
        for index, _ in wanted:
            if not 0 <= index < self._layout.c_dim:
                raise ValueError(f"the network has the classes 0 to {self._layout.c_dim - 1}, not {index}")
        whole = sum(weight for _, weight in wanted)
        return [(index, weight / whole) for index, weight in wanted] if whole else ((0, 1.0),)
