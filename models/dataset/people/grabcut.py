"""Rectangles and GrabCut: somebody drew a box around each person, colours say what in it is the person."""

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.dataset.people.on_disk import NEED, stored_as
from models.dataset.people.orientation import turned_box
from models.dataset.people.segmenter import Person, SegmenterError, tight_box

WORK = 640
"""The longer side that GrabCut works at, in pixels."""
MARGIN = 0.3
"""How much of a box's size is looked at around it, to learn what is behind the person."""


def read_boxes(path: Path) -> dict[str, list[list[float]]]:
    """The boxes of each name from a JSON object {"NAME": [[x0, y0, x1, y1], ...]}. Raises SegmenterError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SegmenterError(f"{path}: cannot be read ({error.strerror}); give the file of boxes") from None
    except (ValueError, RecursionError) as error:
        raise SegmenterError(f"{path}: not JSON ({error})") from None
    if not isinstance(data, dict):
        raise SegmenterError(f'{path}: expected an object {{"NAME": [[x0, y0, x1, y1], ...]}}')
    for name, boxes in data.items():
        good = isinstance(boxes, list) and all(
            isinstance(box, list) and len(box) == 4
            and all(isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e6 for v in box)
            and box[0] < box[2] and box[1] < box[3]
            for box in boxes
        )  # fmt: skip
        if not good:
            raise SegmenterError(
                f'{path}: "{name}": expected a list of boxes [x0, y0, x1, y1] in stored pixels, '
                "x0 below x1 and y0 below y1"
            )
    return data


def _cut(picture: NDArray[np.uint8], box: tuple[int, ...], rounds: int) -> NDArray[np.float32]:
    """The person in a box of a small picture, as a mask of its size (Rother 2004)."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box
    mx, my = round((x1 - x0) * MARGIN) + 2, round((y1 - y0) * MARGIN) + 2
    left, top, right, bottom = max(0, x0 - mx), max(0, y0 - my), min(width, x1 + mx), min(height, y1 + my)
    part = np.ascontiguousarray(picture[top:bottom, left:right])
    mask = np.full(part.shape[:2], cv2.GC_BGD, np.uint8)
    inside = mask[y0 - top : y1 - top, x0 - left : x1 - left]
    inside[...] = cv2.GC_PR_FGD
    full = np.zeros((height, width), np.float32)
    if (mask == cv2.GC_BGD).any():
        cv2.setRNGSeed(0)  # its first clusters are drawn by chance: the same box gives the same mask
        cv2.grabCut(
            part, mask, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), rounds, cv2.GC_INIT_WITH_MASK
        )
    full[top:bottom, left:right] = (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)
    return full


class GrabCutSegmenter:
    """People by boxes from a file and GrabCut in each. Boxes are in pixels as the photograph is stored."""

    name = "grabcut"

    def __init__(self, boxes: str | Path, rounds: int = 5) -> None:
        self.path, self.rounds = Path(boxes), rounds
        self._boxes = read_boxes(self.path)

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        return f"grabcut {digest[:16]} {self.rounds} {cv2.__version__}"

    def people(self, picture: NDArray[np.uint8], source: Path | None = None) -> list[Person]:
        """A person for each box of `source` in which something is left. Who is in two boxes is in both."""
        if source is None:
            raise SegmenterError(f"grabcut: {NEED}")
        boxes = self._boxes.get(source.as_posix(), self._boxes.get(source.name))
        if boxes is None:
            raise SegmenterError(f"{source.name}: {self.path} has no boxes for it")
        height, width = picture.shape[:2]
        stored, orientation = stored_as(source)
        scale = min(1.0, WORK / max(height, width))
        small = max(1, round(width * scale)), max(1, round(height * scale))
        work = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
        turned = stored[::-1] if orientation >= 5 else stored
        by = [small[0] / turned[1], small[1] / turned[0]] * 2
        found = []
        for drawn in boxes:
            sides = [round(v * k) for v, k in zip(turned_box(drawn, stored, orientation), by, strict=True)]
            most = (*small, *small)
            box = tuple(min(m, max(0, v)) for v, m in zip(sides, most, strict=True))
            if box[2] - box[0] < 2 or box[3] - box[1] < 2:
                continue
            mask = _cut(work, box, self.rounds)
            full = np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
            tight = tight_box(full)
            if tight is not None:
                found.append(Person(full, tight, 1.0))
        return found
