"""OSC over UDP, the way in: a datagram is a packet."""

import asyncio
import socket
from asyncio.trsock import TransportSocket
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from server.osc.inlet import TURN, Inlet

RECEIVE_BUFFER = (
    4 << 20
)  # bytes; the kernel gives what it allows. Room for a burst while the loop is elsewhere.

MAX_DATAGRAM = 65536  # bytes
MAX_UNSENT = 1 << 20  # bytes that may wait for a network which takes nothing; what comes then is lost

Address = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """The other end of a datagram."""

    transport: asyncio.DatagramTransport
    address: Address

    @property
    def name(self) -> str:
        return f"osc {self.address[0]}:{self.address[1]}"

    def at(self, port: int) -> "Sender":
        """The same machine, at another port."""
        return Sender(self.transport, (self.address[0], port, *self.address[2:]))

    def send(self, packet: bytes) -> None:
        unsent = cast(asyncio.WriteTransport, self.transport).get_write_buffer_size()
        if not self.transport.is_closing() and unsent < MAX_UNSENT:
            self.transport.sendto(packet, self.address)


class OscIn(asyncio.DatagramProtocol):
    """Hands datagrams to the inlet, as many as there are, for at most TURN at a time."""

    def __init__(self, inlet: Inlet) -> None:
        self._inlet = inlet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        sock = cast(TransportSocket, transport.get_extra_info("socket"))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        # asyncio reads one datagram a turn, a tenth of what a burst brings; we read the rest ourselves.
        self._socket = sock.dup()
        self._socket.setblocking(False)
        self._clock = asyncio.get_running_loop().time

    def connection_lost(self, exc: Exception | None) -> None:
        self._socket.close()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._inlet.take(data, Sender(self._transport, addr))
        until = self._clock() + TURN
        with suppress(BlockingIOError):
            while self._clock() < until:
                data, addr = self._socket.recvfrom(MAX_DATAGRAM)
                self._inlet.take(data, Sender(self._transport, addr))

    def error_received(self, exc: Exception) -> None:
        self._inlet.health.count("osc.junk", 1, f"the OSC socket reports: {exc}")
