"""The last night: what journals that were really written, closed, cut off and damaged say of it."""

from pathlib import Path

import pytest

from server.doctor.finding import Level
from server.doctor.night import judge, look
from server.night.journalfile import Beat, Closed, Header, line_of

BEGUN = Header("a", False, 0, 10.0, 1_800_000_000.0, "", "")
ALIVE = Beat(0, 15.0, 1_800_000_005.0)
ENDED = Closed(0, 20.0, 1_800_000_010.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "journal").mkdir()
    return tmp_path / "journal"


def put(folder: Path, *lines: bytes) -> None:
    (folder / "000001.jsonl").write_bytes(b"".join(lines))


def told(folder: Path, marrow_runs: bool = False) -> list[tuple[Level, str, str]]:
    return [(finding.level, finding.what, finding.do) for finding in judge(look(folder), marrow_runs)]


def test_no_night_yet(tmp_path: Path) -> None:
    [(level, what, _)] = told(tmp_path / "nowhere")
    assert level is Level.OK
    assert "no journal of a night yet" in what
    assert list(tmp_path.iterdir()) == []


def test_a_night_that_ended_as_it_should(folder: Path) -> None:
    put(folder, line_of(BEGUN), line_of(ENDED))
    [(level, what, _)] = told(folder)
    assert level is Level.OK
    assert "January 2027" not in what  # a day and a time are enough
    assert "ended as it should" in what


def test_a_night_that_was_cut_off_is_a_note_with_the_way_to_begin_anew(folder: Path) -> None:
    put(folder, line_of(BEGUN), line_of(ALIVE))
    [(level, what, do)] = told(folder)
    assert level is Level.NOTE
    assert "did not end as it should" in what
    assert "marrow run --fresh" in do


def test_a_night_that_is_being_played_has_no_end_to_speak_of(folder: Path) -> None:
    put(folder, line_of(BEGUN), line_of(ALIVE))
    [(level, what, _)] = told(folder, marrow_runs=True)
    assert level is Level.OK
    assert "is being written" in what


def test_damage_is_a_note_with_the_place(folder: Path) -> None:
    put(folder, line_of(BEGUN), b"junk\n", line_of(ENDED)[:20])
    *_, (level, what, _) = told(folder)
    assert level is Level.NOTE
    assert "000001.jsonl line 2" in what
    assert "and 1 more" in what
