"""The state of a run on disk, as safetensors: a resumed run continues as if it had never stopped."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from models.checkpoint import write_whole
from models.stylegan2_config import StyleGAN2Config
from models.training.parts import next_parts
from models.training.trainer import Trainer


class StateError(ValueError):
    """The state is of another run, or damaged; the message says what differs and what to do."""


def save_state(trainer: Trainer, path: Path) -> None:
    """Networks, optimisers, counters and the random state, replaced in one step."""
    tensors: dict[str, Tensor] = {
        "random": torch.get_rng_state(), "path_mean": trainer.path_mean, "usual_logits": trainer.usual_logits,
    }  # fmt: skip
    if trainer.world.device.type == "cuda":
        tensors["random.cuda"] = torch.cuda.get_rng_state(trainer.world.device)
    for name, network in trainer.networks().items():
        tensors |= {f"{name}.{key}": value for key, value in network.state_dict().items()}
    for name, adam in (("G", trainer.g_adam), ("D", trainer.d_adam)):
        for index, slots in adam.state_dict()["state"].items():
            tensors |= {f"{name}.adam.{index}.{slot}": value for slot, value in slots.items()}
    about = {
        "images": trainer.images, "steps": trainer.steps, "parts": trainer.parts,
        "augmenter": trainer.augmenter.state(), "config": trainer.config.to_plain(),
    }  # fmt: skip
    write_tensors(tensors, path, {"state": json.dumps(about)})


def write_tensors(tensors: Mapping[str, Tensor], path: Path, about: dict[str, str] | None = None) -> None:
    """As safetensors, replaced in one step."""
    plain = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    write_whole(path, to_bytes(plain, about))


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a state file."""
    with safe_open(path, framework="pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - it is not a mapping


def read_config(path: Path) -> StyleGAN2Config:
    """The network that a state file is of. Raises StateError."""
    return StyleGAN2Config(**_about(path)["config"])


def _about(path: Path) -> dict[str, Any]:
    try:
        with safe_open(path, framework="pt") as file:
            about: dict[str, Any] = json.loads(file.metadata()["state"])
            return about
    except SafetensorError as error:
        raise StateError(
            f"{path}: damaged or cut short ({error}); move it away, and go on from the newest snapshot "
            "with --from"
        ) from None


def load_state(trainer: Trainer, path: Path) -> None:
    """Put a run back where it stood. Raises StateError when the run was made with another network."""
    about, config = _about(path), read_config(path)
    if config != trainer.config:
        raise StateError(f"{path}: this run trains {config}; continue it with the same options")
    tensors = read_tensors(path)
    for name, network in trainer.networks().items():
        network.load_state_dict({k: tensors[f"{name}.{k}"] for k in network.state_dict()})
    for name, adam in (("G", trainer.g_adam), ("D", trainer.d_adam)):
        prefix = f"{name}.adam."
        slots: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            if key.startswith(prefix):
                index, slot = key.removeprefix(prefix).split(".")
                slots.setdefault(int(index), {})[slot] = value
        adam.load_state_dict({"state": slots, "param_groups": adam.state_dict()["param_groups"]})
    trainer.images, trainer.steps = about["images"], about["steps"]
    # Batches may be others now, and so may be the parts that they can go through in.
    while trainer.parts < about["parts"] and (parts := next_parts(trainer.share, trainer.parts)):
        trainer.parts = parts
    trainer.augmenter.restore(**about["augmenter"])
    trainer.path_mean = tensors["path_mean"].to(trainer.world.device)
    trainer.usual_logits = tensors["usual_logits"].to(trainer.world.device)
    if not trainer.world.leads:
        # The file holds the dice of the first process; the others throw their own.
        torch.manual_seed(hash((trainer.recipe.seed, trainer.world.rank, trainer.images)))
        return
    torch.set_rng_state(tensors["random"])
    if "random.cuda" in tensors and trainer.world.device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random.cuda"], trainer.world.device)
