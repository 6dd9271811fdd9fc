"""The command that trains the segmentation network: paints scenes, learns from them, keeps its state on disk.

    python -m models.dataset.people.train RUN [--scenes 4000] [--steps 5000]

RUN holds the painted scenes, the state and the latest snapshot; the same command goes on where it stopped.
`python -m models.dataset.people.ship RUN` makes the file of weights from it.
"""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.progress import Progress
from torch import Tensor
from torch.nn import functional as F

from models.checkpoint import save_arrays, write_whole
from models.dataset.people.network import FAMILY, PeopleNet
from models.dataset.people.pictures import batch, paint_scenes

RATE, WEIGHT_DECAY, WARM_UP = 2e-3, 0.02, 100
AVERAGE = 0.995
SNAPSHOT = "people.safetensors"


def heat_loss(logits: Tensor, heat: Tensor) -> Tensor:
    """The focal loss of CornerNet (Law 2018), equation 1, over the number of peaks. Both are (n, h, w)."""
    peak = heat >= 0.999
    hit = -(F.logsigmoid(logits) * torch.sigmoid(-logits) ** 2)[peak].sum()
    miss = -(F.logsigmoid(-logits) * torch.sigmoid(logits) ** 2 * (1 - heat) ** 4)[~peak].sum()
    return (hit + miss) / peak.sum().clamp(min=1)


def loss(output: Tensor, target: Tensor, labels: Tensor) -> Tensor:
    """What is wrong with an output (n, 4, h, w): foreground, heat and offsets.

    `labels` (n, h, w) says whose pixel is whose.
    """
    fore, heat = output[:, 0], output[:, 1]
    cross = F.binary_cross_entropy_with_logits(fore, target[:, 0])
    share = torch.sigmoid(fore)
    dice = 1 - 2 * (share * target[:, 0]).sum() / (share.sum() + target[:, 0].sum()).clamp(min=1)
    own = (labels > 0)[:, None]
    offset = (F.smooth_l1_loss(output[:, 2:], target[:, 2:], beta=0.1, reduction="none") * own).sum()
    return cross * 2 + dice + heat_loss(heat, target[:, 1]) + offset / own.sum().clamp(min=1)


def rate_at(step: int, steps: int) -> float:
    """The learning rate: a short rise, then half a cosine to nothing."""
    return RATE * min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + float(np.cos(np.pi * min(step, steps) / steps)))


class Run:
    """One training run in a folder: the network, its running average, the optimiser and the step."""

    def __init__(self, folder: Path, seed: int) -> None:
        torch.manual_seed(seed)
        self.folder, self.step = folder, 0
        self.network = PeopleNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
        if self.state.exists():
            state = torch.load(self.state, weights_only=True)
            self.step = state["step"]
            self.network.load_state_dict(state["network"])
            self.average.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])

    @property
    def state(self) -> Path:
        return self.folder / "state.pt"

    def learn(self, pictures: Tensor, target: Tensor, labels: Tensor, rate: float) -> float:
        """One step; returns the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        x = (pictures.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            output = self.network(x)
        wrong = loss(output.float(), target, labels)
        self.optimizer.zero_grad(set_to_none=True)
        wrong.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        keep = min(AVERAGE, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            now = self.network.state_dict()
            for name, mean in self.average.state_dict().items():
                if mean.is_floating_point():
                    mean.lerp_(now[name], 1 - keep)
        return wrong.item()

    def keep(self) -> None:
        """Writes the state, and the average as a snapshot that `own` can read."""
        data = BytesIO()
        state = {"step": self.step, "network": self.network.state_dict()}
        state |= {"average": self.average.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(state, data)
        write_whole(self.state, data.getvalue())
        arrays = {
            name: tensor.half().numpy()
            for name, tensor in self.average.state_dict().items()
            if tensor.is_floating_point()
        }
        save_arrays(self.folder / SNAPSHOT, FAMILY, self.average.config, arrays, {"steps": self.step})


def train(
    run: Annotated[Path, typer.Argument(file_okay=False, help="Folder of the run; made if it is missing.")],
    scenes: Annotated[int, typer.Option(min=1, help="Painted photographs to learn from.")] = 4000,
    steps: Annotated[int, typer.Option(min=1, help="Steps to take in all.")] = 5000,
    size: Annotated[int, typer.Option(min=1, help="Pictures a step.")] = 16,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    workers: Annotated[int, typer.Option(min=0, help="Processes that paint; 0 means one a core.")] = 0,
    every: Annotated[int, typer.Option(min=1, help="Steps between two snapshots.")] = 100,
) -> None:
    """Trains the network that finds people, on painted photographs."""
    folder = run / "scenes"
    folder.mkdir(parents=True, exist_ok=True)
    with Progress() as progress:
        bar = progress.add_task("Painting", total=scenes)
        for done in paint_scenes(folder, scenes, workers):
            progress.update(bar, completed=done + 1)
        state = Run(run, seed)
        bar = progress.add_task("Learning", total=steps, completed=state.step)
        mean = 0.0
        with ThreadPoolExecutor(1) as ahead:
            job = ahead.submit(batch, folder, scenes, size, seed, state.step)
            while state.step < steps:
                arrays = job.result()
                job = ahead.submit(batch, folder, scenes, size, seed, state.step + 1)
                pictures, target, labels = (torch.from_numpy(array) for array in arrays)
                wrong = state.learn(pictures, target, labels, rate_at(state.step, steps))
                mean = wrong if mean == 0 else mean * 0.95 + wrong * 0.05
                progress.update(bar, completed=state.step, description=f"Learning, loss {mean:.3f}")
                if state.step % every == 0 or state.step == steps:
                    state.keep()
                    with (run / "log.jsonl").open("a", encoding="utf-8") as log:
                        log.write(json.dumps({"step": state.step, "loss": round(mean, 4)}) + "\n")


if __name__ == "__main__":
    typer.run(train)
