"""MIDI as the show has it, with a system whose cables are plugged by hand: in, out, and what goes wrong."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from server.doctor.finding import Level
from server.health import Health
from server.midi.config import Midi as Config
from server.midi.midi import MOST_WAITING, Midi
from server.midi.system import System, missing
from server.osc import Inlet, Peer, decode
from server.patch import Patch, PatchEntry
from show_control.events import Control, Event, Go
from tests.patience import PATIENCE
from tests.server.light.toy_stage import ToyStage, picture
from tests.server.midi.toy_system import ToyCables

RIG = Config.model_validate(
    {
        "in": [{"name": "pedal", "port": "FS-1"}],
        "out": [
            {
                "name": "synth",
                "port": "digitakt",
                "channel": 2,
                "cc": [{"number": 20, "follow": "energy.main.brightness", "smoothing": 0}],
            }
        ],
    }
)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if holds():
                return
            await asyncio.sleep(0.002)


@dataclass
class Room:
    cables: ToyCables
    health: Health = field(default_factory=Health)
    midi: Midi = field(init=False)
    heard: list[tuple[str, tuple[object, ...], str]] = field(default_factory=list)
    passed: list[tuple[str, str, Sequence[object], str]] = field(default_factory=list)

    async def plugged(self, name: str, there: bool = True) -> None:
        await until(lambda: any(port.name == name and bool(port.port) is there for port in self.midi.ports()))

    def detail(self, key: str) -> str:
        details = self.health.to_plain()["details"]
        assert isinstance(details, dict)
        return str(details.get(key, ""))


@asynccontextmanager
async def opened(
    cables: ToyCables,
    config: Config = RIG,
    system: Callable[[], System] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Room]:
    room = Room(cables)

    def take(packet: bytes, peer: Peer) -> None:
        room.heard += [(address, args, peer.name) for address, args in decode(packet)]

    def passed(target: str, address: str, args: Sequence[object], error: str) -> None:
        room.passed.append((target, address, args, error))

    room.midi = Midi(config, take, passed, room.health, system or (lambda: cables.system), clock)
    room.midi.start()
    try:
        yield room
    finally:
        await asyncio.to_thread(room.midi.stop)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with opened(ToyCables(["FS-1 20:0"], ["Digitakt 24:0"])) as room:
        await room.plugged("pedal")
        await room.plugged("synth")
        yield room


async def test_what_is_played_comes_as_messages_with_its_source(room: Room) -> None:
    for data in ((0x90, 60, 127), (0xF8,), (0xB0, 64, 0), (0xC0, 3)):
        room.cables.play("FS-1 20:0", *data)
    await until(lambda: len(room.heard) == 3)
    assert room.heard == [
        ("/midi/pedal/note/1/60", (1.0,), "midi pedal"),
        ("/midi/pedal/cc/1/64", (0.0,), "midi pedal"),
        ("/midi/pedal/program/1/3", (), "midi pedal"),
    ]
    assert room.health.counted("midi.received") == 3
    assert (True, True, True) in room.cables.ignored  # a clock does not even come as far as here


async def test_cues_send_on_the_channel_of_the_output(room: Room) -> None:
    room.midi.send("synth", "/noteOn", (60, 100))
    room.midi.send("synth", "/noteOff", (60,))
    room.midi.send("synth", "/cc", (7, 64))
    await until(lambda: len(room.cables.sent) == 3)
    assert [data.hex(" ") for _, data in room.cables.sent] == ["91 3c 64", "81 3c 00", "b1 07 40"]
    assert room.passed[0] == ("synth", "/noteOn", (60, 100), "")


async def test_what_closes_as_the_show_ends_is_sent(room: Room) -> None:
    for note in range(40):
        room.midi.send("synth", "/noteOff", (note,))
    await asyncio.to_thread(room.midi.stop)
    assert len(room.cables.sent) == 40


async def test_what_is_no_midi_is_counted_with_what_was_expected(room: Room) -> None:
    room.midi.send("synth", "/cc", (7,))
    assert room.health.counted("midi_out.failed") == 1
    assert room.detail("midi_out.failed").startswith('/cc to "synth": /cc NUMBER VALUE: expected 2 whole')
    [(_, _, _, error)] = room.passed
    assert error


async def test_a_device_that_is_pulled_out_is_named_counted_and_back_when_it_is_back(room: Room) -> None:
    room.cables.inputs.clear()
    room.cables.outputs.clear()
    await room.plugged("pedal", False)
    await room.plugged("synth", False)
    await until(lambda: room.health.counted("midi.unplugged") == 2)
    room.midi.send("synth", "/cc", (7, 64))
    assert room.detail("midi_out.failed") == '/cc to "synth": it is not plugged in'
    assert [finding.level for finding in room.midi.findings()] == [Level.NOTE, Level.NOTE]
    room.cables.inputs.append("FS-1 28:0")
    room.cables.outputs.append("Digitakt 32:0")
    await room.plugged("pedal")
    await room.plugged("synth")
    room.cables.play("FS-1 28:0", 0xB0, 64, 127)
    room.midi.send("synth", "/cc", (7, 65))
    await until(lambda: bool(room.heard) and bool(room.cables.sent))
    assert room.heard[0][:2] == ("/midi/pedal/cc/1/64", (1.0,))
    assert room.cables.sent == [("Digitakt 32:0", bytes([0xB1, 7, 65]))]
    assert [finding.what for finding in room.midi.findings()] == [
        'The input "pedal" is "FS-1 28:0".',
        'The output "synth" is "Digitakt 32:0".',
    ]


async def test_a_send_into_the_moment_of_pulling_out_is_counted(room: Room) -> None:
    room.cables.outputs[:] = ["another 40:0"]
    room.midi.send("synth", "/cc", (7, 64))
    await until(lambda: room.health.counted("midi_out.failed") == 1)
    assert room.cables.sent == []


async def test_a_driver_that_hangs_holds_up_nobody_and_nothing_is_sent_late_but_the_ends_of_notes() -> None:
    now = 0.0
    cables = ToyCables([], ["Digitakt"], hangs=threading.Event())
    async with opened(cables, clock=lambda: now) as room:
        await room.plugged("synth")
        room.midi.send("synth", "/noteOn", (1, 1))  # hangs
        await until(lambda: room.midi._to_send.empty())
        for _ in range(MOST_WAITING - 1):
            room.midi.send("synth", "/cc", (7, 64))
        room.midi.send("synth", "/noteOff", (1,))
        assert room.health.counted("midi_out.failed") == 0
        room.midi.send("synth", "/cc", (7, 64))
        assert room.detail("midi_out.failed") == '/cc to "synth": its driver takes nothing'
        now = 5.0
        assert cables.hangs is not None
        cables.hangs.set()
        await until(lambda: len(cables.sent) == 2)
        await until(lambda: room.health.counted("midi_out.failed") == MOST_WAITING)
    assert [data[0] & 0xF0 for _, data in cables.sent] == [0x90, 0x80]


async def test_a_flood_while_the_loop_is_away_is_bounded_and_counted(room: Room) -> None:
    for _ in range(3 * MOST_WAITING):
        room.cables.play("FS-1 20:0", 0xB0, 1, 1)
    [port] = [port for port in room.cables.open if port.name == "FS-1 20:0"]
    gone = threading.Event()
    while port.played:  # the loop is away: nothing is awaited here
        gone.wait(0.001)
    await until(lambda: room.health.counted("midi.received") == MOST_WAITING)
    assert room.health.counted("midi.flooded") == 2 * MOST_WAITING


async def test_controllers_follow_the_picture_and_are_told_again_to_a_device_that_comes_back(
    room: Room,
) -> None:
    stage = ToyStage({"main": picture(brightness=1.0)})
    job = asyncio.create_task(room.midi.follow(stage.readings))
    await until(lambda: len(room.cables.sent) == 1)
    stage.energies["main"] = picture(brightness=0.5)
    await until(lambda: len(room.cables.sent) == 2)
    room.cables.outputs.clear()
    await room.plugged("synth", False)
    room.cables.outputs.append("Digitakt 32:0")
    await until(lambda: len(room.cables.sent) == 3)
    job.cancel()
    assert [tuple(data) for _, data in room.cables.sent] == [(0xB1, 20, 127), (0xB1, 20, 64), (0xB1, 20, 64)]
    assert room.health.counted("midi_out.failed") == 0


async def test_without_a_system_a_sentence_says_why_and_sends_are_counted() -> None:
    def none() -> System:
        raise missing()

    async with opened(ToyCables(), system=none) as room:
        await until(lambda: room.health.counted("midi.off") == 1)
        room.midi.send("synth", "/cc", (7, 64))
        assert room.detail("midi.off") == str(missing())
        assert room.health.counted("midi_out.failed") == 1
        [finding] = room.midi.findings()
        assert (finding.level, finding.do) == (Level.NOTE, "pip install 'marrow[midi]'")


async def test_a_rig_without_midi_asks_for_none() -> None:
    def asked() -> System:
        raise AssertionError("it was asked for")

    async with opened(ToyCables(), Config(), asked) as room:
        await asyncio.wait_for(room.midi.follow(ToyStage().readings), PATIENCE)
        assert list(room.midi.findings()) == []


async def test_the_patch_maps_midi_as_it_maps_sensors() -> None:
    """A foot switch that bounces is one GO; a fader is a control; what is not patched is answered."""
    now = 0.0
    events: list[Event] = []
    patch = Patch(
        (
            PatchEntry("/midi/pedal/cc/1/64", event="go", hold=0.5),
            PatchEntry("/midi/pedal/note/1/60", event="panic", threshold=0.005),
            PatchEntry("/midi/pedal/cc/1/7", control="fog"),
            PatchEntry("/midi/pedal/program/1/{n}", event="back"),
        )
    )

    def receive(address: str, args: Sequence[object], peer: Peer) -> None:
        events.extend(patch.resolve(address, args, now))

    inlet = Inlet(receive, Health(), patch.urgent())
    cables = ToyCables(["FS-1"])
    midi = Midi(RIG, inlet.take, lambda *_: None, Health(), lambda: cables.system)
    midi.start()
    try:
        await until(lambda: bool(cables.open))
        for value in (127, 0, 127, 0):  # it bounces
            cables.play("FS-1", 0xB0, 64, value)
        cables.play("FS-1", 0x90, 60, 1)  # as soft as can be
        cables.play("FS-1", 0xC0, 9)
        cables.play("FS-1", 0xB0, 7, 127)
        await until(lambda: len(events) == 4)
        now = 1.0
        cables.play("FS-1", 0xB0, 64, 127)
        await until(lambda: len(events) == 5)
    finally:
        await asyncio.to_thread(midi.stop)
        inlet.close()
    assert events[0] == events[4] == Go()
    assert [type(event).__name__ for event in events[1:3]] == ["Panic", "Back"]
    assert events[3] == Control("fog", 1.0, 0.1)
