"""Datagrams in and out, the packets that have stopped other decoders, and a real sender on a real socket."""

import asyncio
import math
import shutil
import socket
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage as TheirMessage
from pythonosc.osc_message_builder import build_msg

from server.config import Target
from server.health import Health
from server.osc import (
    MAX_ARGS,
    MAX_DEPTH,
    MAX_MESSAGES,
    OscError,
    OscIn,
    OscMessage,
    OscOut,
    decode,
    encode,
)

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


def test_bundles_keep_their_order_and_act_at_once() -> None:
    late = b"#bundle\0" + struct.pack(">Q", 2**63)  # a time tag years ahead
    inner = bundle(encode("/b", [2]), encode("/c", [3]))
    packet = late + b"".join(
        struct.pack(">i", len(part)) + part for part in (encode("/a", [1]), inner, encode("/d"))
    )
    assert [message.address for message in decode(packet)] == ["/a", "/b", "/c", "/d"]


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


class Inbox:
    """Collects what arrives, and lets a test wait for it."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, tuple[object, ...]]] = []
        self.sources: list[str] = []
        self._changed = asyncio.Event()

    def receive(self, address: str, args: Sequence[object], source: str) -> None:
        self.messages.append((address, tuple(args)))
        self.sources.append(source)
        self._changed.set()

    async def wait_for(self, address: str) -> None:
        async with asyncio.timeout(20):
            while not any(message[0] == address for message in self.messages):
                self._changed.clear()
                await self._changed.wait()


async def listening(inbox: Inbox, health: Health) -> tuple[asyncio.DatagramTransport, int]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: OscIn(inbox.receive, health), local_addr=("127.0.0.1", 0)
    )
    return transport, transport.get_extra_info("sockname")[1]


async def test_oscsend_is_heard() -> None:
    sender = shutil.which("oscsend")
    assert sender, "oscsend is needed: it is in Debian's liblo-tools"
    inbox, health = Inbox(), Health()
    transport, port = await listening(inbox, health)
    try:
        for arguments in (["/table/plate/mom", "f", "0.5"], ["/show/goto", "s", "12.5"], ["/show/go"]):
            process = await asyncio.create_subprocess_exec(sender, "127.0.0.1", str(port), *arguments)
            assert await process.wait() == 0
        await inbox.wait_for("/show/go")
    finally:
        transport.close()
    assert inbox.messages == [("/table/plate/mom", (0.5,)), ("/show/goto", ("12.5",)), ("/show/go", ())]
    assert inbox.sources[0].startswith("osc 127.0.0.1:")
    assert health.counted("osc.received") == 3


async def test_junk_is_counted_and_what_follows_is_heard() -> None:
    inbox, health = Inbox(), Health()
    transport, port = await listening(inbox, health)
    packets = [packet for packet in HOSTILE.values() if len(packet) < 65_000]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in [*packets, GO]:
            sender.sendto(packet, ("127.0.0.1", port))
    try:
        await inbox.wait_for("/show/go")
    finally:
        transport.close()
    assert inbox.messages == [("/show/go", ())]
    assert health.counted("osc.junk") == len(packets)


async def test_a_storm_is_thinned_to_the_newest_and_go_comes_first() -> None:
    inbox, health = Inbox(), Health()
    transport, _ = await listening(inbox, health)
    storm, source = 20_000, ("127.0.0.1", 1)
    protocol = transport.get_protocol()
    assert isinstance(protocol, OscIn)
    for number in range(storm):
        protocol.datagram_received(encode("/a", [number]), source)
        protocol.datagram_received(encode("/b", [-number]), source)
    protocol.datagram_received(bundle(GO), source)
    protocol.datagram_received(encode("/last"), source)
    try:
        await inbox.wait_for("/last")
    finally:
        transport.close()
    assert inbox.messages[0] == ("/show/go", ())
    assert {("/a", (storm - 1,)), ("/b", (1 - storm,))} <= set(inbox.messages)
    assert health.counted("osc.superseded") > 0
    assert health.counted("osc.superseded") + len(inbox.messages) == 2 * storm + 2


async def test_out_reaches_a_named_target() -> None:
    inbox, health = Inbox(), Health()
    transport, port = await listening(inbox, health)
    out = OscOut([Target(name="sound", port=port), Target(name="lights", port=port, state=True)], health)
    out.send("sound", "/noteOn", (62, 127))
    out.send("lights", "/marrow/current", ("3",))
    try:
        await inbox.wait_for("/marrow/current")
    finally:
        transport.close()
        out.close()
    assert inbox.messages == [("/noteOn", (62, 127)), ("/marrow/current", ("3",))]
    assert out.state_targets == ("lights",)
    assert health.counted("osc_out.failed") == 0


def test_failures_to_send_are_counted_not_raised() -> None:
    health = Health()
    out = OscOut([Target(name="sound", port=9)], health)
    out.send("lamp", "/on")
    out.send("sound", "/level", (1e300,))
    out.send("sound", "/long", ("x" * 70_000,))
    out.close()
    out.send("sound", "/late")
    assert health.counted("osc_out.failed") == 4


def test_sending_to_nobody_is_no_failure() -> None:
    health = Health()
    out = OscOut([Target(name="sound", port=9)], health)
    for _ in range(50):
        out.send("sound", "/noteOn", (62, 127))
    out.close()
    assert health.counted("osc_out.failed") == 0
