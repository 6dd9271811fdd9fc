"""Lights over real sockets: to a receiver that others wrote, to everybody, into a network that is gone."""

import asyncio
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from sacn import sACNreceiver
from sacn.messages.data_packet import DataPacket
from sacn.messages.universe_discovery import UniverseDiscoveryPacket

from server.doctor.finding import Level, ok
from server.health import Health
from server.light import sacn
from server.light.config import Light
from server.light.lights import Lights
from server.light.place import own_id, place
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.server.light.toy_stage import ToyStage, picture

CHANNELS = [{"channel": 1, "follow": "energy.main.left", "smoothing": 0}, {"channel": 4, "value": 77}]


def light(**keys: object) -> Light:
    return Light.model_validate({"protocol": "sacn", "universe": 3, "channels": CHANNELS, **keys})


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


@asynccontextmanager
async def running(lights: Lights) -> AsyncIterator[None]:
    job = asyncio.create_task(lights.run())
    try:
        yield
    finally:
        job.cancel()
        await asyncio.wait([job])
        lights.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if holds():
                return
            await asyncio.sleep(0.005)


async def received(sock: socket.socket) -> bytes:
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sock, 2000), PATIENCE)


def elsewhere(port: int) -> Callable[[Light], tuple[str, int]]:
    """The place of a light, but for its port, which others may hold here."""
    return lambda light: (place(light)[0], port)


async def test_a_receiver_of_others_hears_the_picture_and_the_end() -> None:
    heard: list[DataPacket] = []
    availability: list[str] = []
    changed = threading.Event()

    def packet(data: DataPacket) -> None:
        heard.append(data)
        changed.set()

    def available(universe: int, changed: str) -> None:
        availability.append(changed)

    port = free_port()
    receiver = sACNreceiver("127.0.0.1", port)
    receiver.register_listener("universe", packet, universe=3)
    receiver.register_listener("availability", available)
    receiver.start()
    try:
        stage = ToyStage({"main": picture()})
        lights = Lights(
            [light(host="127.0.0.1", priority=120)], stage.readings, Health(), time.monotonic, elsewhere(port)
        )
        async with running(lights):
            assert await asyncio.to_thread(changed.wait, PATIENCE)
        await until(lambda: "timeout" in availability)
    finally:
        receiver.stop()
    assert bytes(heard[0].dmxData)[:5] == bytes([255, 0, 0, 77, 0])
    assert (heard[0].universe, heard[0].priority, heard[0].cid) == (3, 120, tuple(own_id().bytes))
    assert availability[:2] == ["available", "timeout"]


async def test_everybody_who_listens_to_the_universe_hears_it_and_which_universes_there_are() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("", 0))
        sock.setblocking(False)
        for universe in (3, 64214):
            joined = struct.pack(
                "4s4s", socket.inet_aton(sacn.group(universe)), socket.inet_aton("127.0.0.1")
            )
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
        one = light(interface="localhost")
        lights = Lights(
            [one], ToyStage().readings, Health(), time.monotonic, elsewhere(sock.getsockname()[1])
        )
        async with running(lights):
            packets = [await received(sock) for _ in range(3)]
    data = [packet for packet in packets if len(packet) == 638]
    [news] = [packet for packet in packets if len(packet) != 638]
    assert DataPacket.make_data_packet(tuple(data[0])).dmxData[3] == 77
    assert UniverseDiscoveryPacket.make_universe_discovery_packet(tuple(news)).universes == (3,)


async def test_the_end_is_said_three_times(ear: socket.socket) -> None:
    one = light(host="127.0.0.1")
    async with running(
        Lights([one], ToyStage().readings, Health(), time.monotonic, elsewhere(ear.getsockname()[1]))
    ):
        await received(ear)
    packets = []
    while True:
        try:
            packets.append(ear.recv(2000))
        except BlockingIOError:
            break
    assert [packet[112] for packet in packets[-3:]] == [0x40] * 3
    assert [packet[129] for packet in packets[-3:]] == [77] * 3


async def test_artnet_goes_to_its_node(ear: socket.socket) -> None:
    one = light(protocol="artnet", universe=258, host="localhost")
    lights = Lights([one], ToyStage().readings, Health(), time.monotonic, elsewhere(ear.getsockname()[1]))
    async with running(lights):
        packet = await received(ear)
    assert packet[:12] == b"Art-Net\0\0P\0\x0e"
    assert packet[14:18] == bytes([2, 1, 2, 0])
    assert packet[18:23] == bytes([0, 0, 0, 77, 0])
    [finding] = lights.findings()
    port = ear.getsockname()[1]
    assert finding == ok("lights", f"Art-Net universe 258: 1 packets to 127.0.0.1 port {port}.")


async def test_a_network_that_is_gone_is_counted_and_tried_again() -> None:
    """The address is one of those that are kept for examples: nobody has it."""
    health = Health()
    lights = Lights([light(interface="192.0.2.77")], ToyStage().readings, health, time.monotonic)
    async with running(lights):
        await until(lambda: health.counted("light.failed") >= 3)
    [finding] = lights.findings()
    assert finding.level is Level.NOTE
    assert finding.what.startswith("sACN universe 3 cannot be sent out of 192.0.2.77: ")
    assert "cable" in finding.do


def test_places_are_those_of_the_specifications() -> None:
    assert place(light()) == ("239.255.0.3", 5568)
    assert place(light(host="192.168.1.9")) == ("192.168.1.9", 5568)
    assert place(light(protocol="artnet", host="2.0.0.1")) == ("2.0.0.1", 6454)


def test_who_we_are_stays_the_same() -> None:
    assert own_id() == own_id()
    assert own_id().version == 5


@pytest.mark.parametrize("rate", [10, 44])
async def test_packets_come_at_the_rate_and_no_faster(
    rate: int, ear: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten seconds of a clock that only sleeping moves, while what is followed never rests."""
    now, pause = 0.0, asyncio.sleep
    stage = ToyStage(controls={"c": 0.0})

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        stage.controls["c"] = 1.0 - stage.controls["c"]
        await pause(0)

    channels = [{"channel": 1, "follow": "c", "smoothing": 0}]
    one = light(host="127.0.0.1", rate=rate, channels=channels)
    lights = Lights([one], stage.readings, Health(), lambda: now, elsewhere(ear.getsockname()[1]))
    monkeypatch.setattr(asyncio, "sleep", sleep)
    async with running(lights):
        while now < 10.0:
            await pause(0)
        [finding] = lights.findings()
    sent = int(finding.what.split()[3])
    assert sent == pytest.approx(10 * rate, abs=2)
