"""A folder of painted photographs with its truth: many formats and sizes, turned files, and copies."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.checkpoint import write_whole
from models.dataset.people.orientation import TAG, inverse, turned_box, upright
from models.dataset.photographs import MIN_SIDE, Photograph, photograph, tight

KINDS = ("exact", "resized", "recompressed", "cropped", "mirrored", "brightness")
"""What a copy may have gone through."""
FORMATS = {
    "jpeg": 0.5,
    "progressive": 0.12,
    "cmyk": 0.06,
    "png": 0.12,
    "png16": 0.06,
    "webp": 0.08,
    "tiff": 0.06,
}
"""How a file is stored, and how often."""
SUFFIXES = {"png": ".png", "png16": ".png", "webp": ".webp", "tiff": ".tif"}
CROP = 0.03
"""How much of each dimension a cropped copy loses."""


@dataclass(frozen=True, slots=True)
class Order:
    """One file: its number, the seed of its photograph, and the kind of copy it is of file `original`."""

    number: int
    seed: int
    original: int | None = None
    kind: str | None = None


def orders(count: int, seed: int, duplicates: float) -> tuple[Order, ...]:
    """`count` photographs and, on top, copies of that share of them, in a shuffled order of numbers.

    Copies are spread evenly over `KINDS`; a photograph may have several.
    """
    rng = np.random.default_rng([seed, 50])
    copies = round(count * duplicates)
    numbers = rng.permutation(count + copies).tolist()
    first = [Order(numbers[i], seed + i) for i in range(count)]
    chosen = rng.permutation(count) if copies <= count else rng.integers(0, count, copies)
    more = [
        Order(numbers[count + i], seed + int(of), numbers[int(of)], KINDS[i % len(KINDS)])
        for i, of in enumerate(chosen[:copies])
    ]
    return tuple(sorted(first + more, key=lambda order: order.number))


def _moved(photo: Photograph, image: NDArray[np.uint8], labels: NDArray[np.uint8], scale: float = 1.0,
           shift: tuple[int, int] = (0, 0), mirror: bool = False) -> Photograph:  # fmt: skip
    """The photograph after its pixels moved, and its people's boxes with them."""
    height, width = labels.shape
    people = []
    for person in photo.people:
        mask = labels == person.label
        if not mask.any():
            continue
        xs, ys = ([round((v - s) * scale) for v in person.head[i::2]] for i, s in enumerate(shift))
        xs = [width - x for x in reversed(xs)] if mirror else xs
        x0, x1 = (min(width, max(0, x)) for x in xs)
        y0, y1 = (min(height, max(0, y)) for y in ys)
        people.append(replace(person, box=tight(mask), head=(x0, y0, x1, y1)))
    return replace(
        photo, image=np.ascontiguousarray(image), labels=np.ascontiguousarray(labels), people=tuple(people)
    )


def altered(photo: Photograph, kind: str, rng: np.random.Generator) -> Photograph:
    """A near copy of a photograph. "exact" and "recompressed" leave the pixels to the file."""
    height, width = photo.labels.shape
    match kind:
        case "resized":
            scale = float(rng.uniform(0.4, 0.8))
            size = max(1, round(width * scale)), max(1, round(height * scale))
            image = np.asarray(cv2.resize(photo.image, size, interpolation=cv2.INTER_AREA), np.uint8)
            labels = cv2.resize(photo.labels, size, interpolation=cv2.INTER_NEAREST)
            return _moved(photo, image, np.asarray(labels, np.uint8), scale)
        case "cropped":
            x, y = (int(rng.integers(0, round(side * CROP) + 1)) for side in (width, height))
            part = (slice(y, y + height - round(height * CROP)), slice(x, x + width - round(width * CROP)))
            return _moved(photo, photo.image[part], photo.labels[part], shift=(x, y))
        case "mirrored":
            return _moved(photo, photo.image[:, ::-1], photo.labels[:, ::-1], mirror=True)
        case "brightness":
            gain = float(rng.uniform(1.1, 1.3)) if rng.random() < 0.5 else float(rng.uniform(0.7, 0.9))
            return replace(photo, image=np.asarray(cv2.convertScaleAbs(photo.image, alpha=gain), np.uint8))
        case _:
            return photo


