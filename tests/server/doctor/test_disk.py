"""Disks: full, read-only, and the one that is here."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from server.doctor.disk import Folder, judge, look
from server.doctor.finding import Level

Elsewhere = Callable[[str, str], Any]

ASK = """
import json
from pathlib import Path
from server.doctor.disk import judge, look
folder = look("the journal", Path({folder!r}))
print(json.dumps([[f.level, f.what, f.do] for f in judge(folder, [], 10**6)]))
"""


def test_a_full_disk_is_a_problem(elsewhere: Elsewhere, tmp_path: Path) -> None:
    [[level, what, do]] = elsewhere(
        f"mount -t tmpfs -o size=16k none {tmp_path}", ASK.format(folder=str(tmp_path / "journal"))
    )
    assert level == Level.PROBLEM
    assert f"cannot be written to {tmp_path / 'journal'} (No space left on device)" in what
    assert "Make room" in do


def test_a_read_only_disk_is_a_problem(elsewhere: Elsewhere, tmp_path: Path) -> None:
    [[level, what, _]] = elsewhere(f"mount -t tmpfs -o ro none {tmp_path}", ASK.format(folder=str(tmp_path)))
    assert level == Level.PROBLEM
    assert "(Read-only file system)" in what


def test_a_disk_with_little_room_is_a_problem(elsewhere: Elsewhere, tmp_path: Path) -> None:
    found = elsewhere(f"mount -t tmpfs -o size=9m none {tmp_path}", ASK.format(folder=str(tmp_path)))
    assert [level for level, _, _ in found] == [Level.PROBLEM, Level.OK]
    assert "only 9 MB left for the journal" in found[0][1]


def test_a_folder_that_is_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file")
    [finding] = judge(look("the journal", tmp_path / "journal"), [], 1)
    assert finding.level is Level.PROBLEM


def test_a_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    found = look("the journal", tmp_path / "deep" / "journal")
    assert found.error == ""
    assert found.worst >= found.usual > 0
    assert list(tmp_path.iterdir()) == []


GOOD = Folder("the journal", Path("journal"), free=10**12, usual=0.001, worst=0.002)


def levels(folder: Folder | None, *others: Folder) -> list[Level]:
    return [finding.level for finding in judge(folder, others, most=10**9)]


def test_room_and_pace_are_judged() -> None:
    assert levels(GOOD) == [Level.OK, Level.OK]
    assert levels(replace(GOOD, free=5 * 10**8)) == [Level.NOTE, Level.OK]
    assert levels(replace(GOOD, worst=0.3)) == [Level.OK, Level.NOTE]
    assert levels(None) == [Level.NOTE]


def test_of_other_folders_nothing_stops_a_show() -> None:
    show = Folder("the show file", Path("shows"), free=10**12)
    assert levels(GOOD, show) == [Level.OK] * 3
    assert levels(GOOD, replace(show, free=1)) == [Level.OK, Level.OK, Level.NOTE]
    assert levels(GOOD, replace(show, error="Permission denied")) == [Level.OK, Level.OK, Level.NOTE]
