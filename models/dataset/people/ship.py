"""The command that makes the file of weights from a run, and sets the scale of the scores in it.

python -m models.dataset.people.ship RUN [--out models/weights/people.safetensors]
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import track

from models.checkpoint import load, save_arrays
from models.dataset.people.own import WEIGHTS, OwnSegmenter
from models.dataset.people.pictures import FIRST_SEED
from models.dataset.people.train import SNAPSHOT
from models.dataset.photographs import Photograph, photograph

FIRST = FIRST_SEED - 100_000
"""Scores are set on photographs from this seed on: neither trained on nor measured on by default."""


def right_heads(photo: Photograph, heads: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the places (n, 3) that look like heads, surest first, are one. Each head is claimed once."""
    free = [person.head for person in photo.people]
    right = np.zeros(len(heads), bool)
    for i, (x, y, _) in enumerate(heads):
        for head in free:
            if head[0] <= x < head[2] and head[1] <= y < head[3]:
                free.remove(head)
                right[i] = True
                break
    return right


def fit_scores(logits: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """The slope and level with which a logistic says how likely a logit is right (Platt 1999)."""
    yes, no = int(right.sum()), int((~right).sum())
    target = np.where(right, (yes + 1) / (yes + 2), 1 / (no + 2))
    x = np.stack([logits, np.ones_like(logits)], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-np.clip(x @ weights, -60, 60)))
        slope = x.T @ (likely - target)
        bend = (x * (likely * (1 - likely))[:, None]).T @ x + 1e-6 * np.eye(2)
        weights = weights - np.clip(np.linalg.solve(bend, slope), -2, 2)
    return float(weights[0]), float(weights[1])


def ship(
    run: Annotated[Path, typer.Argument(file_okay=False, help="Folder of the run.")],
    out: Annotated[Path, typer.Option(dir_okay=False, help="The file to write.")] = WEIGHTS,
    count: Annotated[int, typer.Option(min=1, help="Photographs to set the scores on.")] = 120,
    size: Annotated[int, typer.Option(min=64, help="Their longer side, in pixels.")] = 480,
) -> None:
    """Writes the weights of the latest snapshot of a run, with the scale of their scores."""
    own = OwnSegmenter(run / SNAPSHOT)
    logits: list[NDArray[np.float64]] = []
    right: list[NDArray[np.bool_]] = []
    for seed in track(range(FIRST, FIRST + count), description="Setting scores"):
        photo = photograph(seed, size)
        found = own.heads(photo.image)
        logits.append(found[:, 2])
        right.append(right_heads(photo, found))
    heads, good = np.concatenate(logits), np.concatenate(right)
    score = fit_scores(heads, good)
    print(f"{len(heads)} places that look like a head, {(~good).sum()} of them wrong")
    header, tensors = load(run / SNAPSHOT)
    about = {**header.about, "taught": f"painted photographs and composites from seed {FIRST_SEED}",
             "score": [round(v, 4) for v in score]}  # fmt: skip
    arrays = {name: tensor.half().numpy() for name, tensor in tensors.items()}
    save_arrays(out, header.family, header.config, arrays, about)
    print(f"{out}: {out.stat().st_size} bytes, step {header.about['steps']}, score {about['score']}")


if __name__ == "__main__":
    typer.run(ship)
