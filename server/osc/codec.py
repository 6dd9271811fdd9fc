"""The codec: bytes to messages, and messages to bytes. Nothing that arrives can stall or stop it.

Messages are decoded here, not by python-osc. Its decoder lets UnicodeDecodeError out, follows a blob of
negative size backwards, nests a list for every "[" in a datagram, pads a float that is cut short, steps over
an unknown type tag and so misreads the arguments after it, and copies the rest of the datagram for every
argument. Behind enough checks to stop all that, nothing of it would be left. Its builder serves.
"""

import math
import struct
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from pythonosc.osc_message_builder import BuildError, build_msg

from server.osc.timetag import IMMEDIATELY, before

MAX_MESSAGES = 128  # in one packet: what one turn of the loop can carry, whatever they ask for
MAX_DEPTH = 8  # bundles within bundles
MAX_ARGS = 64  # in one message

BUNDLE = b"#bundle\0"
_BUNDLE_HEAD = 16  # the name and a time tag
_NUMBERS = {
    "i": struct.Struct(">i"),
    "h": struct.Struct(">q"),
    "f": struct.Struct(">f"),
    "d": struct.Struct(">d"),
}
_CONSTANTS: dict[str, bool | None] = {"T": True, "F": False, "I": True, "N": None}
_SIZE = struct.Struct(">i")
_TAG = struct.Struct(">Q")

Arg = bool | int | float | str | bytes | None


class OscError(Exception):
    """A packet that is not OSC, or more than we take. Says what was found and what was expected."""


class OscMessage(NamedTuple):
    """One message: an address that begins with "/", and plain arguments, every number finite."""

    address: str
    args: tuple[Arg, ...] = ()


class Part(NamedTuple):
    """Messages of a packet that belong to one moment, and the time tag of that."""

    tag: int
    messages: tuple[OscMessage, ...]


def decode(packet: bytes) -> tuple[OscMessage, ...]:
    """The messages in a packet, in order, whatever their time tags. Raises OscError and nothing else."""
    return tuple(message for part in unbundle(packet) for message in part.messages)


def unbundle(packet: bytes) -> tuple[Part, ...]:
    """The parts of a packet, in order. A message that is in no bundle is of now: its tag is IMMEDIATELY.

    A bundle in a bundle has its own tag, which may not lie before the one around it (OSC 1.0), or that one
    where it says IMMEDIATELY. One bad part refuses the whole packet. Work is bounded: at most MAX_MESSAGES
    messages, MAX_DEPTH bundles deep, MAX_ARGS arguments each; types i h f d s b T F I N. Raises OscError and
    nothing else.
    """
    if not packet or len(packet) % 4:
        raise OscError(f"expected a multiple of 4 bytes, got {len(packet)}")
    if not packet.startswith(BUNDLE):  # most are messages alone
        return (Part(IMMEDIATELY, (_message(packet, 0, len(packet)),)),)
    tagged: list[tuple[int, OscMessage]] = []
    packets = [(0, len(packet), 0, IMMEDIATELY)]  # start, end, depth, tag; a stack, the first packet on top
    while packets:
        start, end, depth, tag = packets.pop()
        if not packet.startswith(BUNDLE, start, end):
            tagged.append((tag, _message(packet, start, end)))
            continue
        if depth == MAX_DEPTH:
            raise OscError(f"bundles nested more than {MAX_DEPTH} deep")
        if end - start < _BUNDLE_HEAD:
            raise OscError("a bundle without a time tag")
        tag = _tag(packet, start, tag)
        elements = _elements(packet, start + _BUNDLE_HEAD, end)
        if len(tagged) + len(packets) + len(elements) > MAX_MESSAGES:
            raise OscError(f"more than {MAX_MESSAGES} messages in one packet")
        packets += [(at, until, depth + 1, tag) for at, until in reversed(elements)]
    return tuple(
        Part(tag, tuple(message for _, message in group))
        for tag, group in groupby(tagged, lambda item: item[0])
    )


def _tag(data: bytes, start: int, around: int) -> int:
    (tag,) = _TAG.unpack_from(data, start + len(BUNDLE))
    if tag <= IMMEDIATELY:
        return around
    if around != IMMEDIATELY and before(tag, around):
        raise OscError("a bundle whose time tag lies before that of the bundle around it")
    return int(tag)


def _elements(data: bytes, at: int, end: int) -> list[tuple[int, int]]:
    elements = []
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


def encode(address: str, args: Sequence[object] = ()) -> bytes:
    """One message as a packet. Raises OscError where a value has no OSC type or does not fit one."""
    try:
        return build_msg(address, list(args)).dgram
    except (BuildError, ValueError, OverflowError) as error:
        raise OscError(str(error)) from None
