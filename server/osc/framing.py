"""Packets in a stream of bytes. OSC 1.1 asks for SLIP (RFC 1055); OSC 1.0 wrote the size before each packet,
and many programs still do. The first byte tells which: a size below 16 MiB begins with 0, SLIP never does."""

import struct
from typing import Protocol

LONGEST = 65536  # bytes of a packet

END = b"\xc0"
ESC = b"\xdb"
_ESCAPED_END = ESC + b"\xdc"
_ESCAPED_ESC = ESC + b"\xdd"
_SIZE = struct.Struct(">i")


class FrameError(Exception):
    """A packet that cannot be used. The stream goes on behind it."""


class BrokenStream(Exception):
    """Nobody can say where the next packet begins."""


class Framing(Protocol):
    """Takes bytes however they were cut, and gives packets."""

    def feed(self, data: bytes) -> None: ...

    def take(self) -> bytes | None:
        """The next packet; None where more bytes are needed. Raises FrameError and BrokenStream."""

    def frame(self, packet: bytes) -> bytes:
        """A packet as it goes into the stream."""
        ...


def framing_of(first: bytes) -> Framing:
    """The framing of a stream by its first bytes. Raises BrokenStream: it is something else, HTTP for
    example."""
    match first[:1]:
        case b"\x00":
            return Sized()
        case b"\xc0" | b"/" | b"#":
            return Slip()
    raise BrokenStream(f"expected OSC in SLIP, or with sizes before the packets; got {first[:8]!r}")


class Slip:
    """Packets between END bytes; an END or ESC in a packet is written as two bytes. Empty packets are passed
    over."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0  # bytes of the buffer in which there is no END
        self._skipping = False  # what is left of a packet that was too long

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> bytes | None:
        while (end := self._buffer.find(END, self._searched)) >= 0:
            frame = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._searched = 0
            if self._skipping:
                self._skipping = False
            elif frame:
                return _unescaped(frame)
        self._searched = len(self._buffer)
        if self._searched > 2 * LONGEST:  # each byte may have been escaped
            self._buffer.clear()
            self._searched, known, self._skipping = 0, self._skipping, True
            if not known:
                raise _too_long()
        return None

    def frame(self, packet: bytes) -> bytes:
        # The END before it ends whatever noise there was.
        return END + packet.replace(ESC, _ESCAPED_ESC).replace(END, _ESCAPED_END) + END


def _unescaped(frame: bytes) -> bytes:
    # Once the ENDs are back, each ESC that is left stands before its own code, or before a byte that is none.
    first, *parts = frame.replace(_ESCAPED_END, END).split(ESC)
    if not all(part.startswith(_ESCAPED_ESC[1:]) for part in parts):
        raise FrameError("an escape that SLIP does not know")
    packet = ESC.join((first, *(part[1:] for part in parts)))
    if len(packet) > LONGEST:
        raise _too_long()
    return packet


def _too_long() -> FrameError:
    return FrameError(f"a packet of more than {LONGEST} bytes")


class Sized:
    """Packets with their size before them, 4 bytes, as OSC 1.0 says of streams."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> bytes | None:
        if len(self._buffer) < _SIZE.size:
            return None
        (size,) = _SIZE.unpack_from(self._buffer)
        if not 0 < size <= LONGEST:
            raise BrokenStream(f"a packet of {size} bytes, where 1 to {LONGEST} are taken")
        end = _SIZE.size + size
        if len(self._buffer) < end:
            return None
        packet = bytes(self._buffer[_SIZE.size : end])
        del self._buffer[:end]
        return packet

    def frame(self, packet: bytes) -> bytes:
        return _SIZE.pack(len(packet)) + packet
