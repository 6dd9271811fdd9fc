"""The paint command: the files it writes, whatever the number of workers, and what it says without skia."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from models.dataset.painter import paint_command
from models.dataset.painting import paint

app = typer.Typer()
app.command()(paint_command)


def run(*arguments: str) -> None:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "people.jsonl").read_text(encoding="utf-8").splitlines()]


def test_paintings_masks_and_sheet(tmp_path: Path) -> None:
    run(str(tmp_path), "--count", "3", "--size", "96", "--seed", "40", "--workers", "1")
    names = ["00000.png", "00001.png", "00002.png"]
    assert set(contents(tmp_path)) == {*names, *(f"masks/{n}" for n in names), "people.jsonl", "sheet.png"}
    rows = lines(tmp_path)
    assert [(row["file"], row["seed"]) for row in rows] == list(zip(names, (40, 41, 42), strict=True))
    for row in rows:
        painting = paint(row["seed"], 96)
        assert np.array_equal(pixels(tmp_path / row["file"]), painting.image)
        mask = pixels(tmp_path / "masks" / row["file"])
        assert mask.dtype == np.uint8
        for entry, person in zip(row["people"], painting.people, strict=True):
            assert entry["role"] == person.role
            assert entry["box"] == list(person.box)
            assert np.array_equal(mask == entry["mask"], person.mask)
    assert pixels(tmp_path / "sheet.png").shape == (256, 3 * 256, 3)


@pytest.mark.parametrize("kind", [(), ("--composites",)])
def test_the_number_of_workers_changes_no_byte(tmp_path: Path, kind: tuple[str, ...]) -> None:
    for workers in ("1", "2"):
        run(str(tmp_path / workers), "--count", "3", "--size", "64", "--workers", workers, *kind)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_composites_four_a_family(tmp_path: Path) -> None:
    run(str(tmp_path), "--count", "2", "--size", "128", "--composites", "--workers", "1")
    rows = lines(tmp_path)
    assert [row["file"] for row in rows] == [f"{i:05d}.png" for i in range(8)]
    assert [row["seed"] for row in rows] == [0] * 4 + [1] * 4
    for row in rows:
        assert sorted(p["role"] for p in row["people"]) == ["brother", "dad", "mom", "sister"]
        picture = pixels(tmp_path / row["file"])
        assert picture.shape == (128, 128, 3)
        assert not picture[:28].any()  # the filter reaches three rows above row 32
    assert not (tmp_path / "masks").exists()


def test_importing_the_command_loads_neither_skia_nor_torch() -> None:
    code = "import sys, models.dataset.painter; print(sorted({'skia', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_skia_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "skia", None)
    result = CliRunner().invoke(app, [str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "libGL.so.1" in result.output
    assert "libegl1" in result.output
    assert result.output.count("\n") == 1
    assert not (tmp_path / "out").exists()
