"""The one plot of the report: two sets of distances over each other, as inline SVG."""

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FOOT = 720, 180, 40
BINS = 60


def two_histograms(
    fakes: NDArray[np.float64], new: NDArray[np.float64], mark: float, names: tuple[str, str], axis: str
) -> str:
    """Shares of fakes as blocks, of new pictures as a line, from 0 to the largest; `mark`: a dashed line."""
    most = float(max(fakes.max(), new.max(), mark)) * 1.02 or 1.0
    blocks, line = (np.histogram(values, BINS, (0, most))[0] / len(values) for values in (fakes, new))
    scale, step = (HEIGHT - 12) / max(blocks.max(), line.max()), WIDTH / BINS
    parts = [
        f'<rect class="fakes" x="{n * step:.1f}" y="{HEIGHT - share * scale:.1f}" width="{step - 1:.1f}" '
        f'height="{share * scale:.1f}"/>'
        for n, share in enumerate(blocks)
        if share
    ]
    corners = [f"{n * step:.1f},{HEIGHT - line[k] * scale:.1f}" for k in range(BINS) for n in (k, k + 1)]
    x = mark / most * WIDTH
    parts += [
        f'<polyline class="new" points="{" ".join(corners)}"/>',
        f'<line class="mark" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{HEIGHT}"/>',
        f'<line class="axis" x1="0" y1="{HEIGHT}" x2="{WIDTH}" y2="{HEIGHT}"/>',
        f'<text x="0" y="{HEIGHT + 16}">0</text>',
        f'<text x="{WIDTH}" y="{HEIGHT + 16}" text-anchor="end">{most:.2f}</text>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT + 16}" text-anchor="middle">{axis}</text>',
        f'<rect class="fakes" x="0" y="{HEIGHT + 25}" width="12" height="10"/>',
        f'<text x="18" y="{HEIGHT + 35}">{names[0]}</text>',
        f'<line class="new" x1="200" y1="{HEIGHT + 30}" x2="214" y2="{HEIGHT + 30}"/>',
        f'<text x="220" y="{HEIGHT + 35}">{names[1]}</text>',
    ]
    height = HEIGHT + FOOT
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">'
        f"{''.join(parts)}</svg>"
    )
