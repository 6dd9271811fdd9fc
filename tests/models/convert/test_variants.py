"""Networks without a fixture, against a slow and literal reference that is written from the papers alone.

The reference modulates weights for each picture, inserts zeros by hand, and keeps the tools' own names.
"""

import math
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from models import checkpoint
from models.convert.errors import ConvertError
from models.convert.reading import read

Tensors = dict[str, Tensor]
TAPS = torch.outer(torch.tensor([1.0, 3, 3, 1]), torch.tensor([1.0, 3, 3, 1])) / 64


def upfirdn(x: Tensor, before: int, after: int) -> Tensor:
    """Zeros after each sample in both axes, padding, and the FIR at four times its gain."""
    n, c, h, w = x.shape
    spread = torch.zeros(n, c, 2 * h, 2 * w)
    spread[:, :, ::2, ::2] = x
    spread = F.pad(spread, (before, after, before, after))
    return F.conv2d(spread, (TAPS * 4).expand(c, 1, 4, 4), groups=c)


def dense(t: Tensors, name: str, x: Tensor, lr_mul: float = 1.0) -> Tensor:
    weight = t[f"{name}.weight"]
    return x @ (weight * lr_mul / math.sqrt(weight.shape[1])).T + t[f"{name}.bias"] * lr_mul


def normalise(x: Tensor) -> Tensor:
    return x / (x.square().mean(dim=1, keepdim=True) + 1e-8).sqrt()


def mapped(t: Tensors, z: Tensor, c: Tensor | None, depth: int) -> Tensor:
    x = normalise(z)
    if c is not None:
        x = torch.cat([x, normalise(dense(t, "mapping.embed", c))], dim=1)
    for index in range(depth):
        x = F.leaky_relu(dense(t, f"mapping.fc{index}", x, 0.01), 0.2) * math.sqrt(2)
    return x


