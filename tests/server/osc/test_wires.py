"""The wires: real datagrams, real streams, real senders."""

import asyncio
import shutil
import socket
import struct
from collections.abc import AsyncIterator, Sequence

import pytest

from server.health import Health
from server.osc import Inlet, OscIn, OscOut, Peer, decode, encode, listen_tcp
from server.osc.framing import LONGEST, Sized, Slip
from server.osc.tcp import MAX_STREAMS
from server.rig import Target
from tests.patience import PATIENCE

GO = encode("/show/go")
NOW = b"#bundle\0" + bytes(7) + b"\1"


def bundle(*elements: bytes) -> bytes:
    return NOW + b"".join(struct.pack(">i", len(element)) + element for element in elements)


class Inbox:
    """Collects what arrives, and lets a test wait for it."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, tuple[object, ...]]] = []
        self.peers: list[Peer] = []
        self.health = Health()
        self._changed = asyncio.Event()
        self.inlet = Inlet(self.receive, self.health)

    def receive(self, address: str, args: Sequence[object], peer: Peer) -> None:
        self.messages.append((address, tuple(args)))
        self.peers.append(peer)
        self._changed.set()

    async def wait_for(self, address: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not any(message[0] == address for message in self.messages):
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.inlet.close()


@pytest.fixture
async def udp(inbox: Inbox) -> AsyncIterator[int]:
    """The port."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: OscIn(inbox.inlet), local_addr=("127.0.0.1", 0)
    )
    yield transport.get_extra_info("sockname")[1]
    transport.close()


@pytest.fixture
async def tcp(inbox: Inbox) -> AsyncIterator[int]:
    server = await listen_tcp(inbox.inlet, socket.create_server(("127.0.0.1", 0)))
    yield server.sockets[0].getsockname()[1]
    server.close()


def oscsend() -> str:
    sender = shutil.which("oscsend")
    assert sender, "oscsend is needed: it is in Debian's liblo-tools"
    return sender


@pytest.mark.parametrize("wire", ["udp", "tcp"])
async def test_oscsend_is_heard(inbox: Inbox, udp: int, tcp: int, wire: str) -> None:
    port = udp if wire == "udp" else tcp
    for arguments in (["/table/plate/mom", "f", "0.5"], ["/show/goto", "s", "12.5"], ["/show/go"]):
        where = f"osc.{wire}://127.0.0.1:{port}/"
        process = await asyncio.create_subprocess_exec(oscsend(), where, *arguments)
        assert await process.wait() == 0
        await inbox.wait_for(arguments[0])
    assert inbox.messages == [("/table/plate/mom", (0.5,)), ("/show/goto", ("12.5",)), ("/show/go", ())]
    assert inbox.peers[0].name.startswith("osc 127.0.0.1:" if wire == "udp" else "osc tcp 127.0.0.1:")
    assert inbox.health.counted("osc.received") == 3


