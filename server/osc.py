"""OSC over UDP: datagrams to messages, messages to datagrams. Nothing that arrives can stall or stop it.

Messages are decoded here, not by python-osc. Its decoder lets UnicodeDecodeError out, follows a blob of
negative size backwards, nests a list for every "[" in a datagram, pads a float that is cut short, steps over
an unknown type tag and so misreads the arguments after it, and copies the rest of the datagram for every
argument. Behind enough checks to stop all that, nothing of it would be left. Its builder serves.
"""

import asyncio
import ipaddress
import math
import socket
import struct
from asyncio.trsock import TransportSocket
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol, cast

from pythonosc.osc_message_builder import BuildError, build_msg

from server.health import Health

MAX_MESSAGES = 128  # in one datagram: what one turn of the loop can carry, whatever they ask for
MAX_DEPTH = 8  # bundles within bundles
MAX_ARGS = 64  # in one message
RECEIVE_BUFFER = (
    4 << 20
)  # bytes; the kernel gives what it allows. Room for a burst while the loop is elsewhere.

MAX_DATAGRAM = 65536  # bytes
MAX_WAITING = 1024  # datagrams that wait for the next turn
TURN = 0.005  # s that one turn may take; reading goes before acting

_BUNDLE = b"#bundle\0"
_BUNDLE_HEAD = 16  # the name and a time tag, which we read past: what has arrived acts now
_NUMBERS = {
    "i": struct.Struct(">i"),
    "h": struct.Struct(">q"),
    "f": struct.Struct(">f"),
    "d": struct.Struct(">d"),
}
_CONSTANTS: dict[str, bool | None] = {"T": True, "F": False, "I": True, "N": None}
_SIZE = struct.Struct(">i")

_Datagram = tuple[bytes, tuple[str | int, ...]]
Arg = bool | int | float | str | bytes | None


class OscError(Exception):
    """A datagram that is not OSC, or more than we take. Says what was found and what was expected."""


class OscMessage(NamedTuple):
    """One message: an address that begins with "/", and plain arguments, every number finite."""

    address: str
    args: tuple[Arg, ...] = ()


def decode(datagram: bytes) -> tuple[OscMessage, ...]:
    """The messages in a datagram, in order; bundles are opened and their time tags ignored.

    One bad part refuses the whole datagram. Work is bounded: at most MAX_MESSAGES messages, MAX_DEPTH bundles
    deep, MAX_ARGS arguments each; types i h f d s b T F I N. Raises OscError and nothing else.
    """
    if not datagram or len(datagram) % 4:
        raise OscError(f"expected a multiple of 4 bytes, got {len(datagram)}")
    messages: list[OscMessage] = []
    packets = [(0, len(datagram), 0)]  # start, end, depth; a stack, the first packet on top
    while packets:
        start, end, depth = packets.pop()
        if not datagram.startswith(_BUNDLE, start, end):
            messages.append(_message(datagram, start, end))
            continue
        if depth == MAX_DEPTH:
            raise OscError(f"bundles nested more than {MAX_DEPTH} deep")
        elements = _elements(datagram, start, end)
        if len(messages) + len(packets) + len(elements) > MAX_MESSAGES:
            raise OscError(f"more than {MAX_MESSAGES} messages in one datagram")
        packets += [(at, until, depth + 1) for at, until in reversed(elements)]
    return tuple(messages)