def convolved(
    t: Tensors, name: str, x: Tensor, w: Tensor, *, up: bool, gain: float, clamp: float | None
) -> Tensor:
    styles = dense(t, f"{name}.affine", w)
    pictures = []
    for picture, style in zip(x, styles, strict=True):
        weight = t[f"{name}.weight"] * style[None, :, None, None]
        weight = weight / (weight.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()
        if up:
            spread = torch.zeros(1, *picture.shape[:1], 2 * x.shape[2] + 1, 2 * x.shape[3] + 1)
            spread[:, :, 1::2, 1::2] = picture
            # A transposed convolution is a convolution of the spread picture with mirrored kernels.
            y = F.conv2d(spread, weight.flip(2, 3), padding=1)
            y = F.conv2d(F.pad(y, (1, 1, 1, 1)), (TAPS * 4).expand(y.shape[1], 1, 4, 4), groups=y.shape[1])
        else:
            y = F.conv2d(picture[None], weight, padding=1)
        pictures.append(y)
    y = torch.cat(pictures) + t[f"{name}.noise_const"] * t[f"{name}.noise_strength"]
    y = F.leaky_relu(y + t[f"{name}.bias"][:, None, None], 0.2) * math.sqrt(2) * gain
    return y if clamp is None else y.clamp(-clamp * gain, clamp * gain)


def picture_of(t: Tensors, ws: Tensor, size: int, architecture: str, clamp: float | None) -> Tensor:
    x = t["synthesis.b4.const"].expand(len(ws), -1, -1, -1)
    image: Tensor | None = None
    row = 0
    for power in range(2, size.bit_length()):
        block = f"synthesis.b{2**power}"
        resnet = architecture == "resnet" and power > 2
        gain = math.sqrt(0.5) if resnet else 1.0
        passed = 0 * x
        if resnet:
            kernel = t[f"{block}.skip.weight"]
            passed = upfirdn(F.conv2d(x, kernel / math.sqrt(kernel.shape[1])), 2, 1) * gain
        if power > 2:
            x = convolved(t, f"{block}.conv0", x, ws[:, row], up=True, gain=1.0, clamp=clamp)
            row += 1
        x = convolved(t, f"{block}.conv1", x, ws[:, row], up=False, gain=gain, clamp=clamp)
        row += 1
        x = x + passed if resnet else x
        if architecture == "skip" or 2**power == size:
            kernel = t[f"{block}.torgb.weight"]
            styles = dense(t, f"{block}.torgb.affine", ws[:, row]) / math.sqrt(kernel.shape[1])
            y = F.conv2d(x * styles[:, :, None, None], kernel) + t[f"{block}.torgb.bias"][:, None, None]
            y = y if clamp is None else y.clamp(-clamp, clamp)
            image = y if image is None else upfirdn(image, 2, 1) + y
    assert image is not None
    return image


def made(
    size: int, *, architecture: str = "skip", depth: int = 2, colours: int = 3, classes: int = 0,
    base: int = 200, most: int = 12, z_dim: int = 10, w_dim: int = 14,
) -> Tensors:  # fmt: skip
    """Random tensors by the tools' names; loud enough for clamps to bite and styles to matter."""
    random = torch.Generator().manual_seed(size + depth)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=random)

    t: Tensors = {"mapping.w_avg": draw(w_dim)}
    if classes:
        t |= {"mapping.embed.weight": draw(w_dim, classes), "mapping.embed.bias": draw(w_dim)}
    for index in range(depth):
        inputs = z_dim + (w_dim if classes else 0) if index == 0 else w_dim
        t |= {
            f"mapping.fc{index}.weight": draw(w_dim, inputs) * 100,
            f"mapping.fc{index}.bias": draw(w_dim) * 10,
        }
    for power in range(2, size.bit_length()):
        block, wide = f"synthesis.b{2**power}", min(base // 2**power, most)
        before = min(base // 2 ** (power - 1), most)
        if power == 2:
            t[f"{block}.const"] = draw(wide, 4, 4)
        for conv, inputs in (("conv0", before), ("conv1", wide))[power == 2 :]:
            name = f"{block}.{conv}"
            t |= {f"{name}.weight": draw(wide, inputs, 3, 3), f"{name}.bias": draw(wide)}
            t |= {f"{name}.affine.weight": draw(inputs, w_dim), f"{name}.affine.bias": 1 + draw(inputs)}
            t |= {f"{name}.noise_strength": draw(), f"{name}.noise_const": draw(2**power, 2**power)}
        if architecture == "skip" or 2**power == size:
            name = f"{block}.torgb"
            t |= {f"{name}.weight": draw(colours, wide, 1, 1), f"{name}.bias": draw(colours)}
            t |= {f"{name}.affine.weight": draw(wide, w_dim), f"{name}.affine.bias": 1 + draw(wide)}
        if architecture == "resnet" and power > 2:
            t[f"{block}.skip.weight"] = draw(wide, before, 1, 1)
    return t


def attributes(t: Tensors, architecture: str, clamp: float | None) -> dict[str, Any]:
    paths = {name.rpartition(".")[0] for name in t} | {
        name.rsplit(".", 2)[0] for name in t if name.count(".") > 2
    }
    return {
        path: {"conv_clamp": clamp, "activation": "lrelu"} if path.endswith(("conv0", "conv1", "torgb"))
        else {"architecture": architecture, "use_fp16": True}
        for path in paths
    }  # fmt: skip


VARIANTS = [
    {"size": 16}, {"size": 16, "depth": 1}, {"size": 16, "depth": 8}, {"size": 16, "architecture": "resnet"},
    {"size": 32, "architecture": "resnet", "colours": 1}, {"size": 16, "architecture": "orig"},
    {"size": 16, "colours": 1, "classes": 4}, {"size": 64, "base": 333, "most": 20},
    {"size": 16, "z_dim": 3, "w_dim": 24, "classes": 2}, {"size": 16, "clamp": 0.7},
    {"size": 16, "architecture": "resnet", "clamp": 0.7},
]  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_variant_of_stylegan2_agrees_with_the_papers(
    variant: dict[str, Any], ada_pickle: Callable[..., Path], tmp_path: Path
) -> None:
    variant = dict(variant)
    clamp = variant.pop("clamp", None)
    architecture, classes = variant.get("architecture", "skip"), variant.get("classes", 0)
    t = made(**variant)
    found = read(ada_pickle(t, attributes(t, architecture, clamp)))
    checkpoint.save_arrays(tmp_path / "n.safetensors", found.family, found.config, found.tensors, found.about)
    header, network = checkpoint.build(tmp_path / "n.safetensors")
    assert (header.size, header.c_dim, found.config["architecture"]) == (
        variant["size"],
        classes,
        architecture,
    )
    z = torch.randn(3, network.z_dim)
    c = F.one_hot(torch.arange(3) % classes, classes).float() if classes else None
    with torch.inference_mode():
        w = network.mapping(z, c)
        torch.testing.assert_close(w, mapped(t, z, c, variant.get("depth", 2)), rtol=1e-4, atol=1e-5)
        ws = w[:, None] + torch.randn(3, network.num_ws, network.w_dim)
        ours = network.synthesis(ws, torch.ones(3))
        known = picture_of(t, ws, variant["size"], architecture, clamp)
        quiet = network.synthesis(ws, torch.zeros(3))
    assert ours.shape == known.shape
    assert (ours - known).norm() / known.norm() < 1e-5
    assert (quiet - known).norm() / known.norm() > 1e-3
    if clamp is not None:
        free = picture_of(t, ws, variant["size"], architecture, None)
        assert (free - known).norm() / known.norm() > 1e-2, "the clamp never bit"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_says_the_same(protocol: int, ada_pickle: Callable[..., Path]) -> None:
    t = made(8)
    one, other = (read(ada_pickle(t, attributes(t, "skip", None), p)) for p in (protocol, 4))
    assert one.config == other.config
    assert all(np.array_equal(one.tensors[name], other.tensors[name]) for name in other.tensors)


def test_gains_of_another_learning_rate_are_folded(ada_pickle: Callable[..., Path]) -> None:
    t = made(8)
    said = attributes(t, "skip", None)
    said["mapping.fc0"] = {"weight_gain": 0.1 / math.sqrt(10), "bias_gain": 0.1}
    found = read(ada_pickle(t, said))
    np.testing.assert_allclose(
        found.tensors["mapping.layers.0.weight"], t["mapping.fc0.weight"].numpy() * 10, rtol=1e-5
    )


def test_a_file_in_half_precision_is_read(ada_pickle: Callable[..., Path]) -> None:
    t = {name: numbers.half() for name, numbers in made(8).items()}
    found = read(ada_pickle(t, attributes(t, "skip", None)))
    assert all(numbers.dtype == np.float32 for numbers in found.tensors.values())


def test_a_file_without_a_mean_gets_one(ada_pickle: Callable[..., Path]) -> None:
    t = made(8, classes=2)
    t.pop("mapping.w_avg")
    found = read(ada_pickle(t, attributes(t, "skip", None)))
    z, c = torch.randn(20_000, 10), F.one_hot(torch.arange(20_000) % 2, 2).float()
    known = mapped(t, z, c, 2).mean(dim=0).numpy()
    spread = mapped(t, z, c, 2).std(dim=0).numpy()
    assert (np.abs(found.tensors["mapping.w_avg"] - known) < 0.06 * spread).all()


def broken(change: Callable[[Tensors, dict[str, Any]], Any]) -> tuple[Tensors, dict[str, Any]]:
    t = made(8)
    said = attributes(t, "skip", None)
    change(t, said)
    return t, said


BIAS = "synthesis.b8.conv1.bias"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda t, said: t.pop(BIAS), r'"synthesis\.b8\.conv1\.bias" is missing'),
        (lambda t, said: t.update({BIAS: torch.zeros(3)}), r"shape \(3,\) instead of \(12,\)"),
        (lambda t, said: t[BIAS].fill_(math.nan), "not finite"),
        (lambda t, said: t.update({"synthesis.b8.extra": torch.zeros(3)}), r"b8\.extra\" has no place"),
        (lambda t, said: said["synthesis.b8.conv1"].update(activation="swish"), "another activation"),
        (lambda t, said: said["synthesis.b8.conv1"].update(conv_clamp=3), "different levels"),
        (lambda t, said: said["synthesis.b8"].update(architecture=["new"]), "no architecture"),
        (lambda t, said: t.update({"synthesis.b8.resample_filter": torch.ones(4, 4)}), r"\(1, 3, 3, 1\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_refused_by_name(
    change: Any, why: str, ada_pickle: Callable[..., Path]
) -> None:
    with pytest.raises(ConvertError, match=why):
        read(ada_pickle(*broken(change)))


class Network:
    """Pickled, it looks like a network of dnnlib.tflib."""

    def __init__(self, variables: dict[str, Any], arguments: dict[str, Any], **parts: "Network") -> None:
        self.state = {
            "version": 4,
            "static_kwargs": arguments,
            "components": parts,
            "variables": list(variables.items()),
        }

    def __getstate__(self) -> Any:
        return self.state


def tensorflow_names(t: Tensors) -> dict[str, np.ndarray]:
    """The same network in the names and layouts of the TensorFlow tools."""
    out = {"dlatent_avg": t["mapping.w_avg"].numpy()}
    conv = {"conv0": "Conv0_up", "conv1": "Conv1", "torgb": "ToRGB", "skip": "Skip"}
    for name, tensor in t.items():
        x, parts = tensor.numpy(), name.split(".")
        if parts[0] == "mapping" and parts[1].startswith("fc"):
            out[f"mapping/Dense{parts[1][2:]}/{parts[2]}"] = x.T
        elif parts[0] == "synthesis":
            size = int(parts[1][1:])
            if parts[2] == "const":
                out["synthesis/4x4/Const/const"] = x[None]
                continue
            layer = (
                f"synthesis/{size}x{size}/{'Conv' if (size, parts[2]) == (4, 'conv1') else conv[parts[2]]}"
            )
            match parts[3:]:
                case ["weight"]:
                    mirrored = x[:, :, ::-1, ::-1] if parts[2] == "conv0" else x
                    out[f"{layer}/weight"] = mirrored.transpose(2, 3, 1, 0)
                case ["affine", "weight"]:
                    out[f"{layer}/mod_weight"] = x.T
                case ["affine", "bias"]:
                    out[f"{layer}/mod_bias"] = x - 1
                case ["noise_const"]:
                    row = 2 * int(math.log2(size)) - (5 if parts[2] == "conv0" else 4)
                    out[f"synthesis/noise{row}"] = x[None, None]
                case [word]:
                    out[f"{layer}/{word}"] = x
    return out


@pytest.mark.parametrize(
    ("variant", "arguments"),
    [
        ({"size": 16, "architecture": "resnet"}, {"architecture": "resnet", "resample_kernel": [1, 3, 3, 1]}),
        ({"size": 32, "colours": 1, "depth": 8}, {"label_size": 0}),
        ({"size": 16, "architecture": "orig"}, {"architecture": "orig"}),
    ],
    ids=str,
)
def test_a_variant_from_tensorflow_agrees_with_the_papers(
    variant: dict[str, Any], arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    t = made(**variant)
    named = tensorflow_names(t)
    inner = {
        part: Network({n.removeprefix(f"{part}/"): x for n, x in named.items() if n.startswith(part)}, {})
        for part in ("mapping", "synthesis")
    }
    whole = Network({"dlatent_avg": named["dlatent_avg"]}, arguments, **inner)
    with monkeypatch.context() as patch:
        patch.setattr(Network, "__module__", "dnnlib.tflib.network")
        for name in ("dnnlib", "dnnlib.tflib", "dnnlib.tflib.network"):
            patch.setitem(sys.modules, name, ModuleType(name))
        patch.setattr(sys.modules["dnnlib.tflib.network"], "Network", Network, raising=False)
        (tmp_path / "tf.pkl").write_bytes(pickle.dumps((whole, whole, whole), 4))
    found = read(tmp_path / "tf.pkl")
    checkpoint.save_arrays(tmp_path / "n.safetensors", found.family, found.config, found.tensors, found.about)
    _, network = checkpoint.build(tmp_path / "n.safetensors")
    with torch.inference_mode():
        ws = torch.randn(2, network.num_ws, network.w_dim)
        known = picture_of(t, ws, variant["size"], variant.get("architecture", "skip"), None)
        assert (network.synthesis(ws, torch.ones(2)) - known).norm() / known.norm() < 1e-5
