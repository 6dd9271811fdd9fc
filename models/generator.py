"""The generator: a network kept resident and warm; looks in, uint8 frames out."""

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models import checkpoint
from models.effects import BendLike, Bends, shadows
from models.latent import Point, seed_of, z_of
from models.stylegan2 import StyleGAN2, mix_styles, truncate

Progress = Callable[[str, float], None]
CACHED_KEYS = 4096


class LookLike(Protocol):
    """One state of the stage: what a picture is made from. Weights of a point sum to one."""

    @property
    def latents(self) -> Point: ...
    @property
    def style(self) -> Point: ...
    @property
    def psi(self) -> float: ...
    @property
    def noise(self) -> float: ...
    @property
    def shadows(self) -> float: ...
    @property
    def bends(self) -> Sequence[BendLike]: ...
    @property
    def master(self) -> float: ...


def _cores() -> int:
    """The cores this process may use, which a container or a launcher may have limited."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Generator:
    """Owned by one thread, the one that loaded it: `torch.inference_mode` is a property of the thread."""

    def __init__(
        self, network: StyleGAN2, device: torch.device, style_from: int, psi_below: int | None
    ) -> None:
        """`style_from`: from this resolution up, the layers take a look's style instead of its latents.
        `psi_below`: psi acts on the layers below this resolution only; None: on all."""
        self._network = network.eval().requires_grad_(False).to(device)
        self._torch_device = device
        self._first_fine = network.config.first_layer(style_from)
        self._cutoff = None if psi_below is None else network.config.first_layer(psi_below)
        self._cache: OrderedDict[str, Tensor] = OrderedDict()
        self.size = network.config.size
        self.device = str(device)
        self.backend = "torch float32"

    @classmethod
    def load(
        cls,
        path: Path,
        device: str = "auto",
        style_from: int = 32,
        psi_below: int | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """`device`: "auto", "cpu" or "cuda". Raises CheckpointError, or ValueError for a missing device."""
        say = progress or (lambda note, fraction: None)
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        elif device == "cuda" and not torch.cuda.is_available():
            raise ValueError(
                'generator.device is "cuda", but no CUDA device answers; set it to "auto" or "cpu"'
            )
        say("reading the network", 0.2)
        _, network = checkpoint.build(path)
        if device == "cpu":
            # One core stays with the show process and the page. Threads that share a core with anything wait
            # for each other in every layer, and a frame takes ten times as long.
            torch.set_num_threads(max(1, _cores() - 1))
        say(f"moving it to the {device}", 0.6)
        return cls(cast("StyleGAN2", network), torch.device(device), style_from, psi_below)

    def warm_up(self, batch: int) -> None:
        """Make the first real frame as fast as the next ones."""
        with torch.inference_mode():
            ws = self._network.mapping.w_avg.expand(batch, self._network.config.num_ws, -1)
            for _ in range(2):
                self._network.synthesis(ws, noise=torch.ones(batch, device=self._torch_device))

    def w(self, key: str) -> Tensor:
        """w of a key, (w_dim,), cached. Raises ValueError for an unknown key."""
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        seed = seed_of(key)
        mapping = self._network.mapping
        if seed is None:
            w = mapping.w_avg
        else:
            z = torch.from_numpy(z_of(seed, self._network.config.z_dim)).to(self._torch_device)
            with torch.inference_mode():
                w = cast("Tensor", mapping(z[None])[0])
        self._cache[key] = w
        if len(self._cache) > CACHED_KEYS:
            self._cache.popitem(last=False)
        return w

    def ws(self, looks: Sequence[LookLike]) -> Tensor:
        """The latents of looks, truncated by psi: (n, num_ws, w_dim)."""
        coarse = torch.stack([self._at(look.latents) for look in looks])
        fine = torch.stack([self._at(look.style) for look in looks])
        psi = torch.tensor([look.psi for look in looks], device=self._torch_device)
        ws = mix_styles(coarse, fine, self._first_fine, self._network.config.num_ws)
        return truncate(ws, self._network.mapping.w_avg, psi, self._cutoff)

    def _at(self, point: Point) -> Tensor:
        weights = torch.tensor([weight for _, weight in point], device=self._torch_device)
        return weights @ torch.stack([self.w(key) for key, _ in point])

    def synthesize(self, looks: Sequence[LookLike]) -> NDArray[np.uint8]:
        """One frame for each look, in one batch: uint8 (n, size, size, 3). Raises ValueError."""
        bends = Bends([look.bends for look in looks])
        with torch.inference_mode():
            noise, shade, master = (
                torch.tensor(values, device=self._torch_device)
                for values in zip(*((look.noise, look.shadows, look.master) for look in looks), strict=True)
            )
            x = self._network.synthesis(self.ws(looks), noise, bends if bends else None)
            x = (x * 0.5 + 0.5).clamp(0, 1)
            if shade.any():
                x = shadows(x, shade)
            x = (x * (master * 255)[:, None, None, None]).round().to(torch.uint8)
            return cast("NDArray[np.uint8]", x.permute(0, 2, 3, 1).contiguous().cpu().numpy())
