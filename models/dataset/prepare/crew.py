"""Worker processes: a few items out at a time, results in order; what kills or stops its worker is named."""

import faulthandler
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeVar

SECONDS = 60.0
"""How long an item may take."""
AHEAD = 3
"""Items a worker that are out at one time: it never waits, and memory does not grow with the folder."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Lost:
    """The item whose worker died of it, or never came back, as a damaged file can make a decoder do."""

    reason: str = "the worker died of it (out of memory, or a decoder crashed)"


class Hands(Protocol):
    """Whoever does the work."""

    def map(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Result | Lost]]:
        """Each item with its result, in order."""
        ...


class Alone:
    """The plain loop: this process does it."""

    def map(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Result | Lost]]:
        for item in items:
            yield item, work(item)


class Crew:
    """A pool of processes that serves one stage after another. Work and items must pickle."""

    def __init__(self, workers: int, seconds: float = SECONDS) -> None:
        """`workers`: 0 for one a core. What takes longer than `seconds` is lost, and its worker with it."""
        self.workers = workers or os.cpu_count() or 1
        self.seconds = seconds
        self._pool: ProcessPoolExecutor | None = None

    def map(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Result | Lost]]:
        out: deque[tuple[Item, Future[Result]]] = deque()
        source = iter(items)
        while True:
            while len(out) < self.workers * AHEAD and (item := next(source, None)) is not None:
                out.append((item, self._submit(work, item)))
            if not out:
                return
            item, future = out.popleft()
            try:
                yield item, future.result()
            except BrokenProcessPool:
                # Which of those that were out did it is found by trying each on its own.
                suspects = [item, *(other for other, _ in out)]
                out.clear()
                self.close()
                for suspect in suspects:
                    yield suspect, self._on_trial(work, suspect)
                self.close()

    def _submit(self, work: Callable[[Item], Result], item: Item) -> "Future[Result]":
        try:
            return self._members(self.workers).submit(partial(_in_time, work, self.seconds), item)
        except BrokenProcessPool as error:
            broken: Future[Result] = Future()
            broken.set_exception(error)
            return broken

    def _on_trial(self, work: Callable[[Item], Result], item: Item) -> Result | Lost:
        self._members(1).submit(_nothing).result()  # its start is not held against the item
        began = time.monotonic()
        try:
            return self._members(1).submit(partial(_in_time, work, self.seconds), item).result()
        except BrokenProcessPool:
            self.close()
            late = time.monotonic() - began >= self.seconds
            return Lost(f"took longer than {self.seconds:g} s") if late else Lost()

    def _members(self, count: int) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(count, context, initializer=_begin)
        return self._pool

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _in_time(work: Callable[[Item], Result], seconds: float, item: Item) -> Result:
    """Work that ends its process when it takes longer.

    A watch in C does that: a decoder that hangs may hold the interpreter, and no Python thread would run.
    """
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            return work(item)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _nothing() -> None:
    """What a worker does to show that it is there."""


def _begin() -> None:
    """A worker leaves Ctrl-C to its parent, dies with it, and keeps to one core: sums come out the same."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[library] = "1"
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
