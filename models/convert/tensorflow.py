"""Legacy TensorFlow StyleGAN2 pickles: a tuple (G, D, Gs) of networks, their variables by config-f's names.

Layouts differ from ours: convolutions are (kernel, kernel, in, out), dense layers (in, out), style biases
lack their 1, and up-sampling kernels are mirrored.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from models.convert.arrays import Budget, array, is_call, mapping, number
from models.convert.errors import ConvertError
from models.convert.foreign import Foreign
from models.convert.parts import LR_MUL, Floats, Parts, channel_rule

_FIXED = {
    "nonlinearity": "lrelu", "mapping_nonlinearity": "lrelu", "normalize_latents": True, "use_noise": True,
    "use_wscale": True, "mapping_use_wscale": True, "resample_kernel": [1, 3, 3, 1],
}  # fmt: skip


def read(value: Any, budget: Budget) -> Foreign:
    """The Gs of a parsed pickle. Raises ConvertError."""
    if not isinstance(value, tuple | list) or len(value) != 3:
        raise ConvertError("it is not the tuple (G, D, Gs) that StyleGAN2's TensorFlow tools write")
    nodes: dict[str, Any] = {}
    arguments: dict[str, Any] = {}
    _collect(value[2], "", nodes, arguments)
    for key, known in _FIXED.items():
        given = arguments.get(key, known)
        if (list(given) if isinstance(given, tuple) else given) != known:
            raise ConvertError(f'its argument "{key}" is not {known}, all that this version plays')
    parts = Parts({name: node for name, node in nodes.items() if name != "synthesis/lod"},
                  lambda node: array(node, budget))  # fmt: skip
    out: dict[str, Floats] = {}
    config: dict[str, Any] = _mapping(parts, arguments, out)
    found = (re.fullmatch(r"synthesis/(\d{1,5})x\1/(Conv|Conv1)/weight", name) for name in nodes)
    sizes = sorted(int(match[1]) for match in found if match)
    if not sizes or sizes[0] != 4 or "synthesis/4x4/Conv/mod_weight" not in parts:
        raise ConvertError("its Gs is no StyleGAN2 with the names of config-f")
    const = parts.take("synthesis/4x4/Const/const", 1, None, 4, 4)[0]
    out["synthesis.blocks.b4.const"] = const
    channels = {}
    for index, size in enumerate(sizes):
        path, into = f"synthesis/{size}x{size}", f"synthesis.blocks.b{size}"
        if size == 4:
            _layer(parts, f"{path}/Conv", f"{into}.conv1", 0, size, out, up=False)
        else:
            _layer(parts, f"{path}/Conv0_up", f"{into}.conv0", 2 * index - 1, size, out, up=True)
            _layer(parts, f"{path}/Conv1", f"{into}.conv1", 2 * index, size, out, up=False)
        channels[size] = len(out[f"{into}.conv1.bias"])
        if f"{path}/ToRGB/weight" in parts:
            _style(parts, f"{path}/ToRGB", f"{into}.torgb", channels[size], out)
            weight = parts.take(f"{path}/ToRGB/weight", 1, 1, channels[size], None)
            out[f"{into}.torgb.weight"] = weight.transpose(3, 2, 0, 1)
            out[f"{into}.torgb.bias"] = parts.take(f"{path}/ToRGB/bias", weight.shape[3])
            config["img_channels"] = weight.shape[3]
        if f"{path}/Skip/weight" in parts:
            skip = parts.take(f"{path}/Skip/weight", 1, 1, None, channels[size])
            out[f"{into}.skip.weight"] = skip.transpose(3, 2, 0, 1)
    parts.finish()
    base, top = channel_rule(channels)
    clamp = arguments.get("conv_clamp")
    config |= {
        "size": sizes[-1], "channel_base": base, "channel_max": top,
        "architecture": str(arguments.get("architecture", "skip")),
        "conv_clamp": None if clamp is None else float(number(clamp, 'its "conv_clamp"')),
    }  # fmt: skip
    return Foreign("stylegan2 tensorflow", "stylegan2", config, out, {})


def _collect(node: Any, path: str, nodes: dict[str, Any], arguments: dict[str, Any]) -> None:
    """Variables and arguments of a network and of the two within it."""
    if not is_call(node, "Network") or path.count("/") > 2:
        raise ConvertError("its Gs is not a network of dnnlib.tflib")
    state = mapping(node.state, "a network's state")
    arguments.update(mapping(state.get("static_kwargs", {}), "a network's arguments"))
    variables = state.get("variables", [])
    if not isinstance(variables, list):
        raise ConvertError("a network's variables are no list")
    for pair in variables:
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise ConvertError("a network's variables are not pairs of a name and an array")
        nodes[path + pair[0]] = pair[1]
    for name, component in mapping(state.get("components", {}), "a network's components").items():
        _collect(component, f"{path}{name}/", nodes, arguments)


def _mapping(parts: Parts, arguments: Mapping[str, Any], out: dict[str, Floats]) -> dict[str, int]:
    depth = sum(bool(re.fullmatch(r"mapping/Dense\d+/weight", name)) for name in parts.nodes)
    if not depth:
        raise ConvertError('its tensor "mapping/Dense0/weight" is missing')
    if "mapping/LabelConcat/weight" in parts:
        raise ConvertError("it joins classes to z before normalising, which only its own tools could play")
    ratio = np.float32(number(arguments.get("mapping_lrmul", LR_MUL), 'its "mapping_lrmul"') / LR_MUL)
    for index in range(depth):
        weight = parts.take(f"mapping/Dense{index}/weight", None, None)
        out[f"mapping.layers.{index}.weight"] = weight.T * ratio
        out[f"mapping.layers.{index}.bias"] = (
            parts.take(f"mapping/Dense{index}/bias", weight.shape[1]) * ratio
        )
    embedded = classes = 0
    if "mapping/LabelEmbed/weight" in parts:
        weight = parts.take("mapping/LabelEmbed/weight", None, None)
        classes, embedded = weight.shape
        out["mapping.embed.weight"] = weight.T
        out["mapping.embed.bias"] = parts.take("mapping/LabelEmbed/bias", embedded)
    w_dim, hidden = (out[f"mapping.layers.{index}.weight"].shape[0] for index in (depth - 1, 0))
    out["mapping.w_avg"] = parts.take("dlatent_avg", w_dim)
    return {
        "z_dim": out["mapping.layers.0.weight"].shape[1] - embedded, "w_dim": w_dim, "c_dim": classes,
        "mapping_layers": depth, "embed_dim": embedded if embedded != w_dim else 0,
        "hidden_dim": hidden if hidden != w_dim else 0,
    }  # fmt: skip


def _style(parts: Parts, path: str, into: str, channels: int, out: dict[str, Floats]) -> None:
    out[f"{into}.affine.weight"] = parts.take(f"{path}/mod_weight", None, channels).T
    out[f"{into}.affine.bias"] = parts.take(f"{path}/mod_bias", channels) + np.float32(1)


def _layer(parts: Parts, path: str, into: str, noise: int, size: int, out: dict[str, Floats],
           *, up: bool) -> None:  # fmt: skip
    weight = parts.take(f"{path}/weight", 3, 3, None, None)
    _style(parts, path, into, weight.shape[2], out)
    weight = weight[::-1, ::-1] if up else weight
    # The equalised learning rate, which this kind applies before it demodulates.
    out[f"{into}.weight"] = weight.transpose(3, 2, 0, 1) * np.float32(1 / np.sqrt(9 * weight.shape[2]))
    out[f"{into}.bias"] = parts.take(f"{path}/bias", weight.shape[3])
    out[f"{into}.noise_strength"] = parts.scalar(f"{path}/noise_strength")
    out[f"{into}.noise_const"] = parts.take(f"synthesis/noise{noise}", 1, 1, size, size)[0, 0]
