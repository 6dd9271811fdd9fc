"""Directions with few labels: the normal of a linear boundary in W, and one direction freed of others."""

import math
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

FEWEST = 50
FEWEST_OF_A_KIND = 10
FOLDS = 5
RIDGE = 0.003
Z95 = 1.959964


@dataclass(frozen=True, slots=True, eq=False)
class Boundary:
    """`normal` (w_dim,) of unit length points to label 1. `accuracy`: the held-out share that is right, with
    its 95 % interval; `chance`: what answering with the commoner label would score."""

    normal: Tensor
    accuracy: float
    interval: tuple[float, float]
    chance: float
    samples: int

    def to_plain(self) -> dict[str, Any]:
        """Everything but the normal, rounded for reading."""
        return {
            "accuracy": round(self.accuracy, 4),
            "interval": [round(end, 4) for end in self.interval],
            "chance": round(self.chance, 4),
            "samples": self.samples,
        }


def learn(w: Tensor, labels: Tensor, seed: int = 0) -> Boundary:
    """The boundary between w (n, w_dim) of label 0 and of label 1, labels (n,).

    Shen, Gu, Tang and Zhou 2020, "Interpreting the Latent Space of GANs for Semantic Face Editing"
    (InterFaceGAN): a linear classifier separates the two, and its normal is the direction. Here it is a
    logistic regression with an L2 penalty. The accuracy is measured in 5 folds, each held out once, both
    labels spread evenly over them. Raises ValueError when the labels cannot teach anything.
    """
    n, positives = len(labels), int(labels.sum())
    if n < FEWEST:
        raise ValueError(f"{n} labelled samples are too few: expected at least {FEWEST}, better 200")
    if min(positives, n - positives) < FEWEST_OF_A_KIND:
        raise ValueError(
            f"{positives} samples are labelled 1 and {n - positives} are labelled 0: "
            f"expected at least {FEWEST_OF_A_KIND} of each"
        )
    w, labels = w.detach().cpu().double(), labels.cpu().double()
    right = 0
    for held in _folds(labels, seed):
        normal, offset = _separate(w[~held], labels[~held])
        right += int((((w[held] @ normal + offset) > 0) == (labels[held] > 0.5)).sum())
    normal, _ = _separate(w, labels)
    chance = max(positives, n - positives) / n
    return Boundary(F.normalize(normal, dim=0), right / n, wilson(right, n), chance, n)


def _separate(w: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The plane w . normal + offset = 0 of the least mean logistic loss + RIDGE / 2 |v|^2.

    v is the normal for latents centred and scaled to a mean squared length of one, so that one penalty suits
    every network.
    """
    mean = w.mean(dim=0)
    scale = (w - mean).square().sum(dim=1).mean().sqrt().clamp(min=1e-12)
    x = (w - mean) / scale
    v = torch.zeros(w.shape[1], dtype=w.dtype, requires_grad=True)
    b = torch.zeros((), dtype=w.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS([v, b], max_iter=500, line_search_fn="strong_wolfe",
                                  tolerance_grad=1e-9, tolerance_change=1e-12)  # fmt: skip

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = F.binary_cross_entropy_with_logits(x @ v + b, labels) + RIDGE / 2 * v.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    normal = v.detach() / scale
    return normal, b.detach() - mean @ normal


def _folds(labels: Tensor, seed: int) -> list[Tensor]:
    """For each fold a mask (n,) of what it holds out."""
    order = torch.from_numpy(np.random.RandomState(seed).permutation(len(labels)))
    order = order[labels[order].argsort(stable=True)]
    fold = torch.empty(len(labels), dtype=torch.long)
    fold[order] = torch.arange(len(labels)) % FOLDS
    return [fold == index for index in range(FOLDS)]


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, right of n: Wilson 1927, which stays within 0 and 1."""
    share, z2 = right / n, Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def without(direction: Tensor, others: Tensor) -> Tensor:
    """A direction (w_dim,) freed of others (m, w_dim): it no longer moves along them.

    Conditional projection, n1 - (n1 . n2) n2 for one of unit length (Shen et al. 2020); for several, what is
    left after the projection on all they span. Raises ValueError when nothing is left.
    """
    direction, others = direction.double(), F.normalize(others.double(), dim=1)
    _, strengths, basis = torch.linalg.svd(others, full_matrices=False)
    basis = basis[strengths > 1e-6]
    left = direction - basis.T @ (basis @ direction)
    if left.norm() < 1e-3 * direction.norm():
        raise ValueError("nothing is left of it: it lies in what it is to be freed of")
    return cast("Tensor", left)
