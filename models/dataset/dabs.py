"""Dabs of paint: a finished layer is gone over with short bristled strokes in its own colours."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import skia
from numpy.typing import NDArray

from models.dataset.brush import Layer, Point, canvas_on

_DAB_WIDTH, _DAB_HEIGHT, _DABS = 96, 28, 6


@lru_cache(maxsize=1)
def _dabs() -> skia.Image:
    """An atlas of dabs, one above another: ragged ends, bristles that leave lighter and darker streaks."""
    rng = np.random.default_rng(7)
    sheet = np.zeros((_DAB_HEIGHT * _DABS, _DAB_WIDTH, 4), np.uint8)
    x = np.linspace(-1, 1, _DAB_WIDTH)[None, :]
    y = np.linspace(-1, 1, _DAB_HEIGHT)[:, None]
    for k in range(_DABS):
        bristle = np.convolve(rng.normal(size=_DAB_HEIGHT + 4), [0.25, 0.5, 0.25], "same")[2:-2, None]
        ragged = 0.82 + 0.13 * bristle
        ends = np.clip((ragged - np.abs(x)) / 0.16, 0, 1)
        sides = np.clip((0.92 - np.abs(y)) / 0.22, 0, 1)
        thin = np.clip(1.0 - 0.35 * np.clip(x, 0, 1) * (bristle < -0.2), 0, 1)
        alpha = ends * sides * thin
        value = np.clip(0.92 + 0.075 * bristle + 0.02 * rng.normal(size=(_DAB_HEIGHT, 1)), 0.7, 1.0)
        tile = sheet[k * _DAB_HEIGHT : (k + 1) * _DAB_HEIGHT]
        tile[..., :3] = np.round(255 * value * np.ones_like(alpha))[..., None]
        tile[..., 3] = np.round(255 * alpha)
    return skia.Image.fromarray(sheet, skia.kRGBA_8888_ColorType).withDefaultMipmaps()


def _smooth(field: NDArray[np.floating], radius: int) -> NDArray[np.floating]:
    """A box blur run twice, edges repeated."""
    for _ in range(2):
        for axis in (0, 1):
            pad = [(radius + 1, radius) if a == axis else (0, 0) for a in (0, 1)]
            total = np.cumsum(np.pad(field, pad, mode="edge"), axis=axis, dtype=np.float32)
            n = field.shape[axis]
            high = np.take(total, range(2 * radius + 1, n + 2 * radius + 1), axis=axis)
            field = (high - np.take(total, range(n), axis=axis)) / (2 * radius + 1)
    return field


def dab_over(
    layer: Layer,
    scale: float,
    rng: np.random.Generator,
    passes: Iterable[tuple[float, float, float]],
    calm: Iterable[tuple[float, float, float, float]] = (),
    origin: Point = (0.0, 0.0),
) -> None:
    """Goes over `layer` with dabs that take their colour from it and follow its forms; its alpha stays.

    Dabs lie along the edges that the structure tensor of the grey picture shows, and shrink where it is busy.

    Each of `passes` is (length, spacing, opacity) in units, coarse to fine; `calm` are ovals (x, y, rx, ry)
    in units, in which only small, thin dabs fall (eyes, mouths). `scale` is pixels a unit, `origin` the unit
    origin in pixels.
    """
    height, width = layer.shape[:2]
    step = max(1, round(scale * 0.7))
    small = layer[step // 2 :: step, step // 2 :: step].astype(np.float32)
    grey = _smooth(small[..., :3].mean(axis=2), 1)
    gy, gx = (np.asarray(slope) for slope in np.gradient(grey))
    jxx, jyy, jxy = _smooth(gx * gx, 3), _smooth(gy * gy, 3), _smooth(gx * gy, 3)
    angle = 0.5 * np.arctan2(2 * jxy, jxx - jyy) + np.pi / 2
    detail = np.sqrt(jxx + jyy)
    ovals = tuple(calm)
    tiles = [skia.Rect(0, k * _DAB_HEIGHT, _DAB_WIDTH, (k + 1) * _DAB_HEIGHT) for k in range(_DABS)]
    canvas = canvas_on(layer, 1.0)
    paint = skia.Paint(BlendMode=skia.BlendMode.kSrcATop)
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    for length, spacing, opacity in passes:
        columns = np.arange(-origin[0] / scale, (width - origin[0]) / scale, spacing)
        rows = np.arange(-origin[1] / scale, (height - origin[1]) / scale, spacing)
        ux, uy = (a.ravel() for a in np.meshgrid(columns, rows))
        jitter = rng.uniform(-0.6, 0.6, (2, ux.size)) * spacing
        tone = rng.normal(0.0, 1.0, (4, ux.size))
        kind = rng.integers(0, _DABS, ux.size)
        order = rng.permutation(ux.size)
        ux, uy = ux + jitter[0], uy + jitter[1]
        px, py = ux * scale + origin[0], uy * scale + origin[1]
        ix, iy = np.clip(px.astype(int), 0, width - 1), np.clip(py.astype(int), 0, height - 1)
        sx, sy = np.minimum(ix // step, small.shape[1] - 1), np.minimum(iy // step, small.shape[0] - 1)
        color = layer[iy, ix].astype(np.float32)
        busy = np.clip(detail[sy, sx] / 26.0, 0, 1)
        size = length * (1.0 - 0.72 * busy) * (1 + 0.15 * tone[3])
        strong = np.full(ux.size, opacity)
        for x, y, rx, ry in ovals:
            inside = ((ux - x) / rx) ** 2 + ((uy - y) / ry) ** 2 < 1
            size = np.where(inside, np.minimum(size, 2.2), size)
            strong = np.where(inside, opacity * 0.25, strong)
        drift = np.where(busy < 0.03, 0.5 * np.sin(ux * 0.07 + uy * 0.05), 0.0)
        turn = angle[sy, sx] + 0.16 * tone[2] + drift
        shift = 6.5 * tone[0][:, None] + 3.0 * tone[1][:, None] * np.array([1.0, 0.1, -1.1])
        paint_color = color[:, :3] * 1.06 + shift * color[:, 3:] / 255
        red, green, blue = np.clip(paint_color, 0, 255).astype(np.int64).T
        packed = (np.round(strong * 255).astype(np.int64) << 24) | (red << 16) | (green << 8) | blue
        keep = order[color[order, 3] > 200]
        s = np.maximum(size, 0.8) * scale / _DAB_WIDTH
        cos, sin = s * np.cos(turn), s * np.sin(turn)
        tx = px - (cos * _DAB_WIDTH - sin * _DAB_HEIGHT) / 2
        ty = py - (sin * _DAB_WIDTH + cos * _DAB_HEIGHT) / 2
        placed = np.stack((cos, sin, tx, ty), axis=1)[keep].tolist()
        xforms = [skia.RSXform(*values) for values in placed]
        if xforms:
            canvas.drawAtlas(
                _dabs(), xforms, [tiles[k] for k in kind[keep].tolist()], packed[keep].tolist(),
                skia.BlendMode.kModulate, sampling, None, paint,
            )
