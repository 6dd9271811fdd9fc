"""After a crash: the show as the journal says it was, and whether it is wise to go on from there."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from server.journalfile import Session
from show_control.show import Show

CRASHES = 3
WITHIN = 120.0
"""Seconds. That many starts in that time, none of which ended well: what is restored may be what kills it."""


def rebuild(make: Callable[[float], Show], sessions: Sequence[Session], now: float) -> Show:
    """The show as it was at the last sign of life, moved in time so that this moment is `now`.

    `make(now)` is a fresh show, begun at `now`. The time between a crash and the next start does not count.
    Effects (sends, plays) went out on the night; here they are dropped.
    """
    shifts: list[float] = []
    end = now
    for session in reversed(sessions):
        shifts.insert(0, end - session.last)
        end = session.header.now + shifts[0]
    show = make(end)
    for session, shift in zip(sessions, shifts, strict=True):
        for entry in session.entries:
            if entry.event is None:
                show.refuse(entry.command, entry.refused)
            else:
                show.receive(entry.event, entry.now + shift, entry.id)
            show.take_effects()
        show.advance(session.last + shift)
        show.take_effects()
    return show


def crash_loop(starts: Sequence[float], now: float) -> bool:
    """Whether a start at `now` is to go without restoring. `starts` are those that did not end well.

    All in seconds since 1970. Starts that lie ahead, as a wrong clock makes them, count as well.
    """
    return sum(abs(now - start) < WITHIN for start in starts) >= CRASHES


class Starts:
    """The file that remembers when the show process started without having ended well since."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def before(self) -> tuple[float, ...]:
        """The starts that it remembers; none where the file is missing or damaged. Raises OSError."""
        try:
            times = json.loads(self._path.read_bytes())
            return tuple(float(time) for time in times)
        except (FileNotFoundError, ValueError, TypeError):
            return ()

    def begun(self, now: float) -> None:
        """Remember a start, on disk, and the few before it."""
        self._put([*self.before(), now][-CRASHES:])

    def ended(self) -> None:
        """The process ends as it should: nothing to remember."""
        self._put([])

    def _put(self, times: Sequence[float]) -> None:
        draft = self._path.with_suffix(".new")
        with draft.open("w", encoding="ascii") as file:
            json.dump(list(times), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
