"""The show file on disk: saved whole or not at all, with what was there before, and never over others."""

import errno
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from server.editing.store import KEPT, ShowStore, StoreError

TEXT = '# a show\r\ntitle = "Abendessen für vier"\n'


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 19, 30)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "show.toml"
    path.write_bytes(TEXT.encode())
    return path


def names(store: ShowStore) -> list[str]:
    return sorted(path.name for path in store.backups.iterdir())


def touched(path: Path, text: str) -> None:
    """As an editor writes: by another file in its place."""
    other = path.with_suffix(".swp")
    other.write_bytes(text.encode())
    other.replace(path)


def test_it_reads_what_is_there_byte_for_byte(path: Path) -> None:
    store = ShowStore(path)
    assert (store.text, store.read()) == (TEXT, TEXT)
    assert not store.changed_on_disk()
    assert not store.backups.exists()


def test_it_saves_whole_and_keeps_what_was_there(path: Path) -> None:
    store = ShowStore(path, Clock())
    path.chmod(0o640)
    store.save("title = 1\r\n")
    assert path.read_bytes() == b"title = 1\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert (store.text, store.changed_on_disk()) == ("title = 1\r\n", False)
    assert names(store) == ["20261121-193000.toml"]
    assert (store.backups / "20261121-193000.toml").read_bytes() == TEXT.encode()
    assert sorted(one.name for one in path.parent.iterdir()) == ["show.toml", "show.toml.backups"]


def test_the_same_text_is_not_saved_again(path: Path) -> None:
    store = ShowStore(path)
    before = path.stat()
    store.save(TEXT)
    assert path.stat() == before
    assert not store.backups.exists()


def test_the_last_versions_are_kept(path: Path) -> None:
    clock = Clock()
    store = ShowStore(path, clock)
    (path.parent / "show.toml.backups").mkdir()
    (store.backups / "mine.toml").write_text("kept")
    for nth in range(KEPT + 3):
        store.save(f"version = {nth}\n")
        clock.now += timedelta(minutes=1)
    assert len(names(store)) == KEPT + 1
    assert (store.backups / "mine.toml").read_text() == "kept"
    oldest, newest = names(store)[0], names(store)[-2]
    assert (store.backups / oldest).read_text() == "version = 2\n"
    assert (store.backups / newest).read_text() == f"version = {KEPT + 1}\n"


def test_two_saves_in_one_second_are_two_backups(path: Path) -> None:
    store = ShowStore(path, Clock())
    for nth in range(3):
        store.save(f"version = {nth}\n")
    assert names(store) == ["20261121-193000-2.toml", "20261121-193000-3.toml", "20261121-193000.toml"]


@pytest.mark.parametrize("size", [len(TEXT.encode()), 3])
def test_it_refuses_to_save_over_what_others_changed(path: Path, size: int) -> None:
    store = ShowStore(path)
    theirs = "#" * size
    touched(path, theirs)
    assert store.changed_on_disk()
    with pytest.raises(StoreError, match=r"show\.toml is not saved: it was changed on disk by somebody else"):
        store.save("title = 2\n")
    assert path.read_text() == theirs
    assert not store.backups.exists()
    assert store.read() == theirs
    store.save("title = 2\n")
    assert path.read_text() == "title = 2\n"


def test_a_file_that_was_only_touched_has_not_changed(path: Path) -> None:
    store = ShowStore(path)
    touched(path, TEXT)
    assert not store.changed_on_disk()
    os.utime(path, (1, 1))
    store.save("title = 2\n")
    assert path.read_text() == "title = 2\n"


def test_a_link_stays_a_link(path: Path) -> None:
    link = path.parent / "tonight.toml"
    link.symlink_to(path)
    store = ShowStore(link)
    store.save("title = 2\n")
    assert link.is_symlink()
    assert path.read_text() == "title = 2\n"
    assert not store.changed_on_disk()


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot read .*none\.toml: No such file"):
        ShowStore(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"\xfc")
    with pytest.raises(StoreError, match="it is not UTF-8"):
        ShowStore(tmp_path / "latin.toml")


def test_a_file_that_is_gone_is_said(path: Path) -> None:
    store = ShowStore(path)
    path.unlink()
    for attempt in (store.changed_on_disk, store.read, lambda: store.save("title = 2\n")):
        with pytest.raises(StoreError, match=r"cannot read .*show\.toml: No such file"):
            attempt()
    assert store.text == TEXT


@pytest.mark.parametrize("failing", ["backup", "file"])
def test_a_full_disk_leaves_everything_as_it_was(
    path: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ShowStore(path)
    calls: list[int] = []

    def full(handle: int) -> None:
        calls.append(handle)
        if failing == "backup" or len(calls) == 3:  # the backup, its folder, the file
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"show\.toml is not saved: No space left on device, in "):
        store.save("title = 2\n")
    monkeypatch.undo()
    assert path.read_bytes() == TEXT.encode()
    assert store.text == TEXT
    assert not list(path.parent.rglob(".*"))
    store.save("title = 2\n")
    assert path.read_text() == "title = 2\n"


def test_where_folders_cannot_be_opened_it_saves_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    opened = os.open

    def files_only(name: str | Path, *how: int, **more: int) -> int:
        if Path(name).is_dir():
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(name))
        return opened(name, *how, **more)

    monkeypatch.setattr(os, "open", files_only)
    store = ShowStore(path)
    for nth in range(KEPT + 2):
        store.save(f"version = {nth}\n")
    assert path.read_text() == f"version = {KEPT + 1}\n"
    assert not store.changed_on_disk()
    assert len(names(store)) == KEPT


def test_what_is_no_text_is_not_saved(path: Path) -> None:
    with pytest.raises(StoreError, match=r"show\.toml is not saved: '.ud800' is no text"):
        ShowStore(path).save('title = "\ud800"')
    assert path.read_bytes() == TEXT.encode()
