"""Pictures to train on, in memory and in a folder."""

from pathlib import Path

import pytest
from PIL import Image

from models.training.data import Pictures
from tests.models.training.toy_training import squares


@pytest.fixture
def pictures() -> Pictures:
    return Pictures(squares(), seed=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve pictures of 32 px to train on, and ten held out."""
    path = tmp_path / "data"
    (path / "held-out").mkdir(parents=True)
    for index, pixels in enumerate(squares(22, 32)):
        where = path if index < 12 else path / "held-out"
        Image.fromarray(pixels).save(where / f"{index:02d}.png")
    return path
