"""One picture of a folder into its copies on disk, with the mask and the boxes that go with it.

IN/NAME.png, IN/masks/NAME.png (labels as stored pixels, 0 is nobody), IN/people.jsonl (boxes, heads)
OUT/NAME-0.png is the picture as it was; OUT/NAME-1.png and on are changed; masks and people.jsonl likewise
"""

import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from models.checkpoint import write_whole
from models.dataset.augment.augmentation import Augmentation, Drawn
from models.dataset.augment.recipe import Recipe
from models.dataset.prepare import manifest
from models.dataset.prepare.photograph import SUFFIXES, Unusable, decode, read_file
from models.dataset.prepare.recipe import Read
from models.picture import to_pixels

MASKS, PEOPLE, SHEET, SETTINGS, MANIFEST = "masks", "people.jsonl", "sheet.png", "augment.toml", "manifest"
PLACES = ("box", "head")
"""What of a person is a box of x0, y0, x1, y1."""
LIMITS = Read.model_validate({"longest": 8192, "min_side": 1})
Line = dict[str, Any]
Pixels = NDArray[np.uint8]
Labels = NDArray[np.uint8] | NDArray[np.int32]


class FolderError(ValueError):
    """The folder cannot be augmented; the message says why."""


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to be augmented."""

    folder: Path
    out: Path
    name: str
    stem: str
    """What its copies are called before their number."""
    recipe: Recipe
    about: Line | None
    """Its line in people.jsonl."""
    known: Line | None
    """What an earlier run says of it."""


def names_in(folder: Path) -> dict[str, str]:
    """The pictures in `folder` itself, in order, each with the stem of its copies. Raises FolderError.

    Where two names differ in the suffix alone, or in the case of their letters, the later one gets a number.
    """
    names = sorted(
        entry.name
        for entry in os.scandir(folder)
        if Path(entry.name).suffix.lower() in SUFFIXES and entry.name != SHEET and not entry.is_dir()
    )
    if not names:
        raise FolderError(f"{folder}: no pictures found; give a folder with pictures in it")
    stems: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        stem, number = Path(name).stem, 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{Path(name).stem}~{number}"
        taken.add(stem.casefold())
        stems[name] = stem
    return stems


def people_in(folder: Path) -> dict[str, Line]:
    """Who is in which picture, by file: the lines of people.jsonl, or the boxes of a prepared folder.

    Raises FolderError.
    """
    path = folder / PEOPLE
    if not path.exists():
        return {
            line["path"]: {"file": line["path"], "people": [{"box": box} for box in line["boxes"]]}
            for line in manifest.Lines(folder / MANIFEST / "split.jsonl")
            if line.get("boxes")
        }
    lines: dict[str, Line] = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            line = json.loads(text)
            for person in line["people"]:
                for place in _places(person):
                    if not np.isfinite(np.array(person[place], dtype=np.float64).reshape(4)).all():
                        raise ValueError(f"{place} is {person[place]}")
            lines[str(line["file"])] = line
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            wanted = '{"file": "NAME", "people": [{"box": [x0, y0, x1, y1]}]}'
            raise FolderError(f"{path}:{number}: expected a line as {wanted} ({error!r})") from None
    return lines


def augment_picture(job: Job) -> Line:
    """Write all the copies of one picture; its line for the manifest. What is there from before stays."""
    line: Line = {"file": job.name, "name": job.name, "sha256": ""}
    parameters = {"digest": _digest(job, None)}
    try:
        data = read_file(job.folder / job.name, LIMITS)
        line["sha256"] = hashlib.sha256(data).hexdigest()
        masked = _mask_bytes(job)
        # What goes with a picture decides of its copies too: a mask that is drawn anew is moved anew.
        parameters = {"digest": _digest(job, masked)}
        known = job.known
        if known is not None and _is_done(job, known, (job.name, line["sha256"], parameters["digest"])):
            return known
        pixels = decode(data, Path(job.name).suffix, LIMITS, LIMITS.longest).pixels
        mask = None if masked is None else _mask(masked, pixels)
    except Unusable as error:
        aside = {"decision": manifest.ASIDE, "reason": str(error)}
        return line | aside | {"parameters": parameters, "seed": job.recipe.seed}
    copies = [_write(job, line["sha256"], copy, pixels, mask) for copy in range(job.recipe.copies + 1)]
    kept = {"decision": manifest.KEPT, "reason": "", "copies": copies}
    return line | kept | {"parameters": parameters, "seed": job.recipe.seed}


def _digest(job: Job, masked: bytes | None) -> str:
    digest = hashlib.sha256(job.recipe.to_toml().encode())
    digest.update(json.dumps(job.about, sort_keys=True).encode())
    digest.update(b"" if masked is None else hashlib.sha256(masked).digest())
    return digest.hexdigest()[:16]


def _is_done(job: Job, known: Line, key: manifest.Key) -> bool:
    if known["decision"] != manifest.KEPT or manifest.key_of(known) != key:
        return False
    files = [copy[what] for copy in known["copies"] for what in ("file", "mask") if what in copy]
    return all((job.out / file).is_file() for file in files)


def _mask_bytes(job: Job) -> bytes | None:
    path = job.folder / MASKS / f"{Path(job.name).stem}.png"
    try:
        return read_file(path, LIMITS) if path.exists() else None
    except Unusable as error:
        raise Unusable(f"its mask: {error}") from None


def _mask(data: bytes, pixels: Pixels) -> Labels:
    """Labels as they are stored: uint8, or uint16 as int32. Raises Unusable."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            if picture.size != (pixels.shape[1], pixels.shape[0]):
                wanted = f"{pixels.shape[1]} x {pixels.shape[0]}"
                raise Unusable(f"its mask is {picture.width} x {picture.height}, the picture {wanted}")
            labels = np.asarray(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unusable(f"its mask is damaged ({error})") from None
    if labels.ndim != 2:
        raise Unusable("its mask has colours; expected one number a pixel")
    return labels.astype(np.uint8) if labels.dtype in (np.bool_, np.uint8) else labels.astype(np.int32)


def _write(job: Job, sha256: str, copy: int, pixels: Pixels, mask: Labels | None) -> Line:
    """One copy on disk, and what the manifest says of it. Copy 0 is the picture itself."""
    augmentation = job.recipe.augmentation if copy else Augmentation(())
    # Of the picture and the copy alone, so that neither order nor neighbours matter.
    seed = hashlib.sha256(f"{job.recipe.seed}/{sha256}/{copy}".encode()).digest()[:16]
    rng = np.random.default_rng(int.from_bytes(seed, "big"))
    drawn = augmentation.draw(rng, 1, (pixels.shape[0], pixels.shape[1]))
    file = f"{job.stem}-{copy}.png"
    x = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1
    write_whole(job.out / file, _png(to_pixels(augmentation.pictures(x, drawn))[0]))
    line: Line = {"file": file, "drawn": _plain(drawn)}
    if mask is not None:
        moved = augmentation.masks(torch.from_numpy(mask)[None, None], drawn)[0, 0].numpy()
        line["mask"] = f"{MASKS}/{file}"
        write_whole(
            job.out / line["mask"], _png(moved if mask.dtype == np.uint8 else moved.astype(np.uint16))
        )
    if job.about is not None:
        line["people"] = [_moved(person, augmentation, drawn) for person in job.about["people"]]
    return line


def _png(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG")
    return out.getvalue()


def _plain(drawn: Drawn) -> dict[str, list[float]]:
    """The numbers of the operations that were applied."""
    return {
        step.operation.name: [round(float(number), 6) for number in step.numbers[0]]
        for step in drawn.steps
        if step.chosen[0]
    }


def _moved(person: Line, augmentation: Augmentation, drawn: Drawn) -> Line:
    """The same person with the boxes moved, to a hundredth of a pixel; null for one that left the picture."""
    moved = dict(person)
    for place in _places(person):
        box = augmentation.boxes(np.array([person[place]], dtype=np.float64), drawn)[0]
        there = box[0] < box[2] and box[1] < box[3]
        moved[place] = [round(float(side), 2) for side in box] if there else None
    return moved


def _places(person: Mapping[str, Any]) -> Iterator[str]:
    return (place for place in PLACES if person.get(place) is not None)
