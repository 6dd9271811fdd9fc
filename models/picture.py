"""Pictures on their way in and out of tensors: a file to a square, latents to pixels."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from models.network import Network

BATCH = 8


class PictureError(ValueError):
    """The file cannot be used as a picture; the message is one sentence."""


def read_square(path: Path, size: int, channels: int) -> Tensor:
    """A picture file as the network would have made it: (1, channels, size, size), -1 to 1.

    It is turned as its EXIF says, laid on black where transparent, cropped to its central square and resized.
    Raises PictureError.
    """
    try:
        with Image.open(path) as file:
            picture = ImageOps.exif_transpose(file).convert("RGBA")
    except FileNotFoundError:
        raise PictureError(f"{path}: no such file") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise PictureError(f"{path}: not a picture that can be read ({reason})") from None
    flat = Image.alpha_composite(Image.new("RGBA", picture.size, "black"), picture)
    square = ImageOps.fit(
        flat.convert("L" if channels == 1 else "RGB"), (size, size), Image.Resampling.LANCZOS
    )
    pixels = torch.from_numpy(np.asarray(square, dtype=np.float32).reshape(size, size, channels).copy())
    return (pixels.permute(2, 0, 1) / 127.5 - 1)[None]


def to_pixels(x: Tensor) -> NDArray[np.uint8]:
    """Pictures (n, 1 or 3, h, w), -1 to 1 -> uint8 (n, h, w, 3)."""
    x = ((x.detach() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).expand(-1, 3, -1, -1)
    return cast("NDArray[np.uint8]", x.permute(0, 2, 3, 1).contiguous().cpu().numpy())


def draw(
    network: Network, ws: Tensor, progress: Callable[[float], None] = lambda fraction: None
) -> NDArray[np.uint8]:
    """Pictures of ws (n, num_ws, w_dim) with the constant noise: uint8 (n, size, size, 3)."""
    parts = []
    with torch.inference_mode():
        for part in torch.split(ws, BATCH):
            parts.append(to_pixels(network.synthesis(part, noise=torch.ones(len(part), device=ws.device))))
            progress(BATCH * len(parts) / len(ws))
    return np.concatenate(parts)
