"""Our own segmenter: a network finds heads and whose pixels are whose, a guided filter finds the edges."""

import hashlib
import math
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from models.checkpoint import CheckpointError, load
from models.dataset.people.layout import INPUT, MULTIPLE, OFFSET_UNIT, PAD, STRIDE
from models.dataset.people.segmenter import Person, SegmenterError, tight_box

if TYPE_CHECKING:
    from models.dataset.people.network import PeopleNet

WEIGHTS = Path(__file__).parents[2] / "weights" / "people.safetensors"
EDGE = 6
"""How many pixels beyond its coarse mask a person may reach, in pixels of the network's output."""
FINE = 768
"""The longer side at which edges are fitted, in pixels; more than the picture has is not used."""


@lru_cache(maxsize=2)
def _network(path: Path) -> "tuple[PeopleNet, str, tuple[float, float]]":
    """The network of a file, ready to use, its digest and its scale of scores. Raises SegmenterError."""
    from models.dataset.people.network import FAMILY, PeopleNet

    try:
        header, tensors = load(path)
    except CheckpointError as error:
        raise SegmenterError(f"the people network cannot be used: {error}") from None
    if header.family != FAMILY:
        raise SegmenterError(
            f'{path}: holds a network of the family "{header.family}", not "{FAMILY}"; '
            "give the weights of the people network"
        )
    try:
        network = PeopleNet(**header.config)
        slope, level = (float(v) for v in header.about.get("score", (1, 0)))
        missing = network.load_state_dict(tensors, strict=False)
    except (RuntimeError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise SegmenterError(f"{path}: its tensors do not fit its config ({reason})") from None
    lost = [key for key in missing.missing_keys if not key.endswith("num_batches_tracked")]
    lost += missing.unexpected_keys
    if lost:
        raise SegmenterError(f"{path}: its tensors do not fit its config ({lost[0]})")
    return network.eval(), header.sha256, (slope, level)


def _logistic(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -60, 60))), np.float32)


def _input_size(picture: NDArray[np.uint8]) -> tuple[int, int]:
    """The size (h, w) of a picture as the network sees it."""
    scale = INPUT / max(picture.shape[:2])
    return max(1, round(picture.shape[0] * scale)), max(1, round(picture.shape[1] * scale))


def peaks(heat: NDArray[np.float32], least: float, apart: int) -> NDArray[np.int64]:
    """Where `heat` (h, w) is at least `least` and the highest within `apart` pixels, as rows of (y, x)."""
    highest = cv2.dilate(heat, np.ones((2 * apart + 1, 2 * apart + 1), np.uint8))
    places = np.argwhere((heat >= highest) & (heat >= least))
    kept: list[NDArray[np.int64]] = []
    for place in places[np.argsort(-heat[tuple(places.T)], kind="stable")]:
        if all(np.abs(place - other).max() > apart for other in kept):
            kept.append(place)
    return np.array(kept, np.int64).reshape(-1, 2)


def shares(
    fore: NDArray[np.float32], offsets: NDArray[np.float32], centres: NDArray[np.int64], soft: float
) -> NDArray[np.float32]:
    """How much of each pixel belongs to each head, (n, h, w).

    `fore` (h, w) is how much of the pixel is anyone, `offsets` (2, h, w) points (x, y) from it to a head, and
    `centres` (n, 2) are the heads (y, x). Pixels that point between two heads are split, over `soft` pixels.
    """
    height, width = fore.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = xs + offsets[0], ys + offsets[1]
    far = np.stack([np.hypot(x - cx, y - cy) for cy, cx in centres])
    near = np.exp((far.min(axis=0) - far) / soft)
    return np.asarray(near / near.sum(axis=0) * fore, np.float32)


