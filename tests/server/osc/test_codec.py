"""Packets in and out, the moments of their parts, and the packets that have stopped other decoders."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage as TheirMessage
from pythonosc.osc_message_builder import build_msg

from server.osc import (
    MAX_ARGS,
    MAX_DEPTH,
    MAX_MESSAGES,
    OscError,
    OscMessage,
    decode,
    encode,
    unbundle,
)
from server.osc.timetag import IMMEDIATELY

GO = encode("/show/go")
HEAD = b"#bundle\0" + bytes(7) + b"\1"


def bundle(*elements: bytes) -> bytes:
    return HEAD + b"".join(struct.pack(">i", len(element)) + element for element in elements)


def nested(depth: int) -> bytes:
    packet = GO
    for _ in range(depth):
        packet = bundle(packet)
    return packet


def message(tags: bytes, payload: bytes = b"") -> bytes:
    tags += bytes(4 - len(tags) % 4)
    return b"/a\0\0" + tags + payload


finite32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
values = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    finite32,
    text,
    st.booleans(),
    st.none(),
    st.binary(min_size=1, max_size=9),
)
messages = st.builds(
    OscMessage, st.from_regex(r"\A(/[a-z.]{1,8}){1,4}\Z"), st.lists(values, max_size=6).map(tuple)
)


@given(st.binary(max_size=400))
def test_any_bytes_are_messages_or_an_error(data: bytes) -> None:
    try:
        found = decode(data)
    except OscError:
        return
    assert all(isinstance(message, OscMessage) for message in found)


@given(st.lists(messages, min_size=1, max_size=4), st.data())
def test_a_valid_packet_with_a_few_bytes_changed_is_messages_or_an_error(
    sent: list[OscMessage], data: st.DataObject
) -> None:
    packet = bytearray(bundle(*(encode(*message) for message in sent)))
    for _ in range(data.draw(st.integers(1, 4))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = decode(bytes(packet))
    except OscError:
        return
    for message in found:
        assert message.address.startswith("/")
        assert all(math.isfinite(arg) for arg in message.args if isinstance(arg, float))


@given(st.lists(messages, max_size=5))
def test_what_python_osc_builds_is_read(sent: list[OscMessage]) -> None:
    builder = OscBundleBuilder(0)
    for address, args in sent:
        builder.add_content(build_msg(address, list(args)))
    assert decode(builder.build().dgram) == tuple(sent)


@given(messages)
def test_what_we_build_python_osc_reads(sent: OscMessage) -> None:
    read = TheirMessage(encode(*sent))
    assert (read.address, tuple(read.params)) == sent


@pytest.mark.parametrize("tag", ["T", "I"])
def test_true_and_impulse(tag: str) -> None:
    assert decode(message(f",{tag}FN".encode())) == (OscMessage("/a", (True, False, None)),)


def test_doubles_and_a_message_without_type_tags() -> None:
    assert decode(message(b",d", struct.pack(">d", 0.1))) == (OscMessage("/a", (0.1,)),)
    assert decode(b"/a\0\0") == (OscMessage("/a"),)


def tagged(tag: int, *elements: bytes) -> bytes:
    return b"#bundle\0" + struct.pack(">Q", tag) + bundle(*elements)[16:]


def addresses(packet: bytes) -> list[tuple[int, list[str]]]:
    return [(part.tag, [message.address for message in part.messages]) for part in unbundle(packet)]


def test_a_message_alone_and_an_empty_tag_are_of_now() -> None:
    assert addresses(encode("/a")) == [(IMMEDIATELY, ["/a"])]
    assert addresses(tagged(0, encode("/a"), encode("/b"))) == [(IMMEDIATELY, ["/a", "/b"])]


def test_bundles_keep_their_order_and_each_its_moment() -> None:
    inner = bundle(encode("/b", [2]), encode("/c", [3]))
    packet = tagged(7 << 32, encode("/a", [1]), inner, tagged(8 << 32, encode("/d")), encode("/e"))
    assert addresses(packet) == [(7 << 32, ["/a", "/b", "/c"]), (8 << 32, ["/d"]), (7 << 32, ["/e"])]
    assert [message.address for message in decode(packet)] == ["/a", "/b", "/c", "/d", "/e"]


def test_a_bundle_may_not_lie_before_the_one_around_it() -> None:
    with pytest.raises(OscError, match="before that of the bundle around it"):
        unbundle(tagged(8 << 32, tagged(7 << 32, GO)))
    # Across the day in 2036 when the seconds begin again, later is the smaller number.
    assert len(unbundle(tagged((1 << 64) - 5, tagged(5, GO)))) == 1


def test_limits_are_taken_to_the_last() -> None:
    assert decode(nested(MAX_DEPTH)) == (OscMessage("/show/go"),)
    assert len(decode(bundle(*[GO] * MAX_MESSAGES))) == MAX_MESSAGES
    assert len(decode(message(b"," + b"T" * MAX_ARGS))[0].args) == MAX_ARGS
    assert decode(HEAD) == ()


HOSTILE = {
    "empty": b"",
    "not a multiple of 4": GO + b"\0",
    "no address": b"abc\0,\0\0\0",
    "no end of the address": b"/abc",
    "an address that is not UTF-8": b"/\xff\xfe\0,\0\0\0",
    "no comma before the type tags": b"/a\0\0i\0\0\0\0\0\0\1",
    "element of size 0": HEAD + bytes(4),
    "element of size -4": HEAD + struct.pack(">i", -4) + GO,
    "element of size -2**31": HEAD + struct.pack(">i", -(2**31)) + GO,
    "element longer than the bundle": HEAD + struct.pack(">i", 4000) + GO,
    "element of size 7": HEAD + struct.pack(">i", 7) + GO,
    "bundle without a time tag": b"#bundle\0",
    "nested too deep": nested(MAX_DEPTH + 1),
    "nested a thousand deep": nested(1000),
    "too many messages": bundle(*[GO] * (MAX_MESSAGES + 1)),
    "too many messages, two deep": bundle(*[bundle(*[GO] * MAX_MESSAGES)] * 4),
    "too many arguments": message(b"," + b"T" * (MAX_ARGS + 1)),
    "64 KiB of brackets": message(b"," + b"[" * 65_000),
    "one bracket": message(b",[i]", bytes(4)),
    "unknown type": message(b",z"),
    "float cut short": message(b",f"),
    "int64 cut short": message(b",h", bytes(4)),
    "NaN": message(b",f", struct.pack(">f", math.nan)),
    "infinity": message(b",d", struct.pack(">d", math.inf)),
    "string without an end": message(b",s", b"abcd"),
    "string that is not UTF-8": message(b",s", b"\xc3\x28\0\0"),
    "blob of negative size": message(b",b", struct.pack(">i", -8)),
    "blob longer than the packet": message(b",b", struct.pack(">i", 2**31 - 1)),
    "blob without a size": message(b",b"),
    "bytes after the last argument": message(b",i", bytes(8)),
    "one bad message in a good bundle": bundle(GO, message(b",z"), GO),
}


@pytest.mark.parametrize("packet", HOSTILE.values(), ids=HOSTILE)
def test_hostile_packets_are_refused_whole(packet: bytes) -> None:
    with pytest.raises(OscError):
        decode(packet)


def test_values_that_osc_cannot_carry_are_refused() -> None:
    for value in (1e300, 2**70, object(), "\udcff", b""):
        with pytest.raises(OscError):
            encode("/a", [value])
