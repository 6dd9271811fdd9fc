"""The generator: a network kept resident and warm; looks in, uint8 frames out."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models import atlas, budget, checkpoint
from models.backends.choice import Choice, Name, choose
from models.bends import BendLike, Bends, layer_at
from models.directions.centres import anchor
from models.effects import shadows
from models.latent import Landmarks, LatentLike, Latents, Layout
from models.network import Network

Progress = Callable[[str, float], None]
PROBED = (1, 2, 3, 4)
PROBED_PSI = 0.7


class LookLike(LatentLike, Protocol):
    """One state of the stage: what a picture is made from. Numbers lie in 0..1, psi in 0..1.5."""

    @property
    def noise(self) -> float: ...
    @property
    def shadows(self) -> float: ...
    @property
    def bends(self) -> Sequence[BendLike]: ...
    @property
    def master(self) -> float: ...


class Generator:
    """One thread at a time may use it, and not only the one that loaded it."""

    def __init__(self, network: Network, choice: Choice, latents: Latents, device: torch.device) -> None:
        self._backend, self.why = choice.backend, choice.why
        self._layers = network.layers
        self._latents = latents
        self.size = network.size
        self.device = str(device)
        self.backend = str(choice.backend)

    @classmethod
    def load(
        cls,
        path: Path,
        device: str = "auto",
        style_from: int = 32,
        psi_below: int | None = None,
        backend: Name = "auto",
        batch: int = 1,
        hurry: bool = False,
        progress: Progress | None = None,
    ) -> Self:
        """`device`: "auto", "cpu" or "cuda". `style_from`: from this resolution up, the layers take a look's
        style instead of its latents. `psi_below`: psi acts on the layers below this resolution only; None: on
        all. `batch`: how many looks a frame will have. `hurry`: a show runs beside, so nothing can be timed.

        Raises CheckpointError for a file that cannot be used, its child NoRoom when memory will not do, and
        ValueError for a device or a backend that is not there.
        """
        say = progress or (lambda note, fraction: None)
        chosen = device_of(device)
        say("reading the network", 0.1)
        budget.check(checkpoint.read_header(path), chosen, batch)
        header, network = checkpoint.build(path)
        found, note = atlas.Atlas(), ""
        try:
            found = atlas.load(path)
        except checkpoint.CheckpointError as error:
            # The picture matters more than the looks that name something of the atlas.
            note = f"; its atlas is left out: {error}"
        try:
            generator = cls.of(
                network,
                chosen,
                style_from,
                psi_below,
                backend,
                batch,
                hurry,
                found,
                header.sha256,
                lambda note: say(note, 0.5),
            )
        except torch.OutOfMemoryError as error:
            raise budget.NoRoom(f"{path}: {chosen.type} has no memory left for it ({error})") from None
        generator.why += note
        return generator

    @classmethod
    def of(
        cls,
        network: Network,
        device: torch.device,
        style_from: int = 32,
        psi_below: int | None = None,
        backend: Name = "auto",
        batch: int = 1,
        hurry: bool = False,
        found: atlas.Atlas | None = None,
        identity: str = "",
        say: Callable[[str], None] = lambda note: None,
    ) -> Self:
        """A network in memory. `identity`: what it is known by, "" to remember nothing of it."""
        if device.type == "cpu":
            # One core stays with the show process and the page. Torch's threads that share a core with
            # anything wait for each other in every layer, and a frame takes ten times as long.
            torch.set_num_threads(max(1, cores() - 1))
        module = cast("nn.Module", network)
        module.eval().requires_grad_(False).to(device)
        cast("nn.Module", network.mapping).to("cpu")
        cutoff = None if psi_below is None else network.first_layer(psi_below)
        fine = network.first_layer(style_from)
        layout = Layout(network.z_dim, network.w_dim, network.c_dim, network.num_ws, fine, cutoff)
        latents = Latents(network.mapping, layout, _landmarks(found or atlas.Atlas(), network.num_ws))

        def sample() -> Tensor:
            return latents.ws([Probed(str(seed)) for seed in PROBED])

        choice = choose(network, device, backend, identity, batch, sample, hurry=hurry, say=say)
        return cls(network, choice, latents, device)

    def warm_up(self, batch: int, bent_at: Iterable[str] = ()) -> None:
        """Make the first real frame as fast as the next ones. `bent_at`: where looks will bend (`Bend.at`).

        A place that this network does not have is passed over: looks that bend there are refused later.
        """
        cuts = set()
        for at in bent_at:
            try:
                cuts.add(layer_at(self._layers, at).name)
            except ValueError:
                continue
        with torch.inference_mode():
            for _ in range(2):
                self._backend.prepare(self._latents.ws([Probed("mean")] * batch), cuts)

    def ws(self, looks: Sequence[LookLike]) -> Tensor:
        """The latents of looks, (n, num_ws, w_dim). Raises ValueError."""
        return self._latents.ws(looks)

    def synthesize(self, looks: Sequence[LookLike]) -> NDArray[np.uint8]:
        """One frame for each look, in one batch: uint8 (n, size, size, 3). Raises ValueError."""
        bends = Bends([look.bends for look in looks], self._layers)
        with torch.inference_mode():
            ws = self.ws(looks)
            noise, shade, master = torch.tensor(
                [[look.noise, look.shadows, look.master] for look in looks], dtype=torch.float32
            ).unbind(dim=1)
            if not shade.any():
                return _to_host(self._backend.paint(ws, noise, master, bends or None))
            # Silhouettes are cut in full light.
            frames = self._backend.paint(ws, noise, torch.ones_like(master), bends or None)
            lit = master.to(frames.device)[:, None, None, None]
            return _to_host((shadows(frames, shade.to(frames.device)) * lit).round().to(torch.uint8))


class Probed:
    """The look of a key as it is, for judging and warming up."""

    style: tuple[tuple[str, float], ...]
    classes: tuple[tuple[int, float], ...] = ()
    psi = PROBED_PSI
    modes = 0.0

    def __init__(self, key: str) -> None:
        self.latents = self.style = ((key, 1.0),)


def _to_host(frames: Tensor) -> NDArray[np.uint8]:
    """An array that stays as it is when the next frame is painted."""
    if frames.device.type == "cpu":
        return frames.numpy()
    # Pinned memory is reused by torch once the array is gone, and a copy into it needs no second one.
    host = torch.empty(frames.shape, dtype=torch.uint8, pin_memory=True)
    host.copy_(frames, non_blocking=True)
    torch.cuda.current_stream().synchronize()
    return host.numpy()


def _landmarks(found: atlas.Atlas, num_ws: int) -> Landmarks:
    offsets = {}
    for name, direction in found.directions.items():
        rows = torch.arange(num_ws)[:, None]
        first, last = direction.layers
        offsets[name] = direction.vector * ((rows >= first) & (rows <= last))
    centres = found.centres
    pull = None if centres is None else lambda w: anchor(w, centres)
    return Landmarks(found.points, offsets, pull, found.latents)


def device_of(name: str) -> torch.device:
    """The device that a config names: "auto", "cpu" or "cuda". Raises ValueError where there is none."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError('generator.device is "cuda", but no CUDA device answers; set it to "auto" or "cpu"')
    return torch.device(name)


def cores() -> int:
    """The cores this process may use, which a container or a launcher may have limited."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
