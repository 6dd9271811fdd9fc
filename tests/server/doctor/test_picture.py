"""The picture: painted for real, and by networks that hang, are cut short or paint nothing."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import torch

from models import checkpoint
from models.stylegan2 import StyleGAN2, StyleGAN2Config
from server.doctor import picture
from server.doctor.finding import Level
from server.doctor.picture import Painted, Picture, judge, look
from tests.patience import PATIENCE

ROOT = Path(picture.__file__).parents[2]
ENOUGH = 120.0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "PAINTED", 0.2)


SMALL = StyleGAN2Config(32, channel_base=512, channel_max=16)
LARGER = StyleGAN2Config(64, channel_base=512, channel_max=16)


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_each_network_is_painted_with_whatever_the_others_are(rig: Path) -> None:
    """One is good, the weights of one are no numbers, and those of one are of another network."""
    weights = StyleGAN2(SMALL).state_dict()
    none = {name: torch.full_like(tensor, torch.nan) for name, tensor in weights.items()}
    checkpoint.save(rig / "sea.safetensors", "stylegan2", SMALL.to_plain(), none, {"made": "here"})
    checkpoint.save(rig / "fire.safetensors", "stylegan2", LARGER.to_plain(), weights, {"made": "here"})
    config = rig / "config.toml"
    others = '[generator.networks]\nsea = "sea.safetensors"\nfire = "fire.safetensors"\n'
    config.write_text(config.read_text() + others)
    found = look(config, ENOUGH)
    assert found.status == 0
    main, sea, fire = found.painted
    assert (main.network, main.size, main.device, main.flat, main.refused) == ("main", 32, "cpu", False, "")
    assert main.backend.startswith("float32")
    assert main.fps > 1
    assert (sea.network, sea.flat) == ("sea", True)
    assert (fire.network, fire.fps) == ("fire", 0.0)
    told = [finding.what for finding in judge(found, fps=1) if finding.level is Level.PROBLEM]
    assert any("Network sea paints nothing but one colour" in what for what in told)
    assert any("Network fire cannot be painted" in what and "do not fit" in what for what in told)


@pytest.mark.usefixtures("quick")
def test_what_former_starts_have_found_out_is_used_and_left_as_it_is(
    rig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    (kept / "openvino").mkdir(parents=True)
    (kept / "openvino" / "graph.bin").write_bytes(b"graph" * 30_000)
    (kept / "backends.json").write_text("{}")
    before = {path: path.stat().st_mtime_ns for path in (kept, *kept.rglob("*"))}
    monkeypatch.setenv("MARROW_CACHE", str(kept))
    config = rig / "config.toml"
    config.write_text(config.read_text().replace('backend = "float32"', ""))
    assert look(config, ENOUGH).status == 0
    assert {path: path.stat().st_mtime_ns for path in (kept, *kept.rglob("*"))} == before


def never(rig: Path) -> None:
    """A network file that is never read to its end, as on a drive that is gone."""
    (rig / "net.safetensors").unlink()
    os.mkfifo(rig / "net.safetensors")


def test_a_network_that_hangs_is_given_up_and_nothing_is_left_running(rig: Path) -> None:
    never(rig)
    found = look(rig / "config.toml", within=4.0)
    assert found.status is None
    assert painters() == []
    finding, *_ = judge(found, fps=30)
    assert finding.level is Level.PROBLEM
    assert "No end after 4 s; it hung while it was reading the files" in finding.what


def painters(of: int | None = None) -> list[psutil.Process]:
    found = []
    for process in psutil.Process(of).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # others come and go meanwhile
            if "server.doctor.painting" in process.cmdline():
                found.append(process)
    return found


def test_a_process_that_is_killed_is_told_of(rig: Path) -> None:
    never(rig)
    found: list[Picture] = []
    looking = threading.Thread(target=lambda: found.append(look(rig / "config.toml", ENOUGH)))
    looking.start()
    while not (alive := painters()):
        looking.join(0.05)
    alive[0].kill()
    looking.join(PATIENCE)
    assert found[0].status == -signal.SIGKILL
    finding, *_ = judge(found[0], fps=30)
    assert finding.level is Level.PROBLEM
    assert "SIGKILL" in finding.what
    assert "out of memory" in finding.what


def test_a_doctor_that_is_killed_leaves_nobody_behind(rig: Path) -> None:
    never(rig)
    config = str(rig / "config.toml")
    code = f"from pathlib import Path; from server.doctor.picture import look; look(Path({config!r}))"
    scratch = {**os.environ, "TMPDIR": str(rig)}  # nobody is left to tidy it up
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=scratch) as doctor:
        # It listens for its parent's end once it has begun to read.
        while not (alive := [p for p in painters(doctor.pid) if p.num_threads() > 1]):
            assert doctor.poll() is None
            threading.Event().wait(0.05)
        doctor.kill()
    psutil.wait_procs(alive, timeout=PATIENCE)
    assert not alive[0].is_running()


def told(*painted: Painted, status: int = 0, gpus: tuple[str, ...] = ()) -> list[tuple[Level, str]]:
    picture = Picture(painted, "painting, network main", status, 1.0, "KeyError: 'x'", gpus)
    return [(finding.level, finding.what) for finding in judge(picture, fps=30)]


def test_pictures_a_second_are_judged() -> None:
    fast = Painted("main", 60.0, 128, "openvino bfloat16", "cpu")
    assert told(fast)[0] == (
        Level.OK,
        "Network main comes to 60 pictures a second: 128 pixels by openvino bfloat16 on cpu.",
    )
    assert told(Painted("main", 14.2, 512, "float32", "cpu"))[0][0] is Level.NOTE
    assert told(Painted("main", 2.5, 1024, "float32", "cpu"))[0][0] is Level.PROBLEM


def test_a_graphics_card_that_does_nothing_is_a_note() -> None:
    card = ("GPU 0: NVIDIA GeForce RTX 4070",)
    assert [level for level, _ in told(Painted("main", 60.0, 128, "half", "cpu"), gpus=card)] == [
        Level.OK,
        Level.NOTE,
    ]
    assert [level for level, _ in told(Painted("main", 60.0, 128, "half", "cuda:0"), gpus=card)] == [Level.OK]


def test_a_mistake_of_the_process_is_told_in_its_own_words() -> None:
    [(level, what)] = told(status=1)
    assert level is Level.PROBLEM
    assert "KeyError: 'x'" in what
