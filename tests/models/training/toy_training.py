"""Networks and pictures small enough to train in a moment."""

import numpy as np
import torch
from numpy.typing import NDArray

from models.stylegan2_config import StyleGAN2Config
from models.training.world import World

CONFIG = StyleGAN2Config(16, z_dim=8, w_dim=8, mapping_layers=1, channel_base=64, channel_max=8)
HERE = World(torch.device("cpu"))


def squares(count: int = 12, size: int = 16) -> NDArray[np.uint8]:
    """A square of one colour on black, of another colour in every picture."""
    pixels = np.zeros((count, size, size, 3), dtype=np.uint8)
    part = slice(size // 4, size * 3 // 4)
    pixels[:, part, part] = np.random.default_rng(0).integers(100, 255, (count, 1, 1, 3))
    return pixels
