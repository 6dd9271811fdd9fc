"""A run on disk: what a tick leaves, and that stopping at any moment loses at most one."""

import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from models import checkpoint
from models.training.__main__ import app
from models.training.data import Pictures
from models.training.recipe import Recipe
from models.training.run import Run
from models.training.run_folder import Line, RunFolder, add_line, lines_of
from models.training.trainer import Trainer
from tests.models.training.toy_training import CONFIG, HERE, squares

UNTIL, TICK = 0.16, 0.032


def _run(path: Path, interrupted_at: float = UNTIL) -> None:
    """Twenty steps of eight pictures, with a tick every four."""

    def progress(kimg: float, line: Line) -> None:
        if kimg > interrupted_at:
            raise KeyboardInterrupt

    path.mkdir(exist_ok=True)
    # Sums depend on how many threads share them; other tests in this process may have changed the number.
    torch.set_num_threads(1)
    trainer = Trainer(CONFIG, Recipe(batch=8, augment="ada"), HERE)
    pictures = Pictures(squares(24), 0)
    run = Run(trainer, pictures, squares(12)[:0], RunFolder(path), {}, tick=TICK, keep=2, fakes=50)
    run.resume()
    run.train(UNTIL, progress, lambda text: None)


def _what_is_left(path: Path) -> dict[str, object]:
    timed = ("seconds", "s_per_kimg")
    left: dict[str, object] = {
        name: [{k: v for k, v in line.items() if k not in timed} for line in lines_of(path / name)]
        for name in ("log.jsonl", "measures.jsonl")
    }
    left |= {p.name: p.read_bytes() for p in path.glob("network*.safetensors")}
    return left | {p.name: p.read_bytes() for p in path.glob("sheet*.png")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "whole"
    _run(path)
    return path


def test_a_tick_leaves_a_line_a_sheet_the_network_and_a_state(whole: Path) -> None:
    folder = RunFolder(whole)
    log, measures = list(lines_of(folder.log)), list(lines_of(folder.measures))
    assert [line["kimg"] for line in log] == pytest.approx([TICK * n for n in range(1, 6)])
    assert {"G", "D", "sign", "sign_fake", "p", "spread", "s_per_kimg", "batch", "parts", "words"} <= set(
        log[0]
    )
    # Every second tick is kept, and the last.
    assert [line["kimg"] for line in measures] == pytest.approx([0.064, 0.128, 0.16])
    assert {"tier", "kid", "recall", "memorisation"} <= set(measures[0])
    assert checkpoint.read_header(folder.newest).about["kimg"] == pytest.approx(0.16)
    assert folder.state.exists()
    assert folder.sheet(0.16).exists()


def test_a_run_in_two_pieces_is_the_run_in_one(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _run(tmp_path / "pieces", UNTIL / 2)
    _run(tmp_path / "pieces")
    assert _what_is_left(tmp_path / "pieces") == _what_is_left(whole)


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_as_if_nothing_had_happened(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "killed"
    for lines in (1, 2, 4):
        worker = multiprocessing.get_context("spawn").Process(target=_run, args=(path,))
        worker.start()
        while worker.is_alive() and len(list(lines_of(path / "log.jsonl"))) < lines:
            time.sleep(0.01)  # until it has got so far; if it ends before, the run is whole
        if worker.pid is not None and worker.is_alive():
            os.kill(worker.pid, signal.SIGKILL)
        worker.join()
    _run(path)
    assert _what_is_left(path) == _what_is_left(whole)


def test_lines_of_a_lost_tick_are_taken_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for kimg in (4.0, 8.0, 12.0):
        add_line(folder.log, {"kimg": kimg})
    with folder.log.open("ab") as log:
        log.write(b'{"kimg": 1')
    folder.forget_after(8.0)
    assert [line["kimg"] for line in lines_of(folder.log)] == [4.0, 8.0]


def test_the_command_trains_says_what_it_does_and_goes_on(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = [
        "--data",
        str(folder),
        "--size",
        "16",
        "--batch",
        "4",
        "--channel-base",
        "64",
        "--tick",
        "0.02",
    ]
    for kimg in ("0.02", "0.04"):
        done = CliRunner().invoke(app, [str(out), *options, "--kimg", kimg, "--fakes", "50"])
        assert done.exit_code == 0, done.output
    assert "continuing at 0.0 kimg" in done.output
    about = json.loads((out / "run.json").read_text())
    assert about["data"] == {"folder": "data", "train": 12, "held_out": 10}
    assert about["recipe"]["augment"] == "diffaugment"
    assert about["target_kimg"] == 0.04
    assert [line["against"] for line in lines_of(out / "measures.jsonl")] == ["held-out"] * 2
    done = CliRunner().invoke(app, [str(out), *options[2:]])
    assert done.exit_code == 2
    assert "name it again, with --data" in " ".join(done.output.split())
    assert checkpoint.read_header(out / "network.safetensors").about["kimg"] == pytest.approx(0.04)


def test_the_command_grows_and_names_what_it_took_over(folder: Path, tmp_path: Path) -> None:
    options = ["--data", str(folder), "--batch", "4", "--kimg", "0.004", "--fakes", "50"]
    wide = ["--channel-base", "64", "--channel-min", "8"]
    small = CliRunner().invoke(app, [str(tmp_path / "small"), *options, *wide, "--size", "16"])
    assert small.exit_code == 0, small.output
    larger = ["--size", "32", "--from", str(tmp_path / "small")]
    grown = CliRunner().invoke(app, [str(tmp_path / "grown"), *options, *larger])
    assert grown.exit_code == 0, grown.output
    assert "tensors taken over" in grown.output
    header = checkpoint.read_header(tmp_path / "grown" / "network.safetensors")
    assert (header.config["channel_base"], header.config["channel_min"]) == (64, 8)


def test_the_command_refuses_in_one_sentence(folder: Path, tmp_path: Path) -> None:
    run = str(tmp_path / "run")
    for options, sentence in (
        (["--data", str(tmp_path)], "0 pictures found"),
        (["--data", str(folder), "--size", "17"], "size must be a power of two"),
        (["--data", str(folder), "--size", "16", "--augment", "none", "--p", "0.5"], "p goes with augment"),
        (["--data", str(folder), "--size", "16", "--from", str(folder)], "no state.safetensors in it"),
    ):
        done = CliRunner().invoke(app, [run, *options])
        assert done.exit_code == 2, done.output
        assert sentence in " ".join(done.output.split())
    assert not (tmp_path / "run").exists()


def test_without_a_folder_the_painter_paints_one(tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = ["--families", "2", "--size", "32", "--batch", "2", "--channel-base", "64", "--kimg", "0.002"]
    done = CliRunner().invoke(app, [str(out), *options, "--fakes", "50"])
    assert done.exit_code == 0, done.output
    data = json.loads((out / "run.json").read_text())["data"]
    assert (data["train"], data["held_out"]) == (8, 4)
