"""A whole performance without a clock: the show, the room, and an operator who presses GO where a cue waits.

Nothing here sleeps or looks at the time; each step goes to the next moment in which anything is due. So it is
the same performance, whatever time it is given to run in.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from server.rehearsal.log import Entry, Log
from server.rehearsal.logged import LoggedRuns
from server.rehearsal.room import Room
from show_control.actions import Gate, Line
from show_control.cue import Group
from show_control.events import Event, Go, Resume
from show_control.look import MAIN
from show_control.run import Phase
from show_control.show import Show
from show_control.showfile import ShowFile
from show_control.status import Mode, Running, Status

BEGINS = ("wait", "act", "disarmed")
"""What is logged of a cue when it starts."""

PAUSE = 2.0
"""Seconds after which the operator presses GO."""

LONGEST = 4 * 3600.0
"""Seconds of the show's time after which a performance that does not end is given up."""


class Moment(NamedTuple):
    """All that happened at one time `at`, on the show's clock. The show is as it is after it."""

    at: float
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the performance came to its end, when it ended (s), and that in words."""

    ended: bool
    at: float
    words: str


class Performance:
    """Plays `file` once, from 0 s until the last cue is done, or the list begins again.

    `outcome` is there when `moments` has run out.
    """

    began = 0.0

    def __init__(
        self,
        file: ShowFile,
        room: Room,
        pause: float = PAUSE,
        networks: Collection[str] = (MAIN,),
        longest: float = LONGEST,
    ) -> None:
        self.outcome: Outcome | None = None
        self._file, self._room, self._pause, self._longest = file, room, pause, longest
        self._log = Log()
        self.show = Show(file, 0.0, networks, LoggedRuns(self._log))
        numbers = [cue.number for cue in file.cues]
        self._first, self._last = numbers[0], numbers[-1]
        self._press_at: float | None = pause
        self._gates: frozenset[str] = frozenset()
        self._acted = self._done = self._again = False

    def moments(self) -> Iterator[Moment]:
        """From the first GO on; each is computed when it is asked for."""
        now = last = 0.0
        while True:
            times = [self.show.deadline()]
            if not self._done:
                times += [self._room.deadline(), self._press_at]
            due = min((time for time in times if time is not None), default=None)
            if due is None or due > self._longest:
                break
            now = max(now, due)
            entries = self._step(now)
            kept = tuple(takewhile(self._of_this_round, entries))
            if kept:
                last = now
                yield Moment(now, kept)
            if self._again:
                break
        self.outcome = self._ended(last)

    def _step(self, now: float) -> tuple[Entry, ...]:
        self._log.at = now
        self.show.advance(now)
        self._collect(now)
        if self._press_at is not None and self._press_at <= now:
            self._press_at = None
            held = self.show.status(now).mode is Mode.HELD
            self._receive(Resume() if held else Go(), now)
        while (event := self._room.take(now)) is not None:
            self._receive(event, now)
        self._look(now)
        return self._log.take()

    def _receive(self, event: Event, now: float) -> None:
        self._log.event(event)
        reply = self.show.receive(event, now)
        if not reply.ok:
            self._log.note("", "show", "refused", reply.reason)
        self._collect(now)

    def _collect(self, now: float) -> None:
        for effect in self.show.take_effects():
            self._room.told(effect, now)

    def _look(self, now: float) -> None:
        """Whether the show waits for its operator, or for a hand."""
        status = self.show.status(now)
        if not waits_for_operator(status):
            self._press_at = None
        elif self._press_at is None:
            self._press_at = now + self._pause
        waiting = frozenset(run.number for run in _busy(status) if run.kind == Gate.kind)
        for number in sorted(waiting - self._gates):
            gate = self._file.cues.every[number].action
            assert isinstance(gate, Gate)
            self._room.gate(gate, now)
        self._gates = waiting

    def _of_this_round(self, entry: Entry) -> bool:
        """False from where the list begins again."""
        if entry.cue == self._first and entry.what in BEGINS:
            self._again = self._acted
            self._acted = entry.what != "wait"
        self._done = self._done or (entry.cue == self._last and entry.what in ("done", "stopped"))
        return not self._again

    def _ended(self, last: float) -> Outcome:
        """`last`: when anything happened for the last time."""
        status = self.show.status(last)
        at = f"{last:.3f} s"
        if self._done or self._again:
            return Outcome(True, last, f"The performance came to its end after {at}.")
        if self.show.deadline() is not None:
            where = f"it is at cue {status.current.number}" if status.current else "no cue has begun"
            return Outcome(False, last, f"No end after {self._longest / 3600:g} hours: {where}.")
        return Outcome(False, last, f"Stuck after {at}: {_why(status)}.")


def waits_for_operator(status: Status) -> bool:
    """Whether nothing comes by itself: the show is held, or its current cue is done and none will follow."""
    if status.mode is Mode.HELD:
        return True
    if status.standby is None or status.pending is not None:
        return False
    return not any(status.current and run.number == status.current.number for run in _busy(status))


def _busy(status: Status) -> list[Running]:
    """The cues that wait or act."""
    return [run for run in status.running if run.phase in (Phase.WAITING, Phase.ACTING)]


def _why(status: Status) -> str:
    """What the show waits for, where nobody will do it."""
    waiting = [run for run in _busy(status) if run.kind != Group.kind]
    if not waiting:
        return "nothing runs, and no cue is in standby"
    run = waiting[-1]
    where = f'cue {run.number} "{run.name}" ({run.kind})'
    match run.kind:
        case Line.kind if status.line is not None:
            line = status.line
            return f'{where} waits for ever: {line.speaker} does not say "{line.text}"'
        case Gate.kind:
            return f"{where} waits for ever: nothing moves its control, and it has no timeout"
    return f"{where} waits for ever"
