"""Linear separability: can what the pictures show be told by a plane through latent space?"""

from dataclasses import dataclass

import torch
from torch import Tensor

ATTRIBUTES = 10
FOLDS = 5
RIDGE = 0.05
FEWEST = 200


@dataclass(frozen=True, slots=True)
class Separability:
    """exp(mean conditional entropy) in Z and in W: 1 where planes tell all, 2 where they tell nothing."""

    z: float
    w: float


def pseudo_attributes(features: Tensor, count: int = ATTRIBUTES) -> tuple[tuple[Tensor, Tensor], ...]:
    """Of features (n, d), for each of their first principal components: (indices (n / 2,), labels).

    A component splits the pictures at its median; the half of them nearest to it is left out, as the least
    sure, and the rest is labelled 0 and 1, as many of each.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        components = torch.svd_lowrank(features - features.mean(dim=0), q=2 * count, niter=4)[0]
    attributes = []
    quarter = len(features) // 4
    for component in components.T[:count]:
        order = component.argsort(stable=True)
        chosen = torch.cat([order[:quarter], order[-quarter:]])
        attributes.append((chosen, torch.arange(2 * quarter) // quarter))
    return tuple(attributes)


def separability(z: Tensor, w: Tensor, features: Tensor, *, seed: int = 0) -> Separability:
    """Of latents z (n, z_dim), w (n, w_dim) and the features (n, d) of their pictures.

    Karras, Laine and Aila 2018, "A Style-Based Generator Architecture for GANs", section 4.2, which takes 40
    attributes from classifiers trained on CelebA. None is at hand and none would suit a dinner: here the
    attributes are the first principal components of the features, so the figure compares networks of one
    data set under one tier, and is not the paper's. The entropy of an attribute given the classifier's
    answer is a mean over attributes, not a sum, and is taken on latents that the classifier was not fitted
    to. Raises ValueError below 200 pictures.
    """
    if len(z) < FEWEST:
        raise ValueError(f"separability of {len(z)} pictures: expected at least {FEWEST}")
    attributes = pseudo_attributes(features)
    return Separability(_score(z, attributes, seed), _score(w, attributes, seed))


def _score(latents: Tensor, attributes: tuple[tuple[Tensor, Tensor], ...], seed: int) -> float:
    entropies = [
        conditional_entropy(_answers(latents[chosen].double(), labels, seed), labels)
        for chosen, labels in attributes
    ]
    return float(torch.tensor(entropies, dtype=torch.float64).mean().exp())


def conditional_entropy(answers: Tensor, labels: Tensor) -> float:
    """H(label | answer) in nats, of zeros and ones (n,): 0 when the answer tells the label, ln 2 at most."""
    counts = torch.bincount(2 * answers.long() + labels.long(), minlength=4).reshape(2, 2).double()
    given = counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
    return float(-(counts / counts.sum() * given.clamp(min=1e-300).log()).sum())


def _answers(x: Tensor, labels: Tensor, seed: int) -> Tensor:
    """What a linear classifier says of each row, fitted to the other folds: least squares with a ridge."""
    fold = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed)) % FOLDS
    answers = torch.empty(len(x), dtype=torch.bool)
    for held in (fold == index for index in range(FOLDS)):
        known, target = x[~held], labels[~held].double() * 2 - 1
        mean = known.mean(dim=0)
        centred = known - mean
        spread = centred.square().mean()
        gram = centred.T @ centred / len(known) + RIDGE * spread * torch.eye(x.shape[1], dtype=x.dtype)
        plane = torch.linalg.solve(gram, centred.T @ (target - target.mean()) / len(known))
        answers[held] = (x[held] - mean) @ plane + target.mean() > 0
    return answers
