"""Kernel inception distance: how unlike two sets of pictures are, without bias on small sets."""

import torch
from torch import Tensor

SUBSETS = 100
LARGEST = 1000
ROWS = 512


def kid(
    real: Tensor, fake: Tensor, *, subsets: int = SUBSETS, largest: int = LARGEST, seed: int = 0
) -> tuple[float, float]:
    """(mean, deviation) over subsets of the unbiased MMD^2 of features real (n, d) and fake (m, d).

    Binkowski, Sutherland, Arbel and Gretton 2018, "Demystifying MMD GANs", with k(x, y) = (x.y / d + 1)^3.
    A subset holds at most `largest` of each set and at most half of either, else every subset would be the
    same pictures and the deviation a false 0. At one half the deviation is also the standard error of the
    mean (the delete-half jackknife). The mean is 0 in expectation for two samples of one distribution,
    whatever their number, and so below 0 half of the time. Raises ValueError below four pictures.
    """
    size = min(largest, len(real) // 2, len(fake) // 2)
    if size < 2:
        raise ValueError(f"KID of {len(real)} and {len(fake)} pictures: expected at least four of each")
    random = torch.Generator().manual_seed(seed)
    of_real = _chosen(subsets, len(real), size, random).to(real.device)
    of_fake = _chosen(subsets, len(fake), size, random).to(fake.device)
    pairs = size * (size - 1)
    within = _total(real, real, of_real, of_real) - of_real @ _own(real)
    within += _total(fake, fake, of_fake, of_fake) - of_fake @ _own(fake)
    estimates = within / pairs - 2 * _total(real, fake, of_real, of_fake) / size**2
    return float(estimates.mean()), float(estimates.std(correction=0))


def _chosen(subsets: int, count: int, size: int, random: torch.Generator) -> Tensor:
    """1 where a picture is in a subset: (subsets, count)."""
    chosen = torch.zeros(subsets, count, dtype=torch.float64)
    for row in chosen:
        row[torch.randperm(count, generator=random)[:size]] = 1
    return chosen


def _kernel(products: Tensor, d: int) -> Tensor:
    return (products.double() / d + 1) ** 3


def _own(x: Tensor) -> Tensor:
    """k(x, x) of each row."""
    return _kernel(x.square().sum(dim=1), x.shape[1])


def _total(x: Tensor, y: Tensor, of_x: Tensor, of_y: Tensor) -> Tensor:
    """For each subset the sum of k over its pairs of x and y; the kernel is made by blocks of rows."""
    total = torch.zeros(len(of_x), dtype=torch.float64, device=x.device)
    for start in range(0, len(x), ROWS):
        rows = slice(start, start + ROWS)
        total += ((of_x[:, rows] @ _kernel(x[rows] @ y.T, x.shape[1])) * of_y).sum(dim=1)
    return total
