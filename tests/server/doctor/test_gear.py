"""MIDI ports and lights, before doors: there, not there, and behind a network that is gone."""

import socket

import pytest

from server.doctor import lights, midi
from server.doctor.finding import Level
from server.doctor.lights import Way
from server.doctor.midi import Ports
from server.doctor.targets import Answer
from server.light import artnet
from server.light.config import Light
from server.midi.config import Midi
from server.midi.system import NoMidi, System, missing
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.server.midi.toy_system import ToyCables

RIG = Midi.model_validate(
    {"in": [{"name": "pedal", "port": "fs-1"}], "out": [{"name": "synth", "port": "digitakt"}]}
)
CHANNELS = [{"channel": 1, "value": 9}]


def light(**keys: object) -> Light:
    return Light.model_validate({"protocol": "sacn", "universe": 3, "channels": CHANNELS, **keys})


def seen(monkeypatch: pytest.MonkeyPatch, cables: ToyCables) -> Ports:
    monkeypatch.setattr(midi, "open_system", lambda: cables.system)
    return midi.look(RIG)


def test_ports_that_are_plugged_in_are_well_and_none_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    cables = ToyCables(["FS-1 20:0"], ["Digitakt 24:0"])
    ports = seen(monkeypatch, cables)
    found = list(midi.judge(ports.off, ports.named, ports.inputs, ports.outputs))
    assert [finding.level for finding in found] == [Level.OK, Level.OK]
    assert [finding.what for finding in found] == [
        'The input "pedal" is "FS-1 20:0".',
        'The output "synth" is "Digitakt 24:0".',
    ]
    assert cables.open == []


def test_a_port_that_is_missing_is_told_with_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = seen(monkeypatch, ToyCables(["Keys 20:0", "Marrow:pedal 128:0"], []))
    first, second = midi.judge(ports.off, ports.named, ports.inputs, ports.outputs)
    assert (first.level, second.level) == (Level.NOTE, Level.NOTE)
    assert first.what == 'The input "pedal" is not plugged in: none is called "fs-1".'
    assert first.do.endswith('midi.in.port in the config. There are: "Keys 20:0".')
    assert second.do.endswith("midi.out.port in the config.")


def test_without_any_midi_it_says_why_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> System:
        raise missing()

    monkeypatch.setattr(midi, "open_system", none)
    ports = midi.look(RIG)
    assert isinstance(ports.off, NoMidi)
    [finding] = midi.judge(ports.off, ports.named)
    assert finding.level is Level.NOTE
    assert finding.what.startswith("No MIDI: ")
    assert finding.do == "pip install 'marrow[midi]'"


def test_a_light_with_a_way_is_well_and_its_lamps_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node is asked who it is; a receiver of sACN is told of universes. Neither hears a level."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk,
    ):
        for sock in (node, desk):
            sock.bind(("127.0.0.1", 0))
            sock.settimeout(PATIENCE)
        monkeypatch.setattr(lights.artnet, "PORT", node.getsockname()[1])
        monkeypatch.setattr(lights.sacn, "PORT", desk.getsockname()[1])
        ways = lights.look([light(host="127.0.0.1"), light(protocol="artnet", host="127.0.0.1")])
        assert node.recv(1000).hex(" ") == "41 72 74 2d 4e 65 74 00 00 20 00 0e 00 00"
        assert desk.recv(1000)[18:22] == b"\0\0\0\x08"  # VECTOR_ROOT_E131_EXTENDED
        for sock in (node, desk):
            sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                sock.recv(1000)
    assert [way.answer for way in ways] == [Answer.SILENT, Answer.SILENT]
    found = list(lights.judge(ways))
    assert [finding.level for finding in found] == [Level.OK, Level.OK]
    assert found[0].what.endswith("there is a way, out of 127.0.0.1.")


def test_a_node_where_nobody_listens_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lights.sacn, "PORT", free_port())
    [finding] = lights.judge(lights.look([light(host="127.0.0.1")]))
    assert finding.level is Level.NOTE
    assert "no program listens" in finding.what


def test_what_goes_to_everybody_is_told_its_way_or_that_it_has_none() -> None:
    here, nowhere = lights.look([light(interface="localhost"), light(universe=4, interface="192.0.2.77")])
    assert (here.answer, here.out_of, here.reason) == (None, "127.0.0.1", "")
    first, second = lights.judge([here, nowhere])
    assert first.what.endswith("goes to everybody on the network of 127.0.0.1.")
    assert (first.level, second.level) == (Level.OK, Level.NOTE)
    assert "has no way to there (" in second.what


def test_a_node_that_is_no_machine_is_told() -> None:
    [finding] = lights.judge([Way("Art-Net universe 1", "2.0.0.9", artnet.PORT, "2.0.0.1", Answer.NO_HOST)])
    assert finding.what == "Art-Net universe 1 (to 2.0.0.9, port 6454): no machine answers to that address."
