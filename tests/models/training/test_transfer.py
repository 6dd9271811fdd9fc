"""Where a run begins that does not begin from nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from models import checkpoint
from models.convert.command import convert_file
from models.fir import halve
from models.stylegan2 import StyleGAN2
from models.training.__main__ import app
from models.training.data import Pictures
from models.training.recipe import Recipe
from models.training.run import Run
from models.training.run_folder import RunFolder
from models.training.state import save_state
from models.training.trainer import Trainer
from models.training.transfer import TransferError, begin_from, known_by
from tests.models.training.toy_training import CONFIG, HERE, squares

STATE = "state.safetensors"
FIXTURES = Path(__file__).parents[1] / "fixtures"


def test_a_larger_run_grows_from_a_smaller_one(pictures: Pictures, tmp_path: Path) -> None:
    wide = replace(CONFIG, channel_min=6)
    small = Trainer(wide, Recipe(batch=4), HERE)
    small.step(pictures)
    save_state(small, tmp_path / STATE)
    grown = Trainer(replace(wide, size=32), Recipe(batch=4, seed=1), HERE)
    assert begin_from(grown, known_by(tmp_path)).endswith("tensors taken over")
    ws = torch.randn(1, 8)[:, None].repeat(1, grown.config.num_ws, 1)
    before = small.ema.synthesis(ws[:, : CONFIG.num_ws], torch.zeros(1))
    after = grown.ema.synthesis(ws, torch.zeros(1))
    # A new block adds nothing yet, so the large picture is the small one, enlarged.
    shrunk = torch.nn.functional.avg_pool2d(after, 2)
    assert float((shrunk - before).abs().mean()) < 0.2 * float(before.abs().mean())


@pytest.mark.parametrize("size", [32, 64])
def test_a_grown_discriminator_judges_halves_as_the_smaller_one_did(
    pictures: Pictures, tmp_path: Path, size: int
) -> None:
    wide = replace(CONFIG, channel_min=7)
    small = Trainer(wide, Recipe(batch=4), HERE)
    for _ in range(3):
        small.step(pictures)
    save_state(small, tmp_path / STATE)
    grown = Trainer(replace(wide, size=size), Recipe(batch=4, seed=1), HERE)
    begin_from(grown, known_by(tmp_path))
    x = torch.randn(4, 3, size, size)
    halves = x
    while halves.shape[-1] > CONFIG.size:
        halves = halve(halves)
    torch.testing.assert_close(grown.D(x), small.D(halves), rtol=1e-4, atol=1e-4)
    # And it can learn: every layer of the new blocks is given a gradient.
    torch.autograd.backward(grown.D(x).square().sum())
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in grown.D.blocks[f"b{size}"].parameters())


def test_a_run_too_narrow_to_grow_says_what_to_add(tmp_path: Path) -> None:
    save_state(Trainer(CONFIG, Recipe(batch=4), HERE), tmp_path / STATE)
    grown = Trainer(replace(CONFIG, size=64), Recipe(batch=4, seed=1), HERE)
    before = {name: p.clone() for name, p in grown.D.named_parameters()}
    with pytest.raises(TransferError, match=r"at 32 px there are 2 channels, too few .*from a wider network"):
        begin_from(grown, known_by(tmp_path))
    assert all(torch.equal(p, before[name]) for name, p in grown.D.named_parameters())


def test_a_network_file_teaches_both_generators(pictures: Pictures, tmp_path: Path) -> None:
    taught = Trainer(CONFIG, Recipe(batch=4), HERE)
    taught.step(pictures)
    path = tmp_path / "network.safetensors"
    checkpoint.save(path, "stylegan2", CONFIG.to_plain(), taught.ema.state_dict(), {})
    new = Trainer(CONFIG, Recipe(batch=4, seed=5), HERE)
    assert begin_from(new, known_by(path)).endswith("taken over; the discriminator begins anew")
    for network in (new.G, new.ema):
        for key, value in network.state_dict().items():
            assert torch.equal(value, taught.ema.state_dict()[key]), key
    frozen = Trainer(CONFIG, Recipe(batch=4, freeze=1), HERE)
    with pytest.raises(
        TransferError,
        match=r"--freeze keeps .* there is none",
    ):
        begin_from(frozen, known_by(path))


def test_a_kept_snapshot_teaches_the_discriminator_too(pictures: Pictures, tmp_path: Path) -> None:
    taught = Trainer(CONFIG, Recipe(batch=4), HERE)
    run = Run(taught, pictures, squares()[:0], RunFolder(tmp_path), {}, tick=0.004, keep=1, fakes=50)
    run.train(0.004, lambda kimg, line: None, lambda text: None)
    # The snapshots of these first four pictures are those of 0 kimg.
    new = Trainer(CONFIG, Recipe(batch=4, seed=5, freeze=1), HERE)
    assert begin_from(new, known_by(RunFolder(tmp_path).snapshot(0))).endswith("tensors taken over")
    for key, value in new.D.state_dict().items():
        assert torch.equal(value, taught.D.state_dict()[key]), key


def test_a_network_of_another_shape_is_refused_whole(tmp_path: Path) -> None:
    other = replace(CONFIG, w_dim=4)
    save_state(Trainer(other, Recipe(batch=4), HERE), tmp_path / STATE)
    new = Trainer(CONFIG, Recipe(batch=4, seed=1), HERE)
    before = {key: value.clone() for key, value in new.G.state_dict().items()}
    with pytest.raises(TransferError, match=r"G\.mapping\.w_avg is 4 there and 8 here; leave out"):
        begin_from(new, known_by(tmp_path))
    assert all(torch.equal(value, before[key]) for key, value in new.G.state_dict().items())


def test_classes_can_be_learnt_by_a_network_that_had_none(tmp_path: Path) -> None:
    plain = Trainer(CONFIG, Recipe(batch=4), HERE)
    save_state(plain, tmp_path / STATE)
    new = Trainer(replace(CONFIG, c_dim=3), Recipe(batch=4, seed=1), HERE)
    assert begin_from(new, known_by(tmp_path)).endswith(
        "; the discriminator's last layer begins anew; the mapping's first layer begins anew"
    )
    blocks = new.G.synthesis.blocks.state_dict()
    assert all(torch.equal(v, blocks[k]) for k, v in plain.G.synthesis.blocks.state_dict().items())


def test_what_cannot_change_its_size_or_its_colours_is_refused(tmp_path: Path) -> None:
    for was, size, told in (
        (replace(CONFIG, architecture="resnet"), 32, "a resnet network .* train it at 16 px"),
        (replace(CONFIG, img_channels=1), 16, "it paints in grey"),
    ):
        path = tmp_path / f"{size}.safetensors"
        checkpoint.save(path, "stylegan2", was.to_plain(), StyleGAN2(was).state_dict(), {})
        new = Trainer(replace(was, size=size, img_channels=3), Recipe(batch=4), HERE)
        with pytest.raises(TransferError, match=told):
            begin_from(new, known_by(path))


def test_of_a_larger_network_the_first_layer_that_judges_begins_anew(tmp_path: Path) -> None:
    save_state(Trainer(CONFIG, Recipe(batch=4), HERE), tmp_path / STATE)
    smaller = replace(CONFIG, size=8)
    told = begin_from(Trainer(smaller, Recipe(batch=4), HERE), known_by(tmp_path))
    assert told.endswith("taken over; the discriminator's first layer begins anew")
    with pytest.raises(TransferError, match="--freeze keeps"):
        begin_from(Trainer(smaller, Recipe(batch=4, freeze=1), HERE), known_by(tmp_path))


@pytest.mark.parametrize("name", ["sg2ada-64.pkl", "sg2-tf-32.pkl", "rosinality-32.pt"])
def test_a_run_from_a_foreign_network_begins_with_all_of_it(folder: Path, tmp_path: Path, name: str) -> None:
    network = tmp_path / "network.safetensors"
    convert_file(FIXTURES / name, network)
    options = ["--data", str(folder), "--batch", "2", "--kimg", "0.002", "--tick", "0.002", "--fakes", "50"]
    done = CliRunner().invoke(app, [str(tmp_path / "run"), *options, "--from", str(network), "--lr", "1e-9"])
    assert done.exit_code == 0, done.output
    header, before = checkpoint.load(network)
    assert f"{2 * len(before)} tensors taken over; the discriminator begins anew" in done.output
    began, after = checkpoint.load(tmp_path / "run" / "network.safetensors")
    assert began.shape == header.shape
    for key, tensor in before.items():
        torch.testing.assert_close(after[key], tensor, rtol=0, atol=1e-2, msg=key)
    again = CliRunner().invoke(app, [str(tmp_path / "run"), *options])
    assert "continuing at 0.0 kimg" in again.output, again.output


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match=r"no state\.safetensors in it"):
        known_by(tmp_path)


def test_without_noise_none_is_learnt_and_none_comes_along(pictures: Pictures, tmp_path: Path) -> None:
    noisy = Trainer(CONFIG, Recipe(batch=4), HERE)
    for _ in range(2):
        noisy.step(pictures)
    save_state(noisy, tmp_path / STATE)
    clean = Trainer(CONFIG, Recipe(batch=4, noise=False), HERE)
    begin_from(clean, known_by(tmp_path))
    clean.step(pictures)
    for network in (clean.G, clean.ema):
        assert all(not p.any() for n, p in network.named_parameters() if n.endswith("noise_strength"))
    assert any(p.any() for n, p in noisy.G.named_parameters() if n.endswith("noise_strength"))


def test_an_average_that_begins_as_a_trained_network_keeps_it(pictures: Pictures, tmp_path: Path) -> None:
    taught = Trainer(CONFIG, Recipe(batch=4), HERE)
    taught.step(pictures)
    save_state(taught, tmp_path / STATE)
    moved = {}
    for rampup in (None, 0.05):
        goes_on = Trainer(CONFIG, Recipe(batch=4, ema_rampup=rampup), HERE)
        begin_from(goes_on, known_by(tmp_path))
        before = [p.clone() for p in goes_on.ema.parameters()]
        goes_on.step(pictures)
        after = goes_on.ema.parameters()
        moved[rampup] = sum(float((a - b).abs().sum()) for a, b in zip(before, after, strict=True))
    assert moved[None] < moved[0.05] / 100
