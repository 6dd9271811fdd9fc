"""A folder of pictures, its order, its classes and what is held out."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.training.data import Batch, DataError, Pictures, held_out
from tests.models.training.toy_training import HERE


def test_every_picture_is_shown_once_an_epoch_in_a_new_order(pictures: Pictures) -> None:
    epochs = [pictures.batch(12 * k, 12, HERE.device).pictures for k in range(2)]
    orders = [[tuple(p[:, 8, 8].tolist()) for p in epoch] for epoch in epochs]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    torch.testing.assert_close(pictures.batch(3, 4, HERE.device).pictures, epochs[0][3:7], rtol=0, atol=0)


def test_a_folder_is_read_at_the_size_of_training(folder: Path) -> None:
    pictures = Pictures.read(folder, 16, 0)
    assert len(pictures) == 12
    assert pictures.batch(0, 4, HERE.device).pictures.shape == (4, 3, 16, 16)
    assert held_out(folder, 16).shape == (10, 16, 16, 3)


def test_nothing_needs_to_be_held_out(folder: Path) -> None:
    assert held_out(folder / "held-out", 16).shape == (0, 16, 16, 3)


def test_a_picture_that_is_not_square_is_named(folder: Path) -> None:
    Image.new("RGB", (32, 30)).save(folder / "99.png")
    with pytest.raises(DataError, match=r"99\.png: 32 x 30"):
        Pictures.read(folder, 16, 0)


def test_a_picture_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "99.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"99\.png: cannot be read"):
        Pictures.read(folder, 16, 0)


def test_classes_come_from_a_table(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "classes.csv"
    rows = [(f"{n:02d}.png", "mom, dad" if n % 3 else "sister") for n in range(12)]
    table.write_text("".join(f'{name},"{kind}"\n' for name, kind in rows))
    pictures = Pictures.read(folder, 16, 0, table)
    assert pictures.class_names == ("mom, dad", "sister")
    batch = pictures.batch(0, 12, HERE.device)
    assert batch.classes is not None
    assert batch.classes.sum(dim=0).tolist() == [8, 4]
    by_hand = np.array([[0.0, 1.0] if n % 3 == 0 else [1.0, 0.0] for n in range(12)])
    colours = {tuple(p[8, 8].tolist()): c.tolist() for p, c in zip(pictures.pixels, by_hand, strict=True)}
    for picture, one_hot in zip(batch.pictures, batch.classes, strict=True):
        middle = tuple(((picture[:, 8, 8] + 1) * 127.5).round().int().tolist())
        assert colours[middle] == one_hot.tolist()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("00.png,mom\n", "no class for 01.png, and 10 more"), ("00.png\n", "line 1: 1 columns")],
)
def test_a_table_that_does_not_fit_is_refused(folder: Path, tmp_path: Path, text: str, sentence: str) -> None:
    table = tmp_path / "classes.csv"
    table.write_text(text)
    with pytest.raises(DataError, match=sentence):
        Pictures.read(folder, 16, 0, table)


def test_a_batch_in_parts_is_the_batch() -> None:
    batch = Batch(torch.arange(5.0).reshape(5, 1, 1, 1), torch.eye(5))
    for count, sizes in ((1, [5]), (2, [3, 2]), (9, [1] * 5)):
        parts = list(batch.parts(count))
        assert [len(part) for part in parts] == sizes
        torch.testing.assert_close(torch.cat([part.pictures for part in parts]), batch.pictures)
        torch.testing.assert_close(torch.cat([part.classes for part in parts]), torch.eye(5))
