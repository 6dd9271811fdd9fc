"""Pictures with known answers: discs and squares on a ground, two modes of them."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from models.measures.judge import Judge
from models.measures.tiers import RandomFeatures, features

SIZE = 32
Pixels = NDArray[np.uint8]
Draw = Callable[..., Pixels]


def shapes(count: int, seed: int, kind: str = "both") -> Pixels:
    """uint8 (count, 32, 32, 3): a light disc on dark, a dark square on light, or "both" by turns."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIZE, :SIZE][:, None] + 0.5
    cx, cy, r = random.uniform(10, 22, (3, count, 1, 1)) * np.array([1, 1, 0.35]).reshape(3, 1, 1, 1)
    disc = (x - cx) ** 2 + (y - cy) ** 2 < r**2
    square = np.maximum(abs(x - cx), abs(y - cy)) < r
    is_disc = {
        "disc": np.full(count, True),
        "square": np.full(count, False),
        "both": np.arange(count) % 2 > 0,
    }
    chosen = is_disc[kind][:, None, None, None]
    dark, light = random.uniform(0, 90, (count, 1, 1, 3)), random.uniform(165, 255, (count, 1, 1, 3))
    inside = np.where(chosen, disc[..., None], square[..., None])
    picture = np.where(inside == chosen, light, dark)
    return (picture + random.normal(0, 4, picture.shape)).round().clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def draw() -> Draw:
    return shapes


@pytest.fixture(scope="session")
def train() -> Pixels:
    return shapes(300, 0)


@pytest.fixture(scope="session")
def held_out() -> Pixels:
    return shapes(150, 1)


@pytest.fixture(scope="session")
def tier_b(train: Pixels) -> RandomFeatures:
    found = features("B", train)
    assert isinstance(found, RandomFeatures)
    return found


@pytest.fixture(scope="session")
def judge(tier_b: RandomFeatures, train: Pixels, held_out: Pixels) -> Judge:
    return Judge(tier_b, train, held_out, fakes=200)
