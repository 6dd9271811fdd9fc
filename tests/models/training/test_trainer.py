"""Training on pictures small enough to learn in a moment."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from models import checkpoint
from models.stylegan2 import StyleGAN2Config
from models.training.__main__ import app
from models.training.data import DataError, Pictures
from models.training.diffaugment import cutout, diffaugment, translation
from models.training.discriminator import Discriminator, minibatch_deviation
from models.training.sheet import contact_sheet
from models.training.state import load_state, read_tensors, save_state
from models.training.trainer import Diverged, Recipe, Trainer

CONFIG = StyleGAN2Config(16, z_dim=8, w_dim=8, mapping_layers=1, channel_base=64, channel_max=8)
CPU = torch.device("cpu")


@pytest.fixture
def pictures() -> Pictures:
    pixels = np.zeros((12, 16, 16, 3), dtype=np.uint8)
    pixels[:, 4:12, 4:12] = np.random.default_rng(0).integers(100, 255, (12, 1, 1, 3))
    return Pictures(pixels, seed=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir()
    for index in range(4):
        Image.new("RGB", (32, 32), (60 * index, 80, 90)).save(path / f"{index}.png")
    return path


def test_every_picture_is_shown_once_an_epoch_in_a_new_order(pictures: Pictures) -> None:
    epochs = [pictures.batch(12 * k, 12) for k in range(2)]
    orders = [[tuple(p[:, 8, 8].tolist()) for p in epoch] for epoch in epochs]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    torch.testing.assert_close(pictures.batch(3, 4), epochs[0][3:7], rtol=0, atol=0)


def test_a_folder_is_read_at_the_size_of_training(folder: Path) -> None:
    assert Pictures.read(folder, 16, 0).batch(0, 4).shape == (4, 3, 16, 16)


def test_a_picture_that_is_not_square_is_named(folder: Path) -> None:
    Image.new("RGB", (32, 30)).save(folder / "9.png")
    with pytest.raises(DataError, match=r"9\.png: 32 x 30"):
        Pictures.read(folder, 16, 0)


def test_a_resumed_run_is_the_uninterrupted_run(pictures: Pictures, tmp_path: Path) -> None:
    recipe = Recipe(batch=4, diffaugment=True, mirror=True)
    whole = Trainer(CONFIG, recipe, CPU)
    for _ in range(3):
        whole.step(pictures)
    save_state(whole, tmp_path / "state.safetensors")
    for _ in range(16):
        whole.step(pictures)

    resumed = Trainer(CONFIG, Recipe(batch=4, diffaugment=True, mirror=True), CPU)
    load_state(resumed, tmp_path / "state.safetensors")
    for _ in range(16):
        resumed.step(pictures)

    assert resumed.images == whole.images
    for name, network in whole.networks().items():
        other = resumed.networks()[name].state_dict()
        assert all(torch.equal(value, other[key]) for key, value in network.state_dict().items()), name


def test_training_teaches_the_mean_colour(pictures: Pictures) -> None:
    trainer = Trainer(CONFIG, Recipe(batch=8, lr=0.01, ema_kimg=0.1), CPU)
    mean = pictures.batch(0, 12).mean(dim=0)

    def error() -> float:
        ws = trainer.ema.mapping(torch.randn(32, 8))[:, None].repeat(1, CONFIG.num_ws, 1)
        return float((trainer.ema.synthesis(ws, torch.zeros(32)).mean(dim=0) - mean).square().mean())

    before = error()
    for _ in range(80):
        trainer.step(pictures)
    assert error() < before / 2


def test_a_larger_run_grows_from_a_smaller_one(pictures: Pictures, tmp_path: Path) -> None:
    small = Trainer(CONFIG, Recipe(batch=4), CPU)
    small.step(pictures)
    save_state(small, tmp_path / "state.safetensors")
    larger = StyleGAN2Config(32, z_dim=8, w_dim=8, mapping_layers=1, channel_base=64, channel_max=8)
    grown = Trainer(larger, Recipe(batch=4, seed=1), CPU)
    assert grown.start_from(read_tensors(tmp_path / "state.safetensors")) > 20
    ws = torch.randn(1, 8)[:, None].repeat(1, larger.num_ws, 1)
    before = small.ema.synthesis(ws[:, : CONFIG.num_ws], torch.zeros(1))
    after = grown.ema.synthesis(ws, torch.zeros(1))
    # A new block adds nothing yet, so the large picture is the small one, enlarged.
    shrunk = torch.nn.functional.avg_pool2d(after, 2)
    assert float((shrunk - before).abs().mean()) < 0.2 * float(before.abs().mean())


def test_a_loss_that_is_no_number_stops_the_run(pictures: Pictures) -> None:
    trainer = Trainer(CONFIG, Recipe(batch=4), CPU)
    trainer.D.out.bias.data.fill_(float("nan"))
    with pytest.raises(Diverged, match="not a number"):
        trainer.step(pictures)


def test_the_discriminator_sees_a_batch_of_copies() -> None:
    copies = torch.randn(1, 4, 4, 4).expand(8, -1, -1, -1)
    assert float(minibatch_deviation(copies).max()) < 1e-3
    assert float(minibatch_deviation(torch.randn(8, 4, 4, 4)).min()) > 0.5
    assert Discriminator(CONFIG)(torch.randn(8, 3, 16, 16)).shape == (8,)


def test_augmentation_moves_whole_pixels_and_can_be_differentiated() -> None:
    x = torch.rand(64, 3, 16, 16, requires_grad=True)
    moved = translation(x)
    assert set(moved.flatten().tolist()) <= set(x.flatten().tolist()) | {0.0}
    torch.autograd.backward(diffaugment(x).sum())
    assert x.grad is not None
    assert float(x.grad.abs().sum()) > 0
    assert 0.4 < float((cutout(torch.ones(64, 3, 16, 16)) == 1).float().mean()) < 0.95


def test_a_sheet_has_its_pictures_in_rows() -> None:
    pictures = np.stack([np.full((2, 2, 3), value, dtype=np.uint8) for value in (10, 20, 30)])
    sheet = np.asarray(contact_sheet(pictures, columns=2))
    assert sheet.shape == (4, 4, 3)
    assert [sheet[0, 0, 0], sheet[0, 2, 0], sheet[2, 0, 0], sheet[2, 2, 0]] == [10, 20, 30, 0]


def test_the_command_leaves_a_network_a_sheet_and_a_log_and_goes_on(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = [
        "--data",
        str(folder),
        "--size",
        "16",
        "--batch",
        "4",
        "--channel-base",
        "64",
        "--tick",
        "0.02",
    ]
    for kimg in ("0.02", "0.04"):
        done = CliRunner().invoke(app, [str(out), *options, "--kimg", kimg])
        assert done.exit_code == 0, done.output
    assert "continuing at 0.0 kimg" in done.output
    assert checkpoint.read_header(out / "network.safetensors").about["kimg"] == pytest.approx(0.04)
    assert len((out / "log.jsonl").read_text().splitlines()) == 2
    assert all("G" in json.loads(line) for line in (out / "log.jsonl").read_text().splitlines())
    assert list(out.glob("sheet-*.png"))


def test_the_command_refuses_an_empty_folder_in_one_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path / "run"), "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert "0 pictures found" in " ".join(done.output.split())


def test_without_a_folder_the_painter_paints_one(tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = ["--families", "1", "--size", "32", "--batch", "2", "--channel-base", "64", "--kimg", "0.002"]
    done = CliRunner().invoke(app, [str(out), *options])
    assert done.exit_code == 0, done.output
    assert checkpoint.read_header(out / "network.safetensors").about["data"] == "4 pictures from painted"
