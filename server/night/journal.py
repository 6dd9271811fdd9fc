"""The journal: every command of the night, on disk before it is answered. A thread of its own writes it.

The event loop only hands over. The thread writes all that has come, asks the disk for it once, and says up to
where; what comes meanwhile is the next batch. Values of controls are thinned: the newest goes with the next
command, or after 1 / `rate` seconds. A disk that fails or is full is said, and the show goes on; what could
not be written is kept, up to a number, and tried again.
"""

import asyncio
import threading
import uuid
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from server.night.journalfile import Beat, Closed, Entry, Header, Remark, line_of
from server.night.segments import Segments
from show_control.events import Control, Event

BEAT_EVERY = 1.0
"""Seconds between signs of life (a crash is known to the second), and between tries after a fault."""

MOST_KEPT = 50_000
"""Entries that are kept while the disk takes nothing; then the oldest go."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a night's journal belongs to: SHA-256, in hexadecimal, of the show file and of the config, and the
    time at which the show was made or restored."""

    show: str
    config: str
    begun: float


@dataclass(frozen=True, slots=True)
class Limits:
    """`rate`: values a second that are written of a control. `segment`, `folder`: bytes of one file, of all.

    Over the last, former nights go first; where only this one is left, controls are no longer written.
    Commands always are.
    """

    rate: float = 4.0
    segment: int = 16 * 2**20
    folder: int = 512 * 2**20


DEFAULT = Limits()


