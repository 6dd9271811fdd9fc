"""A real conductor behind real wires, and controllers that speak to it as QLab's do."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from server.conductor import Conductor
from server.editing.editing import Editing
from server.editing.store import ShowStore
from server.health import Health
from server.osc import Inlet, OscIn, OscOut, decode, encode, listen_tcp
from server.osc.framing import END, Slip
from server.patch import Patch, PatchEntry
from server.qlab.dialect import QLab
from server.qlab.settings import Qlab
from show_control.show import Show
from show_control.showfile import parse_show
from tests.patience import PATIENCE

TEXT = """# our show
[show]
title = "The Dinner"
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Hall"
notes = "doors"
fade = 2.0
look = { walk = { still = 1 } }
[[cue]]
number = "2"
name = "Wait"
kind = "wait"
seconds = 100.0
pre_wait = 30.0
[[cue]]
number = "12.1"
name = "Two at once"
kind = "group"
mode = "together"
[[cue.cue]]
number = "12.11"
name = "Glass"
kind = "wait"
seconds = 50.0
[[cue]]
number = "12.10"
name = "End"
follow = "done"
post_wait = 2.0
"""
FIRST = ("1", "2", "12.1", "12.10")


class Controller:
    """One connection: what it sends, and what it was answered so far."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[Any, ...]]] = []
        self.changed = asyncio.Event()

    def send(self, address: str, *args: object) -> None:
        self.send_packet(encode(address, args))

    def send_packet(self, packet: bytes) -> None:
        raise NotImplementedError

    def take(self, packet: bytes) -> None:
        self.heard += [(message.address, message.args) for message in decode(packet)]
        self.changed.set()

    async def hear(self, address: str) -> tuple[Any, ...]:
        """The arguments of the next message to this address; those before it are passed over."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for place, (heard, args) in enumerate(self.heard):
                    if heard == address:
                        del self.heard[: place + 1]
                        return args
                self.changed.clear()
                await self.changed.wait()

    async def reply(self, address: str) -> dict[str, Any]:
        (text,) = await self.hear(f"/reply{address}")
        found = json.loads(text)
        assert found["address"] == address
        return found

    async def ask(self, address: str, *args: object) -> dict[str, Any]:
        self.send(address, *args)
        return await self.reply(address)

    async def do(self, address: str, *args: object) -> None:
        """Something that is not answered; all the same it is done when this returns."""
        self.send(address, *args)
        await self.ask("/thump")

    async def data(self, address: str, *args: object) -> Any:
        found = await self.ask(address, *args)
        assert found["status"] == "ok", found
        return found["data"]

    async def refusal(self, address: str, *args: object) -> str:
        found = await self.ask(address, *args)
        assert found["status"] == "error", found
        return found["data"]


class Datagrams(Controller, asyncio.DatagramProtocol):
    """Speaks UDP from one port, and hears answers at that or another."""

    transport: asyncio.DatagramTransport

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.take(data)

    def send_packet(self, packet: bytes) -> None:
        self.transport.sendto(packet, ("127.0.0.1", self._port))

    @property
    def own_port(self) -> int:
        return self.transport.get_extra_info("sockname")[1]


class Stream(Controller, asyncio.Protocol):
    """Speaks TCP in SLIP."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        super().__init__()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        *packets, self._buffer = self._buffer.split(END)
        for packet in filter(None, packets):
            self.take(packet.replace(b"\xdb\xdc", END).replace(b"\xdb\xdd", b"\xdb"))

    def send_packet(self, packet: bytes) -> None:
        self.transport.write(Slip().frame(packet))


Opened = Callable[..., Awaitable["Rig"]]
"""Opens a rig with these settings and this patch."""


class Rig:
    """The show process as far as it matters here. `ahead` moves the clock of the dialect and of the show."""

    def __init__(self, folder: Path, settings: Qlab, entries: Sequence[PatchEntry] = ()) -> None:
        self.path = folder / "show.toml"
        self.path.write_text(TEXT)
        self.ahead = 0.0
        self._controllers: list[Datagrams | Stream] = []
        self._left = False
        self.health = Health()
        patch = Patch(entries)
        self.conductor = Conductor(
            Show(parse_show(TEXT, "show.toml"), self.clock()),
            patch,
            self.clock,
            lambda snapshot: None,
            OscOut((), self.health),
            self.health,
        )
        self.qlab = QLab(settings, "dinner", self.conductor, patch, self.health, self.clock)
        self.qlab.writing.editing = Editing(
            ShowStore(self.path), self.conductor, lambda text: (), lambda words: None
        )
        self.inlet = Inlet(
            self.qlab.hear,
            self.health,
            self.qlab.urgent(),
            self.qlab.transport,
            lambda: self.conductor.show.status(self.clock()).epoch,
        )

    def clock(self) -> float:
        return time.monotonic() + self.ahead

    @property
    def status(self) -> Any:
        return self.conductor.show.status(self.clock())

    @property
    def standby(self) -> str:
        return self.status.standby.number if self.status.standby else ""

    @property
    def running(self) -> list[str]:
        return [run.number for run in self.status.running]

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self.udp, _ = await loop.create_datagram_endpoint(
            lambda: OscIn(self.inlet), local_addr=("127.0.0.1", 0)
        )
        self.tcp = await listen_tcp(self.inlet, socket.create_server(("127.0.0.1", 0)))

    async def datagrams(self) -> Datagrams:
        """A controller over UDP that has asked to be answered where it sends from."""
        loop = asyncio.get_running_loop()
        port = self.udp.get_extra_info("sockname")[1]
        _, controller = await loop.create_datagram_endpoint(
            lambda: Datagrams(port), local_addr=("127.0.0.1", 0)
        )
        self._controllers.append(controller)
        controller.send("/udpReplyPort", controller.own_port)
        return controller

    async def stream(self) -> Stream:
        port = self.tcp.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        _, controller = await loop.create_connection(Stream, "127.0.0.1", port)
        self._controllers.append(controller)
        return controller

    def leave(self) -> None:
        """What the show does with the dialect at its end."""
        if not self._left:
            self._left = True
            self.qlab.close()

    async def close(self) -> None:
        """Closes the wires, and all that is behind them."""
        for controller in self._controllers:
            controller.transport.abort()
        self.stop()
        self.udp.close()
        self.tcp.close()
        await asyncio.sleep(0.01)  # for what the loop has still to close

    def stop(self) -> None:
        """Closes what there is without wires."""
        self.leave()
        self.inlet.close()
        self.conductor.close()


def bundle(tag: int, *elements: bytes) -> bytes:
    parts = (struct.pack(">i", len(element)) + element for element in elements)
    return b"#bundle\0" + struct.pack(">Q", tag) + b"".join(parts)
