"""The port on which controllers made for QLab look for one: UDP and TCP, into the same inlet as all OSC."""

import asyncio
import socket
from collections.abc import Callable
from typing import NamedTuple

from server.osc import Inlet, OscIn, listen_tcp


class Wires(NamedTuple):
    """Two bound sockets at one number; `tcp` listens."""

    udp: socket.socket
    tcp: socket.socket


async def listen(inlet: Inlet, wires: Wires) -> Callable[[], None]:
    """Takes over the sockets. Returns what closes them."""
    loop = asyncio.get_running_loop()
    datagrams, _ = await loop.create_datagram_endpoint(lambda: OscIn(inlet), sock=wires.udp)
    streams = await listen_tcp(inlet, wires.tcp)

    def close() -> None:
        datagrams.close()
        streams.close()

    return close
