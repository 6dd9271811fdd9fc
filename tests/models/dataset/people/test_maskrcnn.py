"""Mask R-CNN: what is done with weights and with answers, with a stand-in for torchvision's network."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.dataset.people import SegmenterError, segmenter
from models.dataset.people.maskrcnn import PERSON, found_by, only_people

PICTURE = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)


def detections(height: int = 60, width: int = 80) -> dict[str, Tensor]:
    """Three people, the last with a mask of nothing, and a cup that is surer than all of them."""
    masks = torch.zeros(4, 1, height, width)
    masks[0, 0, 10:40, 5:25] = 0.9
    masks[1, 0, 20:50, 40:70] = 0.6
    masks[1, 0, 19, 40:70] = 0.3  # a soft edge
    masks[2, 0, 30:35, 60:64] = 0.99
    masks[3, 0, 5:9, 5:9] = 0.4
    labels = torch.tensor([PERSON, PERSON, 47, PERSON])
    return {"labels": labels, "scores": torch.tensor([0.97, 0.6, 0.99, 0.8]), "masks": masks}


class Heads(nn.Module):
    """Says the same of each picture, and losses that nobody asked for."""

    def forward(self, sizes: list[tuple[int, int]]) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        return [detections(*size) for size in sizes], {}


class Network(nn.Module):
    """Built as torchvision's: heads inside, whose answers it hands on."""

    def __init__(self) -> None:
        super().__init__()
        self.roi_heads = Heads()
        self.weight = nn.Parameter(torch.zeros(3))
        self.seen: list[Tensor] = []

    def forward(self, pictures: list[Tensor]) -> list[dict[str, Tensor]]:
        self.seen += pictures
        found, _ = self.roi_heads([tuple(picture.shape[1:]) for picture in pictures])
        assert not self.training
        return list(found)


@pytest.fixture
def torchvision(monkeypatch: pytest.MonkeyPatch) -> list[Network]:
    """Stands where torchvision would; the networks that were built of it."""
    built: list[Network] = []

    def maskrcnn_resnet50_fpn(weights: None, weights_backbone: None) -> Network:
        assert weights is None  # nothing is to be fetched
        assert weights_backbone is None
        built.append(Network())
        return built[-1]

    for name in ("torchvision", "torchvision.models", "torchvision.models.detection"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    detection: Any = sys.modules["torchvision.models.detection"]
    detection.maskrcnn_resnet50_fpn = maskrcnn_resnet50_fpn
    return built


def saved(path: Path, what: object) -> dict[str, str]:
    """Options that name a file and its digest."""
    torch.save(what, path)
    return named(path)


def named(path: Path) -> dict[str, str]:
    return {"weights": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_people_come_with_masks_boxes_and_scores(torchvision: list[Network], tmp_path: Path) -> None:
    options = saved(tmp_path / "w.pth", {"weight": torch.ones(3)})
    people = segmenter("maskrcnn", **options).people(PICTURE)
    (network,) = torchvision
    assert torch.equal(network.weight, torch.ones(3))
    (seen,) = network.seen
    np.testing.assert_allclose(seen.numpy(), PICTURE.transpose(2, 0, 1) / np.float32(255), rtol=1e-6)
    assert [person.box for person in people] == [(5, 10, 25, 40), (40, 20, 70, 50)]
    assert [person.score for person in people] == pytest.approx([0.97, 0.6])
    for person in people:
        assert person.mask.shape == PICTURE.shape[:2]
        assert person.mask.dtype == np.float32
    assert people[1].mask[19, 50] == pytest.approx(0.3)


@pytest.mark.parametrize(("least", "count"), [(0.0, 2), (0.6, 2), (0.61, 1), (0.98, 0)])
def test_the_least_score_is_followed(
    torchvision: list[Network], tmp_path: Path, least: float, count: int
) -> None:
    options = saved(tmp_path / "w.pth", {"weight": torch.ones(3)})
    assert len(segmenter("maskrcnn", least=least, **options).people(PICTURE)) == count


def test_things_are_left_out_before_masks_are_made_large() -> None:
    (kept,) = only_people([detections()], 0.7)
    assert kept["labels"].tolist() == [PERSON, PERSON]
    assert kept["scores"].tolist() == pytest.approx([0.97, 0.8])
    assert kept["masks"].shape == (2, 1, 60, 80)
    (nobody,) = only_people([detections()], 1.0)
    assert nobody["masks"].shape == (0, 1, 60, 80)
    assert found_by(lambda pictures: [nobody for _ in pictures], PICTURE) == []


def test_a_mask_that_leaves_its_range_is_brought_back() -> None:
    over = {"scores": torch.tensor([0.9]), "masks": torch.full((1, 1, 60, 80), 1.2)}
    (person,) = found_by(lambda pictures: [over for _ in pictures], PICTURE)
    assert person.mask.max() == 1.0


def test_the_file_must_be_the_one_that_was_named(torchvision: list[Network], tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    with pytest.raises(SegmenterError, match=r"w\.pth: cannot be read .*give the weights of torchvision"):
        segmenter("maskrcnn", weights=str(path), sha256="0")
    options = saved(path, {"weight": torch.ones(3)})
    with pytest.raises(SegmenterError, match=r"its sha256 is \w{64}, expected 0{64}: .* or damaged"):
        segmenter("maskrcnn", weights=str(path), sha256="0" * 64)
    assert torchvision == []  # what is not the file is not opened either
    upper = segmenter("maskrcnn", weights=str(path), sha256=options["sha256"].upper())
    assert upper.fingerprint == segmenter("maskrcnn", **options).fingerprint
    assert upper.fingerprint != segmenter("maskrcnn", least=0.4, **options).fingerprint


@pytest.mark.parametrize(
    "write",
    [
        lambda path: torch.save({"other": torch.ones(3)}, path),
        lambda path: torch.save({"weight": torch.ones(4)}, path),
        lambda path: torch.save(torch.ones(3), path),
        lambda path: torch.save([1, 2], path),
        lambda path: path.write_bytes(b"junk"),
        lambda path: path.write_bytes(b""),
        lambda path: torch.save({"weight": Path("x")}, path),  # more than tensors: never called
    ],
    ids=["other names", "another shape", "a tensor", "a list", "junk", "empty", "a foreign class"],
)
def test_what_are_no_weights_is_refused(
    torchvision: list[Network], tmp_path: Path, write: Callable[[Path], object]
) -> None:
    write(tmp_path / "w.pth")
    with pytest.raises(SegmenterError, match=r"w\.pth: not weights of maskrcnn_resnet50_fpn \(.+\)"):
        segmenter("maskrcnn", **named(tmp_path / "w.pth"))


@pytest.mark.parametrize(
    ("more", "said"),
    [({"least": 2}, "least is 2; expected a score from 0 to 1"), ({"least": "much"}, "cannot be made"),
     ({"lest": 0.5}, "lest")],
)  # fmt: skip
def test_options_that_are_none_are_refused(
    torchvision: list[Network], tmp_path: Path, more: dict[str, Any], said: str
) -> None:
    options = saved(tmp_path / "w.pth", {"weight": torch.ones(3)})
    with pytest.raises(SegmenterError, match=said):
        segmenter("maskrcnn", **options, **more)


def test_without_torchvision_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = saved(tmp_path / "w.pth", {"weight": torch.ones(3)})
    monkeypatch.setitem(sys.modules, "torchvision.models.detection", None)
    with pytest.raises(SegmenterError, match=r"install torchvision of the same build as torch, \d"):
        segmenter("maskrcnn", **options)