def _fitted(
    mask: NDArray[np.float32], grey: NDArray[np.float32], radius: int, softness: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The lines a * grey + b that follow `mask` best around each pixel (He 2010, equations 5 to 8)."""
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(field: NDArray[np.floating]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(field, size, borderType=cv2.BORDER_REPLICATE), np.float32)

    middle, level = mean(grey), mean(mask)
    a = (mean(grey * mask) - middle * level) / (mean(grey * grey) - middle * middle + softness)
    return mean(a), mean(level - a * middle)


class OwnSegmenter:
    """People by the network that comes with Marrow; see models/weights/people.md for what it was taught."""

    name = "own"

    def __init__(
        self,
        weights: str | Path = WEIGHTS,
        sure: float = 0.5,
        apart: int = 3,
        soft: float = 1.5,
        least: float = 0.0008,
        softness: float = 5e-4,
        sharpen: float = 2.0,
    ) -> None:
        """`sure` is the least score of a person; `apart` and `soft`, in pixels of the network's output, are
        how far apart two heads must be and over how much two neighbours are blended; `least` is the least
        share of the picture that a person covers; `softness` and `sharpen` shape the edges."""
        self.weights, self.sure, self.apart, self.soft = Path(weights), sure, apart, soft
        self.least, self.softness, self.sharpen = least, softness, sharpen

    @property
    def fingerprint(self) -> str:
        sha = _network(self.weights)[1]
        numbers = (self.sure, self.apart, self.soft, self.least, self.softness, self.sharpen)
        return f"own {sha[:16]} {hashlib.sha256(repr(numbers).encode()).hexdigest()[:8]}"

    def people(self, picture: NDArray[np.uint8], source: Path | None = None) -> list[Person]:
        """The people in an sRGB picture (h, w, 3), from left to right; `source` is not looked at."""
        small = _input_size(picture)
        output = self._output(picture, small)
        score = self._scores(output[1])
        centres = peaks(score, self.sure, self.apart)
        if len(centres) == 0:
            return []
        coarse = shares(_logistic(output[0]), output[2:] * OFFSET_UNIT, centres, self.soft)
        found = []
        for (cy, cx), mask in sorted(zip(centres.tolist(), coarse, strict=True), key=lambda one: one[0][1]):
            if np.count_nonzero(mask >= 0.5) < self.least * mask.size:
                continue
            full = self._refined(picture, mask, small)
            box = tight_box(full)
            if box is not None:
                found.append(Person(full, box, float(score[cy, cx])))
        return found

    def heads(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Every place that looks like a head: rows of x, y (pixels) and logit, surest first."""
        small = _input_size(picture)
        heat = self._output(picture, small)[1]
        centres = peaks(_logistic(heat), 0.02, self.apart)
        x, y = ((centres[:, axis] + 0.5) * STRIDE * picture.shape[axis] / small[axis] for axis in (1, 0))
        return np.stack([x, y, heat[tuple(centres.T)].astype(np.float64)], axis=1)

    def _scores(self, heat: NDArray[np.float32]) -> NDArray[np.float32]:
        """How likely it is that a head is there, from the network's logits."""
        slope, level = _network(self.weights)[2]
        return _logistic(heat * slope + level)

    def _output(self, picture: NDArray[np.uint8], small: tuple[int, int]) -> NDArray[np.float32]:
        """What the network says, (4, h, w), of the part of its input that the picture fills."""
        import torch

        network = _network(self.weights)[0]
        way = cv2.INTER_AREA if small[0] <= picture.shape[0] else cv2.INTER_LINEAR
        padded = np.full((*(math.ceil(side / MULTIPLE) * MULTIPLE for side in small), 3), PAD, np.uint8)
        padded[: small[0], : small[1]] = cv2.resize(picture, small[::-1], interpolation=way)
        x = torch.from_numpy(padded.transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1)
        with torch.inference_mode():
            output = network(x)[0].numpy()
        return np.ascontiguousarray(output[:, : math.ceil(small[0] / STRIDE), : math.ceil(small[1] / STRIDE)])

    def _refined(
        self, picture: NDArray[np.uint8], mask: NDArray[np.float32], small: tuple[int, int]
    ) -> NDArray[np.float32]:
        """A coarse mask at the size of the picture, its edges on the edges that the picture has."""
        height, width = picture.shape[:2]
        x, y, w, h = cv2.boundingRect((mask > 0.1).astype(np.uint8))
        y0, y1 = max(0, y - EDGE), min(mask.shape[0], y + h + EDGE)
        x0, x1 = max(0, x - EDGE), min(mask.shape[1], x + w + EDGE)
        # Pixels of the picture a pixel of the mask, each way.
        ky, kx = height * STRIDE / small[0], width * STRIDE / small[1]
        top, bottom = round(y0 * ky), min(height, round(y1 * ky))
        left, right = round(x0 * kx), min(width, round(x1 * kx))
        grey = cv2.cvtColor(picture[top:bottom, left:right], cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        work = min(1.0, FINE / max(height, width))
        size = max(1, round((right - left) * work)), max(1, round((bottom - top) * work))
        rough = np.asarray(cv2.resize(mask[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR), np.float32)
        guide = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
        lines = _fitted(rough, guide, max(1, round(ky * work)), self.softness)
        a, b = (
            cv2.resize(line, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR) for line in lines
        )
        full = np.zeros((height, width), np.float32)
        full[top:bottom, left:right] = np.clip((a * grey + b - 0.5) * self.sharpen + 0.5, 0, 1)
        return full