class Journal:
    """Handed to by one thread, which is the event loop's. `trouble` is called, from the journal's own thread,
    with each fault in words, and with "" when all that was kept is on disk after all.

    `after` is the number of entries that the night has already: given, this continues that night.
    """

    def __init__(
        self,
        folder: Path,
        marks: Marks,
        clock: Callable[[], float],
        wall: Callable[[], float],
        trouble: Callable[[str], None],
        after: int | None = None,
        limits: Limits = DEFAULT,
    ) -> None:
        self._folder, self._marks = folder, marks
        self._clock, self._wall, self._trouble = clock, wall, trouble
        self._continues = after is not None
        self._session = uuid.uuid4().hex
        self._exact: frozenset[str] = frozenset()
        self._pause = 1.0 / limits.rate
        self._segments = Segments(folder, self._header, limits.segment, limits.folder)
        self._lock = threading.Lock()  # over what both threads touch, which is the next six
        self._n = self._on_disk = after or 0
        self._queue: deque[Entry | Remark] = deque()
        self._newest: dict[str, Entry] = {}
        self._waiting: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Future[bool]]] = []
        self._alive = marks.begun
        self._closed = False
        self._wanted = threading.Event()
        self._ending = threading.Event()
        # A daemon: a disk that hangs must not keep the process.
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def watch(self, controls: Collection[str]) -> None:
        """From now on every value counts of these controls, and of no others: gates wait for them."""
        self._exact = frozenset(controls)

    def close(self, timeout: float | None = 2.0) -> None:
        """Write what is left, and that all is well; waits at most `timeout` seconds for the disk (None: for
        ever).

        A process that dies does not come here: that is how the next one knows.
        """
        self._ending.set()
        self._wanted.set()
        self._thread.join(timeout)

    def live(self, now: float) -> None:
        """The event loop lives at `now`. A sign of life is of the loop, not of the thread that writes it:
        what a loop that stands still would have done by then was not done."""
        with self._lock:
            self._alive = max(self._alive, now)

    def write(self, event: Event, now: float, source: str, id: int = 0, refused: str = "") -> int:
        """Hand over what the show was told at `now`. Returns its number, for `written`.

        The value of a control is numbered later, if at all; what is returned is the last number so far.
        """
        self.live(now)
        entry = Entry(0, now, self._wall(), source, event, id, refused)
        with self._lock:
            if not isinstance(event, Control) or event.name in self._exact:
                return self._put(entry)
            if not self._segments.over:
                self._newest.pop(event.name, None)  # the dict stays in the order of time
                self._newest[event.name] = entry
            return self._n

    def refuse(self, command: str, reason: str, now: float, source: str) -> int:
        """Hand over that a command was refused before it became an event."""
        entry = Entry(0, now, self._wall(), source, None, 0, reason, command)
        with self._lock:
            return self._put(entry)

    def remark(self, kind: str, words: str, now: float) -> None:
        """Hand over what is no event of the show and belongs into a report. Nobody waits for it."""
        with self._lock:
            self._queue.append(Remark(now, self._wall(), kind, words))

    async def written(self, n: int) -> bool:
        """Returns True when entry `n` is on disk, False where it cannot be written now."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if n <= self._on_disk or self._closed:
                return n <= self._on_disk
            future: asyncio.Future[bool] = loop.create_future()
            self._waiting.append((n, loop, future))
        return await future

    def _put(self, entry: Entry) -> int:
        """Into the queue, behind the values that the controls had before it."""
        self._take_newest()
        self._n += 1
        self._queue.append(replace(entry, n=self._n))
        if not isinstance(entry.event, Control):
            self._wanted.set()
        return self._n

    def _take_newest(self) -> None:
        for entry in self._newest.values():
            self._n += 1
            self._queue.append(replace(entry, n=self._n))
        self._newest.clear()

    # from here on, the journal's own thread

    def _work(self) -> None:
        kept: deque[Entry | Remark] = deque()
        beat_at = try_at = self._clock()
        failed = False
        while not self._closed:
            self._wanted.wait(self._pause)
            self._wanted.clear()
            ending = self._ending.is_set()
            with self._lock:
                self._take_newest()
                kept.extend(self._queue)
                self._queue.clear()
            now = self._clock()
            if now >= try_at or ending:
                try:
                    self._append(kept, now, beat=now >= beat_at, ending=ending)
                    kept.clear()
                    if failed:
                        self._trouble("")
                    failed = False
                except OSError as error:
                    self._trouble(f"{self._folder}: {error.strerror or error}. The show goes on without.")
                    try_at, failed = now + BEAT_EVERY, True
            if now >= beat_at:
                beat_at = now + BEAT_EVERY
            if kept:
                self._keep(kept)
            if ending:
                self._end()

    def _append(self, items: deque[Entry | Remark], now: float, beat: bool, ending: bool) -> None:
        """Write what has come and, where it is due, a sign of life or the end. Raises OSError; then none of
        it is on disk."""
        if not items and not beat and not ending:
            return
        entries = [item for item in items if isinstance(item, Entry)]
        last = entries[-1].n if entries else self._on_disk
        first = entries[0].n - 1 if entries else self._on_disk
        lines = [self._line(item) for item in items]
        if ending:
            lines.append(line_of(Closed(last, now, self._wall())))
        elif beat:
            with self._lock:
                alive = self._alive
            lines.append(line_of(Beat(last, alive, self._wall() - max(0.0, now - alive))))
        sync = beat or ending or any(not isinstance(entry.event, Control) for entry in entries)
        self._segments.append(b"".join(lines), first, sync)
        if sync:
            self._tell(last)

    def _line(self, item: Entry | Remark) -> bytes:
        try:
            return line_of(item)
        except (TypeError, ValueError, KeyError) as error:
            if isinstance(item, Remark):
                return b""
            kind = type(item.event).__name__.lower()
            self._trouble(f"{kind} from {item.source} cannot be written ({error})")
            return line_of(replace(item, event=None, command=kind, refused=f"not written: {error}"))

    def _keep(self, items: deque[Entry | Remark]) -> None:
        """Hold on to what the disk did not take; nobody waits for it any longer."""
        lost = len(items) - MOST_KEPT
        if lost > 0:
            for _ in range(lost):
                items.popleft()
            self._trouble(f"{lost} entries are lost: the disk has taken nothing for too long")
        self._tell(self._on_disk, others=False)

    def _tell(self, on_disk: int, others: bool | None = None) -> None:
        """Answer those who wait: True up to `on_disk` and, unless it is None, `others` to the rest."""
        with self._lock:
            self._on_disk = on_disk
            waiting, self._waiting = self._waiting, []
            for waiter in waiting:
                n, loop, future = waiter
                answer = True if n <= on_disk else others
                if answer is None:
                    self._waiting.append(waiter)
                    continue
                with suppress(RuntimeError):  # its loop has ended, and nobody waits
                    loop.call_soon_threadsafe(_answer, future, answer)

    def _end(self) -> None:
        self._segments.close()
        with self._lock:
            self._closed = True
        self._tell(self._on_disk, others=False)

    def _header(self, first: bool, n: int) -> bytes:
        marks = self._marks
        now = marks.begun if first else self._clock()
        continues = self._continues or not first
        return line_of(Header(self._session, continues, n, now, self._wall(), marks.show, marks.config))


def _answer(future: asyncio.Future[bool], answer: bool) -> None:
    if not future.done():
        future.set_result(answer)
