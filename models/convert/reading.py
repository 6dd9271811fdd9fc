"""A foreign checkpoint: which kind it is, and the network that its reader takes out of it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np

from models.convert import discriminator, rosinality, stylegan_pytorch, tensorflow, torch_files
from models.convert.arrays import Budget
from models.convert.errors import ConvertError
from models.convert.foreign import Foreign
from models.convert.pickles import parse

MAX_BYTES = 8 * 2**30
SPARE_BYTES = 64 * 2**20

Progress = Callable[[str, float], None]


def read(
    path: Path, say: Progress = lambda note, share: None, *, with_discriminator: bool = False
) -> Foreign:
    """Read a checkpoint of any known kind. `say` hears what is done and the share of it.

    Raises ConvertError.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConvertError(f"it is larger than {MAX_BYTES // 2**30} GiB, which no such network is")
        data = path.read_bytes()
    except OSError as error:
        raise ConvertError(f"it cannot be read ({error.strerror})") from None
    say("reading", 0.1)
    try:
        found = _read(data, say, with_discriminator)
    except RecursionError:
        raise ConvertError("it is nested deeper than any network's file") from None
    say("checking the numbers", 0.8)
    for name, numbers in (*found.tensors.items(), *(found.discriminator or {}).items()):
        if not np.isfinite(numbers).all():
            raise ConvertError(f'its tensor "{name}" holds numbers that are not finite')
    about = {
        "source": path.name,
        "source sha256": hashlib.sha256(data).hexdigest(),
        "kind": found.kind,
        **found.about,
    }
    return replace(found, about=about)


def _read(data: bytes, say: Progress, with_discriminator: bool) -> Foreign:
    budget = Budget(4 * len(data) + SPARE_BYTES)
    if with_discriminator and data[:1] != b"\x80":
        raise ConvertError("a discriminator can be taken from the pickles of StyleGAN2-ADA alone")
    if data.startswith(torch_files.ZIP_HEAD):
        return rosinality.read(*torch_files.read_zip(data), budget)
    if data.startswith(torch_files.STREAM_HEAD):
        return rosinality.read(*torch_files.read_stream(data), budget)
    if data[:1] == b"\x80":
        value = parse(BytesIO(data), progress=lambda share: say("reading", 0.1 + share * 0.5))
        is_tensorflow = isinstance(value, tuple | list)
        say("taking the network out", 0.6)
        if is_tensorflow and with_discriminator:
            raise ConvertError("a discriminator can be taken from the pickles of StyleGAN2-ADA alone")
        if is_tensorflow:
            return tensorflow.read(value, budget)
        found = stylegan_pytorch.read(value, budget)
        return (
            replace(found, discriminator=discriminator.read(value, budget)) if with_discriminator else found
        )
    raise ConvertError("it is neither a pickle nor a file of torch.save")
