"""A run that was stopped and goes on is the run that was not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.training.data import Pictures
from models.training.recipe import Recipe
from models.training.state import StateError, load_state, save_state
from models.training.trainer import Trainer
from tests.models.training.toy_training import CONFIG, HERE

EVERYTHING = Recipe(
    batch=4, augment="ada", mirror=True, path_length=2.0, lecam=0.01, gamma_fake=0.5, loss="rpgan"
)


@pytest.mark.parametrize("recipe", [Recipe(batch=4, augment="diffaugment"), EVERYTHING])
def test_a_resumed_run_is_the_uninterrupted_run(pictures: Pictures, tmp_path: Path, recipe: Recipe) -> None:
    whole = Trainer(CONFIG, recipe, HERE)
    for _ in range(3):
        whole.step(pictures)
    save_state(whole, tmp_path / "state.safetensors")
    whole.tally.taken()
    for _ in range(16):
        whole.step(pictures)

    resumed = Trainer(CONFIG, recipe, HERE)
    load_state(resumed, tmp_path / "state.safetensors")
    for _ in range(16):
        resumed.step(pictures)

    assert resumed.images == whole.images
    assert resumed.tally.taken() == whole.tally.taken()
    assert resumed.augmenter.state() == whole.augmenter.state()
    for name, network in whole.networks().items():
        other = resumed.networks()[name].state_dict()
        assert all(torch.equal(value, other[key]) for key, value in network.state_dict().items()), name


def test_a_run_in_parts_goes_on_with_other_batches(pictures: Pictures, tmp_path: Path) -> None:
    whole = Trainer(CONFIG, Recipe(batch=8), HERE)
    whole.parts = 4
    save_state(whole, tmp_path / "state.safetensors")
    for batch, parts in ((8, 4), (16, 4), (12, 6), (4, 2), (2, 1)):
        resumed = Trainer(CONFIG, Recipe(batch=batch), HERE)
        load_state(resumed, tmp_path / "state.safetensors")
        assert resumed.parts == parts
        assert resumed.at_once >= 2
        resumed.step(pictures)


def test_a_torn_state_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    save_state(Trainer(CONFIG, Recipe(batch=4), HERE), path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StateError, match="damaged or cut short"):
        load_state(Trainer(CONFIG, Recipe(batch=4), HERE), path)


def test_another_network_is_refused(pictures: Pictures, tmp_path: Path) -> None:
    save_state(Trainer(CONFIG, Recipe(batch=4), HERE), tmp_path / "state.safetensors")
    other = Trainer(replace(CONFIG, w_dim=16), Recipe(batch=4), HERE)
    with pytest.raises(StateError, match="continue it with the same options"):
        load_state(other, tmp_path / "state.safetensors")


def test_a_state_is_of_plain_tensors_and_json(pictures: Pictures, tmp_path: Path) -> None:
    from safetensors import safe_open

    trainer = Trainer(CONFIG, Recipe(batch=4), HERE)
    trainer.step(pictures)
    save_state(trainer, tmp_path / "state.safetensors")
    with safe_open(tmp_path / "state.safetensors", framework="np") as file:
        about = json.loads(file.metadata()["state"])
    assert (about["images"], about["steps"], about["parts"]) == (4, 1, 1)
