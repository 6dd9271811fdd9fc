"""Precision and recall: how many fakes could be real, and how much of the real the fakes reach."""

from torch import Tensor

from models.measures.distances import ROWS, nearest, squared

NEIGHBOURS = 3


def precision_and_recall(real: Tensor, fake: Tensor, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Of features real (n, d) and fake (m, d); best called with as many of each.

    Kynkäänniemi, Karras, Laine, Lehtinen and Aila 2019, "Improved Precision and Recall Metric for Assessing
    Generative Models". A set stands for the balls around its members that reach to their k-th neighbour:
    precision is the share of fakes in a ball of the real, recall the share of the real in a ball of the
    fakes. Raises ValueError for fewer than k + 1 pictures.
    """
    return _covered(fake, real, k), _covered(real, fake, k)


def _covered(points: Tensor, centres: Tensor, k: int) -> float:
    """The share of points that lie in at least one ball of the centres."""
    radii = nearest(centres, centres, k, among_themselves=True)[0][:, -1].square()
    middle = centres.mean(dim=0)
    around = centres - middle
    inside = 0
    for start in range(0, len(points), ROWS):
        distances = squared(points[start : start + ROWS] - middle, around)
        inside += int((distances <= radii).any(dim=1).sum())
    return inside / len(points)
