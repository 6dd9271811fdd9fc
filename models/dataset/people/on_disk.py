"""Masks that somebody has made already: COCO JSON with polygons or run lengths, or pictures of labels."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.dataset.people.orientation import TAG, upright
from models.dataset.people.segmenter import Person, SegmenterError, tight_box

NEED = "this segmenter reads from disk and must be told which photograph the picture is from (source)"


def run_lengths(counts: list[int] | str, height: int, width: int) -> NDArray[np.bool_]:
    """The mask of a COCO run-length encoding, (h, w). Raises ValueError.

    Runs of 0 and 1 by turns, from 0, down the columns. As text they are five bits a character from "0" on,
    low ones first, bit 5 set where more follow, signed; from the fourth on less the one two before it
    (COCO API, maskApi).
    """
    runs = counts if isinstance(counts, list) else _runs(counts)
    if any(not isinstance(run, int) or run < 0 for run in runs) or sum(runs) != height * width:
        raise ValueError(f"the runs add up to something else than {height} x {width} pixels")
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape(width, height).T


def _runs(text: str) -> list[int]:
    runs: list[int] = []
    value, shift = 0, 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64:
            raise ValueError(f"{character!r} is not part of a run-length text")
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            if bits & 16:
                value -= 1 << shift
            runs.append(value + runs[-2] if len(runs) > 2 else value)
            value, shift = 0, 0
    if shift:
        raise ValueError("the run-length text is cut short")
    return runs


def polygons(rings: list[list[float]], height: int, width: int) -> NDArray[np.bool_]:
    """What the polygons of an annotation cover, (h, w); each is x, y, x, y and so on in pixels."""
    mask = np.zeros((height, width), np.uint8)
    for ring in rings:
        points = np.array(ring, np.float64)
        if points.ndim != 1 or points.size < 6 or points.size % 2 or not np.isfinite(points).all():
            raise ValueError("a polygon needs three points at least, as x, y, x, y and so on")
        # COCO's corners lie between pixels; OpenCV's in the middle of them, here in 1/256 of a pixel.
        corners = np.round((points.reshape(-1, 2).clip(-1e5, 1e5) - 0.5) * 256).astype(np.int32)
        cv2.fillPoly(mask, [corners], 1, lineType=cv2.LINE_8, shift=8)
    return mask.astype(bool)


@dataclass(slots=True)
class _Annotated:
    """One picture of a COCO file."""

    height: int
    width: int
    annotations: list[dict[str, Any]] = field(default_factory=list)


def _read_coco(path: Path) -> dict[str, _Annotated]:
    """What a COCO file says of each file name. Raises SegmenterError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        pictures = {
            p["id"]: (str(p["file_name"]), _Annotated(int(p["height"]), int(p["width"])))
            for p in data["images"]
        }
        categories = data.get("categories", [])
        people = {c["id"] for c in categories if str(c["name"]).lower() == "person"}
        for one in data["annotations"]:
            # A file without a category called "person" is taken to hold people alone.
            if people and one.get("category_id") not in people:
                continue
            pictures[one["image_id"]][1].annotations.append(one)
    except OSError as error:
        raise SegmenterError(
            f"{path}: cannot be read ({error.strerror}); give a COCO file or a folder"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise SegmenterError(f"{path}: not a COCO file of instances ({reason})") from None
    return dict(pictures.values())


def _named(table: dict[str, Any], source: Path) -> Any:
    """The entry of a photograph: by the longest end of its path, its name at least; else None."""
    parts = source.parts
    for start in range(len(parts)):
        name = "/".join(parts[start:])
        if name in table:
            return table[name]
    return None


def stored_as(source: Path) -> tuple[tuple[int, int], int]:
    """The size (h, w) of a photograph as it is stored, and its EXIF orientation. Raises SegmenterError."""
    try:
        with Image.open(source) as picture:
            orientation = picture.getexif().get(TAG, 1)
            known = isinstance(orientation, int) and 1 <= orientation <= 8
            return (picture.height, picture.width), orientation if known else 1
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SegmenterError(f"{source.name}: cannot be opened to see how it is turned ({error})") from None


class DiskSegmenter:
    """People by masks on disk.

    `path` is a COCO JSON file, or a folder of pictures of labels (8 or 16 bit, 0 for nobody, one value a
    person), each with the name of its photograph and the suffix .png. Masks are in pixels as they are stored:
    the photograph's EXIF orientation is applied to them; they are scaled where the picture was.
    """

    name = "masks"

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._coco = None if self.path.is_dir() else _read_coco(self.path)

    @property
    def fingerprint(self) -> str:
        """Of the bytes of the masks, so that a corrected mask is another segmenter."""
        digest = hashlib.sha256()
        files = [self.path] if self._coco is not None else sorted(self.path.glob("*.png"))
        for file in files:
            digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        return f"masks {digest.hexdigest()[:16]}"

    def people(self, picture: NDArray[np.uint8], source: Path | None = None) -> list[Person]:
        """The people that the masks of `source` show; their score is the annotation's, or 1."""
        if source is None:
            raise SegmenterError(f"masks: {NEED}")
        height, width = picture.shape[:2]
        _, orientation = stored_as(source)
        found = []
        for mask, score in self._coco_masks(source) if self._coco is not None else self._label_masks(source):
            turned = np.ascontiguousarray(upright(mask, orientation)).astype(np.float32)
            if abs(turned.shape[1] / turned.shape[0] - width / height) > 0.02 * width / height:
                raise SegmenterError(
                    f"{source.name}: its mask is {turned.shape[1]} x {turned.shape[0]} pixels, the picture"
                    f" {width} x {height}; masks must have the shape of the photograph as it is stored"
                )
            if turned.shape != (height, width):
                smaller = turned.shape[0] > height
                way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
                turned = np.asarray(cv2.resize(turned, (width, height), interpolation=way), np.float32)
            box = tight_box(turned)
            if box is not None:
                found.append(Person(turned, box, score))
        return found

    def _coco_masks(self, source: Path) -> list[tuple[NDArray[np.bool_], float]]:
        entry = _named(self._coco or {}, source)
        if entry is None:
            raise SegmenterError(f"{source.name}: {self.path} has no picture of that name")
        masks = []
        for one in entry.annotations:
            try:
                shape = one["segmentation"]
                if isinstance(shape, list):
                    mask = polygons(shape, entry.height, entry.width)
                else:
                    height, width = shape["size"]
                    if (height, width) != (entry.height, entry.width):
                        raise ValueError(
                            f"its size is {width} x {height}, the picture's {entry.width} x {entry.height}"
                        )
                    mask = run_lengths(shape["counts"], entry.height, entry.width)
                masks.append((mask, float(one.get("score", 1.0))))
            except (KeyError, TypeError, ValueError, OverflowError, cv2.error) as error:
                which = f"annotation {one.get('id', '?')} of {source.name}"
                reason = f"{type(error).__name__}: {error}"
                raise SegmenterError(f"{self.path}: {which} cannot be read ({reason})") from None
        return masks

    def _label_masks(self, source: Path) -> list[tuple[NDArray[np.bool_], float]]:
        path = self.path / f"{source.stem}.png"
        try:
            with Image.open(path) as file:
                if file.mode not in ("L", "P", "I;16", "I"):
                    raise SegmenterError(f"{path}: a mask has one channel of 8 or 16 bits, not {file.mode}")
                labels = np.asarray(file)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise SegmenterError(f"{path}: the mask of {source.name} cannot be read ({error})") from None
        return [(labels == label, 1.0) for label in np.unique(labels).tolist() if label != 0]
