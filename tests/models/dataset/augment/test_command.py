"""The command: a folder in, a larger one out, the same however it was stopped."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from models.dataset.augment.command import augment
from models.dataset.augment.recipe import OPERATIONS
from models.dataset.prepare import manifest

SIDE = 40
app = typer.Typer()
app.command()(augment)


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--workers", "1"])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures, each with two people of a colour of their own, their masks and their boxes."""
    path = tmp_path / "in"
    (path / "masks").mkdir(parents=True)
    rng = np.random.default_rng(0)
    lines = []
    for index in range(3):
        picture = np.full((SIDE, SIDE, 3), 20, np.uint8)
        mask = np.zeros((SIDE, SIDE), np.uint8)
        people = []
        for label in (1, 2):
            x0, y0 = int(rng.integers(8, 14)) + 14 * (label - 1), int(rng.integers(8, 14))
            box = [x0, y0, x0 + 8, y0 + 16]
            mask[box[1] : box[3], box[0] : box[2]] = label
            picture[box[1] : box[3], box[0] : box[2]] = (200, 60 * label, 90)
            people.append({"role": "mom", "mask": label, "box": box, "head": [x0, y0, x0 + 8, y0 + 5]})
        Image.fromarray(picture).save(path / f"{index}.png")
        Image.fromarray(mask).save(path / "masks" / f"{index}.png")
        lines.append(json.dumps({"file": f"{index}.png", "size": SIDE, "people": people}))
    (path / "people.jsonl").write_text("\n".join(lines))
    return path


