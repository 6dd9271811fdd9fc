"""Mask R-CNN (He 2017) as torchvision builds it, from weights that the user has and names by their digest."""

import hashlib
import pickle
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.dataset.people.segmenter import Person, SegmenterError, tight_box

if TYPE_CHECKING:
    from torch import Tensor

    Detections = Mapping[str, Tensor]
    """Of n things in a picture, a row each: labels, scores, and masks (n, 1, h, w) from 0 to 1."""

PERSON = 1
"""The number of the category in COCO."""


def digest_of(path: Path) -> str:
    """The sha256 of a file. Raises SegmenterError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SegmenterError(
            f"{path}: cannot be read ({error.strerror}); give the weights of torchvision's "
            "maskrcnn_resnet50_fpn as weights"
        ) from None


def load(path: Path, least: float) -> Any:
    """torchvision's network with the weights of a file; it finds people of at least the score `least`.

    Raises SegmenterError when torchvision is missing or was built for another torch, or the weights are not
    those of this network.
    """
    import torch

    try:
        from torchvision.models.detection import maskrcnn_resnet50_fpn
    except (ImportError, RuntimeError) as error:
        raise SegmenterError(
            'the segmenter "maskrcnn" needs torchvision: install torchvision of the same build as torch, '
            f"{torch.__version__} ({error})"
        ) from None
    network = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    # What a reader raises on bytes that are something else is not one of a few.
    except (pickle.UnpicklingError, struct.error, RuntimeError, TypeError, ValueError, AttributeError,
            LookupError, ArithmeticError, AssertionError, EOFError, OSError) as error:  # fmt: skip
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SegmenterError(f"{path}: not weights of maskrcnn_resnet50_fpn ({reason})") from None
    # Before masks are brought to the size of the picture: a laid table is a hundred things, 12 MB each.
    network.roi_heads.register_forward_hook(
        lambda _module, _given, made: (only_people(made[0], least), made[1])
    )
    return network.eval()


def only_people(pictures: "Sequence[Detections]", least: float) -> "list[Detections]":
    """Of what was found in each picture, the people who score at least `least`."""
    kept: list[Detections] = []
    for found in pictures:
        chosen = (found["labels"] == PERSON) & (found["scores"] >= least)
        kept.append({name: rows[chosen] for name, rows in found.items()})
    return kept


def found_by(
    network: "Callable[[list[Tensor]], Sequence[Detections]]", picture: NDArray[np.uint8]
) -> list[Person]:
    """Whom a network finds in an sRGB picture (h, w, 3), surest first; its masks are of that size."""
    import torch

    x = torch.from_numpy(picture.transpose(2, 0, 1).astype(np.float32) / 255)
    with torch.inference_mode():
        (answer,) = network([x])
    found = []
    for score, mask in zip(answer["scores"].tolist(), answer["masks"].numpy(), strict=True):
        full = np.ascontiguousarray(mask[0], np.float32).clip(0, 1)
        box = tight_box(full)
        if box is not None:
            found.append(Person(full, box, float(score)))
    return found


class MaskRCNNSegmenter:
    """People by torchvision's `maskrcnn_resnet50_fpn` with COCO weights from a local file."""

    name = "maskrcnn"

    def __init__(self, weights: str | Path, sha256: str, least: float = 0.5) -> None:
        """`sha256` is what the file must have, in hexadecimal; who scores less than `least` is left out.

        Raises SegmenterError, so that all that is wrong is said before a photograph is looked at.
        """
        path, self.sha256, self.least = Path(weights), sha256.lower(), float(least)
        if not 0 <= self.least <= 1:
            raise SegmenterError(f"least is {least}; expected a score from 0 to 1")
        found = digest_of(path)
        if found != self.sha256:
            raise SegmenterError(
                f"{weights}: its sha256 is {found}, expected {sha256}: it is another file, or damaged"
            )
        self._network = load(path, self.least)

    @property
    def fingerprint(self) -> str:
        return f"maskrcnn {self.sha256[:16]} {self.least:g}"

    def people(self, picture: NDArray[np.uint8], source: Path | None = None) -> list[Person]:
        """The people in an sRGB picture (h, w, 3); `source` is not looked at."""
        return found_by(self._network, picture)
