"""The night: what the journal of the last one says decides how the show starts, and what happens goes into
the next. Each audience has its own: after a reset nothing of the one before is needed.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from server.health import Health
from server.night.journal import DEFAULT, Journal, Limits, Marks
from server.night.journalfile import Reading, read
from server.night.restore import (
    BYPASSED,
    LET_IN,
    Restored,
    Start,
    Starts,
    bypassed,
    crash_loop,
    digest,
    start,
)
from show_control.events import Adopt, Back, Desk, DeskMode, Event, Goto, Hold, Reset, Resume
from show_control.show import Show
from show_control.status import Mode

KEPT_WITHIN = 1.0
"""Seconds that an answer waits for the disk. One that hangs stops no GO."""

CLOSE_WITHIN = 2.0

LIVES_EVERY = 0.25
"""Seconds between two signs of life of the loop."""


class Night:
    """What the conductor tells of all that happens. Lives on one event loop. Without a folder it keeps
    nothing, and nobody waits for it.

    `words` say what is wrong with the journal, "" while nothing is.
    `restored` is there until the operator has gone on. `bypassed` are the sensors that are ignored: who comes
    back from a crash is not to be surprised by the one that was broken.
    """

    def __init__(
        self,
        folder: Path | None,
        text: str,
        config: str,
        clock: Callable[[], float],
        wall: Callable[[], float],
        health: Health,
        limits: Limits = DEFAULT,
        over: Callable[[], None] = lambda: None,
    ) -> None:
        """`text` is the show file on disk, `config` the config's digest. `over` is called, from a thread,
        when an audience's journal is complete, and is now that of the night before."""
        self.words = ""
        self.restored: Restored | None = None
        self.bypassed: set[str] = set()
        self._folder, self._limits = folder, limits
        self._text, self._config = text, config
        self._clock, self._wall, self._health = clock, wall, health
        self._over = over
        self._show: Show | None = None
        self._starts = Starts(folder / "starts.json") if folder else None
        self._journal: Journal | None = None
        self._last: tuple[Journal, int] | None = None
        self._hung = False
        self._turning: threading.Thread | None = None

    # how it begins and ends

    def begin(self, make: Callable[[str, float], Show], fresh: bool = False) -> tuple[Show, str]:
        """The show, and what the operator is to be told: as it was where a night was cut off, and held; else
        at its first cue.

        `make(text, now)` is a new show of a show file. Nothing that is on the disk, or is not, makes it
        raise.
        """
        now = self._clock()
        start = self._look_back(make, fresh, now)
        show, night = start.show, start.night
        self._show, self.restored = show, start.restored
        if self._folder is None:
            return show, start.words
        self._journal = self._make(now, night.n if night else None)
        self._watch()
        if night is None:
            self._preface(now)
        else:
            self.bypassed = bypassed(night)
            self._hold(now)
        self._journal.start()
        return show, start.words

    def _hold(self, now: float) -> None:
        """Back from a crash, nothing moves before the operator says so."""
        show = self._show
        assert show is not None
        if show.status(now).mode is Mode.RUNNING:
            event, id = Hold(), show.snapshot().event + 1
            show.receive(event, now, id)
            self.write(event, now, "restart", id)

    def _look_back(self, make: Callable[[str, float], Show], fresh: bool, now: float) -> Start:
        wall = self._wall()
        reading, loop = Reading((), ()), False
        if self._folder is not None and self._starts is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                loop = crash_loop(self._starts.before(), wall)
                self._starts.begun(wall)
                if not fresh:
                    reading = read(self._folder)
            except OSError as error:
                self._trouble(f"{self._folder}: {error.strerror or error}.")
        return start(reading, make, self._text, self._config, loop, now, wall)

    def close(self) -> None:
        """The show has ended as it should."""
        if self._journal is None or self._starts is None:
            return
        if self._turning is not None:
            self._turning.join(CLOSE_WITHIN)
            if self._turning.is_alive():
                return
        self._journal.close(CLOSE_WITHIN)
        try:
            self._starts.ended()
        except OSError as error:
            self._trouble(f"{self._folder}: {error.strerror or error}.")

    # what happens

    async def live(self) -> None:
        """For ever: says that the loop lives."""
        while True:
            if self._journal is not None:
                self._journal.live(self._clock())
            await asyncio.sleep(LIVES_EVERY)

    def write(self, event: Event, now: float, source: str, id: int, refused: str = "") -> None:
        """The show was told this at `now`."""
        if isinstance(event, Resume | Goto | Back | Reset) and not refused:
            self.restored = None
        if self._journal is None:
            return
        if isinstance(event, Adopt):
            self._watch()
        self._last = self._journal, self._journal.write(event, now, source, id, refused)
        if isinstance(event, Reset) and not refused:
            self._turn(now)

    def refuse(self, command: str, reason: str, now: float, source: str) -> None:
        """A command was refused before it became an event."""
        if self._journal is not None:
            self._last = self._journal, self._journal.refuse(command, reason, now, source)

    def remark(self, kind: str, words: str) -> None:
        """For the report: what happened around the show."""
        if self._journal is not None:
            self._journal.remark(kind, words, self._clock())

    def bypass(self, address: str, on: bool) -> None:
        """What this sensor sends is ignored from now on, or no longer."""
        if on:
            self.bypassed.add(address)
        else:
            self.bypassed.discard(address)
        self.remark(BYPASSED if on else LET_IN, address)

    def kept(self) -> Awaitable[None]:
        """What has been told so far is on disk, or KEPT_WITHIN is over."""
        return self._kept(self._last)

    async def _kept(self, last: tuple[Journal, int] | None) -> None:
        if last is None:
            return
        journal, n = last
        try:
            async with asyncio.timeout(KEPT_WITHIN):
                written = await journal.written(n)
        except TimeoutError:
            self._hung = True
            self._trouble(f"{self._folder}: the disk does not answer. The show goes on without.")
            return
        if written and self._hung:
            self._hung = False
            self._trouble("")

    def to_plain(self) -> dict[str, object]:
        return {"ok": not self.words, "words": self.words}

    # the journals

    def _make(self, begun: float, after: int | None) -> Journal:
        assert self._folder is not None
        loop = asyncio.get_running_loop()

        def trouble(words: str) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._trouble, words)

        marks = Marks(digest(self._text), self._config, begun)
        return Journal(self._folder, marks, self._clock, self._wall, trouble, after, self._limits)

    def _watch(self) -> None:
        """Gates wait for these controls: every value of them counts."""
        assert self._journal is not None
        assert self._show is not None
        self._journal.watch(self._show.file.gated)

    def _preface(self, now: float) -> None:
        """A night stands for itself: it begins with the file that it plays."""
        assert self._journal is not None
        assert self._show is not None
        self._journal.write(Adopt(self._show.file.text), now, "start")
        desk = self._show.status(now).desk
        if desk is not DeskMode.EDIT:
            self._journal.write(Desk(desk), now, "start")
        for address in sorted(self.bypassed):
            self._journal.remark(BYPASSED, address, now)

    def _turn(self, now: float) -> None:
        """The next audience's journal. It opens when the one before is closed, by a thread that can wait."""
        assert self._journal is not None
        old, before = self._journal, self._turning
        new = self._journal = self._make(now, None)
        self._watch()
        self._preface(now)

        def turn() -> None:
            if before is not None:
                before.join()
            old.close(None)
            new.start()
            self._over()

        self._turning = threading.Thread(target=turn, name="next journal", daemon=True)
        self._turning.start()

    def _trouble(self, words: str) -> None:
        self.words = words
        if words:
            self._health.count("journal.troubles", detail=words)
