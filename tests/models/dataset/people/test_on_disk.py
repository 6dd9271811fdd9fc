"""Masks and boxes from disk: COCO's encodings, pictures of labels, GrabCut, turned photographs, refusals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.dataset.people import SegmenterError, segmenter
from models.dataset.people.on_disk import polygons, run_lengths
from models.dataset.people.orientation import TAG, inverse, turned_box, upright


def runs_of(mask: np.ndarray) -> list[int]:
    """The runs of a mask down its columns, from 0."""
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    lengths = np.diff([0, *edges, flat.size]).tolist()
    return [0, *lengths] if flat[0] else lengths


def text_of(runs: list[int]) -> str:
    """Runs as COCO's text, by the description of the format."""
    text = ""
    for i, run in enumerate(runs):
        value = run - runs[i - 2] if i > 2 else run
        while True:
            bits, value = value & 31, value >> 5
            more = not (value == 0 and not bits & 16) and not (value == -1 and bits & 16)
            text += chr(48 + (bits | (32 if more else 0)))
            if not more:
                break
    return text


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_run_lengths_both_ways(height: int, width: int, seed: int, share: float) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < share
    runs = runs_of(mask)
    assert np.array_equal(run_lengths(runs, height, width), mask)
    assert np.array_equal(run_lengths(text_of(runs), height, width), mask)


@given(st.text(max_size=30))
def test_any_text_is_a_mask_or_refused(text: str) -> None:
    try:
        mask = run_lengths(text, 5, 4)
    except ValueError:
        return
    assert mask.shape == (5, 4)


@pytest.mark.parametrize("runs", [[3], [21], [-1, 21], [10, 11], [2.5, 17.5], "", "P", "oo"])
def test_runs_that_do_not_add_up_are_refused(runs: Any) -> None:
    with pytest.raises(ValueError, match=r"run|part"):
        run_lengths(runs, 5, 4)


def test_a_polygon_covers_its_pixels() -> None:
    mask = polygons([[2, 1, 8, 1, 8, 6, 2, 6]], 10, 12)
    expected = np.zeros((10, 12), bool)
    expected[1:6, 2:8] = True
    assert (mask & expected).sum() == expected.sum()
    assert mask.sum() <= 1.6 * expected.sum()
    assert not mask[8:].any()


@pytest.mark.parametrize(
    "ring", [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7], [0, 0, float("nan"), 1, 1, 1], [[1, 2]]]
)
def test_what_is_no_polygon_is_refused(ring: Any) -> None:
    with pytest.raises(ValueError, match="polygon"):
        polygons([ring], 10, 10)


def write_photograph(path: Path, upright_picture: np.ndarray, orientation: int) -> None:
    exif = Image.Exif()
    exif[TAG] = orientation
    stored = np.ascontiguousarray(upright(upright_picture, inverse(orientation)))
    Image.fromarray(stored).save(path, exif=exif)


@pytest.fixture
def two() -> tuple[np.ndarray, np.ndarray]:
    """An upright picture 60 high and 40 wide, and its labels: a red block, a green one, on grey."""
    picture, labels = np.full((60, 40, 3), 120, np.uint8), np.zeros((60, 40), np.uint8)
    picture += np.random.default_rng(0).integers(0, 12, picture.shape, np.uint8)
    labels[10:50, 4:16], labels[20:55, 22:36] = 1, 2
    picture[labels == 1], picture[labels == 2] = (220, 30, 30), (30, 200, 40)
    return picture, labels


def coco(labels: np.ndarray, name: str) -> dict[str, Any]:
    height, width = labels.shape
    return {
        "images": [{"id": 5, "file_name": name, "height": height, "width": width}],
        "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {"id": 1, "image_id": 5, "category_id": 1, "score": 0.75,
             "segmentation": {"size": [height, width], "counts": text_of(runs_of(labels == 1))}},
            {"id": 2, "image_id": 5, "category_id": 1,
             "segmentation": {"size": [height, width], "counts": runs_of(labels == 2)}},
            {"id": 3, "image_id": 5, "category_id": 2, "segmentation": [[0, 0, 5, 0, 5, 5]]},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["coco", "labels"])
def test_masks_are_turned_as_their_photograph_is(
    tmp_path: Path, two: tuple[np.ndarray, np.ndarray], orientation: int, kind: str
) -> None:
    picture, labels = two
    source = tmp_path / "din ner.jpg"
    write_photograph(source, picture, orientation)
    stored = np.ascontiguousarray(upright(labels, inverse(orientation)))
    path = tmp_path / "masks"
    if kind == "coco":
        path.write_text(json.dumps(coco(stored, "din ner.jpg")))
    else:
        path.mkdir()
        Image.fromarray(stored).save(path / "din ner.png")
    found = segmenter("masks", path=str(path)).people(picture, source)
    assert [np.array_equal(p.mask, labels == i + 1) for i, p in enumerate(found)] == [True, True]
    assert [p.box for p in found] == [(4, 10, 16, 50), (22, 20, 36, 55)]
    assert [p.score for p in found] == ([0.75, 1.0] if kind == "coco" else [1.0, 1.0])


def test_masks_follow_a_picture_that_was_made_smaller(
    tmp_path: Path, two: tuple[np.ndarray, np.ndarray]
) -> None:
    picture, labels = two
    write_photograph(tmp_path / "a.jpg", picture, 1)
    Image.fromarray(labels.astype(np.uint16)).save(tmp_path / "a.png")
    found = segmenter("masks", path=str(tmp_path)).people(picture[::2, ::2], tmp_path / "a.jpg")
    assert [p.box for p in found] == [(2, 5, 8, 25), (11, 10, 18, 28)]


