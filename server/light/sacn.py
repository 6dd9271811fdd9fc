"""sACN: DMX over UDP by ANSI E1.31-2018, whose tables 4-1 to 8-1 are the layouts here. Pure."""

import struct
from collections.abc import Sequence
from uuid import UUID

PORT = 5568
DISCOVERY_EVERY = 10.0  # s, E1.31 12.2 (E131_UNIVERSE_DISCOVERY_INTERVAL)
DISCOVERY_UNIVERSE = 64214
FAREWELLS = 3  # packets that say that the stream ends, E1.31 6.2.6

_PREAMBLE = struct.pack(">HH12s", 0x0010, 0x0000, b"ASC-E1.17")
_ROOT_DATA, _ROOT_EXTENDED = 0x00000004, 0x00000008
_FRAMING_DATA, _FRAMING_DISCOVERY = 0x00000002, 0x00000002
_DISCOVERY_LIST = 0x00000001
_SET_PROPERTY = 0x02
_TERMINATED = 0x40


def group(universe: int) -> str:
    """The multicast address of a universe, E1.31 9.3.1."""
    return f"239.255.{universe >> 8}.{universe & 0xFF}"


class Sacn:
    """The packets of one universe, numbered."""

    def __init__(self, sender: UUID, name: str, universe: int, priority: int) -> None:
        """`sender` is who we are, the same each night; `name` is what people read, 63 bytes of it at most."""
        self._sender = sender
        self._framing = struct.pack(">64sBH", _label(name), priority, 0)
        self._universe = universe
        self._sequence = -1

    def packet(self, levels: bytes) -> bytes:
        """One picture of the universe: up to 512 levels from channel 1 on."""
        return self._packet(levels, 0)

    def farewell(self, levels: bytes) -> list[bytes]:
        """What is sent at the end: receivers need not wait for their time-out."""
        return [self._packet(levels, _TERMINATED) for _ in range(FAREWELLS)]

    def _packet(self, levels: bytes, options: int) -> bytes:
        self._sequence = (self._sequence + 1) % 256
        # One-byte properties from address 0 on; the first of them is the start code of DMX, 0 for levels.
        values = struct.pack(">BBHHH", _SET_PROPERTY, 0xA1, 0, 1, len(levels) + 1) + b"\0" + levels
        framing = self._framing + struct.pack(">BBH", self._sequence, options, self._universe)
        body = struct.pack(">I", _FRAMING_DATA) + framing + _layer(values)
        return _root(_ROOT_DATA, self._sender, body)


def discovery(sender: UUID, name: str, universes: Sequence[int]) -> bytes:
    """Which universes we send: for everybody, every DISCOVERY_EVERY. At most 512 of them, which fit one
    page."""
    listed = struct.pack(f">IBB{len(universes)}H", _DISCOVERY_LIST, 0, 0, *sorted(universes))
    body = struct.pack(">I64s4x", _FRAMING_DISCOVERY, _label(name)) + _layer(listed)
    return _root(_ROOT_EXTENDED, sender, body)


def _root(vector: int, sender: UUID, body: bytes) -> bytes:
    return _PREAMBLE + _layer(struct.pack(">I16s", vector, sender.bytes) + _layer(body))


def _layer(body: bytes) -> bytes:
    """Flags and length, which counts itself, before what is inside."""
    return struct.pack(">H", 0x7000 | len(body) + 2) + body


def _label(name: str) -> bytes:
    """As many whole characters as fit 63 bytes: a zero has to follow."""
    return name.encode()[:63].decode(errors="ignore").encode()
