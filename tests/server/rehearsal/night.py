"""Nights for tests: a performance is played, and what the show was told is written down as a journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from server.night.journalfile import Beat, Closed, Entry, Header, Line, Remark, line_of
from server.night.restore import digest
from server.rehearsal.cast import Perfect
from server.rehearsal.performance import Performance
from server.rehearsal.room import Room
from show_control.events import Adopt, Event
from show_control.showfile import parse_show

BOOT = 5000.0
"""The monotonic clock when the night begins, and WALL in seconds since 1970."""
WALL = 1_790_000_000.0

Told = tuple[float, Event, str]
"""(seconds from the beginning, event, why it was refused)."""


def performed(text: str) -> list[Told]:
    """All that a perfect performance of a show file tells its show."""
    file = parse_show(text, "night.toml")
    performance = Performance(file, Room(Perfect(file.guests)))
    told: list[Told] = []
    receive = performance.show.receive

    def listen(event: Event, now: float, id: int = 0) -> object:
        reply = receive(event, now, id)
        told.append((now, event, reply.reason))
        return reply

    performance.show.receive = listen  # type: ignore[method-assign, assignment]
    for _ in performance.moments():
        pass
    return told


@dataclass
class Writer:
    """Writes a night, line by line. `boot` is the clock's reading at the beginning of a session."""

    folder: Path
    text: str
    n: int = 0
    wall: float = WALL
    boot: float = BOOT
    segment: int = 0

    def start(self, continues: bool = False) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.segment = len(list(self.folder.glob("*.jsonl"))) + 1
        shown = digest(self.text)
        self._put(Header(f"s{self.segment}", continues, self.n, self.boot, self.wall, shown, "c"))
        if not continues:
            self.told([(0.0, Adopt(self.text), "")], "start")

    def told(self, told: Sequence[Told], source: str = "page") -> None:
        for at, event, refused in told:
            self.n += 1
            self._put(
                Entry(self.n, self.boot + at, self.wall + at, source, event, id=self.n, refused=refused)
            )

    def refused(self, at: float, command: str, reason: str, source: str = "osc") -> None:
        self.n += 1
        self._put(Entry(self.n, self.boot + at, self.wall + at, source, None, 0, reason, command))

    def beat(self, at: float) -> None:
        self._put(Beat(self.n, self.boot + at, self.wall + at))

    def remark(self, at: float, kind: str, words: str) -> None:
        self._put(Remark(self.boot + at, self.wall + at, kind, words))

    def close(self, at: float) -> None:
        self._put(Closed(self.n, self.boot + at, self.wall + at))

    def _put(self, line: Line) -> None:
        with (self.folder / f"{self.segment:06}.jsonl").open("ab") as file:
            file.write(line_of(line))


def whole_night(folder: Path, text: str) -> None:
    """A night without an incident."""
    told = performed(text)
    writer = Writer(folder, text)
    writer.start()
    writer.told(told)
    writer.close(told[-1][0] + 3.0)


def crashed_night(folder: Path, text: str, at: float, gone: float, boot: float = 100.0) -> None:
    """The same, but that the show process dies `at` a time, is `gone` for a while, and then goes on."""
    told = performed(text)
    writer = Writer(folder, text)
    writer.start()
    writer.told([step for step in told if step[0] <= at])
    writer.beat(at)
    writer.wall, writer.boot = WALL + gone, boot - at
    header = Writer(folder, text, writer.n, WALL + at + gone, boot)
    header.start(continues=True)
    writer.segment = header.segment
    writer.told([step for step in told if step[0] > at])
    writer.close(told[-1][0] + 3.0)
