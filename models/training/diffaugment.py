"""DiffAugment: the same random, differentiable changes to real and painted pictures (Zhao et al. 2020).

The discriminator then never sees a bare picture, so it cannot learn a small data set by heart.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def diffaugment(x: Tensor) -> Tensor:
    """Colour, translation by up to 1/8 and a cutout of half the side; (n, 3, h, w) -> the same."""
    return cutout(translation(colour(x)))


def colour(x: Tensor) -> Tensor:
    """Brightness +-0.5, saturation 0 to 2, contrast 0.5 to 1.5, one draw for each picture."""
    brightness, saturation, contrast = torch.rand(3, x.shape[0], 1, 1, 1, device=x.device, dtype=x.dtype)
    x = x + (brightness - 0.5)
    grey = x.mean(dim=1, keepdim=True)
    x = (x - grey) * (saturation * 2) + grey
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    scaled: Tensor = (x - mean) * (contrast + 0.5)
    return scaled + mean


def translation(x: Tensor, ratio: float = 0.125) -> Tensor:
    """A shift of whole pixels, up to `ratio` of the side each way; what comes in is zero (mid grey)."""
    n, _, h, w = x.shape
    reach = int(h * ratio + 0.5)
    dy = torch.randint(-reach, reach + 1, (n, 1), device=x.device)
    dx = torch.randint(-reach, reach + 1, (n, 1), device=x.device)
    padded = F.pad(x, (1, 1, 1, 1)).permute(0, 2, 3, 1)
    rows = (torch.arange(h, device=x.device)[None] + dy + 1).clamp(0, h + 1)
    columns = (torch.arange(w, device=x.device)[None] + dx + 1).clamp(0, w + 1)
    picture = torch.arange(n, device=x.device)[:, None, None]
    return padded[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def cutout(x: Tensor, ratio: float = 0.5) -> Tensor:
    """A square of `ratio` of the side, anywhere, set to zero."""
    n, _, h, w = x.shape
    half = int(h * ratio / 2)
    y = torch.randint(0, h, (n, 1, 1), device=x.device)
    z = torch.randint(0, w, (n, 1, 1), device=x.device)
    rows = (torch.arange(h, device=x.device)[None, :, None] - y).abs() < half
    columns = (torch.arange(w, device=x.device)[None, None, :] - z).abs() < half
    return x * ~(rows & columns)[:, None]
