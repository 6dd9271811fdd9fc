"""`marrow doctor` as it is called, on rigs that are well, broken and running."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import server
from server.doctor import running
from server.doctor.finding import Level
from tests.patience import PATIENCE

ROOT = Path(server.__file__).parent.parent
TOPICS = {
    "show", "software", "power", "pages", "films", "ports", "network", "OSC out", "clock", "disk", "machine",
    "last night", "picture",
}  # fmt: skip


def doctor(rig: Path, *words: str, **environment: str) -> tuple[int, str, dict[str, Any]]:
    """The exit status, what stands on the terminal, and what stands in the file."""
    out = rig.parent / "doctor.json"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "server",
            "doctor",
            "--config",
            str(rig / "config.toml"),
            "--json",
            str(out),
            *words,
        ],
        cwd=ROOT,
        env={**os.environ, "MARROW_CACHE": str(rig.parent / "cache"), "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout, json.loads(out.read_text())


def ports(rig: Path) -> tuple[int, int]:
    raw = tomllib.loads((rig / "config.toml").read_text())
    return raw["web"]["port"], raw["osc"]["port"]


def problems(plain: dict[str, Any]) -> list[dict[str, str]]:
    return [finding for finding in plain["findings"] if finding["level"] == Level.PROBLEM]


def test_a_rig_that_is_well_is_ready_and_was_not_changed(rig: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (rig, *rig.rglob("*"))}
    status, said, plain = doctor(rig)
    assert problems(plain) == []
    assert status == 0
    assert "Ready for doors" in said.splitlines()[-1]
    assert {finding["topic"] for finding in plain["findings"]} == TOPICS
    for finding in plain["findings"]:
        assert bool(finding["do"]) == (finding["level"] != Level.OK), finding
        assert finding["what"].endswith("."), finding
    assert {path: path.stat().st_mtime_ns for path in (rig, *rig.rglob("*"))} == before
    assert not (rig.parent / "cache").exists()


def test_a_broken_config_is_told_and_the_machine_is_looked_at_all_the_same(rig: Path) -> None:
    (rig / "config.toml").write_text("[web]\nprot = 8000\n")
    status, said, plain = doctor(rig)
    assert status == 1
    assert any("web.prot: unknown key" in finding["what"] for finding in problems(plain))
    assert {"software", "power", "films"} <= {finding["topic"] for finding in plain["findings"]}
    assert any("were not looked at" in finding["what"] for finding in plain["findings"])
    assert "before doors" in said.splitlines()[-1]


def test_a_network_that_is_damaged_is_told_and_not_painted_with(rig: Path) -> None:
    data = bytearray((rig / "net.safetensors").read_bytes())
    data[-1] ^= 1
    (rig / "net.safetensors").write_bytes(data)
    status, _, plain = doctor(rig)
    assert status == 1
    [finding] = problems(plain)
    assert "damaged or cut short" in finding["what"]
    [picture] = [finding["what"] for finding in plain["findings"] if finding["topic"] == "picture"]
    assert picture.startswith("No picture was tried")


def test_options_go_before_the_config(rig: Path) -> None:
    web, osc = ports(rig)
    (rig / "net.safetensors").unlink()  # one look less
    _, _, plain = doctor(rig, "--port", str(osc), "--osc-port", str(web), "--host", "203.0.113.7")
    found = [finding["what"] for finding in problems(plain) if finding["topic"] == "ports"]
    assert f"TCP port {osc}" in found[0]
    assert f"UDP port {web}" in found[1]
    assert f"TCP port {web}" in found[2]
    assert all("203.0.113.7 is no address of this machine" in what for what in found)


def test_a_file_that_cannot_be_written_is_told(rig: Path) -> None:
    (rig / "net.safetensors").unlink()
    words = ["--config", str(rig / "config.toml"), "--json", str(rig / "nowhere" / "doctor.json")]
    done = subprocess.run(
        [sys.executable, "-m", "server", "doctor", *words], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"cannot be written (No such file or directory)" in done.stdout.replace(b"\n", b" ")


@contextmanager
def playing(rig: Path, mood: str) -> Iterator[None]:
    """A show of this rig that runs, until the block is left."""
    words = [sys.executable, "-m", "tests.toy_show", str(rig / "config.toml"), mood]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL) as show:
        try:
            while True:
                assert show.poll() is None
                found = running.look("127.0.0.1", ports(rig)[0])
                if found is not None and (found.paints or found.state == "failed"):
                    break
                with pytest.raises(subprocess.TimeoutExpired):
                    show.wait(0.05)
            yield
        finally:
            show.kill()


def test_a_marrow_that_runs_is_known_and_not_disturbed(rig: Path) -> None:
    with playing(rig, "well"):
        status, _, plain = doctor(rig)
    assert problems(plain) == []
    assert status == 0
    what = {finding["topic"]: finding["what"] for finding in plain["findings"]}
    assert what["running"].startswith("It paints ")
    assert what["running"].endswith("32 pixels by toy on cpu.")
    held = [finding["what"] for finding in plain["findings"] if finding["topic"] == "ports"]
    assert [words.partition(" is ")[2] for words in held[:2]] == ["held by the Marrow that is running."] * 2
    assert "picture" not in what


def test_a_marrow_that_runs_without_a_picture_is_a_problem(rig: Path) -> None:
    with playing(rig, "broken"):
        status, _, plain = doctor(rig)
    assert status == 1
    [finding] = problems(plain)
    assert finding["topic"] == "running"
    assert "makes no pictures now" in finding["what"]
    assert "damaged; copy it again" in finding["what"]


def test_what_is_no_marrow_is_not_taken_for_one(rig: Path) -> None:
    web, _ = ports(rig)
    words = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", str(web)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=rig) as other:
        try:
            assert other.stdout is not None
            assert b"Serving" in other.stdout.readline()
            assert running.look("127.0.0.1", web) is None
            (rig / "net.safetensors").unlink()
            status, _, plain = doctor(rig)
        finally:
            other.kill()
    assert status == 1
    [finding] = [finding for finding in problems(plain) if finding["topic"] == "ports"]
    assert f"process {other.pid} (" in finding["what"]
    assert "http.server" in finding["what"]
    assert f"kill {other.pid}" in finding["do"]
