"""stylegan2-ada-pytorch and stylegan3 pickles: `{G, D, G_ema, ...}`, each module a record of its state.

Each module was written by its authors' `persistence` helper as {type, version, module_src, class_name,
state}; only `state` is read here: parameters, buffers, modules within, and plain attributes.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.convert.arrays import Budget, is_call, mapping, number, tensor
from models.convert.errors import ConvertError
from models.convert.foreign import Foreign
from models.convert.parts import LR_MUL, Floats, Parts, channel_rule, mean_w
from models.convert.torch_files import nested_storage
from models.stylegan2_config import ARCHITECTURES
from models.stylegan3_config import StyleGAN3Config

MAX_MODULES = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """A module tree laid flat: tensors by their dotted names, attributes by the path of their module."""

    parts: Parts
    states: Mapping[str, Mapping[str, Any]]

    def attribute(self, path: str, name: str, default: Any = None) -> Any:
        return self.states.get(path, {}).get(name, default)

    def number(self, path: str, name: str, default: float | None = None) -> float:
        value = self.attribute(path, name, default)
        return number(value, f'its "{path}.{name}"'.replace('"."', ""))

    def whole(self, path: str, name: str) -> int:
        value = self.number(path, name)
        if value != int(value) or not 0 <= value < 2**31:
            raise ConvertError(f'its "{path}.{name}" is {value}, not a whole number')
        return int(value)

    def clamp(self, path: str) -> float | None:
        value = self.attribute(path, "conv_clamp")
        return None if value is None else float(self.number(path, "conv_clamp"))


def read(value: Any, budget: Budget) -> Foreign:
    """The G_ema of a parsed pickle. Raises ConvertError."""
    networks = mapping(value, "its pickle")
    if "G_ema" not in networks:
        held = ", ".join(str(key) for key in list(networks)[:8]) or "nothing"
        raise ConvertError(f'it holds no "G_ema", the averaged generator, but {held}'[:300])
    source = flatten(networks["G_ema"], budget)
    if "synthesis.input" in source.states:
        return _stylegan3(source)
    if "synthesis.b4" in source.states:
        return _stylegan2(source)
    raise ConvertError('its "G_ema" is a generator of neither StyleGAN2 nor StyleGAN3')


def flatten(root: Any, budget: Budget) -> Source:
    nodes: dict[str, Any] = {}
    states: dict[str, Mapping[str, Any]] = {}
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        path, node = waiting.pop()
        if len(states) > MAX_MODULES or path.count(".") > 16 or len(path) > 256:
            raise ConvertError("its modules are nested deeper or are more than any network's")
        if not is_call(node, "_reconstruct_persistent_obj") or len(node.args) != 1:
            raise ConvertError(f'its module "{path or "G_ema"}" was not written by StyleGAN\'s persistence')
        state = mapping(mapping(node.args[0], "a module").get("state"), f'the state of "{path or "G_ema"}"')
        states[path] = state
        for group in ("_parameters", "_buffers"):
            for name, held in mapping(state.get(group, {}), f'its "{path}.{group}"').items():
                nodes[f"{path}.{name}".lstrip(".")] = held
        for name, module in mapping(state.get("_modules", {}), f'its "{path}._modules"').items():
            if module is not None:
                waiting.append((f"{path}.{name}".lstrip("."), module))
    return Source(Parts(nodes, lambda node: tensor(node, nested_storage, budget)), states)


def dense(source: Source, path: str, into: str, out: dict[str, Floats], lr_mul: float = 1.0) -> None:
    """A fully connected layer, its gains folded where they differ from ours."""
    weight = source.parts.take(f"{path}.weight", None, None)
    bias = source.parts.take(f"{path}.bias", weight.shape[0])
    ours = lr_mul / math.sqrt(max(1, weight.shape[1]))
    ratios = (
        source.number(path, "weight_gain", ours) / ours,
        source.number(path, "bias_gain", lr_mul) / lr_mul,
    )
    for name, numbers, ratio in zip(("weight", "bias"), (weight, bias), ratios, strict=True):
        same = math.isclose(ratio, 1, rel_tol=1e-6)
        out[f"{into}.{name}"] = numbers if same else numbers * np.float32(ratio)


def _mapping(source: Source, out: dict[str, Floats]) -> dict[str, int]:
    """The mapping network; its part of the config comes back."""
    paths = sorted(
        (path for path in source.states if re.fullmatch(r"mapping\.fc\d{1,2}", path)),
        key=lambda path: int(path.removeprefix("mapping.fc")),
    )
    if not paths:
        raise ConvertError("its mapping network has no layers")
    for index, path in enumerate(paths):
        if source.attribute(path, "activation", "lrelu") != "lrelu":
            raise ConvertError(f'its layer "{path}" has another activation than lrelu')
        dense(source, path, f"mapping.layers.{index}", out, LR_MUL)
    widths = [out[f"mapping.layers.{index}.weight"].shape for index in range(len(paths))]
    classes = embedded = 0
    if "mapping.embed" in source.states:
        dense(source, "mapping.embed", "mapping.embed", out)
        embedded, classes = out["mapping.embed.weight"].shape
    w_dim = widths[-1][0]
    if source.parts.nodes.get("mapping.w_avg") is not None:
        out["mapping.w_avg"] = source.parts.take("mapping.w_avg", w_dim)
    else:
        out["mapping.w_avg"] = mean_w(out, classes)
    return {
        "z_dim": widths[0][1] - embedded,
        "w_dim": w_dim,
        "c_dim": classes,
        "mapping_layers": len(paths),
        "embed_dim": embedded if embedded != w_dim else 0,
        "hidden_dim": widths[0][0] if widths[0][0] != w_dim else 0,
    }


def _stylegan2(source: Source) -> Foreign:
    out: dict[str, Floats] = {}
    config: dict[str, Any] = _mapping(source, out)
    blocks = sorted(int(path[11:]) for path in source.states if re.fullmatch(r"synthesis\.b\d{1,5}", path))
    said = [source.attribute(f"synthesis.b{block}", "architecture", "skip") for block in blocks]
    architecture = said[0]
    if architecture not in ARCHITECTURES or any(one != architecture for one in said):
        raise ConvertError("its blocks follow no architecture that this version plays")
    clamps = set()
    channels = {}
    source.parts.fir("synthesis.resample_filter")
    for block in blocks:
        path, into = f"synthesis.b{block}", f"synthesis.blocks.b{block}"
        source.parts.fir(f"{path}.resample_filter")
        if block == 4:
            out[f"{into}.const"] = source.parts.take(f"{path}.const", None, 4, 4)
        for conv in ("conv1",) if block == 4 else ("conv0", "conv1"):
            if source.attribute(f"{path}.{conv}", "activation", "lrelu") != "lrelu":
                raise ConvertError(f'its layer "{path}.{conv}" has another activation than lrelu')
            clamps.add(source.clamp(f"{path}.{conv}"))
            _synthesis_layer(source, f"{path}.{conv}", f"{into}.{conv}", block, out)
        channels[block] = len(out[f"{into}.conv1.bias"])
        if f"{path}.torgb" in source.states:
            dense(source, f"{path}.torgb.affine", f"{into}.torgb.affine", out)
            weight = source.parts.take(f"{path}.torgb.weight", None, channels[block], 1, 1)
            gain = source.number(f"{path}.torgb", "weight_gain", 1 / math.sqrt(channels[block]))
            ratio = gain * math.sqrt(channels[block])
            same = math.isclose(ratio, 1, rel_tol=1e-6)
            out[f"{into}.torgb.weight"] = weight if same else weight * np.float32(ratio)
            out[f"{into}.torgb.bias"] = source.parts.take(f"{path}.torgb.bias", len(weight))
            config["img_channels"] = len(weight)
            clamps.add(source.clamp(f"{path}.torgb"))
        if f"{path}.skip" in source.states:
            out[f"{into}.skip.weight"] = source.parts.take(f"{path}.skip.weight", channels[block], None, 1, 1)
            source.parts.fir(f"{path}.skip.resample_filter")
    if len(clamps) != 1:
        raise ConvertError("its layers are clamped at different levels")
    source.parts.finish()
    base, top = channel_rule(channels)
    config |= {
        "size": blocks[-1], "channel_base": base, "channel_max": top,
        "architecture": architecture, "conv_clamp": clamps.pop(),
    }  # fmt: skip
    halves = [block for block in blocks if source.attribute(f"synthesis.b{block}", "use_fp16") is True]
    return Foreign("stylegan2-ada-pytorch", "stylegan2", config, out, {"float16": halves})


def _synthesis_layer(source: Source, path: str, into: str, size: int, out: dict[str, Floats]) -> None:
    parts = source.parts
    parts.fir(f"{path}.resample_filter")
    weight = parts.take(f"{path}.weight", None, None, 3, 3)
    out[f"{into}.weight"] = weight
    out[f"{into}.bias"] = parts.take(f"{path}.bias", len(weight))
    dense(source, f"{path}.affine", f"{into}.affine", out)
    noisy = parts.nodes.get(f"{path}.noise_strength") is not None
    if noisy and source.attribute(path, "use_noise", True):
        out[f"{into}.noise_strength"] = parts.scalar(f"{path}.noise_strength")
        out[f"{into}.noise_const"] = parts.take(f"{path}.noise_const", size, size)
    else:
        out[f"{into}.noise_strength"] = np.zeros((), np.float32)
        out[f"{into}.noise_const"] = np.zeros((size, size), np.float32)


# Our names for what shapes a StyleGAN3, and theirs.
_SHAPING = {
    "channel_base": "channel_base", "channel_max": "channel_max", "layer_count": "num_layers",
    "critical": "num_critical", "first_cutoff": "first_cutoff", "first_stopband": "first_stopband",
    "last_stopband_rel": "last_stopband_rel", "margin": "margin_size", "output_scale": "output_scale",
    "filter_size": "filter_size", "lrelu_upsampling": "lrelu_upsampling",
}  # fmt: skip
_WHOLE = {
    "channel_base",
    "channel_max",
    "layer_count",
    "critical",
    "margin",
    "filter_size",
    "lrelu_upsampling",
}


def _stylegan3(source: Source) -> Foreign:
    out: dict[str, Floats] = {}
    config: dict[str, Any] = _mapping(source, out)
    if config.pop("embed_dim") or config.pop("hidden_dim"):
        raise ConvertError("its mapping network has layers of different widths, which no StyleGAN3 has")
    config.pop("hidden_dim", None)
    paths = sorted(
        (path for path in source.states if re.fullmatch(r"synthesis\.L\d{1,3}_\d+_\d+", path)),
        key=lambda path: int(path.split("_")[0].removeprefix("synthesis.L")),
    )
    if len(paths) < 3:
        raise ConvertError("its synthesis network has too few layers")
    given = dict(mapping(source.attribute("synthesis", "_init_kwargs", {}), "the synthesis arguments"))
    kernel = source.whole(paths[0], "conv_kernel")
    for ours, theirs in _SHAPING.items():
        held = source.attribute("synthesis", theirs, given.get(theirs))
        if held is not None:
            value = number(held, f'its "{theirs}"')
            config[ours] = int(value) if ours in _WHOLE else float(value)
    config |= {
        "size": source.whole("synthesis", "img_resolution"),
        "layer_count": len(paths) - 1,
        "conv_kernel": kernel,
        "radial": any(source.attribute(path, "down_radial") is True for path in paths),
        "conv_clamp": source.clamp(paths[0]),
        "img_channels": len(source.parts.take(f"{paths[-1]}.bias", None)),
    }
    shape = _shape(config)
    parts = source.parts
    width = shape.stages[0].channels
    out["synthesis.input.weight"] = parts.take("synthesis.input.weight", width, width)
    out["synthesis.input.freqs"] = parts.take("synthesis.input.freqs", width, 2)
    out["synthesis.input.phases"] = parts.take("synthesis.input.phases", width)
    out["synthesis.input.transform"] = parts.take("synthesis.input.transform", 3, 3)
    dense(source, "synthesis.input.affine", "synthesis.input.affine", out)
    for index, (path, stage) in enumerate(zip(paths, shape.stages, strict=True)):
        _check_stage(source, path, stage.sampling_rate, stage.cutoff, stage.half_width)
        if source.clamp(path) != config["conv_clamp"]:
            raise ConvertError("its layers are clamped at different levels")
        before = shape.stages[max(index - 1, 0)].channels
        into = f"synthesis.layers.{index}"
        size = 1 if index == shape.layer_count else kernel
        out[f"{into}.weight"] = parts.take(f"{path}.weight", stage.channels, before, size, size)
        out[f"{into}.bias"] = parts.take(f"{path}.bias", stage.channels)
        out[f"{into}.magnitude_ema"] = parts.scalar(f"{path}.magnitude_ema")
        dense(source, f"{path}.affine", f"{into}.affine", out)
        for name in ("up_filter", "down_filter"):
            out[f"{into}.{name}"] = _filter(parts, f"{path}.{name}")
    parts.finish()
    halves = [path.removeprefix("synthesis.").split("_")[0] for path in paths if _is_half(source, path)]
    return Foreign("stylegan3", "stylegan3", config, out, {"float16": halves})


def _shape(config: Mapping[str, Any]) -> StyleGAN3Config:
    try:
        return StyleGAN3Config(**config)
    except (ValueError, TypeError, OverflowError) as error:
        raise ConvertError(f"its shape is impossible: {error}") from None


def _check_stage(source: Source, path: str, rate: int, cutoff: float, half_width: float) -> None:
    """A layer must sample as the series of its network says, or the pictures would be others."""
    for name, ours in (("out_sampling_rate", rate), ("out_cutoff", cutoff), ("out_half_width", half_width)):
        theirs = source.number(path, name, ours)
        if not math.isclose(theirs, ours, rel_tol=1e-6):
            raise ConvertError(f'its "{path}.{name}" is {theirs:g} where its shape gives {ours:g}')


def _filter(parts: Parts, name: str) -> Floats:
    """One axis, two for a radial filter, or none at all: a single 1."""
    if parts.nodes.get(name) is None:
        return np.ones(1, np.float32)
    taps = parts.read(parts.nodes[name])
    if taps.ndim not in (1, 2) or taps.size > 2**16 or not np.allclose(taps, np.flip(taps), atol=1e-5):
        raise ConvertError(f'its filter "{name}" is not symmetric')
    parts.taken.add(name)
    return taps.astype(np.float32)


def _is_half(source: Source, path: str) -> bool:
    return bool(source.number(path, "use_fp16", 0))
