"""The newest frame of every stream, and one newest-only mailbox for each client that watches."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from server.frames import EncodedFrame
from server.health import Health


class Closed(Exception):
    """The hub has closed: the show is ending."""


class Mailbox:
    """Holds the newest frame its client has not taken yet. What is overtaken is dropped."""

    def __init__(self) -> None:
        self._frame: EncodedFrame | None = None
        self._closed = False
        self._wake = asyncio.Event()

    def put(self, frame: EncodedFrame) -> bool:
        """Leave a frame. False if it replaced one that was never taken."""
        overtaken = self._frame is not None
        self._frame = frame
        self._wake.set()
        return not overtaken

    def close(self) -> None:
        self._closed = True
        self._wake.set()

    async def get(self) -> EncodedFrame:
        """Wait for a frame and take it. Raises Closed when the hub has closed."""
        await self._wake.wait()
        if self._closed or self._frame is None:
            raise Closed
        frame, self._frame = self._frame, None
        self._wake.clear()
        return frame


class Hub:
    """`streams` says which stream each projector shows; projectors that show the same picture share one.

    The newest frames stay when the renderer goes, so a page that opens meanwhile has a picture.
    """

    def __init__(self, streams: Mapping[str, int], health: Health) -> None:
        self._streams = dict(streams)
        self._health = health
        self._newest: dict[int, EncodedFrame] = {}
        self._mailboxes: dict[Mailbox, int] = {}
        self._closed = False

    @property
    def projectors(self) -> tuple[str, ...]:
        return tuple(self._streams)

    def publish(self, frame: EncodedFrame) -> None:
        """Keep the frame and hand it to everyone who watches its stream."""
        self._newest[frame.stream] = frame
        for mailbox, stream in self._mailboxes.items():
            if stream == frame.stream and not mailbox.put(frame):
                self._health.count("frames.dropped")

    def newest(self, projector: str) -> EncodedFrame | None:
        """The last frame of this projector, None before the first. KeyError for an unknown projector."""
        return self._newest.get(self._streams[projector])

    @contextmanager
    def open(self, projector: str) -> Iterator[Mailbox]:
        """A mailbox that begins with the newest frame. KeyError if there is no such projector."""
        stream = self._streams[projector]
        mailbox = Mailbox()
        if newest := self._newest.get(stream):
            mailbox.put(newest)
        if self._closed:
            mailbox.close()
        self._mailboxes[mailbox] = stream
        try:
            yield mailbox
        finally:
            del self._mailboxes[mailbox]

    def close(self) -> None:
        """End every wait for a frame, so that no open page holds up the end of the show."""
        self._closed = True
        for mailbox in self._mailboxes:
            mailbox.close()


def assign_streams(projectors: Iterable[tuple[str, float]]) -> tuple[list[float], dict[str, int]]:
    """From (name, ahead) of each projector: the `ahead` of each stream, and which stream each projector
    shows. Projectors with the same `ahead` show the same picture, and it is made once."""
    aheads: list[float] = []
    streams: dict[str, int] = {}
    for name, ahead in projectors:
        if ahead not in aheads:
            aheads.append(ahead)
        streams[name] = aheads.index(ahead)
    return aheads, streams
