"""Mask R-CNN (He 2017) as torchvision builds it, from weights that the user has and names by their digest."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.dataset.people.segmenter import Person, SegmenterError, tight_box

PERSON = 1
"""The number of the category in COCO."""
_INSTALL = 'the segmenter "maskrcnn" needs torchvision: install torchvision of the same build as torch'


@lru_cache(maxsize=1)
def _network(path: Path, sha256: str) -> Any:
    """The network with the weights of a file whose digest must be `sha256`. Raises SegmenterError."""
    import torch

    try:
        from torchvision.models.detection import maskrcnn_resnet50_fpn
    except (ImportError, RuntimeError) as error:
        raise SegmenterError(f"{_INSTALL} ({error})") from None
    state = torch.load(path, map_location="cpu", weights_only=True)
    network = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None)
    network.load_state_dict(state)
    return network.eval()


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


class MaskRCNNSegmenter:
    """People by torchvision's `maskrcnn_resnet50_fpn` with COCO weights from a local file."""

    name = "maskrcnn"

    def __init__(self, weights: str | Path, sha256: str, least: float = 0.5) -> None:
        """`sha256` is what the file must have, in hexadecimal; who scores less than `least` is left out."""
        self.weights, self.sha256, self.least = Path(weights), sha256.lower(), least
        found = digest_of(self.weights)
        if found != self.sha256:
            raise SegmenterError(
                f"{weights}: its sha256 is {found}, expected {sha256}: it is another file, or damaged"
            )

    @property
    def fingerprint(self) -> str:
        return f"maskrcnn {self.sha256[:16]} {self.least:g}"

    def people(self, picture: NDArray[np.uint8], source: Path | None = None) -> list[Person]:
        """The people in an sRGB picture (h, w, 3); `source` is not looked at."""
        import pickle

        import torch

        try:
            network = _network(self.weights, self.sha256)
        except (RuntimeError, TypeError, AttributeError, pickle.UnpicklingError) as error:
            reason = str(error).splitlines()[0]
            raise SegmenterError(f"{self.weights}: not weights of maskrcnn_resnet50_fpn ({reason})") from None
        x = torch.from_numpy(picture.transpose(2, 0, 1).astype(np.float32) / 255)
        with torch.inference_mode():
            answer = network([x])[0]
        found = []
        for label, score, mask in zip(answer["labels"], answer["scores"], answer["masks"], strict=True):
            if int(label) != PERSON or float(score) < self.least:
                continue
            full = np.ascontiguousarray(mask[0].numpy(), np.float32).clip(0, 1)
            box = tight_box(full)
            if box is not None:
                found.append(Person(full, box, float(score)))
        return found
