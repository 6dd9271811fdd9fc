"""Lights: whether there is a way to each universe, and whether anybody says that a node is dead. No level is
sent: the lights stay as they are."""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.doctor import targets
from server.doctor.finding import Finding, note, ok
from server.doctor.targets import Answer
from server.light import artnet, sacn
from server.light.config import Light
from server.light.place import own_id, place
from server.osc import Destination

TOPIC = "lights"
DO = (
    "Look at the cable of the lighting network, and compare light.host or light.interface with its addresses."
)


@dataclass(frozen=True, slots=True)
class _Node:
    """Who is greeted."""

    name: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Way:
    """Where a light goes. `out_of` is our address there; without a way, `reason` says why. `answer` is None
    for what goes to everybody."""

    called: str
    host: str
    port: int
    out_of: str
    answer: Answer | None
    reason: str = ""


def look(lights: Sequence[Light]) -> tuple[Way, ...]:
    """Greets those who have a host with a packet that asks for nothing; finds the way to the others."""
    nodes = {light: _Node(light.called, *place(light)) for light in lights if light.host}

    def hello(node: Destination) -> bytes:
        return artnet.poll() if node.port == artnet.PORT else sacn.discovery(own_id(), "Marrow", [])

    answers = dict(zip(nodes, targets.look(tuple(nodes.values()), hello=hello), strict=True))
    found = []
    for light in lights:
        host, port = place(light)
        out_of, reason = _way(light, host, port)
        answer = answers[light].answer if light in answers else None
        found.append(Way(light.called, host, port, out_of, answer, reason))
    return tuple(found)


def _way(light: Light, host: str, port: int) -> tuple[str, str]:
    """Our address on the way there, and why there is none. No packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if light.interface is not None:
                out = socket.inet_aton(light.interface)
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, out)
            sock.connect((host, port))
            return str(sock.getsockname()[0]), ""
        except OSError as error:
            return "", error.strerror or str(error)


def judge(ways: Sequence[Way]) -> Iterator[Finding]:
    """None of it stops a show: what nobody hears is lost, and the cues go on."""
    for way in ways:
        where = f"{way.called} (to {way.host}, port {way.port})"
        match way.answer:
            case _ if way.reason:
                yield note(TOPIC, f"{where}: this machine has no way to there ({way.reason}).", DO)
            case None:
                yield ok(TOPIC, f"{where}: goes to everybody on the network of {way.out_of}.")
            case Answer.SILENT:
                yield ok(TOPIC, f"{where}: there is a way, out of {way.out_of}.")
            case Answer.REFUSED:
                yield note(
                    TOPIC,
                    f"{where}: the machine is there, but no program listens on that port.",
                    "Start the program there, or compare light.protocol in the config with what it speaks.",
                )
            case _:
                yield note(TOPIC, f"{where}: no machine answers to that address.", DO)
