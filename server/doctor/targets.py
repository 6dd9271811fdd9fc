"""The programs that OSC is sent to: whether there is a way to each, and whether anybody says that it is dead.

UDP has no answer. But where nobody listens, most machines send an ICMP message back, and where there is no
machine the system finds out within seconds. Silence means that somebody listens, or that a firewall swallows.
"""

import errno
import ipaddress
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from server.doctor.finding import Finding, note, ok
from server.osc import Destination, encode

TOPIC = "OSC out"

HELLO = "/marrow/doctor"
"""What each target is sent, once. It has no arguments and asks for nothing."""

NEAR, FAR = 0.5, 3.5
"""Seconds until a dead port of this machine is known, and a missing machine on the network."""


_TELL_ALL = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
"""IP_RECVERR and IPV6_RECVERR of Linux, ip(7) and ipv6(7), which Python does not name."""


class Answer(Enum):
    SILENT = "took it"
    REFUSED = "nobody listens on that port"
    NO_HOST = "no machine has that address"
    NO_WAY = "there is no way to that address"
    NO_NAME = "no such name"


@dataclass(frozen=True, slots=True)
class Target:
    """A target and what came of a message to it; `reason` is the system's word for it."""

    name: str
    host: str
    port: int
    answer: Answer
    reason: str = ""


def look(
    targets: Sequence[Destination],
    clock: Callable[[], float] = time.monotonic,
    hello: Callable[[Destination], bytes] = lambda target: encode(HELLO),
) -> tuple[Target, ...]:
    """Send each one message, and wait for what comes back: at most FAR seconds for all."""
    found: dict[str, Target] = {}
    local = True
    with selectors.DefaultSelector() as waiting:
        for target in targets:
            try:
                sock = _greet(target, hello(target))
                local = local and ipaddress.ip_address(sock.getpeername()[0]).is_loopback
                waiting.register(sock, selectors.EVENT_READ, target)
            except OSError as error:
                found[target.name] = _target(target, error)
        until = clock() + (NEAR if local else FAR)
        while waiting.get_map() and (left := until - clock()) > 0:
            for key, _ in waiting.select(left):
                sock = key.fileobj  # type: ignore[assignment]
                try:
                    sock.recv(1)
                    continue  # it answers: it is there
                except OSError as error:
                    found[key.data.name] = _target(key.data, error)
                waiting.unregister(sock)
                sock.close()
        for key in list(waiting.get_map().values()):
            found[key.data.name] = Target(key.data.name, key.data.host, key.data.port, Answer.SILENT)
            key.fileobj.close()  # type: ignore[union-attr]
    return tuple(found[target.name] for target in targets)


def _greet(target: Destination, hello: bytes) -> socket.socket:
    """A socket that has sent the message and hears of its fate. Raises OSError."""
    host = "127.0.0.1" if target.host == "localhost" else target.host
    family, kind, _, _, where = socket.getaddrinfo(host, target.port, type=socket.SOCK_DGRAM)[0]
    sock = socket.socket(family, kind)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setblocking(False)
        if sys.platform == "linux":
            # Else it keeps to itself that no machine has the address.
            level, option = _TELL_ALL[family]
            sock.setsockopt(level, option, 1)
        # Connected, so that an ICMP message finds its way back to us.
        sock.connect(where)
        sock.send(hello)
    except OSError:
        sock.close()
        raise
    return sock


def _target(target: Destination, error: OSError) -> Target:
    match error:
        case socket.gaierror():
            answer = Answer.NO_NAME
        case ConnectionRefusedError() | ConnectionResetError():  # Windows says reset
            answer = Answer.REFUSED
        case OSError(errno=errno.EHOSTUNREACH):
            answer = Answer.NO_HOST
        case _:
            answer = Answer.NO_WAY
    return Target(target.name, target.host, target.port, answer, error.strerror or str(error))


def judge(targets: Sequence[Target]) -> Iterator[Finding]:
    """None of it stops a show: what nobody hears is lost, and the cues go on."""
    for target in targets:
        where = f"{target.name} ({target.host}, port {target.port})"
        match target.answer:
            case Answer.SILENT:
                yield ok(TOPIC, f"{where}: there is a way, and nobody says that it is dead.")
            case Answer.REFUSED:
                yield note(
                    TOPIC,
                    f"{where}: the machine is there, but no program listens on that port. What is sent "
                    "is lost.",
                    "Start the program there, or set it to this port. If nobody is to listen, leave it.",
                )
            case Answer.NO_HOST:
                yield note(
                    TOPIC,
                    f"{where}: no machine answers to that address. What is sent is lost.",
                    "Switch that machine on, look at its cable, and compare its address with osc.target "
                    "in the config.",
                )
            case Answer.NO_NAME:
                yield note(
                    TOPIC,
                    f"{where}: nobody knows a machine of that name.",
                    f"Write its IP address as host of osc.target {target.name} in the config.",
                )
            case Answer.NO_WAY:
                yield note(
                    TOPIC,
                    f"{where}: this machine has no way to that address ({target.reason}). What is sent is "
                    "lost.",
                    "Look at this machine's network cable, and whether both are on the same network.",
                )
    if not targets:
        yield ok(TOPIC, "The config names no OSC targets: nobody is sent anything.")
