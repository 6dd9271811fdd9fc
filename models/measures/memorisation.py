"""The memorisation test: do fakes lie closer to the training pictures than new real pictures do?"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.measures.distances import nearest

QUANTILE = 0.05
"""Nearer to a training picture than all but this share of held-out pictures is suspiciously near …"""
NEARER = 0.8
"""… if it is no more than so many times as far from it as from the nearest of as many others. A network of
little variety paints near the middle of everything, held-out pictures included, and copies nothing: of one
with a third of its pictures suspiciously near, 1 % were so by this, and of blurred copies all."""

RATIO = 0.6
SHARE = 0.3
SHOWN = 3
MOST = 2000
"""Training pictures that are asked for their neighbours when nothing is held out."""

FEWEST = 10
"""Held-out pictures: of fewer, a quantile says nothing, and training pictures are asked instead."""


@dataclass(frozen=True, slots=True, eq=False)
class Memorisation:
    """`ratio`: the median distance of fakes to their nearest training picture, over that of new pictures.
    `share`: of fakes nearer than the 5 % quantile of new pictures, and nearer than to any held-out picture;
    an ideal model has up to 0.05.
    `distances` (fakes,) and `expected` (new pictures,): what both were taken from. `against`: what the new
    pictures are, "held-out" or "leave-one-out". `neighbours` (fakes, 3): indices of training pictures."""

    ratio: float
    share: float
    against: str
    distances: Tensor
    expected: Tensor
    neighbours: Tensor

    @property
    def passed(self) -> bool:
        """ratio >= 0.6 and share <= 0.3: copies have 0 and 1; a model that copies in three of ten fails."""
        return self.ratio >= RATIO and self.share <= SHARE

    @property
    def suspects(self) -> Tensor:
        """Indices of the fakes, the nearest to a training picture first."""
        return self.distances.argsort(stable=True)

    def to_plain(self) -> dict[str, Any]:
        return {"ratio": round(self.ratio, 4), "share": round(self.share, 4), "passed": self.passed}


def expected_distances(train: Tensor, held_out: Tensor) -> tuple[Tensor, str]:
    """How far new pictures are from their nearest of train (n, d), (m,), and what they are.

    Of fewer than ten held-out pictures, each training picture (at most 2,000, evenly chosen) takes the
    place of a new one: its distance to the nearest other. That is a milder test where the set holds several
    pictures of one thing, and so the held-out ones go first. Raises ValueError for a set of one picture.
    """
    if len(held_out) >= FEWEST:
        return nearest(held_out, train, 1)[0][:, 0], "held-out"
    distances = nearest(train, train, 1, among_themselves=True)[0][:, 0]
    return distances[:: max(1, -(-len(train) // MOST))], "leave-one-out"


def memorisation(
    fake: Tensor, train: Tensor, held_out: Tensor, expected: Tensor, against: str
) -> Memorisation:
    """Of features fake (k, d), train (n, d), held_out (m, d), and what `expected_distances` found of these.

    Distances are blind to what the features are blind to; the gallery of neighbours is the last word.
    """
    distances, neighbours = nearest(fake, train, min(SHOWN, len(train)))
    closest = distances[:, 0]
    usual = float(expected.median())
    ratio = float(closest.median()) / usual if usual > 0 else 1.0
    near = closest < torch.quantile(expected, QUANTILE)
    if len(held_out) >= FEWEST:
        # Of many pictures the nearest is nearer than of few, whatever it is.
        among = float(nearest(held_out, held_out, 1, among_themselves=True)[0].median())
        near &= closest * among <= NEARER * usual * nearest(fake, held_out, 1)[0][:, 0]
    share = float(near.double().mean())
    return Memorisation(ratio, share, against, closest, expected, neighbours)
