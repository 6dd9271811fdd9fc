"""Where a run begins that does not begin from nothing: another run, of any size, or a network file."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from models import checkpoint
from models.training.growth import continue_from
from models.training.state import read_tensors
from models.training.trainer import Trainer

STATE = "state.safetensors"


class TransferError(ValueError):
    """There is nothing to begin from; the message says why."""


def known_by(source: Path) -> dict[str, Tensor]:
    """What a run (its folder) or a network file knows: tensors named "G.…", "ema.…" and, of a run, "D.…".

    Raises TransferError, or CheckpointError for a file that is no network.
    """
    if source.is_dir():
        if not (source / STATE).exists():
            raise TransferError(f"{source}: no {STATE} in it; name the folder of a run, or a network file")
        return read_tensors(source / STATE)
    header, tensors = checkpoint.load(source)
    if header.family != "stylegan2":
        raise TransferError(f"{source}: a {header.family} network; training goes on from StyleGAN2 alone")
    known = {f"{name}.{key}": tensor for key, tensor in tensors.items() for name in ("G", "ema")}
    beside = checkpoint.discriminator_beside(source)
    if beside.exists():
        known |= {f"D.{key}": tensor for key, tensor in read_tensors(beside).items()}
    return known


def begin_from(trainer: Trainer, known: Mapping[str, Tensor]) -> int:
    """Take over every weight that has the same name and shape here; how many there were.

    A run at twice the size so begins with all it shares with the smaller one: it grows by a block, which adds
    nothing to the picture at first, and judges its pictures as the smaller one judged their halves. The noise
    stays behind when this run has none. Raises TransferError when nothing fits.
    """
    if not trainer.recipe.noise:
        known = {key: tensor for key, tensor in known.items() if not key.endswith(".noise_strength")}
    for generator in (trainer.G, trainer.ema):
        for name, parameter in generator.synthesis.blocks.named_parameters():
            if name.endswith("torgb.weight") and f"G.synthesis.blocks.{name}" not in known:
                nn.init.zeros_(parameter)
    taken = 0
    with torch.no_grad():
        for name, network in trainer.networks().items():
            for key, tensor in network.state_dict().items():
                other = known.get(f"{name}.{key}")
                if other is not None and other.shape == tensor.shape:
                    tensor.copy_(other)
                    taken += 1
    judged = [int(key.split(".")[2].removeprefix("b")) for key in known if key.startswith("D.blocks.")]
    if judged and max(judged) < trainer.config.size:
        continue_from(trainer.D, max(judged), known["D.fromrgb.weight"], known["D.fromrgb.bias"])
    if not taken:
        raise TransferError("nothing that it knows has a place here; train the same channels and w as it has")
    return taken
