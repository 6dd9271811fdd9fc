"""`marrow convert` and `marrow info` as a technician meets them."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models import checkpoint
from models.convert import command
from models.convert.command import convert, convert_file
from models.convert.errors import ConvertError
from models.convert.info import info
from models.convert.reading import read

ROOT = Path(__file__).parents[3]
app = typer.Typer()
app.command()(convert)
app.command()(info)


def test_a_network_is_converted_and_described(fixtures: Path, tmp_path: Path) -> None:
    target = tmp_path / "net.safetensors"
    done = CliRunner().invoke(app, ["convert", str(fixtures / "sg2ada-32-cond-clamp.pkl"), "-o", str(target)])
    assert done.exit_code == 0, done.output
    told = CliRunner().invoke(app, ["info", str(target)])
    assert told.exit_code == 0
    for word in (
        "stylegan2, skip",
        "32 x 32 px, RGB",
        "78,915",
        "+-256",
        "b32.conv1",
        "stylegan2-ada-pytorch",
    ):
        assert word in told.output
    header = checkpoint.read_header(target)
    assert header.about["source"] == "sg2ada-32-cond-clamp.pkl"
    assert len(header.about["source sha256"]) == 64
    assert (header.c_dim, header.num_ws, len(header.layers)) == (3, 8, 7)


def test_it_lands_beside_the_file_when_nothing_else_is_said(fixtures: Path, tmp_path: Path) -> None:
    source = tmp_path / "mine.pkl"
    source.write_bytes((fixtures / "sg3t-32.pkl").read_bytes())
    assert CliRunner().invoke(app, ["convert", str(source)]).exit_code == 0
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["mine.pkl", "mine.safetensors"]


def test_a_refusal_is_one_line_and_a_status(tmp_path: Path) -> None:
    (tmp_path / "bad.pkl").write_bytes(b"\x80\x02cos\nsystem\n.")
    done = CliRunner().invoke(app, ["convert", str(tmp_path / "bad.pkl")])
    assert done.exit_code == 2
    assert 'it needs "os.system"' in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["bad.pkl"]


def test_info_of_a_foreign_file_says_how_to_convert(fixtures: Path) -> None:
    done = CliRunner().invoke(app, ["info", str(fixtures / "sg3t-32.pkl")])
    assert done.exit_code == 2
    assert "marrow convert" in done.output


@pytest.mark.parametrize(
    ("name", "target", "why"),
    [
        ("nothing.pkl", "out.safetensors", "no such file"),
        ("sg3t-32.pkl", "out.pkl", r"written as \.safetensors"),
        ("sg3t-32.pkl", "there.safetensors", "exists already"),
    ],
)
def test_what_makes_no_sense_is_refused_first(
    name: str, target: str, why: str, fixtures: Path, tmp_path: Path
) -> None:
    (tmp_path / "there.safetensors").write_bytes(b"kept")
    with pytest.raises(ConvertError, match=why):
        convert_file(fixtures / name, tmp_path / target)
    assert (tmp_path / "there.safetensors").read_bytes() == b"kept"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_reader_that_takes_too_long_is_given_up(fixtures: Path, tmp_path: Path) -> None:
    with pytest.raises(ConvertError, match="given up after 0 s"):
        convert_file(fixtures / "sg2ada-64.pkl", tmp_path / "out.safetensors", seconds=0.0)
    assert not list(tmp_path.iterdir())


def test_a_reader_that_dies_is_reported(
    fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ConvertError, match=r"died \(status 1\)"):
        convert_file(fixtures / "sg3t-32.pkl", tmp_path / "out.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_network_that_makes_no_picture_is_not_kept(
    fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        assert path.is_file()
        raise ConvertError("no picture")

    monkeypatch.setattr(command, "prove", refuse)
    with pytest.raises(ConvertError, match="no picture"):
        convert_file(fixtures / "sg3t-32.pkl", tmp_path / "out.safetensors")
    assert not list(tmp_path.iterdir())


def test_stopping_it_leaves_nothing_behind(
    fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(note: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_file(fixtures / "sg2ada-64.pkl", tmp_path / "out.safetensors", interrupt)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="limits are the system's")
def test_the_child_limits_its_own_memory() -> None:
    code = (
        "from models.convert import child; child.BASE_BYTES = 2**28; child.limit(0)\n"
        "try:\n    bytes(2**29)\nexcept MemoryError:\n    print('limited')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "limited"


def test_the_child_never_loads_torch(fixtures: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from models.convert import child\n"
        f"child.main(Path({str(fixtures / 'rosinality-32.pt')!r}), Path({str(tmp_path / 'n')!r}))\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-2:] == ['{"done": true}', "False"]


def test_progress_only_grows(fixtures: Path) -> None:
    heard: list[float] = []
    read(fixtures / "sg2ada-64.pkl", lambda note, share: heard.append(share))
    assert heard == sorted(heard)
    assert len(heard) > 5


def test_prove_refuses_pictures_that_are_not_finite(fixtures: Path, tmp_path: Path) -> None:
    found = read(fixtures / "sg3t-32.pkl")
    wild = {
        name: numbers * 1e30 if name.endswith("bias") else numbers for name, numbers in found.tensors.items()
    }
    wild["synthesis.layers.6.bias"] = wild["synthesis.layers.6.bias"] * float("nan")
    checkpoint.save_arrays(tmp_path / "w.safetensors", found.family, found.config, wild, {})
    with pytest.raises(ConvertError, match="finite"):
        command.prove(tmp_path / "w.safetensors")
    config = {**found.config, "channel_max": 8}
    checkpoint.save_arrays(tmp_path / "v.safetensors", found.family, config, found.tensors, {})
    with pytest.raises(ConvertError, match="is no network: its tensors do not fit"):
        command.prove(tmp_path / "v.safetensors")
