"""The checkup: looks at the machine's vitals again and again, in a thread of its own. A disk or a sensor that
hangs would hold up the show."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from server.doctor.finding import Finding, note
from server.monitor.vitals import Vitals

EVERY = 2.0
"""Seconds between two looks."""

HANGS = 5.0
"""Seconds after which a look is taken to hang."""

DO = "Look whether the journal's disk and every network share of this machine are still there."


class Checkup:
    """`last` is what was found last, None before the first look. There are never two looks at once: while one
    hangs there is no other, and `last` stays as it is."""

    def __init__(self, look: Callable[[], Vitals], clock: Callable[[], float]) -> None:
        """Both are called on the thread; `clock` gives seconds, here and there."""
        self.last: Vitals | None = None
        self._look = look
        self._clock = clock
        self._began: float | None = None  # the look that goes on
        self._trouble = ""

    @contextmanager
    def going(self) -> Iterator[None]:
        """Looks until this is left; it waits for no look to end."""
        ended = threading.Event()
        # A daemon, and not of the loop's own threads: those are waited for when the show ends.
        threading.Thread(target=self._go_on, args=(ended,), name="checkup", daemon=True).start()
        try:
            yield
        finally:
            ended.set()

    def findings(self, now: float) -> list[Finding]:
        """Whether looking itself is well; nothing where it is."""
        began, trouble = self._began, self._trouble
        if began is not None and now - began > HANGS:
            what = f"This machine has not said for {now - began:.0f} s how its disk, heat and battery are"
            return [note("machine", f"{what}.{self._older}", DO)]
        if trouble:
            what = "This machine cannot say how its disk, heat and battery are"
            return [note("machine", f"{what} ({trouble}).{self._older}", DO)]
        return []

    @property
    def _older(self) -> str:
        return "" if self.last is None else " What is told of them is from before."

    def _go_on(self, ended: threading.Event) -> None:
        while not ended.is_set():
            self._began = self._clock()
            try:
                self.last, self._trouble = self._look(), ""
            except Exception as error:  # whatever a driver comes up with: the next look may find better
                if not self._trouble:
                    logging.getLogger(__name__).exception("The machine's vitals cannot be looked at")
                self._trouble = f"{error!r:.120}"
            self._began = None
            ended.wait(EVERY)
