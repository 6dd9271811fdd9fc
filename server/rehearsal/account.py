"""What is to be said of a night: each cue's planned and true time, and all that did not go as it should."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from server.night.journalfile import Reading
from server.night.restore import played
from server.rehearsal.cast import Perfect
from server.rehearsal.log import Entry
from server.rehearsal.logged import NOT_SAID
from server.rehearsal.performance import Performance
from server.rehearsal.replay import Replay, shifts
from server.rehearsal.room import Room
from show_control.actions import Line
from show_control.errors import ShowFileError
from show_control.look import MAIN
from show_control.showfile import ShowFile, parse_show

BY_HAND = ("note", "panic", "hold", "take", "skip", "goto", "back", "stop")
"""What an operator does that is worth a line in the report."""


@dataclass(frozen=True, slots=True)
class Played:
    """One playing of a cue. Times are seconds from the first GO; `planned` ones are those of a rehearsal with
    perfect speech. None: it was not planned, not played, or not complete.

    listed  it is a cue of the list, not one of a group
    """

    number: str
    name: str
    kind: str
    listed: bool
    planned: float | None = None
    planned_lasts: float | None = None
    at: float | None = None
    lasts: float | None = None
    outcome: str = ""

    @property
    def late(self) -> float | None:
        return None if self.at is None or self.planned is None else self.at - self.planned


@dataclass(frozen=True, slots=True)
class Incident:
    """`at` seconds from the first GO; before it, less than 0."""

    at: float
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Account:
    """A night. `began` is in seconds since 1970, `lasted` in seconds of the show's time; `closed`: it ended
    as it should. `first_go`: seconds from the beginning to the first GO. `problems` are the journal's.
    """

    title: str
    began: float
    lasted: float
    first_go: float
    closed: bool
    cues: tuple[Played, ...]
    incidents: tuple[Incident, ...]
    problems: tuple[str, ...]


def account(reading: Reading) -> Account:
    """Raises ReplayError where the journal cannot be played again."""
    again = Replay(reading)
    entries = [entry for moment in again.moments() for entry in moment.entries]
    sessions = reading.sessions
    file = _last_file(reading) or again.file
    go = first_go(entries)
    remarks = (
        Incident(remark.now + shift - again.began - go, remark.kind, remark.words)
        for session, shift in zip(sessions, shifts(sessions), strict=True)
        for remark in session.remarks
    )
    incidents = sorted((*incidents_of(entries, go), *remarks), key=lambda incident: incident.at)
    return Account(
        title=file.title,
        began=sessions[0].header.wall,
        lasted=again.ends - again.began,
        first_go=go,
        closed=reading.ended,
        cues=compared(planned(file), cues_of(entries, file, go)),
        incidents=tuple(incidents),
        problems=reading.problems,
    )


def _last_file(reading: Reading) -> ShowFile | None:
    """The show file as it was in the end."""
    try:
        return parse_show(played(reading.sessions)[-1], "the journal's show file")
    except ShowFileError:
        return None


def planned(file: ShowFile) -> tuple[Played, ...]:
    """Its cues in a rehearsal with perfect speech."""
    performance = Performance(file, Room(Perfect(file.guests)), networks=(MAIN, *file.networks))
    entries = [entry for moment in performance.moments() for entry in moment.entries]
    return cues_of(entries, file, first_go(entries))


def first_go(entries: Iterable[Entry]) -> float:
    """When the first cue acted or began to wait, in the log's time; 0 where none did."""
    return next((entry.at for entry in entries if entry.what in ("wait", "act", "disarmed")), 0.0)


def cues_of(entries: Iterable[Entry], file: ShowFile, go: float) -> tuple[Played, ...]:
    """Every playing of a cue, in order of time."""
    rows: list[Played] = []
    running: dict[str, int] = {}
    for entry in entries:
        if entry.what in ("act", "disarmed"):
            running[entry.cue] = len(rows)
            listed = file.cues.get(entry.cue) is not None
            outcome = "disarmed" if entry.what == "disarmed" else ""
            at = entry.at - go
            rows.append(Played(entry.cue, entry.words, entry.kind, listed, at=at, outcome=outcome))
        elif entry.cue in running and entry.what in ("failed", "done", "stopped"):
            place = running[entry.cue]
            row = rows[place]
            if entry.what == "failed":
                rows[place] = replace(row, outcome=f"failed: {entry.words}")
                continue
            del running[entry.cue]
            said = "stopped" if entry.what == "stopped" else entry.words
            rows[place] = replace(row, lasts=entry.at - go - (row.at or 0.0), outcome=row.outcome or said)
    return tuple(rows)


def compared(plan: Sequence[Played], night: Sequence[Played]) -> tuple[Played, ...]:
    """The night's cues beside the plan's, the n-th playing beside the n-th; then what was not played."""
    waiting: dict[str, list[Played]] = {}
    for row in plan:
        waiting.setdefault(row.number, []).append(row)
    rows = []
    for row in night:
        if meant := waiting.get(row.number):
            intended = meant.pop(0)
            row = replace(row, planned=intended.at, planned_lasts=intended.lasts)
        rows.append(row)
    for row in plan:
        if row in waiting[row.number]:
            rows.append(
                replace(
                    row, planned=row.at, planned_lasts=row.lasts, at=None, lasts=None, outcome="not played"
                )
            )
    return tuple(rows)


def incidents_of(entries: Iterable[Entry], go: float) -> Iterator[Incident]:
    """What the log knows of refusals, faults, silences, notes, and of what the operator had to do."""
    for entry in entries:
        if (kind := _incident(entry)) is not None:
            where = f"cue {entry.cue}: " if entry.cue else ""
            yield Incident(entry.at - go, kind, f"{where}{entry.words}".strip(" :"))


def _incident(entry: Entry) -> str | None:
    match entry:
        case Entry(what="refused" | "failed" | "restarted" | "differs"):
            return entry.what
        case Entry(kind="operator", what=what) if what in BY_HAND:
            return entry.what
        case Entry(kind=Line.kind, what="done", words=words) if words == NOT_SAID:
            return "silence"
        case Entry(kind=Line.kind, what="prompt", words=words) if words.split(" ")[1] == "easier":
            return "silence"
        case Entry(kind=Line.kind, what="play"):
            return "silence"
    return None
