"""OSC over TCP: a connection is a stream of packets, in SLIP or with their sizes."""

import asyncio
import socket
from asyncio.trsock import TransportSocket
from typing import cast

from server.osc.framing import BrokenStream, FrameError, Framing, framing_of
from server.osc.inlet import TURN, Inlet

MAX_STREAMS = 64  # connections at a time
MAX_UNSENT = 1 << 20  # bytes that may wait for a peer which takes nothing
QUIET = 10  # s without a word until the kernel asks whether the other end is still there


class OscStream(asyncio.Protocol):
    """One connection. Junk in a packet is counted, and the stream goes on; a stream that is no OSC is closed.

    `streams` are those that are open, of one listener. Answers go back in the framing of the questions.
    """

    def __init__(self, inlet: Inlet, streams: set["OscStream"]) -> None:
        self._inlet = inlet
        self._streams = streams
        self._framing: Framing | None = None
        self.name = "osc tcp"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        host, port = transport.get_extra_info("peername")[:2]
        self.name = f"osc tcp {host}:{port}"
        self._loop = asyncio.get_running_loop()
        if len(self._streams) >= MAX_STREAMS:
            self._inlet.health.count("osc.turned_away", 1, f"{self.name}: {MAX_STREAMS} connections are open")
            self._transport.abort()
            return
        self._streams.add(self)
        _keep_alive(cast(TransportSocket, transport.get_extra_info("socket")))

    def connection_lost(self, exc: Exception | None) -> None:
        self._streams.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            if self._framing is None:
                self._framing = framing_of(data)
            self._framing.feed(data)
        except BrokenStream as error:
            self._break(error)
            return
        self._pump()

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent to the other end any more."""
        return self._transport.is_closing()

    def send(self, packet: bytes) -> None:
        if self._framing is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            self._inlet.health.count("clients.stalled", 1, self.name)
            self._transport.abort()
            return
        self._transport.write(self._framing.frame(packet))

    def _pump(self) -> None:
        """Hand over what is whole, for at most TURN; until that is done, no more is read."""
        until = self._loop.time() + TURN
        while self._take_one():
            if self._loop.time() >= until:
                self._transport.pause_reading()
                self._loop.call_soon(self._pump)
                return
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def _take_one(self) -> bool:
        """Whether there was anything to take."""
        assert self._framing is not None
        if self._transport.is_closing():
            return False
        try:
            packet = self._framing.take()
        except FrameError as error:
            self._inlet.junk(self.name, str(error))
            return True
        except BrokenStream as error:
            self._break(error)
            return False
        if packet is not None:
            self._inlet.take(packet, self)
        return packet is not None

    def _break(self, error: BrokenStream) -> None:
        self._inlet.junk(self.name, f"{error}. The connection was closed")
        self._transport.abort()


def _keep_alive(sock: TransportSocket) -> None:
    """Who was unplugged without a word is noticed, and makes room for others."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL"):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), QUIET)


async def listen_tcp(inlet: Inlet, sock: socket.socket) -> asyncio.Server:
    """Takes connections on a socket that listens."""
    streams: set[OscStream] = set()
    return await asyncio.get_running_loop().create_server(lambda: OscStream(inlet, streams), sock=sock)
