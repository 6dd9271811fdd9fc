"""After a crash: the show as the journal says it was, and whether it is wise to go on from there."""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from server.night.journalfile import Reading, Session
from server.wholefile import write_whole
from show_control.events import Adopt
from show_control.show import Show

CRASHES = 3
WITHIN = 120.0
"""Seconds. That many starts in that time, none of which ended well: what is restored may be what kills it."""


FORGOTTEN_AFTER = 12 * 3600.0
"""Seconds. What was cut off so long ago was another evening."""

MOMENT = 60.0
"""Seconds within which a show that died is back in the same scene, whatever is on the disk by then."""

BYPASSED = "bypassed"
LET_IN = "let in"
"""Kinds of remarks: what the sensor of this address sends is ignored from then on, or no longer."""

FRESH = "The show starts at its first cue."


@dataclass(frozen=True, slots=True)
class Restored:
    """The show was brought back at `at`, in seconds since 1970, after it had been dead for `seconds_lost`."""

    at: float
    seconds_lost: float
    why: str

    def to_plain(self) -> dict[str, object]:
        at = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="seconds")
        return {"at": at, "seconds_lost": round(self.seconds_lost, 1), "why": self.why}


@dataclass(frozen=True, slots=True)
class Start:
    """How a show starts: fresh, or `restored` from a `night`. `words` are for the operator: why a night that
    was cut off is not gone on with."""

    show: Show
    night: Reading | None = None
    restored: Restored | None = None
    words: str = ""


def digest(text: str) -> str:
    """SHA-256 of a file's text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def start(
    reading: Reading,
    make: Callable[[str, float], Show],
    text: str,
    config: str,
    loop: bool,
    now: float,
    wall: float,
) -> Start:
    """Go on with the night that `reading` tells of, if it was cut off; else, and where that cannot be, fresh.

    `make(text, now)` is a fresh show of a show file. `text` is the one on disk, `config` the config's digest.
    `loop`: it was tried too often. The show is as it was when it died, not held yet.
    """

    def fresh(words: str) -> Start:
        return Start(make(text, now), words=words and f"{words} {FRESH}")

    if reading.ended:
        return fresh("")
    sessions = reading.sessions
    lost = wall - sessions[-1].last_wall
    if loop:
        return fresh(f"The show process died {CRASHES} times within {WITHIN / 60:.0f} minutes.")
    if lost > FORGOTTEN_AFTER:
        return fresh(f"The last night was cut off, {lost / 3600:.0f} hours ago.")
    if sessions[-1].header.config != config:
        return fresh("The last night was cut off, and the config has changed since.")
    texts = played(sessions)
    known = {digest(played) for played in texts} | {session.header.show for session in sessions}
    if digest(text) not in known:
        return fresh("The last night was cut off, and the show file has changed since.")
    try:
        show = rebuild(lambda begun: make(texts[0] if texts else text, begun), sessions, now)
        show.snapshot()
    except Exception as error:
        # What killed the show may do so again, whatever it is. Its traceback goes to the log.
        logging.getLogger(__name__).exception("The last night cannot be restored")
        return fresh(f"The last night was cut off and cannot be restored ({error!r}).")
    why = "The show process died without having been stopped."
    if reading.problems:
        why += f" {len(reading.problems)} faults in the journal, the first: {reading.problems[0]}."
    return Start(show, reading, Restored(wall, max(0.0, lost), why))


def played(sessions: Sequence[Session]) -> list[str]:
    """The show files that a night has played, in order. A night begins with its first."""
    entries = (entry for session in sessions for entry in session.entries)
    return [entry.event.text for entry in entries if isinstance(entry.event, Adopt) and not entry.refused]


def bypassed(reading: Reading) -> set[str]:
    """The sensors that were ignored when a night was cut off."""
    last = {
        remark.words: remark.kind
        for session in reading.sessions
        for remark in session.remarks
        if remark.kind in (BYPASSED, LET_IN)
    }
    return {address for address, kind in last.items() if kind == BYPASSED}


def playing(reading: Reading, wall: float) -> str | None:
    """The show file that was played when the show died a moment ago; None where it did not."""
    if reading.ended or wall - reading.sessions[-1].last_wall > MOMENT:
        return None
    return next(reversed(played(reading.sessions)), None)


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
        write_whole(self._path, json.dumps(list(times)).encode())
