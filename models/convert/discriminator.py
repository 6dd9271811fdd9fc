"""The discriminator of a StyleGAN2-ADA pickle, for training that goes on where the file's training stopped.

Only the residual kind, which is the usual one and ours. What judges by class differs between the two, so of a
conditioned discriminator the last layer is left out, and learnt anew.
"""

import re
from typing import Any

import numpy as np

from models.convert.arrays import Budget, mapping
from models.convert.errors import ConvertError
from models.convert.parts import Floats
from models.convert.stylegan_pytorch import Source, dense, flatten


def read(value: Any, budget: Budget) -> dict[str, Floats]:
    """The D of a parsed pickle, in the names of `models/training/discriminator.py`. Raises ConvertError."""
    networks = mapping(value, "its pickle")
    if networks.get("D") is None:
        raise ConvertError('it holds no "D", the discriminator; convert it without --discriminator')
    source = flatten(networks["D"], budget)
    out: dict[str, Floats] = {}
    blocks = sorted(int(path[1:]) for path in source.states if re.fullmatch(r"b\d{1,5}", path))
    if len(blocks) < 2 or blocks != [4 * 2**step for step in range(len(blocks))]:
        raise ConvertError("its discriminator has no blocks at 4, 8, 16 and so on")
    top = blocks[-1]
    _convolution(source, f"b{top}.fromrgb", "fromrgb", 1, out)
    for block in blocks[1:]:
        said = source.attribute(f"b{block}", "architecture", "resnet")
        if said != "resnet" or f"b{block}.skip" not in source.states:
            raise ConvertError("its discriminator is not residual, the only kind that training goes on from")
        _convolution(source, f"b{block}.conv0", f"blocks.b{block}.conv0", 3, out)
        _convolution(source, f"b{block}.conv1", f"blocks.b{block}.conv1", 3, out)
        _convolution(source, f"b{block}.skip", f"blocks.b{block}.skip", 1, out)
    _convolution(source, "b4.conv", "conv", 3, out)
    deep = len(out["conv.bias"])
    if out["conv.weight"].shape[1] != deep + 1:
        raise ConvertError("its discriminator has more than one map of minibatch deviation, or none")
    dense(source, "b4.fc", "hidden", out)
    if "mapping" not in source.states:
        dense(source, "b4.out", "out", out)
        source.parts.finish()
    return out


def _convolution(source: Source, path: str, into: str, kernel: int, out: dict[str, Floats]) -> None:
    usual = "linear" if path.endswith(".skip") else "lrelu"
    if source.attribute(path, "activation", usual) != usual:
        raise ConvertError(f'its layer "{path}" has another activation than the discriminators of its kind')
    source.parts.fir(f"{path}.resample_filter")
    weight = source.parts.take(f"{path}.weight", None, None, kernel, kernel)
    ours = 1 / np.sqrt(weight[0].size)
    ratio = source.number(path, "weight_gain", ours) / ours
    out[f"{into}.weight"] = weight if np.isclose(ratio, 1, rtol=1e-6) else weight * np.float32(ratio)
    if not path.endswith(".skip"):
        out[f"{into}.bias"] = source.parts.take(f"{path}.bias", len(weight))
