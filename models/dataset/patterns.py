"""Patterns on cloth: stripes, bars, checks, plaid, dots, flowers, knitted zigzags."""

import math

import numpy as np
import skia

from models.dataset.brush import curve, fill, line, oval
from models.dataset.palette import Color, lighten, mix


def draw_pattern(
    canvas: skia.Canvas,
    box: skia.Rect,
    pattern: str,
    colors: tuple[Color, Color, Color],
    pitch: float,
    rng: np.random.Generator,
) -> None:
    """Covers `box` with a pattern that repeats every `pitch` units; "plain" draws nothing.

    `colors` are the ground, the pattern, and a darker one for plaid.
    """
    color, second, third = colors
    p = pitch
    left, top, right, bottom = box.left() - p, box.top() - p, box.right() + p, box.bottom() + p
    columns = np.arange(math.floor(left / p) * p, right, p).tolist()
    rows = np.arange(math.floor(top / p) * p, bottom, p).tolist()

    def sway(x: float) -> skia.Path:
        return curve([(x, top), (x * 1.05, (top + bottom) / 2), (x * 0.96, bottom)], closed=False)

    def bar(y: float) -> skia.Path:
        return curve([(left, y - 2), ((left + right) / 2, y + 3), (right, y - 2)], closed=False)

    match pattern:
        case "stripes":
            for x in columns:
                line(canvas, sway(x), second, p * 0.42)
        case "bars":
            for y in rows:
                line(canvas, bar(y), second, p * 0.48)
        case "checks":
            for x in columns:
                line(canvas, sway(x), second, p * 0.5, 0.5)
            for y in rows:
                line(canvas, bar(y), second, p * 0.5, 0.5)
        case "plaid":
            for i, x in enumerate(columns):
                line(canvas, sway(x), second if i % 2 else third, p * (0.42 if i % 2 else 0.2), 0.7)
            for i, y in enumerate(rows):
                line(canvas, bar(y), second if i % 2 else third, p * (0.42 if i % 2 else 0.2), 0.7)
        case "dots" | "flowers":
            for j, y in enumerate(rows):
                for x in columns:
                    at = (x + (p / 2 if j % 2 else 0) + rng.uniform(-0.6, 0.6), y + rng.uniform(-0.6, 0.6))
                    if pattern == "dots":
                        fill(canvas, oval(*at, p * 0.25, p * 0.25), second)
                    else:
                        for k in range(5):
                            a = k * math.tau / 5 + j
                            fill(canvas, oval(at[0] + math.cos(a) * p * 0.2, at[1] + math.sin(a) * p * 0.2,
                                              p * 0.16, p * 0.16), second)
                        fill(canvas, oval(*at, p * 0.11, p * 0.11), mix(color, (0.95, 0.75, 0.25), 0.6))
        case "knit":
            for j, y in enumerate(np.arange(top, bottom, p * 0.62).tolist()):
                zig = [(x, y + (2.4 if i % 2 else -2.4)) for i, x in
                       enumerate(np.arange(left, right, p * 0.45).tolist())]
                line(canvas, curve(zig, closed=False, tension=0.2), second if j % 4 == 0 else lighten(color,
                    0.05), 2.2, 0.75)
        case _:
            pass
