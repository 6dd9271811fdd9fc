"""Directions without labels, from the weights alone: what the styles of a range of layers amplify most."""

import torch
from torch import Tensor

from models.directions.pca import largest
from models.network import Network


def sefa(styles: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The unit directions n (k, w_dim) that maximise |A n|^2, one after another, and these maxima (k,).

    A (channels, w_dim) stacks the style matrices, so A n is how the styles answer to a step along n. In
    closed form: the leading eigenvectors of A^T A. Shen and Zhou 2021, "Closed-Form Factorization of Latent
    Semantics in GANs". Raises ValueError for more than w_dim.
    """
    styles = styles.detach().cpu().double()
    gains, directions = largest(styles.T @ styles, count)
    return directions, gains


def styles_of(network: Network, layers: tuple[int, int]) -> Tensor:
    """The style matrices of the rows `layers` of ws (first and last), stacked: (channels, w_dim).

    Raises ValueError where no layer takes its style from these rows.
    """
    first, last = layers
    matrices = [matrix.detach().cpu() for index, matrix in network.affines() if first <= index <= last]
    if not matrices:
        styled = ", ".join(str(index) for index, _ in network.affines())
        raise ValueError(f"layers {first}-{last} have no styles to factorise; those that have: {styled}")
    return torch.cat(matrices)