async def test_junk_is_counted_and_what_follows_is_heard(inbox: Inbox, udp: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in (b"", b"/a", b"/a\0\0,z\0\0", GO):
            sender.sendto(packet, ("127.0.0.1", udp))
    await inbox.wait_for("/show/go")
    assert inbox.messages == [("/show/go", ())]
    assert inbox.health.counted("osc.junk") == 3


async def test_a_storm_is_thinned_to_the_newest_and_go_comes_first(inbox: Inbox, udp: int) -> None:
    storm = 20_000

    class Nobody:
        name = "osc 127.0.0.1:1"

        def send(self, packet: bytes) -> None: ...

    for number in range(storm):
        inbox.inlet.take(encode("/a", [number]), Nobody())
        inbox.inlet.take(encode("/b", [-number]), Nobody())
    inbox.inlet.take(bundle(GO), Nobody())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(encode("/last"), ("127.0.0.1", udp))
    await inbox.wait_for("/last")
    assert inbox.messages[0] == ("/show/go", ())
    assert {("/a", (storm - 1,)), ("/b", (1 - storm,))} <= set(inbox.messages)
    assert inbox.health.counted("osc.superseded") > 0
    assert inbox.health.counted("osc.superseded") + len(inbox.messages) == 2 * storm + 2


async def test_a_datagram_is_answered_where_it_came_from(inbox: Inbox, udp: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.setblocking(False)
        asker.sendto(encode("/show/go"), ("127.0.0.1", udp))
        await inbox.wait_for("/show/go")
        inbox.peers[0].send(encode("/reply", ["well"]))
        async with asyncio.timeout(PATIENCE):
            answer = await asyncio.get_running_loop().sock_recv(asker, 1000)
    assert decode(answer) == (("/reply", ("well",)),)


@pytest.mark.parametrize("framing", [Slip, Sized])
async def test_a_stream_is_heard_and_answered_in_its_own_framing(
    inbox: Inbox, tcp: int, framing: type[Slip] | type[Sized]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", tcp)
    stream = b"".join(map(framing().frame, [encode("/a", [0xC0DB]), bundle(encode("/b"), GO), encode("/c")]))
    for at in range(0, len(stream), 7):
        writer.write(stream[at : at + 7])
        await writer.drain()
    await inbox.wait_for("/c")
    # What waits its turn may come after a GO; nothing else changes places.
    assert sorted(inbox.messages) == [("/a", (0xC0DB,)), ("/b", ()), ("/c", ()), ("/show/go", ())]
    assert [address for address, _ in inbox.messages if address in ("/b", "/show/go")] == ["/b", "/show/go"]
    inbox.peers[0].send(encode("/reply", [1]))
    expected = framing().frame(encode("/reply", [1]))
    async with asyncio.timeout(PATIENCE):
        assert await reader.readexactly(len(expected)) == expected
    writer.close()


async def test_a_broken_packet_costs_itself_and_the_stream_goes_on(inbox: Inbox, tcp: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", tcp)
    writer.write(b"\xc0/a\xdbb\xc0" + Slip().frame(b"/odd") + b"\xc0" + Slip().frame(GO))
    await inbox.wait_for("/show/go")
    assert inbox.messages == [("/odd", ()), ("/show/go", ())] or inbox.messages == [("/show/go", ())]
    assert inbox.health.counted("osc.junk") >= 1
    writer.close()


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">i", 8) + encode("/abc")[:8] + struct.pack(">i", LONGEST + 1),
        struct.pack(">i", 8) + encode("/abc")[:8] + struct.pack(">i", -1),
    ],
)
async def test_a_stream_that_cannot_be_read_is_closed(inbox: Inbox, tcp: int, junk: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", tcp)
    writer.write(junk)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
    assert inbox.health.counted("osc.junk") == 1
    writer.close()


async def test_no_more_connections_than_we_can_listen_to(inbox: Inbox, tcp: int) -> None:
    writers = []
    for number in range(MAX_STREAMS):
        _, writer = await asyncio.open_connection("127.0.0.1", tcp)
        writer.write(Slip().frame(encode(f"/{number}")))
        await inbox.wait_for(f"/{number}")
        writers.append(writer)
    reader, one_more = await asyncio.open_connection("127.0.0.1", tcp)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
    assert inbox.health.counted("osc.turned_away") == 1
    writers.pop().close()
    async with asyncio.timeout(PATIENCE):
        while True:  # until its place is free
            _, again = await asyncio.open_connection("127.0.0.1", tcp)
            again.write(Slip().frame(GO))
            try:
                async with asyncio.timeout(0.2):
                    await inbox.wait_for("/show/go")
                    break
            except TimeoutError:
                again.close()
    for writer in (*writers, one_more, again):
        writer.close()


async def test_who_takes_no_answers_is_let_go(inbox: Inbox, tcp: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", tcp, limit=1)
    writer.write(Slip().frame(GO))
    await inbox.wait_for("/show/go")
    answer = encode("/reply", [b"x" * 60_000])
    async with asyncio.timeout(PATIENCE):
        while not inbox.health.counted("clients.stalled"):
            inbox.peers[0].send(answer)
            await asyncio.sleep(0)
    inbox.peers[0].send(answer)  # and that is no error
    assert inbox.health.counted("clients.stalled") == 1
    writer.close()


async def test_a_flood_on_a_stream_leaves_the_loop_to_others(inbox: Inbox, tcp: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", tcp)
    flood = 20_000
    writer.write(b"".join(Slip().frame(encode("/show/x", [number])) for number in range(flood)))
    writer.write(Slip().frame(encode("/show/last")))
    await inbox.wait_for("/show/last")
    assert [args for address, args in inbox.messages if address == "/show/x"] == [(n,) for n in range(flood)]
    writer.close()


async def test_out_reaches_a_named_target(inbox: Inbox, udp: int) -> None:
    health = Health()
    out = OscOut([Target(name="sound", port=udp), Target(name="lights", port=udp, state=True)], health)
    out.send("sound", "/noteOn", (62, 127))
    out.send("lights", "/marrow/current", ("3",))
    await inbox.wait_for("/marrow/current")
    out.close()
    assert inbox.messages == [("/noteOn", (62, 127)), ("/marrow/current", ("3",))]
    assert [(target["name"], target["sent"], target["failed"]) for target in out.to_plain()] == [
        ("sound", 1, 0),
        ("lights", 1, 0),
    ]
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


def test_a_tap_sees_what_goes_out_and_what_does_not(udp: int) -> None:
    out = OscOut([Target(name="sound", port=udp)], Health())
    seen: list[tuple[str, str, Sequence[object], str]] = []
    out.tap(lambda *passed: seen.append(passed))
    out.send("sound", "/noteOn", (62, 127))
    out.send("lamp", "/on")
    out.send("sound", "/level", (1e300,))
    out.post("sound", "/bare", (1,), encode("/bare", (1,)))
    out.passed("osc 10.0.0.7:5000", "/answer", ())
    out.close()
    assert [(to, address) for to, address, _, error in seen if not error] == [
        ("sound", "/noteOn"),
        ("sound", "/bare"),
        ("osc 10.0.0.7:5000", "/answer"),
    ]
    (lamp, _, _, unknown), (sound, _, args, wrong) = [each for each in seen if each[3]]
    assert (lamp, unknown) == ("lamp", "no such target; config.toml has sound")
    assert (sound, args) == ("sound", (1e300,))
    [plain] = out.to_plain()
    assert "too large" in wrong
    assert (plain["sent"], plain["failed"], plain["last_error"]) == (2, 1, "")


def test_no_way_to_a_target_is_forgotten_with_the_next_message_that_goes(udp: int) -> None:
    health = Health()
    out = OscOut([Target(name="sound", port=udp)], health)
    line = out._lines["sound"]
    there, line.where = line.where, ("127.0.0.1", 0)  # a port to which the kernel sends nothing
    out.send("sound", "/noteOn", (62, 127))
    [plain] = out.to_plain()
    assert (plain["sent"], plain["failed"]) == (0, 1)
    assert plain["last_error"]
    line.where = there
    out.send("sound", "/noteOn", (62, 127))
    [plain] = out.to_plain()
    assert (plain["sent"], plain["failed"], plain["last_error"]) == (1, 1, "")
    assert health.counted("osc_out.unfit") == 0
    out.close()


def test_a_message_that_cannot_be_written_says_nothing_of_its_target(udp: int) -> None:
    health = Health()
    out = OscOut([Target(name="sound", port=udp)], health)
    out.send("sound", "/level", (1e300,))
    out.send("sound", "/long", ("x" * 70_000,))
    [plain] = out.to_plain()
    assert (plain["failed"], plain["last_error"]) == (2, "")
    assert (health.counted("osc_out.failed"), health.counted("osc_out.unfit")) == (2, 2)
    out.close()


def test_sending_to_nobody_is_no_failure() -> None:
    health = Health()
    out = OscOut([Target(name="sound", port=9)], health)
    for _ in range(50):
        out.send("sound", "/noteOn", (62, 127))
    out.close()
    assert health.counted("osc_out.failed") == 0
