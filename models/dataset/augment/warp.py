"""Moves the pixels of a batch by affine maps, and says what lies outside a picture.

Torch samples (`grid_sample`, which can be differentiated twice, as R1 needs); here is only which place is
read. Other libraries were weighed and left. Kornia warps with three of the five fill modes, torchvision
pads with four. OpenCV has all five but no gradient, so every move would have a second definition.
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
    for group, fine, mode in (
        (exact, 1, "nearest"), (~exact & ~smaller, 1, "bilinear"), (smaller, 2, "bilinear"),
    ):  # fmt: skip
        if (group & moved).any():
            finer = maps[group] @ np.diag([1 / fine, 1 / fine, 1])
            x = on_part(x, group, partial(_sampled, maps=finer, fill=fill, value=value, fine=fine, mode=mode))
    return x


def on_part(x: Tensor, part: NDArray[np.bool_], change: Callable[[Tensor], Tensor]) -> Tensor:
    """The batch x (n, ...) with those pictures changed that `part` (n,) names."""
    if part.all():
        return change(x).to(x.dtype)
    which = torch.from_numpy(np.flatnonzero(part)).to(x.device)
    return x.index_copy(0, which, change(x[which]).to(x.dtype))


def _sampled(x: Tensor, maps: Array, fill: Fill, value: float, fine: int, mode: str) -> Tensor:
    x = x.float()  # half precision could not tell the places of a large picture apart
    _, _, h, w = x.shape
    m = torch.from_numpy(maps).to(x)[:, :, :, None, None]
    columns = torch.arange(w * fine, device=x.device, dtype=x.dtype) + 0.5
    rows = (torch.arange(h * fine, device=x.device, dtype=x.dtype) + 0.5)[:, None]
    across = folded(m[:, 0, 0] * columns + m[:, 0, 1] * rows + m[:, 0, 2] - 0.5, w, fill)
    down = folded(m[:, 1, 0] * columns + m[:, 1, 1] * rows + m[:, 1, 2] - 0.5, h, fill)
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
    sampled = F.grid_sample(x, grid, mode=mode, padding_mode="border", align_corners=False)
    return F.avg_pool2d(sampled, fine) if fine > 1 else sampled


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
