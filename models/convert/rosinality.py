"""rosinality's StyleGAN2 (`.pt`): a dict with `g_ema`, a flat table of tensors; skip generators only."""

import re
from typing import Any

import numpy as np

from models.convert.arrays import Budget, Storages, is_call, mapping, tensor
from models.convert.errors import ConvertError
from models.convert.foreign import Foreign
from models.convert.parts import Floats, Parts, channel_rule, mean_w


def read(value: Any, storages: Storages, budget: Budget) -> Foreign:
    """The averaged generator of a parsed file. Raises ConvertError."""
    table = mapping(value, "its pickle")
    if "g_ema" not in table:
        held = ", ".join(str(key)[:40] for key in list(table)[:8]) or "nothing"
        raise ConvertError(f'it holds no "g_ema", the averaged generator, but {held}')
    args = mapping(table["args"], "its args") if is_call(table.get("args"), "Namespace") else {}
    if args.get("arch", "stylegan2") != "stylegan2":
        raise ConvertError('its architecture, args.arch, is not "stylegan2"')
    nodes = {str(name): node for name, node in mapping(table["g_ema"], 'its "g_ema"').items()}
    parts = Parts(nodes, lambda node: tensor(node, storages, budget))
    out: dict[str, Floats] = {}
    # style.0 normalises and has no weights.
    depth = sum(bool(re.fullmatch(r"style\.\d+\.weight", name)) for name in nodes)
    for index in range(depth):
        weight = parts.take(f"style.{index + 1}.weight", None, None)
        out[f"mapping.layers.{index}.weight"] = weight
        out[f"mapping.layers.{index}.bias"] = parts.take(f"style.{index + 1}.bias", len(weight))
    if not depth:
        raise ConvertError('its tensor "style.1.weight" is missing')
    const = parts.take("input.input", 1, None, 4, 4)[0]
    out["synthesis.blocks.b4.const"] = const
    count = sum(bool(re.fullmatch(r"convs\.\d+\.conv\.weight", name)) for name in nodes)
    channels = {4: len(const)}
    _layer(parts, "conv1", "synthesis.blocks.b4.conv1", 0, out)
    _picture(parts, "to_rgb1", "synthesis.blocks.b4.torgb", out)
    for step in range(count // 2):
        size = 8 * 2**step
        into = f"synthesis.blocks.b{size}"
        parts.fir(f"convs.{2 * step}.conv.blur.kernel")
        parts.fir(f"to_rgbs.{step}.upsample.kernel")
        for offset, conv in enumerate(("conv0", "conv1")):
            _layer(parts, f"convs.{2 * step + offset}", f"{into}.{conv}", 2 * step + 1 + offset, out)
        _picture(parts, f"to_rgbs.{step}", f"{into}.torgb", out)
        channels[size] = len(out[f"{into}.conv1.bias"])
    parts.finish()
    w_dim, z_dim = out[f"mapping.layers.{depth - 1}.weight"].shape[0], out["mapping.layers.0.weight"].shape[1]
    if table.get("latent_avg") is not None:
        beside = Parts({"latent_avg": table["latent_avg"]}, parts.read)
        out["mapping.w_avg"] = beside.take("latent_avg", w_dim)
    else:
        out["mapping.w_avg"] = mean_w(out, classes=0)
    base, top = channel_rule(channels)
    config = {
        "size": max(channels), "z_dim": z_dim, "w_dim": w_dim, "mapping_layers": depth,
        "channel_base": base, "channel_max": top,
    }  # fmt: skip
    return Foreign("rosinality", "stylegan2", config, out, {})


def _layer(parts: Parts, path: str, into: str, index: int, out: dict[str, Floats]) -> None:
    weight = parts.take(f"{path}.conv.weight", 1, None, None, 3, 3)[0]
    # The equalised learning rate, which this kind applies before it demodulates.
    out[f"{into}.weight"] = weight * np.float32(1 / np.sqrt(weight[0].size))
    out[f"{into}.bias"] = parts.take(f"{path}.activate.bias", len(weight))
    out[f"{into}.affine.weight"] = parts.take(f"{path}.conv.modulation.weight", weight.shape[1], None)
    out[f"{into}.affine.bias"] = parts.take(f"{path}.conv.modulation.bias", weight.shape[1])
    out[f"{into}.noise_strength"] = parts.scalar(f"{path}.noise.weight")
    size = 4 * 2 ** ((index + 1) // 2)
    if f"noises.noise_{index}" in parts:
        out[f"{into}.noise_const"] = parts.take(f"noises.noise_{index}", 1, 1, size, size)[0, 0]
    else:
        # The first files of this kind kept none; a fixed draw stands for the noise of their training.
        drawn = np.random.RandomState(index).randn(size, size)
        out[f"{into}.noise_const"] = drawn.astype(np.float32)


def _picture(parts: Parts, path: str, into: str, out: dict[str, Floats]) -> None:
    weight = parts.take(f"{path}.conv.weight", 1, 3, None, 1, 1)[0]
    out[f"{into}.weight"] = weight
    out[f"{into}.bias"] = parts.take(f"{path}.bias", 1, 3, 1, 1).reshape(3)
    out[f"{into}.affine.weight"] = parts.take(f"{path}.conv.modulation.weight", weight.shape[1], None)
    out[f"{into}.affine.bias"] = parts.take(f"{path}.conv.modulation.bias", weight.shape[1])
