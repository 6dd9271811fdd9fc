"""`marrow import-clips`, from folders on disk to a show that plays them."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner

from models import atlas as atlases
from models.clips import known_points
from models.generator import Generator
from server.importing.clips import LEFT_OUT, import_clips
from show_control.clip import Clip
from show_control.events import Goto
from show_control.look import Look
from show_control.show import Show
from show_control.showfile import parse_show

app = typer.Typer()
app.command()(import_clips)
SHOW = """# our show
[clips]  # ours
old = { from = 7, to = 8, steps = 3 }  # kept

[safe]
walk = { still = 4 }

[[cue]]
number = "1"
name = "One"
look = { walk = { clips = ["old"] } }
"""
ENDS = {"drops": (1, 2), "apple": (2, 3), "clock": (4, 5)}


def save(root: Path, name: str, start: int, end: int, steps: int = 432, snapshot: str = "n.pkl") -> None:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, seed in (("source", start), ("dest", end)):
        np.save(folder / f"{file}.npy", np.random.default_rng(seed).standard_normal((1, 16)))
    (folder / "info.json").write_text(json.dumps({"name": name, "snapshot": snapshot, "steps": steps}))


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    for name, (start, end) in ENDS.items():
        save(tmp_path / "clips", name, start, end)
    return tmp_path / "clips"


def call(clips: Path, network: Path, *words: str) -> tuple[int, str, str]:
    """Exit status, and what was said on both streams."""
    result = CliRunner().invoke(app, [str(clips), "--network", str(network), *words])
    return result.exit_code, result.stdout, result.stderr


def test_points_go_into_the_atlas_and_clips_are_printed(clips: Path, network: Path) -> None:
    status, out, err = call(clips, network)
    assert status == 0
    assert tomllib.loads(out)["clips"] == {
        "apple": {"from": "@apple.from", "to": "@apple.to", "steps": 432},
        "clock": {"from": "@clock.from", "to": "@clock.to", "steps": 432},
        "drops": {"from": "@drops.from", "to": "@apple.from", "steps": 432},
    }
    assert "net.atlas.safetensors: 6 points of Z, of 3 clips" in err
    assert '{ clips = ["drops", "apple"] }  36.000 s at 24 steps a second' in err
    assert '{ clips = ["clock"] }  18.000 s at 24 steps a second' in err
    kept = known_points(network)
    assert sorted(kept) == sorted(f"{name}.{end}" for name in ENDS for end in ("from", "to"))
    for name, seeds in ENDS.items():
        for end, seed in zip(("from", "to"), seeds, strict=True):
            numbers = np.random.default_rng(seed).standard_normal(16)
            assert kept[f"{name}.{end}"].tobytes() == numbers.tobytes()


def test_where_clips_do_not_meet_is_told_with_the_distance(clips: Path, network: Path) -> None:
    apart = np.linalg.norm(
        np.random.default_rng(3).standard_normal(16) - np.random.default_rng(4).standard_normal(16)
    )
    _, _, err = call(clips, network, "--sequence", "drops, apple,clock")
    assert '{ clips = ["drops", "apple", "clock"] }  54.000 s' in err
    assert f"apple does not end where clock begins: {apart:.3g} apart in Z" in err
    assert err.count("does not end") == 1
    _, _, err = call(clips, network)
    assert err.count("does not end") == 1, "the first chain, and the next"


def test_a_sequence_that_names_no_clip_is_refused(clips: Path, network: Path) -> None:
    status, out, _ = call(clips, network, "--sequence", "drops,aple")
    assert status == 2
    assert 'there is no clip "aple". Did you mean "apple"?' in out
    assert not atlases.atlas_path(network).exists()


def test_clips_of_several_networks_are_told_of(clips: Path, network: Path) -> None:
    save(clips, "sea", 7, 8, snapshot="m.pkl")
    assert "saved from several networks, and look right in one: m.pkl, n.pkl" in call(clips, network)[2]


def test_a_show_file_takes_them_and_keeps_all_else(clips: Path, network: Path, tmp_path: Path) -> None:
    show = tmp_path / "show.toml"
    show.write_text(SHOW)
    assert call(clips, network, "-o", str(show))[:2] == (0, "")
    text = show.read_text()
    new = [line for line in text.splitlines() if line not in SHOW.splitlines()]
    assert new == [
        'apple = { from = "@apple.from", to = "@apple.to", steps = 432 }',
        'clock = { from = "@clock.from", to = "@clock.to", steps = 432 }',
        'drops = { from = "@drops.from", to = "@apple.from", steps = 432 }',
    ]
    assert [line for line in text.splitlines() if line in SHOW.splitlines()] == SHOW.splitlines()
    assert [path.read_text() for path in (tmp_path / "show.toml.backups").iterdir()] == [SHOW]
    call(clips, network, "-o", str(show))
    assert show.read_text() == text, "again changes nothing"


def test_a_file_that_is_not_there_is_made(clips: Path, network: Path, tmp_path: Path) -> None:
    call(clips, network, "-o", str(tmp_path / "clips.toml"))
    assert list(tomllib.loads((tmp_path / "clips.toml").read_text())["clips"]) == ["apple", "clock", "drops"]


def test_a_file_that_cannot_be_read_is_refused(clips: Path, network: Path, tmp_path: Path) -> None:
    (tmp_path / "show.toml").write_bytes(b"\xff")
    status, out, _ = call(clips, network, "-o", str(tmp_path / "show.toml"))
    assert (status, "it is not UTF-8" in out) == (2, True)


@pytest.mark.parametrize("text", ["clips = 3", "[clips", "[[clips]]\na = 1"])
def test_a_file_that_is_no_show_stays_as_it_is(clips: Path, network: Path, tmp_path: Path, text: str) -> None:
    show = tmp_path / "show.toml"
    show.write_text(text)
    status, out, _ = call(clips, network, "-o", str(show))
    assert (status, "cannot take [clips]" in out) == (2, True)
    assert show.read_text() == text
    assert not atlases.atlas_path(network).exists()


def test_bad_clips_are_left_out_and_named(clips: Path, network: Path) -> None:
    (clips / "apple" / "dest.npy").unlink()
    save(clips / "more", "clock", 8, 9)
    status, out, err = call(clips, network)
    assert status == LEFT_OUT
    assert sorted(tomllib.loads(out)["clips"]) == ["clock", "drops"]
    assert "dest.npy: missing; a clip has" in err
    assert '"clock" is the name of' in err
    assert err.count("left out: ") == 2


def test_when_none_is_good_nothing_is_written(clips: Path, network: Path) -> None:
    for name in ENDS:
        (clips / name / "info.json").write_text("{}")
    status, out, _ = call(clips, network)
    assert (status, "no clip was imported" in out, out.count("info.json: steps")) == (2, True, 3)
    assert not atlases.atlas_path(network).exists()


def test_a_point_that_is_there_makes_room_only_when_told_to(clips: Path, network: Path) -> None:
    call(clips, network)
    before = known_points(network)
    save(clips, "apple", 2, 30)
    status, _, err = call(clips, network)
    assert status == LEFT_OUT
    assert "@apple.to of the atlas is another point; rename the clip, or --replace" in err
    assert (known_points(network)["apple.to"] == before["apple.to"]).all()
    assert call(clips, network, "--replace")[0] == 0
    changed = known_points(network)
    assert [name for name in before if (changed[name] != before[name]).any()] == ["apple.to"]


def test_another_import_joins_what_is_there(clips: Path, network: Path, tmp_path: Path) -> None:
    call(clips, network)
    atlases.update(network, lambda now: replace(now, points={"home": torch.zeros(8, 16)}))
    save(tmp_path / "more", "sea", 5, 6)
    _, out, _ = call(tmp_path / "more", network)
    assert tomllib.loads(out)["clips"]["sea"] == {"from": "@clock.to", "to": "@sea.to", "steps": 432}
    assert list(atlases.read_names(network).points) == ["home"]


def test_what_was_imported_plays(clips: Path, network: Path, tmp_path: Path) -> None:
    path = tmp_path / "show.toml"
    path.write_text(SHOW.replace('["old"]', '["drops", "apple"]'))
    call(clips, network, "-o", str(path))
    file = parse_show(path.read_text(), "show.toml")
    walk = file.cues.every["1"].change.walk
    assert walk is not None
    assert walk.clips == (Clip("@drops.from", "@apple.from", 432), Clip("@apple.from", "@apple.to", 432))
    show = Show(file, 0.0)
    show.receive(Goto("1"), 0.0)
    look: Look = show.snapshot().at(36.0)
    assert look.latents == (("@apple.to", 1.0),)
    picture = Generator.load(network, device="cpu", style_from=16, backend="float32").synthesize([look])
    assert picture.std() > 0.0
