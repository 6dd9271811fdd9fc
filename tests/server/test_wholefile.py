"""Files that are written whole: what is there is all of the old or all of the new, and nothing beside it."""

import errno
import os
from pathlib import Path

import pytest

from server.wholefile import sync_folder, write_whole


def test_it_writes_and_writes_again(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_whole(path, b"[1]")
    assert path.stat().st_mode & 0o777 == 0o644
    path.chmod(0o600)
    write_whole(path, b"[2]")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"[2]", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    write_whole(path, b"[1]")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"[2]")
    assert path.read_bytes() == b"[1]"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "gone" / "a.json", b"")
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "gone")
