"""`marrow evaluate` as its user meets it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner, Result

from models import checkpoint
from models.measures.command import evaluate
from models.measures.subject import Subject
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config

Pixels = NDArray[np.uint8]
app = typer.Typer()
app.command()(evaluate)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})


def write(folder: Path, pictures: Pixels) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index, pixels in enumerate(pictures):
        Image.fromarray(pixels).save(folder / f"{index:03d}.png")


@pytest.fixture(scope="module")
def data(train: Pixels, held_out: Pixels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write(folder, train[:30])
    write(folder / "held-out", held_out[:12].repeat(2, axis=1).repeat(2, axis=2))
    return folder


@pytest.fixture
def network(tiny: Path, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.safetensors"
    path.write_bytes(tiny.read_bytes())
    return path


@pytest.mark.slow
def test_it_writes_a_report_a_gallery_and_the_figures(network: Path, data: Path) -> None:
    done = run(network, "--data", data, "--fakes", 208, "--paths", 4)
    assert done.exit_code == 0, done.output
    assert "features B: three random networks at 64 px" in done.output
    assert "Only 12 pictures are held out" in done.output
    out = network.with_suffix(".evaluation")
    assert sorted(path.name for path in out.iterdir()) == ["evaluation.json", "gallery.png", "report.html"]

    found = json.loads((out / "evaluation.json").read_text())
    assert found["tier"].startswith("B: ")
    assert found["data"] == {"folder": str(data), "train": 30, "held_out": 12}
    assert found["fakes"] == 208
    assert found["real"]["pictures"] == 12
    assert found["kid"] > 10 * abs(found["real"]["kid"])
    assert found["precision"] == 0
    assert found["memorisation"]["passed"] is True
    assert set(found["path_length"]) == {"w, full", "w, end", "z, full"}
    assert all(path["mean"] > 0 for path in found["path_length"].values())
    assert 1 <= found["separability"]["w"] <= 2
    assert len(found["gallery"]) == 16
    assert all(len(row["training"]) == 3 for row in found["gallery"])

    page = (out / "report.html").read_text()
    assert "<svg" in page
    assert page.count("data:image/jpeg;base64,") == 2
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert page.count("B: three random networks") >= 3
    with Image.open(out / "gallery.png") as gallery:
        assert gallery.width > gallery.height / 2 > 300


def test_the_same_network_gets_the_same_figures(network: Path, data: Path) -> None:
    out = network.with_suffix(".evaluation")
    pages = []
    for _ in range(2):
        assert run(network, "--data", data, "--fakes", 12, "--paths", 2).exit_code == 0
        pages.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert pages[0] == pages[1]
    found = json.loads(pages[0]["evaluation.json"])
    assert found["separability"] is None


def test_without_held_out_pictures_it_goes_on(network: Path, train: Pixels, tmp_path: Path) -> None:
    write(tmp_path / "data", train[:16])
    done = run(network, "--data", tmp_path / "data", "--fakes", 12, "--paths", 0)
    assert done.exit_code == 0, done.output
    assert "No picture is held out" in done.output
    found = json.loads((network.with_suffix(".evaluation") / "evaluation.json").read_text())
    assert found["against"] == "training"
    assert found["memorisation_against"] == "leave-one-out"
    assert found["real"] is None
    assert found["path_length"] == {}
    assert "No picture is held out" in (network.with_suffix(".evaluation") / "report.html").read_text()


def test_a_grey_conditioned_network_is_measured(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = StyleGAN2Config(16, z_dim=8, w_dim=8, mapping_layers=1, channel_base=64, channel_max=8, c_dim=3,
                             img_channels=1)  # fmt: skip
    path = tmp_path / "grey.safetensors"
    checkpoint.save(path, "stylegan2", config.to_plain(), StyleGAN2(config).state_dict(), {"kimg": 0})
    done = run(path, "--data", data, "--fakes", 12, "--paths", 2)
    assert done.exit_code == 0, done.output


def test_more_latents_of_a_seed_begin_with_the_same(tiny: Path) -> None:
    subject = Subject(checkpoint.build(tiny)[1].eval(), seed=3)
    few, many = subject.latents(5), subject.latents(9)
    assert torch.equal(few.z, many.z[:5])
    assert torch.allclose(few.w, many.w[:5], atol=1e-6)
    painted = torch.cat(list(subject.paint(5)))
    assert painted.shape == (5, 3, 32, 32)
    assert not torch.equal(painted[0], painted[1])
    assert subject.pictures(few, [1], 16).shape == (1, 16, 16, 3)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--data", "/nowhere"], "/nowhere: no such folder"),
        (["--data", "EMPTY"], "0 pictures found"),
        (["--data", "DATA", "--inception", "/nowhere.pth"], "/nowhere.pth: cannot be read"),
        (["--data", "DATA", "--inception", "x.pth", "--features", "B"], "leave --features out"),
        (["--data", "DATA", "--inception-sha256", "00"], "goes with --inception"),
    ],
)
def test_what_it_cannot_do_is_said_in_a_sentence(
    network: Path, data: Path, tmp_path: Path, words: list[str], expected: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"DATA": str(data), "EMPTY": str(tmp_path / "empty")}
    done = run(network, *(places.get(word, word) for word in words))
    assert done.exit_code == 2
    assert expected in done.output
    assert not network.with_suffix(".evaluation").exists()


def test_a_network_that_is_not_there(data: Path, tmp_path: Path) -> None:
    done = run(tmp_path / "none.safetensors", "--data", data)
    assert done.exit_code == 2
    assert "no such file" in done.output
