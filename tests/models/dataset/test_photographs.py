"""Painted photographs: deterministic, not aligned, exactly labelled; and the folder of files and truth."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image, ImageOps
from typer.testing import CliRunner

from models.dataset.painter import paint_command
from models.dataset.people.orientation import inverse, turned_box, upright
from models.dataset.photographs import FEWEST, MOST, Photograph, photograph, tight
from models.dataset.photographs_folder import KINDS, altered, orders, write_photographs

app = typer.Typer()
app.command()(paint_command)


@pytest.fixture(scope="module")
def photographs() -> list[Photograph]:
    return [photograph(seed, 160) for seed in range(12)]


def test_the_same_seed_gives_the_same_bytes(photographs: list[Photograph]) -> None:
    again = photograph(3, 160)
    assert np.array_equal(again.image, photographs[3].image)
    assert np.array_equal(again.labels, photographs[3].labels)
    assert again.people == photographs[3].people


def test_another_size_is_the_same_scene() -> None:
    small, large = photograph(2, 160), photograph(2, 320)
    height, width = small.labels.shape
    halved = Image.fromarray(large.image).resize((width, height), Image.Resampling.BOX)
    assert np.abs(np.asarray(halved).astype(int) - small.image).mean() < 14
    coarse = np.asarray(Image.fromarray(large.labels).resize((width, height), Image.Resampling.NEAREST))
    assert (coarse == small.labels).mean() > 0.97


def test_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 64 px"):
        photograph(0, 63)


def test_people_are_those_of_the_labels(photographs: list[Photograph]) -> None:
    for photo in photographs:
        assert FEWEST <= len(photo.people) <= MOST
        assert set(np.unique(photo.labels)) == {0, *(person.label for person in photo.people)}
        assert photo.image.shape == (*photo.labels.shape, 3)
        assert max(photo.labels.shape) == 160
        for person in photo.people:
            mask = photo.labels == person.label
            assert person.box == tight(mask)
            assert 0.15 < person.visible <= 1
            x0, y0, x1, y1 = person.head
            # Nobody is in a photograph whose head cannot be seen.
            assert mask[y0:y1, x0:x1].mean() > 0.3


def test_photographs_are_not_aligned(photographs: list[Photograph]) -> None:
    middles = [
        (np.array(person.head[:2]) + person.head[2:]) / 2 / photo.labels.shape[::-1]
        for photo in photographs
        for person in photo.people
    ]
    assert (np.std(middles, axis=0) > (0.2, 0.1)).all()
    sizes = [p.head[2] - p.head[0] for photo in photographs for p in photo.people]
    assert max(sizes) > 1.8 * min(sizes)
    assert len({photo.labels.shape for photo in photographs}) > 2
    assert len({len(photo.people) for photo in photographs}) > 2


def test_people_hide_each_other(photographs: list[Photograph]) -> None:
    shares = [person.visible for photo in photographs for person in photo.people]
    assert min(shares) < 0.55
    assert max(shares) > 0.75


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_and_back(orientation: int) -> None:
    picture = np.arange(6 * 4).reshape(6, 4)
    stored = upright(picture, inverse(orientation))
    assert np.array_equal(upright(stored, orientation), picture)
    box = [0, 2, 1, 6]
    x0, y0, x1, y1 = map(int, turned_box(box, (6, 4), inverse(orientation)))
    part = upright(stored[y0:y1, x0:x1], orientation)
    assert np.array_equal(part, picture[2:6, 0:1])


@pytest.mark.parametrize("kind", KINDS)
def test_copies_move_their_people_along(photographs: list[Photograph], kind: str) -> None:
    photo = photographs[1]
    copy = altered(photo, kind, np.random.default_rng(0))
    assert copy.image.shape[:2] == copy.labels.shape
    assert [p.label for p in copy.people] == [p.label for p in photo.people]
    for before, after in zip(photo.people, copy.people, strict=True):
        mask = copy.labels == after.label
        assert after.box == tight(mask)
        x0, y0, x1, y1 = after.head
        a0, b0, a1, b1 = before.head
        assert mask[y0:y1, x0:x1].mean() == pytest.approx(
            (photo.labels == before.label)[b0:b1, a0:a1].mean(), abs=0.15
        )
    moved = {"resized", "cropped", "mirrored"}
    assert np.array_equal(copy.labels, photo.labels) == (kind not in moved)


def test_orders_are_shuffled_and_copies_point_to_originals() -> None:
    found = orders(60, 7, 0.3)
    assert [order.number for order in found] == list(range(78))
    copies = [order for order in found if order.kind]
    assert len(copies) == 18
    assert {order.kind for order in copies} == set(KINDS)
    by_number = {order.number: order for order in found}
    for copy in copies:
        assert copy.original is not None
        original = by_number[copy.original]
        assert (original.seed, original.kind) == (copy.seed, None)
    seeds = [order.seed for order in found if not order.kind]
    assert seeds != sorted(seeds)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("photographs")
    options = ["--photographs", "--count", "24", "--size", "128", "--duplicates", "0.5", "--workers", "2"]
    result = CliRunner().invoke(app, [str(out), *options])
    assert result.exit_code == 0, result.output
    return out


def truth(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_folder_holds_what_its_truth_says(folder: Path) -> None:
    lines = truth(folder)
    assert len(lines) == 36
    files = {path.name for path in folder.iterdir()} - {"masks", "truth.jsonl"}
    assert files == {line["file"] for line in lines}
    assert len({line["format"] for line in lines}) >= 4
    assert any(line["orientation"] > 1 for line in lines)
    for line in lines:
        with Image.open(folder / line["file"]) as picture:
            assert picture.size == (line["width"], line["height"])
            assert picture.getexif().get(0x0112, 1) == line["orientation"]
            progressive = bool(picture.info.get("progressive"))
            assert progressive == (line["format"] == "progressive")
            assert (picture.mode == "CMYK") == (line["format"] == "cmyk")
        with Image.open(folder / line["masks"]) as file:
            mask = np.asarray(file)
        assert mask.shape == (line["height"], line["width"])
        for person in line["people"]:
            assert tuple(person["box"]) == tight(mask == person["label"])


def test_sixteen_bits_are_sixteen_bits(tmp_path: Path) -> None:
    from models.dataset.photographs_folder import _encoded

    photo = photograph(0, 64)
    data = _encoded(photo.image, "png16", 1, 90)
    assert data[24] == 16  # the bit depth in a PNG's header


def test_an_upright_file_looks_like_its_photograph(folder: Path) -> None:
    turned = [line for line in truth(folder) if line["orientation"] > 1 and line["duplicate_of"] is None]
    assert turned
    for line in turned:
        with Image.open(folder / line["file"]) as picture:
            seen = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
        original = photograph(line["photo"], max(seen.shape[:2])).image
        assert original.shape == seen.shape
        assert np.abs(original.astype(int) - seen).mean() < 12


def test_exact_copies_are_exact_and_others_are_not(folder: Path) -> None:
    copies = [line for line in truth(folder) if line["duplicate_of"]]
    assert {line["kind"] for line in copies} == set(KINDS)
    for line in copies:
        same = (folder / line["file"]).read_bytes() == (folder / line["duplicate_of"]).read_bytes()
        assert same == (line["kind"] == "exact"), line["kind"]


@pytest.mark.slow
def test_the_number_of_workers_changes_no_byte(folder: Path, tmp_path: Path) -> None:
    done = list(write_photographs(tmp_path, 24, 128, 0, 0.5, 1))
    assert done == list(range(1, 37))
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("more", [("--photographs", "--size", "32"), ("--photographs", "--composites"),
                                  ("--duplicates", "0.5")])  # fmt: skip
def test_options_that_do_not_go_together_are_refused(tmp_path: Path, more: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [str(tmp_path / "out"), "--count", "1", *more])
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()
