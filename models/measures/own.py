"""Tier C: features that a small network learns from the user's own pictures, without labels."""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.measures.features import Pixels, Progress, evenly, no_larger, silent, sized, to_tensor

SIDE = 64
WIDTHS = (3, 24, 48, 96, 96)
LEARNS_FROM = 4000
STEPS = 300
BATCH = 64
RATE = 1e-3
TEMPERATURE = 0.2
VERSION = 1
"""Goes up when the recipe changes, so that nothing learnt by an older one is used."""


class OwnNet(nn.Module):
    """Four stages of convolution, group normalisation and halving; described by mean and deviation."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, padding=1) for inputs, outputs in pairwise(WIDTHS)
        )
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for width in WIDTHS[1:])

    def forward(self, x: Tensor) -> Tensor:
        """Pictures (n, 3, 64, 64) -> (n, 6 x the last two widths): means, deviations and 2 x 2 pools."""
        parts = []
        for stage, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            x = F.leaky_relu(norm(conv(x)), 0.2)
            if stage >= len(WIDTHS) - 3:
                deviation = (x.var(dim=(2, 3), correction=0) + 1e-6).sqrt()
                parts += [x.mean(dim=(2, 3)), deviation, F.adaptive_avg_pool2d(x, 2).flatten(1)]
            x = F.avg_pool2d(x, 2)
        return torch.cat(parts, dim=1)


class OwnFeatures:
    """Tier C. It looks at 64 px: what is finer, it does not see."""

    def __init__(self, net: OwnNet, learnt_from: int, device: torch.device) -> None:
        self.device = device
        self.tier = f"C: a small network taught on {learnt_from} of your own pictures, at {SIDE} px"
        self._net = net.to(device).eval().requires_grad_(False)

    def of(self, pictures: Tensor) -> Tensor:
        return cast("Tensor", self._net(sized(pictures.to(self.device), SIDE)))


def own_features(
    train: Pixels,
    cache: Path | None,
    seed: int,
    device: torch.device,
    progress: Progress = silent,
    steps: int = STEPS,
) -> OwnFeatures:
    """Learnt from train (n, size, size, 3), or taken from the folder `cache` where it was learnt before.

    Raises ValueError below four pictures.
    """
    if len(train) < 4:
        raise ValueError(f"{len(train)} pictures are too few to learn features from: expected at least 4")
    chosen = evenly(train, LEARNS_FROM)
    pixels = torch.cat([no_larger(to_tensor(chosen[i : i + 256]), SIDE) for i in range(0, len(chosen), 256)])
    digest = hashlib.sha256(np.ascontiguousarray(chosen).tobytes())
    digest.update(repr((VERSION, WIDTHS, steps, seed, chosen.shape)).encode())
    kept = None if cache is None else cache / f"own-features-{digest.hexdigest()[:16]}.safetensors"
    net = None if kept is None else _kept(kept)
    if net is None:
        net = learn(pixels.to(device), steps, seed, progress)
        if kept is not None:
            _keep(net, kept)
    return OwnFeatures(net, len(chosen), device)


def learn(pictures: Tensor, steps: int, seed: int, progress: Progress = silent) -> OwnNet:
    """Instance discrimination: of two views of each picture, find the pairs.

    Chen, Kornblith, Norouzi and Hinton 2020, "A Simple Framework for Contrastive Learning of Visual
    Representations" (NT-Xent with a projection head that is thrown away). The views are gentle, a crop and a
    little light: what they change the features would learn to ignore, so blur, noise and hue stay as they
    are. `pictures` (n, 3, h, w), -1 to 1. The same seed gives the same network on one machine.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = OwnNet().to(pictures.device)
        width = net(pictures[:2]).shape[1]
        head = nn.Sequential(nn.Linear(width, 128), nn.ReLU(), nn.Linear(128, 64)).to(pictures.device)
        parameters = [*net.parameters(), *head.parameters()]
        adam = torch.optim.AdamW(parameters, lr=RATE, weight_decay=1e-4)
        for step in range(steps):
            for group in adam.param_groups:
                group["lr"] = RATE * 0.5 * (1 + float(np.cos(np.pi * step / steps)))
            batch = pictures[torch.randperm(len(pictures))[:BATCH].to(pictures.device)]
            loss = contrast(head(net(view(batch))), head(net(view(batch))))
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
            progress((step + 1) / steps)
    return net


def contrast(a: Tensor, b: Tensor) -> Tensor:
    """NT-Xent of two views a, b (n, k), row by row of one picture each."""
    n = len(a)
    rows = F.normalize(torch.cat([a, b]), dim=1)
    alike = rows @ rows.T / TEMPERATURE
    alike = alike.masked_fill(torch.eye(2 * n, dtype=torch.bool, device=a.device), -torch.inf)
    return F.cross_entropy(alike, torch.arange(2 * n, device=a.device).roll(n))


def view(pictures: Tensor) -> Tensor:
    """A crop of 80 to 100 % of each picture, resized to what it was, and its light a little changed."""
    n = len(pictures)
    scale = torch.empty(n).uniform_(0.8, 1.0)
    offset = (torch.rand(n, 2) * 2 - 1) * (1 - scale)[:, None]
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = scale
    theta[:, :, 2] = offset
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False).to(pictures.device)
    light = torch.empty(n, 1, 1, 1).uniform_(-0.1, 0.1).to(pictures.device)
    return F.grid_sample(pictures, grid, align_corners=False, padding_mode="reflection") + light


def _kept(path: Path) -> OwnNet | None:
    """None where nothing usable is kept; it is learnt again."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    net = OwnNet()
    try:
        net.load_state_dict(load(path.read_bytes()))
    except (OSError, SafetensorError, RuntimeError):
        return None
    return net


def _keep(net: OwnNet, path: Path) -> None:
    from safetensors.torch import save

    from models.checkpoint import write_whole

    write_whole(path, save({name: numbers.cpu().contiguous() for name, numbers in net.state_dict().items()}))
