"""The folder of recordings: what was recorded of sensors, a file each. Waits for the disk."""

from datetime import datetime
from pathlib import Path

from server.monitor.tape import Step, TapeError, parse

LONGEST_FILE = 100_000_000  # bytes
LISTED = 50


class Recordings:
    """Files such as 20261121-193000-table.jsonl, the newest first. All raise TapeError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """The newest; none where there is no folder yet."""
        return sorted((path.name for path in self.folder.glob("*.jsonl")), reverse=True)[:LISTED]

    def create(self, what: str, when: datetime) -> str:
        """An empty file for what is recorded, and its name."""
        plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in what).strip("-")[:60]
        name = f"{when:%Y%m%d-%H%M%S}-{plain or 'table'}.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / name).touch()
        except OSError as error:
            raise TapeError(f"nothing can be recorded in {self.folder} ({error.strerror})") from None
        return name

    def append(self, name: str, text: str) -> None:
        try:
            with (self.folder / name).open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise TapeError(
                f"{name}: the recording ended, for the disk took no more ({error.strerror})"
            ) from None

    def read(self, name: str) -> list[Step]:
        if name not in self.names():
            raise TapeError(f'there is no recording "{name[:80]}" in {self.folder}')
        path = self.folder / name
        try:
            if path.stat().st_size > LONGEST_FILE:
                raise TapeError(f"{name}: larger than {LONGEST_FILE // 1_000_000} MB")
            return parse(path.read_text(encoding="utf-8"), name)
        except OSError as error:
            raise TapeError(f"{name}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError as error:
            raise TapeError(f"{name}: byte {error.start} is not UTF-8 text") from None