def test_the_fingerprint_follows_the_masks(tmp_path: Path, two: tuple[np.ndarray, np.ndarray]) -> None:
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(coco(two[1], "a.jpg")))
    first = segmenter("masks", path=str(path)).fingerprint
    assert segmenter("masks", path=str(path)).fingerprint == first
    path.write_text(json.dumps(coco(two[1], "b.jpg")))
    assert segmenter("masks", path=str(path)).fingerprint != first


def test_the_fingerprint_of_a_folder_follows_every_mask_in_it(
    tmp_path: Path, two: tuple[np.ndarray, np.ndarray]
) -> None:
    for name in ("a.png", "b.png"):
        Image.fromarray(two[1]).save(tmp_path / name)
    first = segmenter("masks", path=str(tmp_path)).fingerprint
    assert segmenter("masks", path=str(tmp_path)).fingerprint == first
    Image.fromarray(np.roll(two[1], 1, axis=0)).save(tmp_path / "b.png")
    assert segmenter("masks", path=str(tmp_path)).fingerprint != first
    Image.fromarray(two[1]).save(tmp_path / "b.png")
    assert segmenter("masks", path=str(tmp_path)).fingerprint == first
    (tmp_path / "b.png").rename(tmp_path / "c.png")
    assert segmenter("masks", path=str(tmp_path)).fingerprint != first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a COCO file"),
        ("[]", "not a COCO file"),
        ('{"images": [{"id": 1}], "annotations": []}', "file_name"),
        ('{"images": [], "annotations": [{"image_id": 9}]}', "not a COCO file"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_not_coco_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "coco.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SegmenterError, match=said):
        segmenter("masks", path=str(path))


def test_what_is_missing_or_wrong_is_said(tmp_path: Path, two: tuple[np.ndarray, np.ndarray]) -> None:
    picture, labels = two
    source = tmp_path / "a.jpg"
    write_photograph(source, picture, 1)
    data = coco(labels, "a.jpg")
    data["annotations"][0]["segmentation"]["counts"] = [3, 4]
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(data))
    masks = segmenter("masks", path=str(path))
    with pytest.raises(SegmenterError, match=r"annotation 1 of a\.jpg"):
        masks.people(picture, source)
    write_photograph(tmp_path / "b.jpg", picture, 1)
    with pytest.raises(SegmenterError, match="no picture of that name"):
        masks.people(picture, tmp_path / "b.jpg")
    with pytest.raises(SegmenterError, match="source"):
        masks.people(picture)
    folder = segmenter("masks", path=str(tmp_path))
    with pytest.raises(SegmenterError, match=r"mask of a\.jpg cannot be read"):
        folder.people(picture, source)
    Image.fromarray(picture).save(tmp_path / "a.png")
    with pytest.raises(SegmenterError, match="one channel"):
        folder.people(picture, source)
    Image.fromarray(labels[:30]).save(tmp_path / "a.png")
    with pytest.raises(SegmenterError, match="40 x 30 pixels"):
        folder.people(picture, source)


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_grabcut_finds_what_is_in_a_box(
    tmp_path: Path, two: tuple[np.ndarray, np.ndarray], orientation: int
) -> None:
    picture, labels = two
    source = tmp_path / "a.jpg"
    write_photograph(source, picture, orientation)
    drawn = [[2, 7, 18, 53], [20, 17, 38, 58]]
    boxes = [turned_box(box, labels.shape, inverse(orientation)) for box in drawn]
    (tmp_path / "boxes.json").write_text(json.dumps({"a.jpg": boxes}))
    cut = segmenter("grabcut", boxes=str(tmp_path / "boxes.json"))
    found = cut.people(picture, source)
    assert len(found) == 2
    for label, person in enumerate(found, start=1):
        truth, mask = labels == label, person.mask >= 0.5
        assert (truth & mask).sum() / (truth | mask).sum() > 0.9
    again = cut.people(picture, source)
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(found, again, strict=True))


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"a.jpg": [[1, 2, 3]]}', '{"a.jpg": [[9, 2, 3, 4]]}', '{"a.jpg": [[1, 2, 3, true]]}',
     '{"a.jpg": [[0, 0, NaN, 5]]}'],
)  # fmt: skip
def test_boxes_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "boxes.json").write_text(text)
    with pytest.raises(SegmenterError, match=r"boxes\.json"):
        segmenter("grabcut", boxes=str(tmp_path / "boxes.json"))


def test_grabcut_says_what_it_misses(tmp_path: Path, two: tuple[np.ndarray, np.ndarray]) -> None:
    write_photograph(tmp_path / "a.jpg", two[0], 1)
    (tmp_path / "boxes.json").write_text('{"b.jpg": [], "a.jpg": [[0, 0, 0.2, 0.2], [-50, -50, 500, 500]]}')
    cut = segmenter("grabcut", boxes=str(tmp_path / "boxes.json"))
    with pytest.raises(SegmenterError, match="has no boxes for it"):
        cut.people(two[0], tmp_path / "c.jpg")
    with pytest.raises(SegmenterError, match="source"):
        cut.people(two[0])
    # A box without pixels is nobody; one that holds the whole picture leaves nothing to learn from.
    assert len(cut.people(two[0], tmp_path / "a.jpg")) == 1
