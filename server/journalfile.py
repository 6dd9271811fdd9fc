"""The journal on disk: segments in a folder, each a header and then one line of JSON a command.

Every line has its checksum. A segment is never touched again: whoever starts, and whoever has filled one,
begins the next. Where a power cut has torn a line off, or a disk has changed a byte, the others still count.
"""

import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from show_control.eventfile import UnreadableEvent, decode, encode
from show_control.events import Event

FORMAT = "marrow journal 1"
_CHECK = len(',"crc":"01234567"}')


@dataclass(frozen=True, slots=True)
class Header:
    """What a segment's first line says. `session` is a name for the process that writes, new for each.

    `continues`: it goes on from the segment before, after a restart or because that one was full. `n` entries
    of the night come before it. Digests are SHA-256 of the show file and of the config; `now` and all times
    of a session are on its monotonic clock, `wall` is in seconds since 1970.
    """

    session: str
    continues: bool
    n: int
    now: float
    wall: float
    show: str
    config: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: the `event` with its `id` and where it came from or, without one, the `command` that was
    refused before it became an event. `refused` is the reason, "" where it was accepted.

    `n` counts from 1 through the night; `now` is the show's time.
    """

    n: int
    now: float
    wall: float
    source: str
    event: Event | None
    id: int = 0
    refused: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life between commands: the show was alive at `now`, after `n` entries."""

    n: int
    now: float
    wall: float


Line = Header | Entry | Beat


class Damaged(Exception):
    """A line that is torn, changed, or not ours."""


def line_of(line: Line) -> bytes:
    """The line with its checksum and end: ASCII, and JSON for any other program."""
    match line:
        case Header():
            table = {"format": FORMAT, "session": line.session, "continues": line.continues}
            table |= {
                "n": line.n,
                "now": line.now,
                "wall": _iso(line.wall),
                "show": line.show,
                "config": line.config,
            }
        case Entry():
            table = {"n": line.n, "now": line.now, "wall": _iso(line.wall), "source": line.source}
            if line.event is None:
                table["command"] = line.command
            else:
                table |= {"id": line.id, "event": encode(line.event)}
            if line.refused:
                table["refused"] = line.refused
        case Beat():
            table = {"beat": line.n, "now": line.now, "wall": _iso(line.wall)}
    body = json.dumps(table, separators=(",", ":"), allow_nan=False).encode("ascii")
    return b'%s,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))


def parse_line(line: bytes) -> Line:
    """The line, without its end, as what it says. Raises Damaged, which says why not."""
    body, check = line[:-_CHECK] + b"}", line[-_CHECK:]
    if check != b',"crc":"%08x"}' % zlib.crc32(body):
        raise Damaged("its checksum does not fit")
    try:
        table = json.loads(body)
        return _meaning(table)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Damaged(f"it is not of this format ({error})") from error
    except UnreadableEvent as error:
        raise Damaged(str(error)) from error


def _meaning(table: dict[str, Any]) -> Line:
    now, wall = float(table["now"]), datetime.fromisoformat(table["wall"]).timestamp()
    if "format" in table:
        if table["format"] != FORMAT:
            raise Damaged(f'expected the format "{FORMAT}", found "{table["format"]}"')
        session, marks = str(table["session"]), (str(table["show"]), str(table["config"]))
        return Header(session, table["continues"] is True, int(table["n"]), now, wall, *marks)
    if "beat" in table:
        return Beat(int(table["beat"]), now, wall)
    event = decode(table["event"]) if "event" in table else None
    return Entry(
        int(table["n"]),
        now,
        wall,
        str(table["source"]),
        event,
        int(table.get("id", 0)),
        str(table.get("refused", "")),
        str(table.get("command", "")),
    )


def _iso(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Session:
    """What one process has written: from its start to its last sign of life, `last`, on its own clock."""

    header: Header
    entries: tuple[Entry, ...]
    last: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The last night of a folder: its sessions in order, and what is wrong with it, each with file and line.

    Without a session there was no journal, or nothing of it can be read. `n` is the last entry's number.
    """

    sessions: tuple[Session, ...]
    problems: tuple[str, ...]

    @property
    def n(self) -> int:
        last = (session.entries[-1].n if session.entries else session.header.n for session in self.sessions)
        return max(last, default=0)


def segments(folder: Path) -> list[Path]:
    """The segments of a folder, the oldest first."""
    return sorted(folder.glob("[0-9]" * 6 + ".jsonl"))


def night(folder: Path) -> list[Path]:
    """The segments of the last night: from the last one that continues none."""
    found: list[Path] = []
    for path in reversed(segments(folder)):
        found.insert(0, path)
        header = _header_of(path)
        if header is not None and not header.continues:
            break
    return found


def read(folder: Path) -> Reading:
    """What can be read of the last night. Nothing that stands in a file makes it raise; OSError where one
    cannot be had."""
    reader = _Reader()
    for path in night(folder):
        reader.take(path)
    return reader.reading()


def _header_of(path: Path) -> Header | None:
    """The first line of a segment, or None where it cannot be read."""
    with path.open("rb") as file:
        first = file.readline(4096)
    try:
        line = parse_line(first.rstrip(b"\n"))
    except Damaged:
        return None
    return line if isinstance(line, Header) else None


class _Reader:
    """Takes segments in order, sorts their lines into sessions, and keeps account of what is missing."""

    def __init__(self) -> None:
        self._headers: list[Header] = []
        self._entries: list[list[Entry]] = []
        self._lasts: list[float] = []
        self._seen = 0
        self._problems: list[str] = []

    def take(self, path: Path) -> None:
        *whole, torn = path.read_bytes().split(b"\n")
        for number, text in enumerate(whole, 1):
            where = f"{path.name} line {number}"
            try:
                line = parse_line(text)
            except Damaged as damage:
                self._problems.append(f"{where}: {damage}; left out")
                continue
            self._sort(line, where)
        if torn:
            # It was never acknowledged: that takes its end.
            self._problems.append(f"{path.name} line {len(whole) + 1}: torn off, as by a power cut; left out")

    def _sort(self, line: Line, where: str) -> None:
        before = line.n - 1 if isinstance(line, Entry) else line.n
        if before > self._seen:
            self._problems.append(f"{where}: entries {self._seen + 1} to {before} are missing before it")
        if isinstance(line, Header):
            if not self._headers or line.session != self._headers[-1].session:
                self._headers.append(line)
                self._entries.append([])
                self._lasts.append(line.now)
        elif not self._headers:
            self._problems.append(f"{where}: no header says when; left out")
            return
        # What is not new was written again after a fault.
        elif isinstance(line, Entry) and line.n > self._seen:
            self._entries[-1].append(line)
        self._seen = max(self._seen, line.n)
        self._lasts[-1] = max(self._lasts[-1], line.now)

    def reading(self) -> Reading:
        parts = zip(self._headers, self._entries, self._lasts, strict=True)
        sessions = (Session(header, tuple(entries), last) for header, entries, last in parts)
        return Reading(tuple(sessions), tuple(self._problems))
