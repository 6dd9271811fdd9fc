"""What the terminal is told: where to look, and how the renderer is. A thread of its own tells it.

A terminal may take no more: its window is closed, its pipe broken, its disk full, or somebody marks text in
it and every write waits. None of that may be felt on stage, and nobody on stage needs it.
"""

import io
import queue
import threading
import time
from collections.abc import Callable
from typing import BinaryIO, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from server.renderer.supervisor import State, Supervisor

LOOK_EVERY = 0.1


class Terminal:
    """`lost` is called, from the thread, with the reason when the terminal takes no more."""

    def __init__(
        self, console: Console, greeting: str, supervisor: Supervisor, lost: Callable[[str], None]
    ) -> None:
        self._console = _unbuffered(console)
        self._greeting = greeting
        self._supervisor = supervisor
        self._lost = lost
        self._ended = threading.Event()
        self._words: queue.SimpleQueue[str] = queue.SimpleQueue()

    def start(self) -> None:
        # A daemon: a write that waits for ever must not keep the process.
        threading.Thread(target=self._tell, daemon=True).start()

    def say(self, words: str) -> None:
        """Print this when the terminal takes it."""
        self._words.put(words)

    def stop(self) -> None:
        """Say nothing more. Does not wait: the thread may never come back from a write."""
        self._ended.set()

    def _tell(self) -> None:
        try:
            self._print(self._greeting)
            self._follow(time.monotonic())
        except (OSError, UnicodeEncodeError, SystemExit) as error:
            # SystemExit is what rich makes of a closed pipe.
            self._lost("its pipe is closed" if isinstance(error, SystemExit) else str(error))

    def _follow(self, begun: float) -> None:
        """A progress line while the renderer loads, then a line whenever its state changes."""
        supervisor = self._supervisor
        if self._console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            with Progress(*columns, console=self._console, transient=True) as bar:
                line = bar.add_task("starting", total=1.0)
                while supervisor.state is State.STARTING and not self._ended.wait(LOOK_EVERY):
                    bar.update(line, completed=supervisor.progress, description=supervisor.note)
        told = (State.STARTING, "starting")
        while not self._ended.wait(LOOK_EVERY):
            while not self._words.empty():
                self._print(self._words.get(), "red")
            now = (supervisor.state, supervisor.note)
            if now != told:
                told = now
                self._print_state(time.monotonic() - begun)

    def _print_state(self, elapsed: float) -> None:
        status = self._supervisor.status(0.0)
        style = ""
        match self._supervisor.state:
            case State.RUNNING:
                text = f"pictures: {status['size']} px, {status['backend']} on {status['device']}"
            case State.FAILED:
                text, style = f"the renderer cannot start: {self._supervisor.note}", "red"
            case _:
                text = f"renderer: {self._supervisor.note}"
        self._print(f"{elapsed:7.1f} s  {text}", style)

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _unbuffered(console: Console) -> Console:
    """The same place, unbuffered: at exit Python waits for the lock of a buffer that waits for a terminal."""
    try:
        raw = io.FileIO(console.file.fileno(), "w", closefd=False)
    except (OSError, ValueError):  # no file of the system, or closed
        return console
    text = io.TextIOWrapper(cast("BinaryIO", raw), console.encoding, "replace", write_through=True)
    return Console(file=text)