def _elements(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    if end - start < _BUNDLE_HEAD:
        raise OscError("a bundle without a time tag")
    elements = []
    at = start + _BUNDLE_HEAD
    while at < end:
        (size,) = _SIZE.unpack_from(data, at)  # 4 bytes are there: every size is a multiple of 4
        at += 4
        if size <= 0 or size % 4 or size > end - at:
            raise OscError(f"a bundle element of {size} bytes where {end - at} are left")
        elements.append((at, at + size))
        at += size
    return elements


def _message(data: bytes, start: int, end: int) -> OscMessage:
    address, at = _string(data, start, end)
    if not address.startswith("/"):
        raise OscError(f'expected an address that begins with "/", got {address[:40]!r}')
    if at == end:  # some old senders leave out the type tags of a message without arguments
        return OscMessage(address)
    tags, at = _string(data, at, end)
    if not tags.startswith(","):
        raise OscError(f'expected type tags that begin with ",", got {tags[:40]!r}')
    if len(tags) > MAX_ARGS + 1:
        raise OscError(f"{len(tags) - 1} arguments where at most {MAX_ARGS} are taken")
    args: list[Arg] = []
    for tag in tags[1:]:
        if number := _NUMBERS.get(tag):
            if end - at < number.size:
                raise OscError(f"cut short in an argument of type {tag!r}")
            (value,) = number.unpack_from(data, at)
            if not math.isfinite(value):
                raise OscError(f"{address[:40]}: expected a finite number, got {value}")
            args.append(value)
            at += number.size
        elif tag == "s":
            text, at = _string(data, at, end)
            args.append(text)
        elif tag == "b":
            blob, at = _blob(data, at, end)
            args.append(blob)
        elif tag in _CONSTANTS:
            args.append(_CONSTANTS[tag])
        else:
            raise OscError(f"{address[:40]}: type tag {tag!r}, where i h f d s b T F I N are taken")
    if at != end:
        raise OscError(f"{address[:40]}: {end - at} bytes after the last argument")
    return OscMessage(address, tuple(args))


def _string(data: bytes, at: int, end: int) -> tuple[str, int]:
    nul = data.find(0, at, end)
    if nul < 0:
        raise OscError("a string without an end")
    try:
        return data[at:nul].decode(), (nul + 4) & ~3
    except UnicodeDecodeError:
        raise OscError("a string that is not UTF-8") from None


def _blob(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    if end - at < 4:
        raise OscError("cut short in a blob")
    (size,) = _SIZE.unpack_from(data, at)
    at += 4
    if not 0 <= size <= end - at:
        raise OscError(f"a blob of {size} bytes where {end - at} are left")
    return data[at : at + size], (at + size + 3) & ~3


class OscIn(asyncio.DatagramProtocol):
    """Hands every message to `receive(address, args, source)`; counts what is not OSC.

    `source` is "osc <host>:<port>". `receive` must not raise; what it returns is ignored. What begins with
    one of `urgent` is handed over as soon as it is read. All else waits its turn; what one turn of the loop
    cannot finish is thinned: of each address only the newest stays, the rest is counted as "osc.superseded".
    So the socket is read faster than others fill it, and no GO is buried under sensor values.
    """

    def __init__(
        self,
        receive: Callable[[str, Sequence[object], str], object],
        health: Health,
        urgent: Sequence[str] = ("/show/", "/cue/"),
    ) -> None:
        self._receive = receive
        self._health = health
        self._urgent = tuple(prefix.encode() for prefix in urgent)
        self._waiting: deque[_Datagram] = deque()
        self._turn: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        sock = cast(TransportSocket, transport.get_extra_info("socket"))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        # asyncio reads one datagram a turn, a tenth of what a burst brings; we read the rest ourselves.
        self._socket = sock.dup()
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waiting.clear()
        self._socket.close()

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        self._take(data, addr)
        self._take_turn()

    def error_received(self, exc: Exception) -> None:
        self._health.count("osc.junk", 1, f"the OSC socket reports: {exc}")

    def _take_turn(self) -> None:
        if self._turn is None:
            self._turn = self._loop.call_soon(self._work)

    def _work(self) -> None:
        self._turn = None
        if self._socket.fileno() < 0:
            return
        clock = self._loop.time
        until = clock() + TURN
        with suppress(BlockingIOError):
            while clock() < until:
                self._take(*self._socket.recvfrom(MAX_DATAGRAM))
        while self._waiting and clock() < until:
            self._hand_over(*self._waiting.popleft())
        if self._waiting:
            self._thin()
            self._take_turn()

    def _take(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        within_bundle = data.startswith(_BUNDLE) and any(prefix in data for prefix in self._urgent)
        if within_bundle or data.startswith(self._urgent):
            self._hand_over(data, addr)
        else:
            self._waiting.append((data, addr))

    def _hand_over(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        source = f"osc {addr[0]}:{addr[1]}"
        try:
            messages = decode(data)
        except OscError as error:
            self._health.count("osc.junk", 1, f"{source}: {error}")
            return
        self._health.count("osc.received", len(messages))
        for address, args in messages:
            self._receive(address, args, source)

    def _thin(self) -> None:
        newest = {_key(data): (data, addr) for data, addr in self._waiting}
        kept = deque(newest.values(), MAX_WAITING)
        self._health.count("osc.superseded", len(self._waiting) - len(kept))
        self._waiting = kept


def _key(data: bytes) -> bytes:
    """Datagrams of the same key supersede each other: messages of one address, bundles that are equal."""
    return data if data.startswith(_BUNDLE) else data[: data.find(0)]


class Destination(Protocol):
    """A named place to send to (server.config.Target). The host is an IP address or "localhost"."""

    @property
    def name(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def state(self) -> bool: ...


class OscOut:
    """Sends messages to named targets over UDP. Never waits: what the kernel will not take is lost.

    `state_targets` are the names of those who want to be told the state of the show.
    """

    def __init__(self, targets: Sequence[Destination], health: Health) -> None:
        self.state_targets = tuple(target.name for target in targets if target.state)
        self._health = health
        self._targets: dict[str, tuple[socket.socket, tuple[str, int]]] = {}
        for target in targets:
            # An address, never a name to look up: a name server that does not answer would stop the show.
            ip = ipaddress.ip_address("127.0.0.1" if target.host == "localhost" else target.host)
            family = socket.AF_INET6 if ip.version == 6 else socket.AF_INET
            # Not connected: nobody listening on a port is then no error of ours.
            sock = socket.socket(family, socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            self._targets[target.name] = (sock, (str(ip), target.port))

    def send(self, target: str, address: str, args: Sequence[object] = ()) -> None:
        """Sends one message of bool, int, float, str and bytes. Failures are counted, as "osc_out.failed"."""
        if target not in self._targets:
            known = ", ".join(self._targets) or "none"
            self._failed(target, address, f"no such target; config.toml has {known}")
            return
        sock, where = self._targets[target]
        try:
            sock.sendto(encode(address, args), where)
        except (OscError, OSError) as error:
            self._failed(target, address, str(error))

    def close(self) -> None:
        """Closes the sockets. Sends after this are counted as failed."""
        for sock, _ in self._targets.values():
            sock.close()

    def _failed(self, target: str, address: str, why: str) -> None:
        self._health.count("osc_out.failed", 1, f'{address} to "{target}": {why}')


def encode(address: str, args: Sequence[object] = ()) -> bytes:
    """One message as a datagram. Raises OscError where a value has no OSC type or does not fit one."""
    try:
        return build_msg(address, list(args)).dgram
    except (BuildError, ValueError, OverflowError) as error:
        raise OscError(str(error)) from None
