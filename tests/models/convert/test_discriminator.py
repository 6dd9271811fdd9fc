"""The discriminator of a pickle, against a literal reference, and training that goes on with it."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from models.convert.command import convert_file
from models.convert.errors import ConvertError
from models.convert.reading import read
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config
from models.training.recipe import Recipe
from models.training.trainer import Trainer
from models.training.transfer import begin_from, known_by
from tests.models.training.toy_training import HERE

CONFIG = StyleGAN2Config(16, z_dim=8, w_dim=8, mapping_layers=1, channel_base=64, channel_max=8)
TAPS = torch.outer(torch.tensor([1.0, 3, 3, 1]), torch.tensor([1.0, 3, 3, 1])) / 64
Write = Callable[..., Path]


def judge_tensors() -> dict[str, Tensor]:
    """By the tools' names: 4 channels at 16 px, 8 at 8 and 4."""
    torch.manual_seed(3)
    shapes: dict[str, tuple[int, ...]] = {
        "b16.fromrgb.weight": (4, 3, 1, 1), "b16.fromrgb.bias": (4,),
        "b16.conv0.weight": (4, 4, 3, 3), "b16.conv0.bias": (4,),
        "b16.conv1.weight": (8, 4, 3, 3), "b16.conv1.bias": (8,), "b16.skip.weight": (8, 4, 1, 1),
        "b8.conv0.weight": (8, 8, 3, 3), "b8.conv0.bias": (8,),
        "b8.conv1.weight": (8, 8, 3, 3), "b8.conv1.bias": (8,), "b8.skip.weight": (8, 8, 1, 1),
        "b4.conv.weight": (8, 9, 3, 3), "b4.conv.bias": (8,),
        "b4.fc.weight": (8, 128), "b4.fc.bias": (8,), "b4.out.weight": (1, 8), "b4.out.bias": (1,),
    }  # fmt: skip
    return {name: torch.randn(shape) for name, shape in shapes.items()}


def judged(t: dict[str, Tensor], x: Tensor) -> Tensor:
    """As the papers have it, one step after another."""

    def conv(name: str, x: Tensor, down: bool = False, gain: float = 1.0) -> Tensor:
        weight = t[f"{name}.weight"]
        kernel = weight.shape[-1]
        if down:
            pad = (kernel + 1) // 2
            x = F.conv2d(F.pad(x, (pad,) * 4), TAPS.expand(x.shape[1], 1, 4, 4), groups=x.shape[1])
        y = F.conv2d(x, weight / math.sqrt(weight[0].numel()), stride=2 if down else 1,
                     padding=0 if down else kernel // 2)  # fmt: skip
        if f"{name}.bias" not in t:
            return y * gain
        return F.leaky_relu(y + t[f"{name}.bias"][:, None, None], 0.2) * math.sqrt(2) * gain

    half = math.sqrt(0.5)
    x = conv("b16.fromrgb", x)
    for block in ("b16", "b8"):
        x = conv(f"{block}.skip", x, True, half) + conv(
            f"{block}.conv1", conv(f"{block}.conv0", x), True, half
        )
    deviation = (x.var(dim=0, correction=0) + 1e-8).sqrt().mean()
    x = conv("b4.conv", torch.cat([x, deviation.expand(len(x), 1, 4, 4)], dim=1)).flatten(1)
    x = F.leaky_relu(x @ t["b4.fc.weight"].T / math.sqrt(128) + t["b4.fc.bias"], 0.2) * math.sqrt(2)
    return (x @ t["b4.out.weight"].T / math.sqrt(8) + t["b4.out.bias"])[:, 0]


def generator_tensors() -> dict[str, Tensor]:
    """A generator of the same shape by the tools' names."""
    names = {"mapping.layers.": "mapping.fc", "synthesis.blocks.": "synthesis."}
    out = {}
    for name, tensor in StyleGAN2(CONFIG).state_dict().items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        out[name] = tensor
    return out


def test_a_converted_discriminator_judges_as_it_did(ada_pickle: Write, tmp_path: Path) -> None:
    tensors = judge_tensors()
    path = ada_pickle(generator_tensors(), {}, judge=tensors)
    convert_file(path, tmp_path / "net.safetensors", with_discriminator=True)
    trainer = Trainer(CONFIG, Recipe(batch=4), HERE)
    begin_from(trainer, known_by(tmp_path / "net.safetensors"))
    x = torch.randn(4, 3, 16, 16)
    torch.testing.assert_close(trainer.D(x), judged(tensors, x), rtol=1e-4, atol=1e-4)


def test_it_is_left_where_it_is_unless_asked_for(ada_pickle: Write, tmp_path: Path) -> None:
    convert_file(ada_pickle(generator_tensors(), {}, judge=judge_tensors()), tmp_path / "net.safetensors")
    assert not list(tmp_path.glob("*discriminator*"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"b16.skip.weight": None}, "is not residual"),
        ({"b4.conv.weight": torch.randn(8, 8, 3, 3)}, "minibatch deviation"),
        ({"b8.conv0.bias": None}, '"b8.conv0.bias" is missing'),
        ({"b8.new.weight": torch.randn(1)}, "has no place"),
    ],
)
def test_another_kind_of_judge_is_refused(ada_pickle: Write, change: dict[str, Any], sentence: str) -> None:
    tensors = {name: held for name, held in (judge_tensors() | change).items() if held is not None}
    with pytest.raises(ConvertError, match=sentence):
        read(ada_pickle(generator_tensors(), {}, judge=tensors), with_discriminator=True)


def test_a_file_without_one_says_so(ada_pickle: Write, fixtures: Path) -> None:
    with pytest.raises(ConvertError, match='holds no "D"'):
        read(ada_pickle(generator_tensors(), {}), with_discriminator=True)
    for name in ("rosinality-32.pt", "sg2-tf-32.pkl"):
        with pytest.raises(ConvertError, match="the pickles of StyleGAN2-ADA alone"):
            read(fixtures / name, with_discriminator=True)
