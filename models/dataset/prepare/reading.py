"""The first stage: is it a photograph, what does it hold, and what is its hash."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.dataset.prepare.manifest import ASIDE
from models.dataset.prepare.near import hashes_of
from models.dataset.prepare.photograph import Photograph, Unusable, decode, read_file
from models.dataset.prepare.recipe import Read
from models.dataset.prepare.work import Result, jpeg

THUMB, LOOK = 160, 512
"""Long sides of the picture that is kept for sheets, and of the one that hash and colour are made of."""


def thumb_path(sha256: str) -> str:
    """Under the output folder."""
    return f"prepared/thumbs/{sha256[:16]}.jpg"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that was found, by its name under the folder; `known` are digests that need no second look."""

    file: str
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reading:
    """Work of the stage `read`."""

    photos: Path
    limits: Read

    def __call__(self, item: Unread) -> Result:
        path = self.photos / item.file
        try:
            data = read_file(path, self.limits)
        except Unusable as reason:
            return Result.aside(str(reason))
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 in item.known:
            return Result(sha256=sha256, known=True)
        try:
            photograph = decode(data, path.suffix, self.limits, min(LOOK, self.limits.longest))
        except Unusable as reason:
            return Result(ASIDE, str(reason), sha256=sha256)
        picture = Image.fromarray(photograph.pixels)
        plain, mirror = hashes_of(picture)
        picture.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS, reducing_gap=2.0)
        color = np.asarray(picture).reshape(-1, 3).mean(axis=0)
        thumb = thumb_path(sha256)
        fields = {
            "width": photograph.width, "height": photograph.height, "format": photograph.format,
            "notes": list(photograph.notes), "hash": f"{plain:016x}", "mirror": f"{mirror:016x}",
            "colour": [round(float(value), 1) for value in color], "files": [thumb],
        }  # fmt: skip
        return Result(fields=fields, files={thumb: jpeg(picture)}, sha256=sha256)


def reopen(photos: Path, file: str, sha256: str, limits: Read) -> Photograph:
    """A photograph that was read before. Raises Unusable, also when the file has changed since."""
    path = photos / file
    data = read_file(path, limits)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Unusable("the file has changed since it was read; run again")
    return decode(data, path.suffix, limits, limits.longest)
