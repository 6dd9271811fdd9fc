"""Moves the pixels of a batch by affine maps, and says what lies outside a picture.

Here is only which place is read. Whole pixels are looked up, and so can be differentiated twice, as R1
needs; between pixels torch samples (`grid_sample`, which can be differentiated twice from torch 2.13 on).
Other libraries were weighed and left. Kornia warps with three of the five fill modes, torchvision pads with
four. OpenCV has all five but no gradient, so every move would have a second definition.
Albumentations goes on under a licence that is not permissive.

A map is a 3 x 3 matrix from a place (x, y, 1) of the new picture to the place that is read in the old one,
both in pixels from the top left corner of the picture, so the centre of the first pixel is (0.5, 0.5).
"""

from collections.abc import Callable
from enum import StrEnum
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]


class Fill(StrEnum):
    """What lies outside a picture, in the words of `numpy.pad`; of 1 2 3, to both sides:"""

    CONSTANT = "constant"
    """0 0 | 1 2 3 | 0 0, or another value."""
    EDGE = "edge"
    """1 1 | 1 2 3 | 3 3."""
    REFLECT = "reflect"
    """3 2 | 1 2 3 | 2 1: mirrored at the centres of the outermost pixels."""
    SYMMETRIC = "symmetric"
    """2 1 | 1 2 3 | 3 2: mirrored at the border."""
    WRAP = "wrap"
    """2 3 | 1 2 3 | 1 2."""


def folded(index: Tensor, size: int, fill: Fill) -> Tensor:
    """Which place of a row of `size` pixels stands for each place; pixel centres are whole numbers.

    Inside the row nothing changes. With `CONSTANT`, -1 and `size` are the pixels of the border; with `WRAP`,
    what lies between `size` - 1 and `size` is between the last pixel and the first.
    """
    match fill:
        case Fill.CONSTANT:
            return index.clamp(-1, size)
        case Fill.EDGE:
            return index.clamp(0, size - 1)
        case Fill.REFLECT:
            turn = size - 1
            return ((index + turn) % (2 * turn) - turn).abs() if turn else torch.zeros_like(index)
        case Fill.SYMMETRIC:
            return (((index + 0.5 + size) % (2 * size) - size).abs() - 0.5).clamp(0, size - 1)
        case Fill.WRAP:
            return index % size


def warp(x: Tensor, maps: Array, fill: Fill, value: float = 0.0, *, nearest: bool = False) -> Tensor:
    """The pictures x (n, c, h, w), floats, moved by `maps` (n, 3, 3); `value` is what `CONSTANT` shows.

    Bilinear, or the nearest pixel. Where a map makes a picture smaller, four samples a pixel are averaged, so
    down to half the size nothing aliases. Moves by whole pixels and flips keep every value as it is.
    """
    moved = (maps != np.eye(3)).any(axis=(1, 2))
    area = np.abs(np.linalg.det(maps[:, :2, :2]))
    exact = ((maps == maps.round()).all(axis=(1, 2)) & (area == 1)) | nearest
    smaller = (area > 1 + 1e-9) & ~exact
    for group, fine in ((exact, 1), (~exact & ~smaller, 1), (smaller, 2)):
        if (group & moved).any():
            read = _looked_up if group is exact else partial(_sampled, fine=fine)
            finer = maps[group] @ np.diag([1 / fine, 1 / fine, 1])
            x = on_part(x, group, partial(read, maps=finer, fill=fill, value=value))
    return x


def on_part(x: Tensor, part: NDArray[np.bool_], change: Callable[[Tensor], Tensor]) -> Tensor:
    """The batch x (n, ...) with those pictures changed that `part` (n,) names."""
    if part.all():
        return change(x).to(x.dtype)
    which = torch.from_numpy(np.flatnonzero(part)).to(x.device)
    return x.index_copy(0, which, change(x[which]).to(x.dtype))


def _looked_up(x: Tensor, maps: Array, fill: Fill, value: float) -> Tensor:
    """The pixel that lies nearest, itself."""
    _, c, h, w = x.shape
    if fill is Fill.CONSTANT:
        x = F.pad(x, (1, 1, 1, 1), value=value)
    border = 1 if fill is Fill.CONSTANT else 0
    across, down = (places.round().long() + border for places in _places(maps, h, w, 1, fill, x.device))
    # Between the last pixel and the first, WRAP has half of its places nearer to the first.
    index = (down % x.shape[2]) * x.shape[3] + across % x.shape[3]
    found = x.flatten(2).gather(2, index.flatten(1)[:, None].expand(-1, c, -1))
    return found.reshape(len(x), c, h, w)


def _sampled(x: Tensor, maps: Array, fill: Fill, value: float, fine: int) -> Tensor:
    x = x.float()  # half precision could not tell the places of a large picture apart
    _, _, h, w = x.shape
    across, down = _places(maps, h, w, fine, fill, x.device)
    border = 1 if fill in (Fill.CONSTANT, Fill.WRAP) else 0
    if fill is Fill.CONSTANT:
        x = F.pad(x, (1, 1, 1, 1), value=value)
    elif fill is Fill.WRAP:
        x = F.pad(x, (1, 1, 1, 1), mode="circular")
    # The places as grid_sample names them: -1 and 1 are the outer borders of the outermost pixels.
    grid = torch.stack(
        [
            (2 * (across + border) + 1) / (w + 2 * border) - 1,
            (2 * (down + border) + 1) / (h + 2 * border) - 1,
        ],
        dim=-1,
    )
    sampled = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    return F.avg_pool2d(sampled, fine) if fine > 1 else sampled


def _places(
    maps: Array, h: int, w: int, fine: int, fill: Fill, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Which column and which row (n, h * fine, w * fine) each new place reads; pixel centres are whole."""
    m = torch.from_numpy(maps).to(device, torch.float32)[:, :, :, None, None]
    columns = torch.arange(w * fine, device=device) + 0.5
    rows = (torch.arange(h * fine, device=device) + 0.5)[:, None]
    across = m[:, 0, 0] * columns + m[:, 0, 1] * rows + m[:, 0, 2] - 0.5
    down = m[:, 1, 0] * columns + m[:, 1, 1] * rows + m[:, 1, 2] - 0.5
    return folded(across, w, fill), folded(down, h, fill)


def moved_boxes(boxes: Array, matrix: Array, size: tuple[int, int]) -> Array:
    """Boxes (m, 4) of x0, y0, x1, y1, half-open, moved by one map and clipped to (h, w), in the same order.

    Each becomes the smallest upright box around its four moved corners. A box of no area is out of the
    picture. What a fill mode repeats outside the old picture is in no box.
    """
    there = np.linalg.inv(matrix)
    corners = boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]] @ there[:2, :2].T + there[:2, 2]
    low, high = corners.min(axis=1), corners.max(axis=1)
    h, w = size
    return np.concatenate([low, high], axis=1).clip(0, [w, h, w, h])
