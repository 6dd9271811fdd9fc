"""What can be found in a network without labels, as an atlas; and what of an older atlas stays."""

import re
from dataclasses import replace

from torch import Tensor

from models.atlas import Atlas, Direction
from models.directions.centres import k_means
from models.directions.cloud import Cloud
from models.directions.pca import pca
from models.directions.sefa import sefa, styles_of
from models.network import Network

FOUND = re.compile(r"(pca|sefa)\d+")
"""The names that finding gives. All others are the user's."""

SAME = 0.999


def find(
    network: Network, cloud: Cloud, count: int, centres: int, layers: tuple[int, int], seed: int
) -> Atlas:
    """`count` directions each of PCA (pca0, pca1 ...) and SeFa (sefa0 ...), and k-means centres.

    `layers`: the first and last row of ws that the directions move, and whose styles SeFa reads.
    Raises ValueError for counts that the network cannot give.
    """
    directions = {}
    components = pca(cloud, count)
    for index, vector in enumerate(cloud.one_deviation(components.axes)):
        explained = round(float(components.explained[index]), 5)
        directions[f"pca{index}"] = Direction(
            vector.float(), layers, {"kind": "pca", "index": index, "explained": explained}
        )
    axes, gains = sefa(styles_of(network, layers), count)
    for index, vector in enumerate(cloud.one_deviation(axes)):
        gain = float(f"{float(gains[index]):.5g}")
        directions[f"sefa{index}"] = Direction(
            vector.float(), layers, {"kind": "sefa", "index": index, "eigenvalue": gain}
        )
    modes = k_means(cloud.w, centres, seed).float() if centres else None
    return Atlas(directions, {}, modes)


def merge(found: Atlas, old: Atlas) -> Atlas:
    """A fresh atlas with all that the user named in the old one: names, labelled directions, points.

    What is found again under a name the user gave it is not listed twice.
    """
    kept = {name: direction for name, direction in old.directions.items() if not FOUND.fullmatch(name)}
    fresh = {
        name: direction
        for name, direction in found.directions.items()
        if not any(_same(direction, known) for known in kept.values())
    }
    return replace(found, directions=kept | fresh, points=dict(old.points), latents=dict(old.latents))


def _same(a: Direction, b: Direction) -> bool:
    return a.layers == b.layers and abs(_cosine(a.vector, b.vector)) > SAME


def _cosine(a: Tensor, b: Tensor) -> float:
    return float(a @ b / (a.norm() * b.norm()).clamp(min=1e-12))
