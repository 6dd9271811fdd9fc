"""The lights of the rig: each universe at its rate, over UDP. The boring half; `stream.py` decides."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from server.announce import own_name
from server.doctor.finding import Finding, note, ok
from server.doctor.lights import DO, TOPIC
from server.follow import Readings
from server.health import Health
from server.light import sacn
from server.light.artnet import ArtNet
from server.light.config import Light
from server.light.place import Place, own_id, place
from server.light.sacn import Sacn
from server.light.stream import Stream
from server.pacer import Pacer


@dataclass(slots=True)
class _Line:
    """A universe on its way out."""

    light: Light
    stream: Stream
    sock: socket.socket
    where: Place
    led: bool = False  # the socket knows which network to go out of
    sent: int = 0
    why: str = ""  # the last packet could not be sent


class Lights:
    """Sends every light of the rig. Never waits: what the kernel will not take is counted, "light.failed"."""

    def __init__(
        self,
        lights: Sequence[Light],
        readings: Readings,
        health: Health,
        clock: Callable[[], float],
        place: Callable[[Light], Place] = place,
    ) -> None:
        self._readings = readings
        self._health = health
        self._clock = clock
        self._id, self._name = own_id(), own_name()
        self._lines = [self._line(light, place(light)) for light in lights]

    async def run(self) -> None:
        """Sends until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for line in self._lines:
                group.create_task(self._play(line))
            for line, universes in self._heard_by_all():
                group.create_task(self._tell(line, universes))

    def close(self) -> None:
        """Says goodbye where the protocol can, and closes the sockets."""
        for line in self._lines:
            for packet in line.stream.end():
                self._send(line, packet, line.where)
            line.sock.close()

    def findings(self) -> Iterator[Finding]:
        """For health: where each light goes, and whether it gets there."""
        for line in self._lines:
            if line.why:
                yield note(TOPIC, f"{line.light.called} cannot be sent {line.why}.", DO)
            else:
                host, port = line.where
                yield ok(TOPIC, f"{line.light.called}: {line.sent} packets to {host} port {port}.")

    def _line(self, light: Light, where: Place) -> _Line:
        wire = (
            Sacn(self._id, self._name, light.universe, light.priority)
            if light.protocol == "sacn"
            else ArtNet(light.universe)
        )
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        return _Line(light, Stream(light.channels, wire), sock, where)

    async def _play(self, line: _Line) -> None:
        pacer = Pacer(line.light.rate)
        while True:
            tick = pacer.next(self._clock())  # what was missed is not made up for
            await asyncio.sleep(max(0.0, tick.pts - self._clock()))
            if packet := line.stream.step(self._readings, self._clock()):
                self._send(line, packet, line.where)

    def _heard_by_all(self) -> list[tuple[_Line, list[int]]]:
        """The lines on which universes are announced: one for each network, and what goes out of it."""
        ways: dict[str | None, tuple[_Line, list[int]]] = {}
        for line in self._lines:
            if line.light.protocol == "sacn" and line.light.host is None:
                ways.setdefault(line.light.interface, (line, []))[1].append(line.light.universe)
        return list(ways.values())

    async def _tell(self, line: _Line, universes: list[int]) -> None:
        where = sacn.group(sacn.DISCOVERY_UNIVERSE), line.where[1]
        while True:
            self._send(line, sacn.discovery(self._id, self._name, universes), where)
            await asyncio.sleep(sacn.DISCOVERY_EVERY)

    def _send(self, line: _Line, packet: bytes, where: Place) -> None:
        what = f"to {where[0]} port {where[1]}"
        try:
            if line.light.interface is not None and not line.led:
                what = f"out of {line.light.interface}"  # tried again each time: a cable may come back
                out = socket.inet_aton(line.light.interface)
                line.sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, out)
                line.led = True
            line.sock.sendto(packet, where)
            line.sent, line.why = line.sent + 1, ""
        except OSError as error:
            line.why = f"{what}: {error.strerror or error}"
            self._health.count("light.failed", 1, f"{line.light.called}: {line.why}")
