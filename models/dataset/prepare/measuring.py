"""What the audit measures of each picture: light, contrast, colour, and where its content lies."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.dataset.prepare.work import Result

SIDE = 64


@dataclass(frozen=True, slots=True)
class Measuring:
    """Work of the stage `audit`. Items are paths under the output folder."""

    out: Path

    def __call__(self, item: str) -> Result:
        with Image.open(self.out / item) as file:
            size = file.width
            small = file.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
        pixels = np.asarray(small, np.float64) / 255
        light = pixels @ (0.2126, 0.7152, 0.0722)
        # Content is what differs from the median light, as figures do from black, a subject from a wall.
        weight = np.abs(light - np.median(light)) + 1e-9
        ys, xs = np.mgrid[0:SIDE, 0:SIDE] + 0.5
        fields = {
            "size": size,
            "brightness": round(float(light.mean()), 4),
            "contrast": round(float(light.std()), 4),
            "colour": [round(float(value), 4) for value in pixels.mean(axis=(0, 1))],
            "content": [round(float((weight * axis).sum() / weight.sum() / SIDE), 4) for axis in (xs, ys)],
        }
        return Result(fields=fields)
