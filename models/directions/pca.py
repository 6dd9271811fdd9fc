"""Directions without labels: the principal components of W."""

from dataclasses import dataclass

import torch
from torch import Tensor

from models.directions.cloud import Cloud


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """`axes` (k, w_dim) of unit length, `deviations` (k,), `explained` (k,): shares of the whole variance."""

    axes: Tensor
    deviations: Tensor
    explained: Tensor


def pca(cloud: Cloud, count: int) -> Components:
    """The `count` axes along which W spreads most, the widest first.

    They are eigenvectors of the covariance, C v = s^2 v, over w = mapping(z): Härkönen, Hertzmann, Lehtinen
    and Paris 2020, "GANSpace: Discovering Interpretable GAN Controls". Raises ValueError for more than w_dim.
    """
    variances, vectors = largest(cloud.covariance, count)
    whole = cloud.covariance.diagonal().sum()
    return Components(vectors, variances.sqrt(), variances / whole)


def largest(symmetric: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The largest eigenvalues (k,) of a (d, d) matrix, and their unit eigenvectors as rows (k, d).

    An eigenvector may point either way; here its largest entry is positive, so that a run repeats.
    """
    if not 1 <= count <= len(symmetric):
        raise ValueError(f"{count} directions of W: expected 1 to {len(symmetric)}, the width of W")
    values, vectors = torch.linalg.eigh(symmetric)
    values, rows = values.flip(0)[:count].clamp(min=0), vectors.T.flip(0)[:count]
    peaks = rows.gather(1, rows.abs().argmax(dim=1, keepdim=True))
    return values, rows * peaks.sign()
