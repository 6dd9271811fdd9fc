"""The guard: a small process that starts the show process, and starts it again when that dies.

It does nothing else, so nothing else can end it. The show process holds the other end of a pipe: when the
guard is gone, so is the show, and its ports are free. A show process that hangs ends itself.
"""

import asyncio
import faulthandler
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parent.parent

REFUSED = 2
"""The exit status of a show that is not to be started: a file is wrong, or a port is taken."""

LEFT_ALONE = 3
"""The exit status of a show process whose guard is gone."""

BACK_OFF = (0.0, 1.0, 2.0, 5.0)
"""Seconds before the first, second, ... start after a death in a row."""

STABLE_AFTER = 10.0
"""Seconds of life after which earlier deaths are forgiven."""

HUNG_AFTER = 5.0
"""Seconds that the loop of the show process may stand still. No picture passes it meanwhile."""

# Ctrl-C in the terminal must reach the guard alone, which passes it on once.
_OWN_GROUP: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if sys.platform == "win32"
    else {"start_new_session": True}
)


class Decision:
    """Whether a show process that has ended is started again, and after how long. Pure."""

    def __init__(self) -> None:
        self._deaths = 0
        self._started = False

    def after(self, status: int, lived: float, asked: bool) -> float | None:
        """Seconds until the next start, or None: that was the end. `asked`: it had been told to end."""
        if status == 0 or asked or (status == REFUSED and not self._started):
            return None
        # A file that is wrong just now does not end a night that had begun.
        self._started = True
        if lived > STABLE_AFTER:
            self._deaths = 0
        self._deaths += 1
        return BACK_OFF[min(self._deaths, len(BACK_OFF)) - 1]


class Guard:
    """Runs `command`, the first time with what is only meant for that, until it ends as it should. `say` is
    told of each death, from a thread of its own."""

    def __init__(self, command: Sequence[str], say: Callable[[str], None], first: Sequence[str] = ()) -> None:
        self._command = tuple(command)
        self._first = tuple(first)
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = threading.Event()

    def run(self) -> int:
        """Returns the exit status of the last. To be called from the main thread, for signals."""
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if (number := getattr(signal, name, None)) is not None:
                signal.signal(number, self._pass_on)
        if hasattr(signal, "SIGHUP"):
            # The window that it was started from may be closed: the show goes on.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        decision = Decision()
        command = self._command + self._first
        while True:
            begun = time.monotonic()
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, **_OWN_GROUP)
            if self._asked.is_set():  # between two lives
                self._end(signal.SIGTERM)
            status = self._process.wait()
            wait = decision.after(status, time.monotonic() - begun, self._asked.is_set())
            if wait is None:
                return status if status >= 0 else 128 - status
            command = self._command
            self._tell(f"The show process {_cause(status)}. It is started again.")
            if self._asked.wait(wait):
                return 0

    def _pass_on(self, number: int, frame: object) -> None:
        self._asked.set()
        self._end(number)

    def _end(self, number: int) -> None:
        if sys.platform == "win32":
            number = signal.CTRL_BREAK_EVENT
        if self._process is not None:
            with suppress(OSError):
                self._process.send_signal(number)

    def _tell(self, words: str) -> None:
        # A terminal that takes nothing would hold up the next start.
        threading.Thread(target=self._say, args=(words,), daemon=True).start()


def _cause(status: int) -> str:
    return f"ended with status {status}" if status >= 0 else f"was killed by signal {-status}"


def guard(options: Sequence[str], first: Sequence[str] = ()) -> int:
    """`marrow run` with these options, the first time with `first` as well, watched over. Returns its exit
    status."""

    def say(words: str) -> None:
        with suppress(OSError, ValueError):  # nobody reads it
            print(words, file=sys.stderr, flush=True)

    return Guard((sys.executable, "-m", "server", "run", *options, "--guarded"), say, first).run()


def end_with_guard() -> None:
    """In the show process: end at once when the guard is gone, with nothing tidied up. The next one goes
    on."""

    def wait() -> None:
        with suppress(OSError):
            while os.read(0, 1):  # sys.stdin has a lock, over which an orderly end would stumble
                pass
        os._exit(LEFT_ALONE)

    threading.Thread(target=wait, name="guard", daemon=True).start()


async def end_if_hung(place: Path, hung_after: float = HUNG_AFTER) -> None:
    """In the show process: end it when its loop has stood still for so many seconds, and add to the file
    `place`, if that can be, where every thread stood. Holds even where native code never gives the
    interpreter back."""
    with _writable(place) as file:  # not the terminal, which may be what hangs
        try:
            while True:
                faulthandler.dump_traceback_later(hung_after, exit=True, file=file)
                await asyncio.sleep(hung_after / 5)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _writable(place: Path) -> TextIO:
    try:
        return place.open("a", encoding="utf-8")
    except OSError:
        return Path(os.devnull).open("w")