def _encoded(image: NDArray[np.uint8], style: str, orientation: int, quality: int) -> bytes:
    """The bytes of a file that holds these stored pixels."""
    if style == "png16":
        _, data = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR).astype(np.uint16) * 257)
        return data.tobytes()
    out = BytesIO()
    picture = Image.fromarray(image)
    exif = Image.Exif()
    if orientation > 1:
        exif[TAG] = orientation
    match style:
        case "jpeg" | "progressive":
            picture.save(out, "JPEG", quality=quality, progressive=style == "progressive", exif=exif)
        case "cmyk":
            picture.convert("CMYK").save(out, "JPEG", quality=quality, exif=exif)
        case "webp":
            picture.save(out, "WEBP", quality=quality, method=2)
        case "tiff":
            picture.save(out, "TIFF", compression="tiff_lzw")
        case _:
            picture.save(out, "PNG", compress_level=3)
    return out.getvalue()


def _name(order: Order) -> tuple[str, str]:
    """The file name and the style that an order gets. Copies that are exact are as their original is."""
    number = order.original if order.kind == "exact" and order.original is not None else order.number
    rng = np.random.default_rng([order.seed, number, 51])
    style = str(rng.choice(list(FORMATS), p=np.array(list(FORMATS.values()))))
    if order.kind == "recompressed":
        style = "jpeg"
    return f"{order.number:05d}{SUFFIXES.get(style, '.jpg')}", style


def _write(out: Path, size: int, names: dict[int, str], order: Order) -> dict[str, Any]:
    """Writes one file and its mask, and returns its line of the truth."""
    name, style = _name(order)
    number = order.original if order.kind == "exact" and order.original is not None else order.number
    rng = np.random.default_rng([order.seed, number, 52])
    long = max(MIN_SIDE, round(size * float(np.random.default_rng([order.seed, 53]).uniform(0.6, 1.0))))
    turned = int(rng.integers(2, 9)) if rng.random() < 0.3 else 1
    orientation = turned if style in ("jpeg", "progressive", "cmyk") else 1
    quality = int(rng.integers(25, 60)) if order.kind == "recompressed" else int(rng.integers(78, 96))
    photo = altered(photograph(order.seed, long), order.kind or "", rng)
    image = np.ascontiguousarray(upright(photo.image, inverse(orientation)))
    labels = np.ascontiguousarray(upright(photo.labels, inverse(orientation)))
    write_whole(out / name, _encoded(image, style, orientation, quality))
    mask = BytesIO()
    Image.fromarray(labels).save(mask, "PNG")
    mask_name = f"masks/{order.number:05d}.png"
    write_whole(out / mask_name, mask.getvalue())
    shape = photo.labels.shape[0], photo.labels.shape[1]
    return {
        "file": name,
        "photo": order.seed,
        "format": style,
        "width": labels.shape[1],
        "height": labels.shape[0],
        "orientation": orientation,
        "masks": mask_name,
        "duplicate_of": None if order.original is None else names[order.original],
        "kind": order.kind,
        "people": [
            {
                "label": p.label,
                "box": turned_box(p.box, shape, inverse(orientation)),
                "head": turned_box(p.head, shape, inverse(orientation)),
                "visible": round(p.visible, 4),
            }
            for p in photo.people
        ],
    }


def write_photographs(out: Path, count: int, size: int, seed: int, duplicates: float,
                      workers: int) -> Iterator[int]:  # fmt: skip
    """Writes `count` photographs and the share `duplicates` of copies; yields how many files are done.

    `size` is the longest of the longer sides, in pixels; others are down to 0.6 of it. Writes NAME.jpg,
    .png, .webp or .tif, masks/NAME.png (8-bit, the label of each pixel, 0 for nobody) and truth.jsonl: a
    line a file with `file`, `photo` (equal for copies), `format`, `width`, `height`, `orientation`, `masks`,
    `duplicate_of`, `kind` and `people` (`label`, `box`, `head`, `visible`). Boxes and masks are in pixels
    as they are stored, before the orientation is applied. The bytes depend on all but `workers`.
    """
    (out / "masks").mkdir(parents=True, exist_ok=True)
    todo = orders(count, seed, duplicates)
    names = {order.number: _name(order)[0] for order in todo}
    lines = []
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for line in pool.map(partial(_write, out, size, names), todo):
            lines.append(json.dumps(line) + "\n")
            yield len(lines)
    write_whole(out / "truth.jsonl", "".join(lines).encode())
