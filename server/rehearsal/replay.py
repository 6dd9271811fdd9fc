"""A night that was played, played again: the same commands at the same times, and what came of them."""

from collections.abc import Iterator, Sequence

from server.night.journalfile import Entry as Written
from server.night.journalfile import Reading, Session
from server.night.restore import played
from server.rehearsal.log import Log
from server.rehearsal.logged import LoggedRuns
from server.rehearsal.performance import Moment
from show_control.errors import ShowFileError
from show_control.events import Preload
from show_control.look import MAIN
from show_control.show import Show
from show_control.showfile import ShowFile, parse_show

DIFFERS = "on the night this command was answered otherwise; the journal may have a gap before it"


class ReplayError(ValueError):
    """The journal cannot be played again; the text says why, and what to do."""


def shifts(sessions: Sequence[Session]) -> list[float]:
    """Seconds to add to the times of each session, so that all are on the clock of the first.

    The time between a crash and the next start does not count: the show was dead, and then went on.
    """
    found: list[float] = []
    end = sessions[0].header.now if sessions else 0.0
    for session in sessions:
        found.append(end - session.header.now)
        end = session.last + found[-1]
    return found


def first_file(reading: Reading) -> ShowFile:
    """The show file with which a night began. Raises ReplayError."""
    if not reading.sessions:
        raise ReplayError("the journal is empty, or nothing of it can be read")
    texts = played(reading.sessions)
    if not texts:
        raise ReplayError("the journal does not hold the show file that was played")
    try:
        return parse_show(texts[0], "the journal's show file")
    except ShowFileError as error:
        raise ReplayError(str(error)) from None


def _preloaded(reading: Reading) -> set[str]:
    """Networks that the rig had, because somebody could ask for them."""
    entries = (entry for session in reading.sessions for entry in session.entries)
    return {
        entry.event.network for entry in entries if isinstance(entry.event, Preload) and not entry.refused
    }


class Replay:
    """The night that `reading` tells of. All times are on the clock of its first session; `began` is its
    start, from which the log counts. Raises ReplayError.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.file = first_file(reading)
        self.began = reading.sessions[0].header.now
        self._log = Log(self.began)
        networks = (MAIN, *self.file.networks, *_preloaded(reading))
        self.show = Show(self.file, self.began, networks, LoggedRuns(self._log))

    @property
    def ends(self) -> float:
        """The last sign of life."""
        return self.reading.sessions[-1].last + shifts(self.reading.sessions)[-1]

    def moments(self) -> Iterator[Moment]:
        """Every moment of the night, once; each is computed when it is asked for."""
        sessions = self.reading.sessions
        for place, (session, shift) in enumerate(zip(sessions, shifts(sessions), strict=True)):
            if place:
                self._restarted(sessions[place - 1], session)
            for entry in session.entries:
                at = entry.now + shift
                yield from self._until(at)
                yield self._tell(entry, at)
            yield from self._until(session.last + shift)

    def _until(self, time: float) -> Iterator[Moment]:
        """What is due by time alone, up to and with `time`."""
        while (due := self.show.deadline()) is not None and due <= time:
            self._log.at = due
            self.show.advance(due)
            self.show.take_effects()
            if entries := self._log.take():
                yield Moment(due, entries)
        self._log.at = time

    def _tell(self, entry: Written, at: float) -> Moment:
        if entry.event is None:
            self.show.refuse(entry.command, entry.refused)
            self._log.note("", entry.source, "refused", f"{entry.command}: {entry.refused}")
        else:
            self._log.event(entry.event)
            reply = self.show.receive(entry.event, at, entry.id)
            if not reply.ok:
                self._log.note("", "show", "refused", reply.reason)
            if reply.ok is bool(entry.refused):
                self._log.note("", "show", "differs", DIFFERS)
        self.show.take_effects()
        return Moment(at, self._log.take())

    def _restarted(self, before: Session, after: Session) -> None:
        lost = max(after.header.wall - before.last_wall, 0.0)
        self._log.note("", "show", "restarted", f"the show process was gone for {lost:.1f} s")
