"""What lies in a folder of photographs, and names that no terminal and no page trips over."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path


class FolderError(ValueError):
    """The folders cannot be used; the message says why."""


def check_folders(photos: Path, out: Path) -> None:
    """Raises FolderError unless `out` may be written to."""
    if not photos.is_dir():
        raise FolderError(f"{photos}: no such folder; name the folder of the photographs")
    if out.resolve() == photos.resolve() or out.resolve() in photos.resolve().parents:
        raise FolderError(f"{out}: holds the photographs; name another folder to write to")
    if out.exists() and not out.is_dir():
        raise FolderError(f"{out}: not a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / "manifest").is_dir():
        raise FolderError(f"{out}: not empty, and not made by this command; name a new folder")


def files_in(folder: Path, but: Path, skip: Collection[str] = ()) -> list[str]:
    """All that is no folder, by name under `folder` and in the order of the bytes of the names.

    Links are listed and never followed. The folder `but`, and folders called as in `skip`, are left out.
    """
    return sorted(_walk(folder, "", but.resolve(), skip), key=os.fsencode)


def _walk(folder: Path, under: str, but: Path, skip: Collection[str]) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = under + entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield name
            elif entry.name not in skip and Path(entry.path).resolve() != but:
                try:
                    yield from _walk(Path(entry.path), name + "/", but, skip)
                except PermissionError:
                    yield name  # a folder that may not be opened is reported like a file that may not be read


def shown(name: str) -> str:
    """A file name as one line of plain text."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").translate(_CONTROLS)


_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(0x80, 0xA0))} | {
    0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t",
}  # fmt: skip
