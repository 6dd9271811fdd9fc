"""A window of frames that are on their way to a page, and what the page's acknowledgements tell of it."""

import asyncio
from collections import deque

IN_FLIGHT = 2
COUNTED_FOR = 2.0
"""Seconds over which frames a second are counted."""


class Window:
    """The frames a client was sent and has not acknowledged. Kernel buffers hide half a second of frames, so
    only the page itself can say that one has arrived. `now` is seconds of any one clock."""

    def __init__(self, size: int = IN_FLIGHT) -> None:
        self._size = size
        self._sent: deque[tuple[int, float]] = deque()
        self._room = asyncio.Event()
        self._room.set()
        self._shown: deque[float] = deque()
        self._delay: float | None = None

    def sent(self, seq: int, now: float) -> None:
        self._sent.append((seq, now))
        if len(self._sent) >= self._size:
            self._room.clear()

    def acknowledge(self, seq: int, now: float) -> bool:
        """This frame and those before it have arrived. False if no such frame is on its way."""
        if all(seq != on_its_way for on_its_way, _ in self._sent):
            return False
        while True:
            passed, at = self._sent.popleft()
            if passed == seq:
                break
        self._delay = now - at
        self._shown.append(now)
        self._forget(now)
        self._room.set()
        return True

    async def room(self) -> None:
        """Wait until one more frame may be sent."""
        await self._room.wait()

    def fps(self, now: float) -> float:
        """Frames a second that the page has shown, over the last COUNTED_FOR seconds."""
        self._forget(now)
        return len(self._shown) / COUNTED_FOR

    def delay(self, now: float) -> float | None:
        """Seconds from sending a frame to its acknowledgement: of the last one, or what the oldest that is
        on its way has taken so far. None before the first."""
        waiting = now - self._sent[0][1] if self._sent else None
        known = [delay for delay in (self._delay, waiting) if delay is not None]
        return max(known, default=None) if self._delay is not None else waiting

    def _forget(self, now: float) -> None:
        while self._shown and self._shown[0] <= now - COUNTED_FOR:
            self._shown.popleft()
