"""The modes of W: k-means centres, and the pull towards the nearest of them for multi-modal truncation."""

import torch
from torch import Tensor

CANDIDATES = 8
ROUNDS = 100
SOFTNESS = 1 / 8


def k_means(w: Tensor, count: int, seed: int) -> Tensor:
    """`count` centres (k, w_dim) of the samples w (n, w_dim), the fullest first.

    Lloyd 1982, started as Arthur and Vassilvitskii 2007 ("k-means++") do: each next centre is drawn with
    probability in proportion to its squared distance to the nearest so far, here the best of a few draws.
    Raises ValueError for fewer samples than centres.
    """
    if not 1 <= count <= len(w):
        raise ValueError(f"{count} centres of {len(w)} samples: expected 1 to {len(w)}")
    random = torch.Generator().manual_seed(seed)
    w = w.double()
    centres = _first_centres(w, count, random)
    nearest = torch.full((len(w),), -1)
    for _ in range(ROUNDS):
        before, nearest = nearest, torch.cdist(w, centres).argmin(dim=1)
        if torch.equal(before, nearest):
            break
        sizes = torch.bincount(nearest, minlength=count)
        sums = torch.zeros_like(centres).index_add_(0, nearest, w)
        # A centre that lost all its samples stays where it is.
        centres = torch.where(sizes[:, None] > 0, sums / sizes.clamp(min=1)[:, None], centres)
    order = torch.bincount(nearest, minlength=count).argsort(descending=True, stable=True)
    return centres[order]


def _first_centres(w: Tensor, count: int, random: torch.Generator) -> Tensor:
    centres = [w[int(torch.randint(len(w), (1,), generator=random))]]
    distances = (w - centres[0]).square().sum(dim=1)
    while len(centres) < count:
        # Where all samples sit on a centre already, any of them will do.
        odds = distances if distances.sum() > 0 else torch.ones_like(distances)
        drawn = w[torch.multinomial(odds, CANDIDATES, replacement=True, generator=random)]
        shrunk = torch.minimum(distances, torch.cdist(drawn, w).square())
        best = int(shrunk.sum(dim=1).argmin())
        centres.append(drawn[best])
        distances = shrunk[best]
    return torch.stack(centres)


def anchor(w: Tensor, centres: Tensor) -> Tensor:
    """The centre that psi pulls w towards, in place of w_avg: w (n, w_dim), centres (k, w_dim) -> (n, w_dim).

    Mokady et al. 2022, "Self-Distilled StyleGAN: Towards Generation from Internet Photos", truncate towards
    the nearest centre. A walk that crosses a border would jump there, so here the nearest is soft:
    sum_i p_i c_i with p = softmax(-|w - c_i|^2 / tau). tau = D^2 / 8, with D^2 the mean squared distance from
    a centre to its nearest neighbour: on a centre the neighbour weighs e^-8, halfway between two the anchor
    moves at most four times as fast as w.
    """
    if len(centres) == 1:
        return centres.expand_as(w)
    between = _squared_distances(centres, centres)
    tau = between.fill_diagonal_(torch.inf).amin(dim=1).mean() * SOFTNESS
    return torch.softmax(-_squared_distances(w, centres) / tau.clamp(min=1e-12), dim=1) @ centres


def _squared_distances(a: Tensor, b: Tensor) -> Tensor:
    return (a[:, None] - b[None]).square().sum(dim=2)
