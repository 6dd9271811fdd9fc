"""The renderer's networks: which are ready, which one is being loaded, and which makes room for another.

All of it belongs to the thread that paints, and nothing here waits. One job at a time runs elsewhere; it
loads a network, and leaves it, or why there is none, in a queue.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from queue import SimpleQueue
from typing import Protocol

import numpy as np
import numpy.typing as npt

from show_control.look import Look

Progress = Callable[[str, float], None]

LOWLY = 10
"""The niceness of the loading thread: it takes what painting leaves."""

SHORT_TURN = 0.0005
"""Seconds after which the loading thread gives the interpreter back, where Python's own choice is 0.005."""


class Generator(Protocol):
    """What is asked of a generator: looks in, uint8 frames (n, size, size, 3) out."""

    @property
    def size(self) -> int: ...

    @property
    def device(self) -> str: ...

    @property
    def backend(self) -> str: ...

    @property
    def why(self) -> str: ...

    def warm_up(self, batch: int, bent_at: Sequence[str]) -> None: ...

    def synthesize(self, looks: Sequence[Look]) -> npt.NDArray[np.uint8]: ...


class Say(Protocol):
    """Tells the show process something: a kind of message and its fields. Any thread may call it."""

    def __call__(self, kind: str, **fields: object) -> None: ...


Load = Callable[[str, Progress], Generator]
"""Gives the network of that name, loaded and warm. Raises MemoryError where it has no room."""

Start = Callable[[Callable[[], None]], None]
"""Starts a job and does not wait for it."""


class Networks:
    """Generators by name. `attend` is to be called for every frame."""

    def __init__(self, load: Load, start: Start, say: Say) -> None:
        self._load = load
        self._start = start
        self._say = say
        self._ready: dict[str, Generator] = {}  # from the longest unused to the one used last
        self._failed: frozenset[str] = frozenset()
        self._loading = ""
        self._done: SimpleQueue[tuple[str, Generator | Exception]] = SimpleQueue()
        self._asked = 0

    @property
    def ready(self) -> Mapping[str, Generator]:
        return self._ready

    def add(self, name: str, generator: Generator) -> None:
        """One that is loaded and warm."""
        self._ready[name] = generator
        self._tell(name, "ready", fraction=1.0, backend=generator.backend, why=generator.why)

    def attend(self, wanted: Sequence[str], asked: int, shown: Collection[str] = ()) -> None:
        """Take in what has been loaded, and load the first of `wanted` that is not there.

        `asked` is the snapshot's: when it rises, what has failed is tried again; so is what was not wanted
        for a while. What is neither wanted nor `shown` goes, the longest unused first, where memory is short.
        """
        if not self._done.empty():
            self._take(*self._done.get(), {*wanted, *shown})
        self._failed = self._failed & frozenset(wanted) if asked == self._asked else frozenset()
        self._asked = asked
        for name in (*reversed(wanted), *shown):
            if name in self._ready:
                self._ready[name] = self._ready.pop(name)
        missing = (name for name in wanted if name not in self._ready and name not in self._failed)
        if not self._loading and (name := next(missing, "")):
            self._begin(name)

    def _begin(self, name: str) -> None:
        self._loading = name
        self._tell(name, "loading", "waiting for the loader")

        def progress(note: str, fraction: float) -> None:
            self._tell(name, "loading", note, fraction)

        def job() -> None:
            try:
                self._done.put((name, self._load(name, progress)))
            except Exception as error:
                # The boundary of a network: whatever is wrong costs this one, and the picture goes on.
                logging.getLogger(__name__).warning("The network %s cannot be loaded", name, exc_info=True)
                self._done.put((name, error))

        self._start(job)

    def _take(self, name: str, result: Generator | Exception, needed: Collection[str]) -> None:
        self._loading = ""
        match result:
            case MemoryError() if spare := next((one for one in self._ready if one not in needed), ""):
                del self._ready[spare]
                self._tell(spare, "dropped", f"to make room for {name}")
                self._begin(name)
            case Exception():
                self._failed |= {name}
                self._tell(name, "failed", str(result) or type(result).__name__)
            case generator:
                self.add(name, generator)

    def _tell(
        self, name: str, state: str, note: str = "", fraction: float = 0.0, backend: str = "", why: str = ""
    ) -> None:
        self._say("network", name=name, state=state, note=note, fraction=fraction, backend=backend, why=why)


def in_background(job: Callable[[], None]) -> None:
    """Run a job in a thread that gives way to the one that paints."""

    def lowly() -> None:
        if sys.platform == "linux":  # elsewhere threads have no niceness of their own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWLY)
        usual = sys.getswitchinterval()
        sys.setswitchinterval(SHORT_TURN)
        try:
            job()
        finally:
            sys.setswitchinterval(usual)

    threading.Thread(target=lowly, daemon=True).start()
