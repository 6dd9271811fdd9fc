"""Plain plots as inline SVG: bars, a histogram, points."""

from collections.abc import Mapping
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH = 460


def bars(values: Mapping[str, int]) -> str:
    """Horizontal bars with their numbers, in the given order."""
    most = max(values.values(), default=1) or 1
    rows = []
    for row, (name, value) in enumerate(values.items()):
        y, long = row * 24, 230 * value / most
        label = name if len(name) <= 24 else name[:23] + "…"
        rows.append(
            f'<text x="160" y="{y + 16}" class="label">{escape(label)}</text>'
            f'<rect x="168" y="{y + 4}" width="{long:.1f}" height="16" rx="2"/>'
            f'<text x="{174 + long:.1f}" y="{y + 16}">{value}</text>'
        )
    return _svg("".join(rows), WIDTH, max(24, 24 * len(values)))


def histogram(values: NDArray[np.float64], low: float = 0.0, high: float = 1.0, bins: int = 40) -> str:
    """How often each value comes, between `low` and `high`."""
    counts = np.histogram(values.clip(low, high), bins, (low, high))[0].tolist()
    most, step = max(counts) or 1, WIDTH / bins
    blocks = "".join(
        f'<rect x="{n * step:.1f}" y="{120 - 115 * count / most:.1f}" width="{step - 1:.1f}" '
        f'height="{115 * count / most:.1f}"/>'
        for n, count in enumerate(counts)
    )
    axis = f'<text x="0" y="136">{low:g}</text><text x="{WIDTH}" y="136" class="label">{high:g}</text>'
    return _svg(blocks + axis, WIDTH, 142)


def points(places: NDArray[np.float64], most: int = 1500) -> str:
    """Points x, y in 0..1 on the square of a picture; of many, an even choice."""
    chosen = places[:: max(1, -(-len(places) // most))]
    dots = "".join(f'<circle cx="{x * 240:.1f}" cy="{y * 240:.1f}" r="1.6"/>' for x, y in chosen.tolist())
    return _svg(f'<rect width="240" height="240" class="frame"/>{dots}', 240, 240)


def _svg(inside: str, width: int, height: int) -> str:
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{inside}</svg>'
