"""The journal on disk: segments in a folder, each a header and then one line of JSON a command.

Every line has its checksum. A segment is never touched again: whoever starts, and whoever has filled one,
begins the next. Where a power cut has torn a line off, or a disk has changed a byte, the others still count.
"""

import json
import zlib
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that happened around the show and is no event of it: a page or the renderer lost and back,
    slow frames. Only reports read it."""

    now: float
    wall: float
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The session ended as it should, after `n` entries: there is nothing to go on with."""

    n: int
    now: float
    wall: float


Line = Header | Entry | Beat | Remark | Closed


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
        case Remark():
            table = {"remark": line.kind, "words": line.words, "now": line.now, "wall": _iso(line.wall)}
        case Closed():
            table = {"closed": line.n, "now": line.now, "wall": _iso(line.wall)}
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
    if "remark" in table:
        return Remark(now, wall, str(table["remark"]), str(table["words"]))
    if "closed" in table:
        return Closed(int(table["closed"]), now, wall)
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
    """What one process has written: from its start to its last sign of life, `last`, on its own clock.

    `last_wall` is the same moment in seconds since 1970. `closed`: it ended as it should.
    """

    header: Header
    entries: tuple[Entry, ...]
    last: float
    last_wall: float = 0.0
    remarks: tuple[Remark, ...] = ()
    closed: bool = False


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

    @property
    def ended(self) -> bool:
        """Whether it ended as it should, or never was."""
        return not self.sessions or self.sessions[-1].closed


def segments(folder: Path) -> list[Path]:
    """The segments of a folder, the oldest first."""
    return sorted(folder.glob("[0-9]" * 6 + ".jsonl"))


def night(folder: Path, back: int = 0) -> list[Path]:
    """The segments of the last night, or of one `back` before it: from the one that continues none."""
    found: list[Path] = []
    for path in reversed(segments(folder)):
        found.insert(0, path)
        header = _header_of(path)
        if header is not None and not header.continues:
            if back == 0:
                return found
            back, found = back - 1, []
    return found


def read(folder: Path, back: int = 0) -> Reading:
    """What can be read of the last night, or of one `back` before it. Nothing that stands in a file makes it
    raise; OSError where one cannot be had."""
    reader = _Reader()
    for path in night(folder, back):
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


@dataclass(slots=True)
class _Draft:
    """A session as far as it has been read."""

    header: Header
    last: float
    last_wall: float
    entries: list[Entry] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    closed: bool = False

    def session(self) -> Session:
        parts = tuple(self.entries), self.last, self.last_wall, tuple(self.remarks), self.closed
        return Session(self.header, *parts)


class _Reader:
    """Takes segments in order, sorts their lines into sessions, and keeps account of what is missing."""

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []
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
        self._count(line, where)
        if isinstance(line, Header) and not (
            self._drafts and self._drafts[-1].header.session == line.session
        ):
            self._drafts.append(_Draft(line, line.now, line.wall))
        if not self._drafts:
            self._problems.append(f"{where}: no header says when; left out")
            return
        draft = self._drafts[-1]
        match line:
            case Entry() if line.n > self._seen:  # what is not new was written again after a fault
                draft.entries.append(line)
            case Remark():
                draft.remarks.append(line)
        if not isinstance(line, Remark):
            self._seen = max(self._seen, line.n)
        if line.now >= draft.last:
            draft.last, draft.last_wall = line.now, line.wall
        draft.closed = isinstance(line, Closed)

    def _count(self, line: Line, where: str) -> None:
        if isinstance(line, Remark):
            return
        before = line.n - 1 if isinstance(line, Entry) else line.n
        if before > self._seen:
            self._problems.append(f"{where}: entries {self._seen + 1} to {before} are missing before it")

    def reading(self) -> Reading:
        return Reading(tuple(draft.session() for draft in self._drafts), tuple(self._problems))
