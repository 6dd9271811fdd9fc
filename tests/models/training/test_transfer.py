"""Where a run begins that does not begin from nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models import checkpoint
from models.fir import halve
from models.stylegan2_config import StyleGAN2Config
from models.training.data import Pictures
from models.training.recipe import Recipe
from models.training.state import save_state
from models.training.trainer import Trainer
from models.training.transfer import STATE, TransferError, begin_from, known_by
from tests.models.training.toy_training import CONFIG, HERE

LARGER = StyleGAN2Config(32, z_dim=8, w_dim=8, mapping_layers=1, channel_base=64, channel_max=8)


def test_a_larger_run_grows_from_a_smaller_one(pictures: Pictures, tmp_path: Path) -> None:
    small = Trainer(CONFIG, Recipe(batch=4), HERE)
    small.step(pictures)
    save_state(small, tmp_path / STATE)
    grown = Trainer(LARGER, Recipe(batch=4, seed=1), HERE)
    assert begin_from(grown, known_by(tmp_path)) > 20
    ws = torch.randn(1, 8)[:, None].repeat(1, LARGER.num_ws, 1)
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


def test_a_network_file_teaches_both_generators(pictures: Pictures, tmp_path: Path) -> None:
    taught = Trainer(CONFIG, Recipe(batch=4), HERE)
    taught.step(pictures)
    path = tmp_path / "network.safetensors"
    checkpoint.save(path, "stylegan2", CONFIG.to_plain(), taught.ema.state_dict(), {})
    new = Trainer(CONFIG, Recipe(batch=4, seed=5), HERE)
    begin_from(new, known_by(path))
    for network in (new.G, new.ema):
        for key, value in network.state_dict().items():
            assert torch.equal(value, taught.ema.state_dict()[key]), key


def test_a_network_of_another_shape_teaches_nothing(pictures: Pictures, tmp_path: Path) -> None:
    other = StyleGAN2Config(16, z_dim=4, w_dim=4, mapping_layers=1, channel_base=16, channel_max=4)
    save_state(Trainer(other, Recipe(batch=4), HERE), tmp_path / STATE)
    known = {k: v for k, v in known_by(tmp_path).items() if "noise" not in k and "bias" not in k}
    known = {k: v for k, v in known.items() if v.dim() > 1}
    with pytest.raises(TransferError, match="nothing that it knows has a place here"):
        begin_from(Trainer(CONFIG, Recipe(batch=4), HERE), known)


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
