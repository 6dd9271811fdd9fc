"""The real library: with the cables of a JACK server of our own, and on a machine that has no MIDI at all."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.health import Health
from server.midi import system
from server.midi.config import Midi as Config
from server.midi.midi import Midi
from server.midi.system import NoMidi, find, missing, no_system, open_system
from server.osc import Peer, decode
from tests.patience import PATIENCE
from tests.server.midi.jack import serving
from tests.server.midi.toy_device import PEDAL, SYNTH, plugged_in

RIG = Config.model_validate(
    {"in": [{"name": "pedal", "port": "fs-1"}], "out": [{"name": "synth", "port": "digitakt"}]}
)


@pytest.fixture(autouse=True)
def no_alsa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same on machines that have a sequencer."""
    monkeypatch.setattr(system, "SEQUENCER", tmp_path / "seq")


@pytest.fixture
def jack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with serving(monkeypatch):
        yield


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("jack")
async def test_real_ports_in_and_out_pulled_out_and_plugged_in_again() -> None:
    heard: list[tuple[str, tuple[object, ...]]] = []

    def take(packet: bytes, peer: Peer) -> None:
        heard.extend(decode(packet))

    def plugged(both: bool) -> bool:
        return [bool(port.port) for port in midi.ports()] == [both, both]

    health = Health()
    midi = Midi(RIG, take, lambda *_: None, health)
    midi.start()
    try:
        with plugged_in() as device:
            await until(lambda: plugged(True))
            device.play("f8")  # a clock
            device.play("b0 40 7f")
            await until(lambda: len(heard) == 1)
            midi.send("synth", "/noteOn", (60, 100))
            assert await asyncio.to_thread(device.heard.get, timeout=PATIENCE) == "90 3c 64"
        await until(lambda: plugged(False) and health.counted("midi.unplugged") == 2)
        with plugged_in() as device:
            await until(lambda: plugged(True))
            device.play("90 3c 7f")
            await until(lambda: len(heard) == 2)
            midi.send("synth", "/noteOff", (60,))
            assert await asyncio.to_thread(device.heard.get, timeout=PATIENCE) == "80 3c 00"
    finally:
        await asyncio.to_thread(midi.stop)
    assert heard == [("/midi/pedal/cc/1/64", (1.0,)), ("/midi/pedal/note/1/60", (1.0,))]


@pytest.mark.usefixtures("jack")
def test_our_own_ports_are_known_and_passed_over() -> None:
    made = open_system()
    ours, ears = made.make_out(), made.make_in()
    try:
        with plugged_in():
            [port] = [nth for nth, name in enumerate(ours.get_ports()) if SYNTH in name]
            ours.open_port(port, "keys")
            ports = ears.get_ports()
            assert any("keys" in port for port in ports)
            assert find("keys", ports) is None
            assert find(PEDAL, ports) is not None
    finally:
        ours.delete()
        ears.delete()


def test_a_machine_without_any_midi_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", f"nobody-{os.getpid()}")
    with pytest.raises(NoMidi, match="sudo modprobe snd-seq") as refused:
        open_system()
    assert str(refused.value) == str(no_system())


def test_without_the_extra_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    with pytest.raises(NoMidi) as refused:
        open_system()
    assert str(refused.value) == str(missing())
