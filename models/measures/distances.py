"""Nearest neighbours among features, by blocks: memory grows with one set, never with the square."""

import torch
from torch import Tensor

ROWS = 512
"""Rows at a time: 512 x 10,000 distances are 20 MB."""

SPARE = 4
"""Candidates more than asked for, so that rounding in the fast pass drops no true neighbour."""


def squared(x: Tensor, y: Tensor) -> Tensor:
    """Squared Euclidean distances of x (n, d) and y (m, d): (n, m).

    By |x|^2 - 2 x.y + |y|^2, which rounds to about a millionth of the squared lengths, not of the distance.
    """
    lengths = x.square().sum(dim=1)[:, None] + y.square().sum(dim=1)[None]
    return torch.addmm(lengths, x, y.T, alpha=-2).clamp_(min=0)


def nearest(x: Tensor, y: Tensor, k: int, *, among_themselves: bool = False) -> tuple[Tensor, Tensor]:
    """Of each row of x (n, d) the k nearest rows of y (m, d): distances, nearest first, and indices, (n, k).

    The distances are exact: 0 for a copy. `among_themselves`: x is y, and no row is its own neighbour.
    Raises ValueError when y holds too few rows.
    """
    others = len(y) - among_themselves
    if others < k:
        raise ValueError(f"{len(y)} pictures are too few: expected at least {k + among_themselves}")
    centre = y.mean(dim=0)  # the fast pass is most exact near zero
    y_centred = y - centre
    distances, indices = [], []
    for start in range(0, len(x), ROWS):
        rows = x[start : start + ROWS]
        fast = squared(rows - centre, y_centred)
        if among_themselves:
            here = torch.arange(len(rows), device=x.device)
            fast[here, here + start] = torch.inf
        candidates = fast.topk(min(k + SPARE, others), dim=1, largest=False).indices
        exact = torch.stack([(rows - y[column]).norm(dim=1) for column in candidates.T], dim=1)
        found, order = exact.sort(dim=1, stable=True)
        distances.append(found[:, :k])
        indices.append(candidates.gather(1, order[:, :k]))
    return torch.cat(distances), torch.cat(indices)