def test_each_picture_comes_with_its_copies_masks_boxes_and_a_sheet(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = call(folder, out, "--copies", 4, "--with", "flip", "--with", "translate", "--fill", "edge")
    assert done.exit_code == 0, done.output
    assert "15 pictures of 3" in done.output
    for index in range(3):
        np.testing.assert_array_equal(pixels(out / f"{index}-0.png"), pixels(folder / f"{index}.png"))
        np.testing.assert_array_equal(
            pixels(out / "masks" / f"{index}-0.png"), pixels(folder / "masks" / f"{index}.png")
        )
    lines = [json.loads(text) for text in (out / "people.jsonl").read_text().splitlines()]
    assert [line["file"] for line in lines] == [f"{i}-{copy}.png" for i in range(3) for copy in range(5)]
    assert len({(out / line["file"]).read_bytes() for line in lines}) == 15
    for line in lines:
        mask, picture = pixels(out / "masks" / line["file"]), pixels(out / line["file"])
        for person in line["people"]:
            own = mask == person["mask"]
            assert picture[own, 0].mean() > picture[mask == 0, 0].mean() + 80
            rows, columns = np.nonzero(own)
            seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            np.testing.assert_allclose(person["box"], seen, atol=1.01)
            assert person["head"][1] == person["box"][1]
    with Image.open(out / "sheet.png") as sheet:
        assert sheet.height > len(OPERATIONS) * 90
    written = list(manifest.Lines(out / "manifest" / "augment.jsonl"))
    assert [line["decision"] for line in written] == ["kept"] * 3
    assert set(written[0]["copies"][1]["drawn"]) <= {
        "flip", "translate", "crop", "brightness", "contrast", "saturation",
    }  # fmt: skip


@pytest.mark.slow
def test_workers_neighbours_and_a_second_run_change_nothing(folder: Path, tmp_path: Path) -> None:
    assert call(folder, tmp_path / "a").exit_code == 0
    before = contents(tmp_path / "a")
    stamps = {p: p.stat().st_mtime_ns for p in (tmp_path / "a").glob("?-?.png")}
    assert call(folder, tmp_path / "a").exit_code == 0
    assert contents(tmp_path / "a") == before
    assert {p: p.stat().st_mtime_ns for p in stamps} == stamps

    done = CliRunner().invoke(app, [str(folder), str(tmp_path / "b"), "--workers", "2"])
    assert done.exit_code == 0, done.output
    assert contents(tmp_path / "b") == before

    (folder / "1.png").unlink()
    assert call(folder, tmp_path / "c").exit_code == 0
    left = contents(tmp_path / "c")
    for name in left:
        if name.endswith(".png"):
            assert left[name] == before[name], name


def test_a_seed_makes_other_pictures(folder: Path, tmp_path: Path) -> None:
    for seed in (0, 1):
        assert call(folder, tmp_path / str(seed), "--seed", seed).exit_code == 0
    a, b = contents(tmp_path / "0"), contents(tmp_path / "1")
    assert a["0-0.png"] == b["0-0.png"]
    assert a["0-1.png"] != b["0-1.png"]


def test_what_is_missing_is_made_again_and_what_has_no_source_goes_aside(
    folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert call(folder, out).exit_code == 0
    before = contents(out)
    (out / "2-1.png").unlink()
    with (out / "manifest" / "augment.jsonl").open("ab") as torn:
        torn.write(b'{"name": "2.p')
    assert call(folder, out).exit_code == 0
    assert contents(out) == before

    (folder / "2.png").unlink()
    assert call(folder, out).exit_code == 0
    assert not list(out.glob("2-*.png"))
    assert (out / "earlier" / "2-1.png").read_bytes() == before["2-1.png"]
    assert (out / "earlier" / "masks" / "2-1.png").exists()


def test_a_mask_that_is_drawn_anew_is_moved_anew(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call(folder, out).exit_code == 0
    Image.fromarray(np.full((SIDE, SIDE), 7, np.uint8)).save(folder / "masks" / "0.png")
    assert call(folder, out).exit_code == 0
    assert set(np.unique(pixels(out / "masks" / "0-1.png"))) == {7}


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_in_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for index in range(3, 40):
        Image.fromarray(np.full((SIDE, SIDE, 3), index, np.uint8)).save(folder / f"{index}.png")
    assert call(folder, tmp_path / "whole").exit_code == 0
    out = tmp_path / "out"
    code = "import typer; from models.dataset.augment.command import augment; typer.run(augment)"
    line = [sys.executable, "-c", code, str(folder), str(out), "--workers", "1"]
    dice, killed = random.Random(0), 0
    for _ in range(2):
        process = subprocess.Popen(
            line, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        wanted = len(list(out.glob("*.png"))) + dice.randrange(5, 40)
        while process.poll() is None and len(list(out.glob("*.png"))) < wanted:
            time.sleep(0.001)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed
    assert call(folder, out).exit_code == 0
    after = {name: data for name, data in contents(out).items() if not name.endswith(".part")}
    assert after == contents(tmp_path / "whole")


def test_other_settings_do_not_mix_with_what_is_there(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call(folder, out, "--copies", 1).exit_code == 0
    done = call(folder, out, "--copies", 2)
    assert done.exit_code == 2
    assert "made with other settings" in done.output
    assert call(folder, out, "--recipe", out / "augment.toml").exit_code == 0


def test_files_that_are_no_pictures_end_in_reasons(folder: Path, tmp_path: Path) -> None:
    (folder / "a\n'quoted'.png").write_bytes(b"")
    (folder / "torn.png").write_bytes((folder / "0.png").read_bytes()[:60])
    (folder / "text.jpg").write_text("not a picture")
    (folder / "link.png").symlink_to(folder / "0.png")
    Image.new("CMYK", (30, 50)).save(folder / "cmyk.jpg")
    Image.new("RGB", (30, 30)).save(folder / "masked.png")
    Image.new("L", (31, 30)).save(folder / "masks" / "masked.png")
    Image.new("RGB", (30, 30)).save(folder / "coloured.png")
    Image.new("RGB", (30, 30)).save(folder / "masks" / "coloured.png")
    done = call(folder, tmp_path / "out")
    assert done.exit_code == 0, done.output
    lines = manifest.Lines(tmp_path / "out" / "manifest" / "augment.jsonl")
    reasons = {line["name"]: line["reason"] for line in lines if line["decision"] == manifest.ASIDE}
    assert reasons["a\n'quoted'.png"] == "empty (0 bytes)"
    assert "damaged" in reasons["torn.png"]
    assert reasons["text.jpg"] == "not a picture, though named .jpg"
    assert "link" in reasons["link.png"]
    assert reasons["masked.png"] == "its mask is 31 x 30, the picture 30 x 30"
    assert "its mask has colours" in reasons["coloured.png"]
    assert len(reasons) == 6
    assert "aside: a\\n'quoted'.png: empty (0 bytes)" in done.output
    with Image.open(tmp_path / "out" / "cmyk-1.png") as picture:
        assert (picture.mode, picture.size) == ("RGB", (30, 50))


def test_deep_masks_stay_deep_and_equal_stems_do_not_collide(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    (folder / "masks").mkdir(parents=True)
    Image.new("RGB", (8, 8), "red").save(folder / "a.jpg")
    Image.new("RGB", (8, 8), "blue").save(folder / "a.png")
    Image.fromarray(np.full((8, 8), 3000, np.uint16)).save(folder / "masks" / "a.png")
    assert call(folder, out, "--copies", 1).exit_code == 0
    assert {p.name for p in out.glob("a*.png")} == {"a-0.png", "a-1.png", "a~2-0.png", "a~2-1.png"}
    assert pixels(out / "a-0.png")[0, 0, 0] > 200
    assert pixels(out / "a~2-0.png")[0, 0, 2] > 200
    assert set(np.unique(pixels(out / "masks" / "a-1.png"))) == {3000}


def test_a_prepared_folder_gives_its_boxes_and_keeps_what_is_held_out(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    (folder / "held-out").mkdir(parents=True)
    (folder / "manifest").mkdir()
    Image.new("RGB", (16, 16)).save(folder / "x.png")
    Image.new("RGB", (16, 16)).save(folder / "held-out" / "y.png")
    lines = [
        {"path": "x.png", "boxes": [[0, 4, 4, 16]]},
        {"path": "held-out/y.png", "boxes": [[0, 4, 4, 16]]},
    ]
    (folder / "manifest" / "split.jsonl").write_bytes(b"".join(map(manifest.encode, lines)))
    assert call(folder, out, "--copies", 1).exit_code == 0
    written = [json.loads(text) for text in (out / "people.jsonl").read_text().splitlines()]
    assert [line["file"] for line in written] == ["x-0.png", "x-1.png"]
    assert written[0]["people"] == [{"box": [0, 4, 4, 16]}]
    assert not list(out.rglob("*y*"))


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        '{"file": "0.png"}',
        '{"file": "0.png", "people": [{"box": [1]}]}',
        '{"file": "0.png", "people": [{"box": [0, 0, NaN, 1]}]}',
    ],
)
def test_boxes_that_cannot_be_read_are_named(folder: Path, tmp_path: Path, line: str) -> None:
    (folder / "people.jsonl").write_text(line)
    done = call(folder, tmp_path / "out")
    assert done.exit_code == 2
    assert "people.jsonl:1: expected a line as" in done.output


def test_mistakes_are_one_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for words, said in (
        ((tmp_path / "empty", tmp_path / "out"), "no pictures found"),
        ((folder, folder), "choose another folder"),
        ((folder, tmp_path / "out", "--recipe", tmp_path / "none.toml"), "No such file"),
        ((folder, tmp_path / "out", "--with", "flop"), 'did you mean "flip"?'),
    ):
        done = call(*words)
        assert done.exit_code == 2, done.output
        assert said in done.output
        assert not (tmp_path / "out").exists()
