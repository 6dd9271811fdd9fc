"""The painter's hand: shapes on a skia canvas, soft shade, tapering lines, and the edges of forms."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import skia
from numpy.typing import NDArray

from models.dataset.palette import Color

Point = tuple[float, float]
Layer = NDArray[np.uint8]
"""Premultiplied RGBA, shape (height, width, 4)."""


def ink(color: Color, alpha: float = 1.0) -> int:
    """`color` as skia's packed ARGB."""
    r, g, b = (round(c * 255) for c in color)
    return (round(alpha * 255) << 24) | (r << 16) | (g << 8) | b


def canvas_on(layer: Layer, scale: float, dx: float = 0.0, dy: float = 0.0) -> skia.Canvas:
    """A canvas that draws into `layer`; `scale` pixels a unit, the unit origin at pixel (dx, dy)."""
    surface = skia.Surface(layer, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    canvas = surface.getCanvas()
    canvas.translate(dx, dy)
    canvas.scale(scale, scale)
    return canvas


def curve(points: Sequence[Point], closed: bool = True, tension: float = 1.0) -> skia.Path:
    """A smooth path through `points` (Catmull-Rom); tension 0 gives straight lines."""
    n = len(points)
    path = skia.Path()
    path.moveTo(*points[0])
    k = tension / 6
    for i in range(n if closed else n - 1):
        if closed:
            a, b, c, d = points[i - 1], points[i], points[(i + 1) % n], points[(i + 2) % n]
        else:
            a, b, c, d = points[max(0, i - 1)], points[i], points[i + 1], points[min(n - 1, i + 2)]
        path.cubicTo(
            b[0] + (c[0] - a[0]) * k, b[1] + (c[1] - a[1]) * k,
            c[0] - (d[0] - b[0]) * k, c[1] - (d[1] - b[1]) * k, *c,
        )
    if closed:
        path.close()
    return path


def oval(x: float, y: float, rx: float, ry: float) -> skia.Path:
    """An ellipse around (x, y)."""
    path = skia.Path()
    path.addOval(skia.Rect(x - rx, y - ry, x + rx, y + ry))
    return path


def mirrored(right: Sequence[Point]) -> list[Point]:
    """The points of a shape that is symmetric about x = 0, from its right half (top to bottom)."""
    return [*right, *((-x, y) for x, y in reversed(right) if x != 0)]


def limb(points: Sequence[Point], widths: Sequence[float]) -> skia.Path:
    """A tapering tube along `points`, half as wide as `widths` on each side, with round-ish ends."""
    left: list[Point] = []
    right: list[Point] = []
    n = len(points)
    for i, ((x, y), width) in enumerate(zip(points, widths, strict=True)):
        ax, ay = points[max(0, i - 1)]
        bx, by = points[min(n - 1, i + 1)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        nx, ny = -(by - ay) / length * width / 2, (bx - ax) / length * width / 2
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return curve([*left, *reversed(right)], tension=0.9)


def fill(canvas: skia.Canvas, path: skia.Path, color: Color, alpha: float = 1.0) -> None:
    """Fills `path` with one colour."""
    canvas.drawPath(path, skia.Paint(AntiAlias=True, Color=ink(color, alpha)))


def wash(
    canvas: skia.Canvas,
    path: skia.Path,
    start: Point,
    end: Point,
    colors: Sequence[Color],
    alphas: Sequence[float] = (),
) -> None:
    """Fills `path` with a linear gradient from `start` to `end`."""
    opacity = alphas or (1.0,) * len(colors)
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(*start), skia.Point(*end)], [ink(c, a) for c, a in zip(colors, opacity, strict=True)]
    )
    canvas.drawPath(path, skia.Paint(AntiAlias=True, Shader=shader))


def glow(canvas: skia.Canvas, x: float, y: float, rx: float, ry: float, color: Color, alpha: float) -> None:
    """A soft oval stain of colour that fades to nothing at its rim."""
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(1.0, ry / rx)
    shader = skia.GradientShader.MakeRadial(
        skia.Point(0, 0), rx, [ink(color, alpha), ink(color, alpha * 0.75), ink(color, 0.0)], [0.0, 0.45, 1.0]
    )
    canvas.drawCircle(0, 0, rx, skia.Paint(AntiAlias=True, Shader=shader))
    canvas.restore()


def line(canvas: skia.Canvas, path: skia.Path, color: Color, width: float, alpha: float = 1.0) -> None:
    """Strokes `path` with a round brush."""
    canvas.drawPath(
        path,
        skia.Paint(
            AntiAlias=True,
            Style=skia.Paint.kStroke_Style,
            StrokeWidth=width,
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
            Color=ink(color, alpha),
        ),
    )


def swell(
    canvas: skia.Canvas,
    points: Sequence[Point],
    color: Color,
    width: float,
    alpha: float = 1.0,
    ends: float = 0.15,
) -> None:
    """A line that swells in its middle and thins to `ends` of its width, as a loaded brush leaves it."""
    n = len(points)
    widths = [width * (ends + (1 - ends) * math.sin(math.pi * (0.08 + 0.84 * i / (n - 1)))) for i in range(n)]
    fill(canvas, limb(points, widths), color, alpha)


@contextmanager
def clipped(canvas: skia.Canvas, path: skia.Path) -> Iterator[None]:
    """Keeps what is drawn inside `path`."""
    canvas.save()
    canvas.clipPath(path, doAntiAlias=True)
    try:
        yield
    finally:
        canvas.restore()


def contour(
    canvas: skia.Canvas,
    path: skia.Path,
    dark: Color,
    light: Color,
    side: float,
    width: float = 1.5,
    rim: float = 0.55,
) -> None:
    """Draws the edge of a form from inside: a dark line, thicker away from the light, and a bright rim.

    `side` is where the light stands: -1 left, +1 right.
    """
    with clipped(canvas, path):
        canvas.save()
        canvas.translate(-side * width * 0.9, width * 0.4)
        line(canvas, path, light, width * 1.5, rim)
        canvas.restore()
        line(canvas, path, dark, width * 0.9, 0.75)
        canvas.save()
        canvas.translate(side * width * 0.55, -width * 0.35)
        line(canvas, path, dark, width * 1.1, 0.55)
        canvas.restore()
