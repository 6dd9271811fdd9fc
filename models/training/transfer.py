"""Where a run begins that does not begin from nothing: another run, of any size, or a network file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from models import checkpoint
from models.stylegan2_config import StyleGAN2Config
from models.training.growth import continue_from, too_narrow
from models.training.run_folder import RunFolder
from models.training.state import read_config, read_tensors
from models.training.trainer import Trainer


class TransferError(ValueError):
    """There is nothing to begin from, or it does not fit; the message says why."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a run or a network file knows: `tensors` named "G.…", "ema.…" and, with a discriminator, "D.…"."""

    config: StyleGAN2Config
    tensors: Mapping[str, Tensor]

    @property
    def judges(self) -> bool:
        """Whether there is a discriminator."""
        return "D.fromrgb.weight" in self.tensors


def known_by(source: Path) -> Known:
    """What the run in this folder, or this network file, knows.

    The discriminator of a file is what lies beside it: that of a snapshot, or of a network converted with
    its discriminator. Raises TransferError, or CheckpointError for a file that is no network.
    """
    if source.is_dir():
        state = RunFolder(source).state
        if not state.exists():
            raise TransferError(
                f"{source}: no {state.name} in it; name the folder of a run, or a network file"
            )
        return Known(read_config(state), read_tensors(state))
    header, tensors = checkpoint.load(source)
    config = header.shape
    if not isinstance(config, StyleGAN2Config):
        raise TransferError(f"{source}: a {header.family} network; training goes on from StyleGAN2 alone")
    known = {f"{name}.{key}": tensor for key, tensor in tensors.items() for name in ("G", "ema")}
    beside = checkpoint.discriminator_beside(source)
    if beside.exists():
        known |= {f"D.{key}": tensor for key, tensor in read_tensors(beside).items()}
    return Known(config, known)


def begin_from(trainer: Trainer, known: Known) -> str:
    """Take over every weight that has a place here; what was taken, and what begins anew, in words.

    A run at twice the size so begins with all it shares with the smaller one: it grows by a block, which adds
    nothing to the picture at first, and judges its pictures as the smaller one judged their halves. The noise
    stays behind when this run has none. Raises TransferError where a weight has another shape than here.
    """
    config, recipe = trainer.config, trainer.recipe
    _fit_for(trainer, known)
    tensors = dict(known.tensors)
    if not recipe.noise:
        tensors = {key: tensor for key, tensor in tensors.items() if not key.endswith(".noise_strength")}
    networks = trainer.networks()
    here = {f"{name}.{key}": own for name, of in networks.items() for key, own in of.state_dict().items()}
    shared = {
        key: own for key, own in here.items() if key in tensors and not _differs(key, own, config, known)
    }
    for key, own in shared.items():
        if own.shape != tensors[key].shape:
            there, ours = (" x ".join(map(str, shape)) for shape in (tensors[key].shape, own.shape))
            raise TransferError(
                f"{key} is {there} there and {ours} here; leave out what says how large the network is "
                "(--channel-…), and it will be as wide as the one it begins from"
            )
    with torch.no_grad():
        for generator in (trainer.G, trainer.ema):
            for name, parameter in generator.synthesis.blocks.named_parameters():
                if name.endswith("torgb.weight") and f"G.synthesis.blocks.{name}" not in shared:
                    nn.init.zeros_(parameter)
        for key, own in shared.items():
            own.copy_(tensors[key])
    if known.judges and config.size > known.config.size:
        continue_from(trainer.D, known.config.size, tensors["D.fromrgb.weight"], tensors["D.fromrgb.bias"])
    trainer.world.agree(networks.values())
    anew = {
        "the discriminator": not known.judges,
        "the discriminator's first layer": known.judges and config.size < known.config.size,
        "the discriminator's last layer": known.judges and _lacks("D.out", here, shared),
        "the mapping's first layer": _lacks("G.mapping", here, shared),
    }
    began = "".join(f"; {part} begins anew" for part, is_new in anew.items() if is_new)
    return f"{len(shared)} tensors taken over{began}"


def _fit_for(trainer: Trainer, known: Known) -> None:
    """Raises TransferError where what is known cannot become this network as a whole."""
    config, was = trainer.config, known.config
    if was.img_channels != config.img_channels:
        raise TransferError("it paints in grey, and training paints RGB: begin from another, or from nothing")
    if was.architecture != "skip" and config.size != was.size:
        raise TransferError(
            f"a {was.architecture} network makes its picture in its last layer alone, so its size cannot "
            f"change: train it at {was.size} px"
        )
    if trainer.recipe.freeze and not (known.judges and config.size >= was.size):
        raise TransferError(
            "--freeze keeps what a discriminator knows of pictures of this size, and there is none beside "
            "this network; leave it out"
        )
    narrow = too_narrow(trainer.D, was.size) if known.judges else None
    if narrow:
        raise TransferError(
            f"at {narrow} px there are {config.channels(narrow)} channels, too few to pass on what the "
            "smaller network judges by; "
            + ("add --channel-min 8" if was.channels(was.size) >= 8 else "begin from a wider network")
        )


def _differs(key: str, own: Tensor, config: StyleGAN2Config, known: Known) -> bool:
    """Whether a weight means something else there: of pictures of another size, or of other classes."""
    part = key.split(".")[1]
    if part == "fromrgb":
        return config.size != known.config.size
    of_classes = config.c_dim != known.config.c_dim and part in ("mapping", "out", "embed")
    return of_classes and own.shape != known.tensors[key].shape


def _lacks(part: str, here: Mapping[str, Tensor], shared: Mapping[str, Tensor]) -> bool:
    return any(key.startswith(part) and key not in shared for key in here)
