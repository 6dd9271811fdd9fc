"""What is done to frames behind the network: shadows. What is done inside it: `bends.py`."""

import torch
from torch import Tensor

SHADOW_THRESHOLD = 50.0
SHADOW_SOFTNESS = 16.0
LUMA = (0.299, 0.587, 0.114)


def shadows(frames: Tensor, amount: Tensor) -> Tensor:
    """Towards silhouettes: grey, cut at 50 of 255, inverted, so that the family stands dark before light.

    frames (n, h, w, 3) and the result in 0..255, the result as float; amount (n,) in 0..1. The cut has a
    soft edge, or it would crawl from frame to frame.
    """
    x = frames.float()
    grey = x @ torch.tensor(LUMA, device=x.device)[:, None]
    dark = 255 * (0.5 - (grey - SHADOW_THRESHOLD) / SHADOW_SOFTNESS).clamp(0, 1)
    return x + (dark - x) * amount[:, None, None, None]
