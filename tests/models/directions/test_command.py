"""`marrow directions`, from finding to learning, on a small network with random weights."""

import shutil
from pathlib import Path

import pytest
import torch
import typer
from PIL import Image
from typer.testing import CliRunner

from models import atlas as atlases
from models import checkpoint
from models.atlas import read_names
from models.directions import command
from models.directions.cloud import w_of_seeds

app = typer.Typer()
app.command()(command.directions)


@pytest.fixture
def network(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny, tmp_path / "net.safetensors"))


@pytest.fixture
def found(network: Path) -> Path:
    status, output = call(network, "--count", "2", "--centres", "3", "--samples", "200")
    assert (status, "4 directions, 3 centres" in output) == (0, True), output
    return network


def call(network: Path, *args: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(network), *args])
    return result.exit_code, result.output


def test_finding_writes_the_atlas_and_its_sheet(found: Path) -> None:
    assert read_names(found).directions == ("pca0", "pca1", "sefa0", "sefa1")
    assert read_names(found).centres == 3
    with Image.open(found.with_name("net.atlas.png")) as sheet:
        assert sheet.width > 2 * 5 * 32
        assert sheet.height > 4 * 32
    assert not list(found.parent.glob("*.part"))


def test_a_name_survives_another_run(found: Path) -> None:
    assert call(found, "--rename", "pca1=older", "--rename", "+sefa0=colder")[0] == 0
    assert read_names(found).directions == ("pca0", "older", "colder", "sefa1")
    before = atlases.load(found).directions["older"]
    status, output = call(found, "--count", "3", "--centres", "0", "--samples", "200")
    assert status == 0
    assert "2 named before and kept" in output
    assert read_names(found).directions == ("older", "colder", "pca0", "pca2", "sefa1", "sefa2")
    assert torch.equal(atlases.load(found).directions["older"].vector, before.vector)


def test_points_are_renamed_and_removed_too(found: Path) -> None:
    atlases.update(found, lambda now: atlases.Atlas(now.directions, {"a": torch.zeros(8, 16)}, now.centres))
    assert call(found, "--rename", "@a=@b")[0] == 0
    assert read_names(found).points == ("b",)
    assert call(found, "--remove", "@b", "--remove", "pca0")[0] == 0
    assert read_names(found) == atlases.AtlasNames(("pca1", "sefa0", "sefa1"), (), 3)


def test_points_of_z_too(found: Path) -> None:
    z = torch.zeros(16)
    atlases.update(
        found, lambda now: atlases.Atlas(now.directions, {}, now.centres, {"a.from": z, "a.to": z})
    )
    assert call(found, "--rename", "@a.from=@b.from")[0] == 0
    assert call(found, "--remove", "@a.to")[0] == 0
    assert list(read_names(found).latents) == ["b.from"]
    assert "point of Z" in call(found, "--list")[1]
    assert call(found, "--count", "1", "--centres", "0", "--samples", "200")[0] == 0
    assert list(read_names(found).latents) == ["b.from"]


def test_layers_limit_what_a_direction_moves(network: Path) -> None:
    call(network, "--count", "1", "--centres", "0", "--samples", "200", "--layers", "2-3")
    assert atlases.load(network).directions["pca0"].layers == (2, 3)


def test_the_list_shows_everything(found: Path) -> None:
    status, output = call(found, "--list")
    assert status == 0
    assert all(f"+{name}" in output for name in read_names(found).directions)
    assert "3 centres" in output


def test_the_sheet_can_be_drawn_anew(found: Path) -> None:
    sheet = found.with_name("net.atlas.png")
    sheet.unlink()
    assert call(found, "--sheet")[0] == 0
    assert sheet.exists()


def test_labelled_pictures_teach_a_direction(found: Path, tmp_path: Path) -> None:
    folder = tmp_path / "samples"
    assert call(found, "--sample", "120", str(folder))[0] == 0
    assert len(list(folder.glob("*.png"))) == 120
    _, built = checkpoint.build(found)
    w = w_of_seeds(built, range(120))
    normal = torch.randn(16, generator=torch.Generator().manual_seed(0))
    along = w @ normal
    lines = [f"{seed},{int(value > along.median())}" for seed, value in enumerate(along.tolist())]
    lines[5] = "5,"
    (folder / "labels.csv").write_text("\n".join(["seed,label", *lines]) + "\n")

    args = ("--learn", str(folder / "labels.csv"), "--samples", "200")
    status, output = call(found, *args, "--name", "smile")
    assert status == 0, output
    assert "1 samples have no label yet; learning from the other 119" in output
    assert "+smile: held-out accuracy" in output
    smile = atlases.load(found).directions["smile"]
    assert smile.about["samples"] == 119
    assert smile.about["accuracy"] > 0.8
    assert smile.vector @ normal > 0.6 * smile.vector.norm() * normal.norm()

    assert call(found, *args, "--name", "pure", "--without", "pca0,+sefa1")[0] == 0
    atlas = atlases.load(found).directions
    for other in ("pca0", "sefa1"):
        assert abs(float(atlas["pure"].vector @ atlas[other].vector)) < 1e-4
    assert atlas["pure"].about["without"] == ["pca0", "sefa1"]
    assert abs(float(smile.vector @ atlas["pca0"].vector)) > 1e-3


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--list", "--sheet"), "--list and --sheet: one thing at a time"),
        (("--name", "smile"), "go with --learn"),
        (("--rename", "pca0"), "expected OLD=NEW"),
        (("--rename", "pca7=older"), 'no direction "pca7" in the atlas; it has pca0'),
        (("--rename", "pca0=pca1"), "a name that finding gives"),
        (("--rename", "pca0=a b"), "cannot be a name"),
        (("--remove", "@nobody"), 'no point "nobody" in the atlas; it has none'),
        (("--layers", "3-9"), "within 0-7"),
        (("--layers", "x"), "expected a layer or a range"),
        (("--count", "17"), "expected 1 to 16"),
        (("--learn", "labels.csv"), "needs --name"),
        (("--learn", "labels.csv", "--name", "pca0"), "a name that finding gives"),
        (("--learn", "nowhere.csv", "--name", "smile"), "no such file"),
        (("--learn", "nowhere.csv", "--name", "smile", "--without", "sad"), 'no direction "sad"'),
        (("--sample", "0", "nowhere"), "expected 1 to 100000"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(
    found: Path, args: tuple[str, ...], words: str
) -> None:
    before = atlases.atlas_path(found).read_bytes()
    status, output = call(found, *args)
    assert status == 2
    assert words in output
    assert "Traceback" not in output
    assert atlases.atlas_path(found).read_bytes() == before


def test_without_an_atlas_the_list_says_how_to_make_one(network: Path) -> None:
    status, output = call(network, "--list")
    assert status == 2
    assert "make one with: marrow directions" in output


def test_a_damaged_atlas_is_refused_before_the_work(found: Path) -> None:
    path = atlases.atlas_path(found)
    path.write_bytes(path.read_bytes()[:-1])
    status, output = call(found)
    assert status == 2
    assert "damaged or cut short" in output


def test_ctrl_c_leaves_the_atlas_as_it_was(found: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    before = atlases.atlas_path(found).read_bytes()
    monkeypatch.setattr(command, "find", interrupted)
    status, output = call(found)
    assert status == 130
    assert "stopped" in output
    assert atlases.atlas_path(found).read_bytes() == before
