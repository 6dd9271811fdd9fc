"""Projector pages without a page: one that takes every frame and acknowledges it, one that takes nothing."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from server.bench.child import BenchError
from server.bench.figures import Arrival
from server.bench.ports import HOST
from server.frames import EncodedFrame

FIRST_FRAME_WITHIN = 30.0
READ_SIZE = 64 * 1024


def _uri(port: int, projector: str) -> str:
    return f"ws://{HOST}:{port}/ws/projector/{projector}"


class Watcher:
    """A healthy page: notes every frame as it comes, then acknowledges it."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self._came = asyncio.Event()

    @property
    def newest_event(self) -> int:
        """The newest event that any frame so far included."""
        return self.arrivals[-1].event if self.arrivals else 0

    async def run(self, port: int, projector: str) -> None:
        """Watch until cancelled. OSError or WebSocketException if the connection fails."""
        # Our own connection: what the environment says about proxies does not apply to loopback.
        own = socket.create_connection((HOST, port))
        async with connect(_uri(port, projector), sock=own, compression=None) as page:
            while True:
                data = await page.recv()
                now = time.monotonic()
                if isinstance(data, str):
                    continue  # words, such as that the show is alive
                frame = EncodedFrame.unpack(data)
                self.arrivals.append(Arrival(now, frame.event, frame.seq))
                self._came.set()
                await page.send(json.dumps({"type": "ack", "seq": frame.seq}))

    async def next(self) -> None:
        """Wait for one more frame."""
        self._came.clear()
        await self._came.wait()


@asynccontextmanager
async def watching(port: int, projector: str, count: int) -> AsyncIterator[list[Watcher]]:
    """So many healthy pages, each of which has its first frame. BenchError if one loses its connection."""
    watchers = [Watcher() for _ in range(count)]
    tasks = [asyncio.create_task(watcher.run(port, projector)) for watcher in watchers]
    try:
        async with asyncio.timeout(FIRST_FRAME_WITHIN):
            await asyncio.gather(*(watcher.next() for watcher in watchers))
        yield watchers
    except TimeoutError:
        lost = [str(task.exception()) for task in tasks if task.done()]
        raise BenchError(": ".join(["a projector client waited in vain for a frame", *lost[:1]])) from None
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, OSError | WebSocketException):
            raise BenchError(f"a projector client lost its connection: {end}")


class StalledPage:
    """Connects like a page, and then neither reads nor acknowledges."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._frames = 0

    async def open(self, port: int, projector: str) -> None:
        loop = asyncio.get_running_loop()
        self._protocol = ClientProtocol(parse_uri(_uri(port, projector)))
        await loop.sock_connect(self._socket, (HOST, port))
        self._protocol.send_request(self._protocol.connect())
        await loop.sock_sendall(self._socket, b"".join(self._protocol.data_to_send()))
        while self._protocol.state is State.CONNECTING:
            self._take(await loop.sock_recv(self._socket, READ_SIZE))
        if self._protocol.state is not State.OPEN:
            raise BenchError("the show refused a projector client")

    def close(self) -> int:
        """Hang up; how many frames the show had sent, all told."""
        try:
            while data := self._socket.recv(READ_SIZE):
                self._take(data)
        except (BlockingIOError, ConnectionError):
            pass
        self._socket.close()
        return self._frames

    def _take(self, data: bytes) -> None:
        try:
            self._protocol.receive_data(data)
        except InvalidHandshake as error:
            raise BenchError(f"the show refused a projector client: {error}") from error
        for event in self._protocol.events_received():
            self._frames += isinstance(event, Frame) and event.opcode is Opcode.BINARY
