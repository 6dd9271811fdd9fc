"""MIDI and light in the whole show process: real ports, real packets, as on the night."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sacn.messages.data_packet import DataPacket

from tests import test_end_to_end
from tests.patience import PATIENCE
from tests.server.midi.jack import serving
from tests.server.midi.toy_device import Device, plugged_in
from tests.test_end_to_end import night

LIGHT = """
[[light]]
protocol = "sacn"
universe = 7
host = "127.0.0.1"
channels = [
  {{ channel = 1, follow = "energy.main.brightness", smoothing = 0 }},
  {{ channel = 2, follow = "plate.mom", smoothing = 0 }},
]
"""
MIDI = """
[[midi.in]]
name = "pedal"
port = "FS-1"
[[midi.out]]
name = "synth"
port = "Digitakt"
[[patch]]
address = "/midi/pedal/cc/1/64"
event = "go"
hold = 0.5
"""
SENDS = """
[[cue]]
number = "9"
name = "Sends"
kind = "send"
send = [ { to = "synth", address = "/cc", args = [7, 100] } ]
"""


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.02)


async def levels(ear: socket.socket, wanted: Callable[[bytes], bool]) -> DataPacket:
    """The first packet whose levels are as wanted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            data = await asyncio.get_running_loop().sock_recv(ear, 2000)
            packet = DataPacket.make_data_packet(tuple(data))
            if wanted(bytes(packet.dmxData)):
                return packet


async def test_light_follows_the_picture_a_control_and_the_blackout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_end_to_end, "CONFIG", test_end_to_end.CONFIG + LIGHT)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 5568))
        ear.setblocking(False)
        async with night(tmp_path, "tests.toy_show", "CONFIG") as toy:
            dark = 0.3 / 1.5 * 255  # the toy paints psi as grey
            await levels(ear, lambda dmx: abs(dmx[0] - dark) < 3 and dmx[1] == 0)
            toy.osc("/show/go")
            toy.osc("/table/plate/mom", 1.0)
            lit = await levels(ear, lambda dmx: abs(dmx[0] - 1.4 / 1.5 * 255) < 4 and dmx[1] == 255)
            assert (lit.universe, lit.priority) == (7, 100)
            toy.osc("/show/blackout", 1)
            await levels(ear, lambda dmx: dmx[1] == 0)
            health = await toy.health()
            [part] = [part for part in health["parts"] if part["part"] == "lights"]
            assert part["words"].startswith("sACN universe 7: ")
            assert "light.failed" not in health["counters"]
            toy.process.send_signal(signal.SIGINT)
            async with asyncio.timeout(PATIENCE):
                while not (await asyncio.get_running_loop().sock_recv(ear, 2000))[112] & 0x40:
                    continue  # until the stream says that it ends


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    """Plugged into the MIDI that the show will find."""
    with serving(monkeypatch), plugged_in() as device:
        yield device


async def test_a_foot_switch_is_one_go_and_a_cue_plays_on_a_synthesiser(
    device: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_end_to_end, "CONFIG", test_end_to_end.CONFIG + MIDI)
    async with night(tmp_path, "tests.toy_show", "CONFIG", more=SENDS) as toy:

        async def counted(key: str, number: int) -> None:
            async def holds() -> bool:
                return bool((await toy.health())["counters"].get(key) == number)

            await until(holds)

        await counted("midi.found", 2)
        for value in ("7f", "00", "7f", "00"):  # it bounces
            device.play(f"b0 40 {value}")
        await counted("midi.received", 4)
        state = (await toy.http.get("/api/state")).json()
        assert (state["current"]["number"], state["standby"]["number"]) == ("1", "2")

        toy.osc("/cue/9/go")
        assert await asyncio.to_thread(device.heard.get, timeout=PATIENCE) == "b0 07 64"

        async def well() -> bool:
            parts = [part for part in (await toy.health())["parts"] if part["part"] == "MIDI"]
            return [part["state"] for part in parts] == ["ok", "ok"]

        await until(well)
