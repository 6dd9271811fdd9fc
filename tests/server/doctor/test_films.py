"""ffmpeg: the real one, none, and broken ones."""

from pathlib import Path

import pytest

from server.doctor import films
from server.doctor.films import Films, judge, look
from server.doctor.finding import Level


def broken(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ffmpeg").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def told(found: Films) -> str:
    [finding] = judge(found)
    assert finding.level is Level.NOTE
    assert "The show does not need it" in finding.do
    return finding.what


def test_without_ffmpeg_no_films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not installed" in told(look())


@pytest.mark.parametrize(
    ("script", "expected"),
    [("exit 3", "status 3"), ("while :; do :; done", "does not answer"), ("", "started")],
)
def test_a_broken_ffmpeg_is_found_out(
    script: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "WITHIN", 0.5)
    broken(tmp_path, script, monkeypatch)
    assert expected in told(look())


def test_one_without_h264_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(tmp_path, 'echo "ffmpeg version 7.0 Copyright (c) the FFmpeg developers"', monkeypatch)
    assert told(look()) == "ffmpeg version 7.0 cannot write H.264, which players expect."


def test_a_good_one_is_well() -> None:
    [finding] = judge(Films("ffmpeg version 7.0", h264=True))
    assert finding.level is Level.OK
