"""Telling at work: on a manual clock beside a real conductor, and over real UDP out of a whole show."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from server.conductor import Conductor
from server.config import load_rig
from server.health import Health
from server.osc import Arg, OscIn, OscMessage, OscOut, decode, encode
from server.osc.inlet import Inlet
from server.osc.udp import Sender
from server.patch import Patch, PatchEntry
from server.renderer.energy import Energy
from server.telling.service import MOST_CONTROLS, Telling
from server.telling.teller import KEPT, MOST
from show_control.events import Control, Event, Go, Goto, Hold
from show_control.show import Show
from show_control.showfile import parse_show
from tests.manual_loop import ManualLoop
from tests.patience import PATIENCE
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
CONFIG = """
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
[table]
seats = ["mom", "dad"]
[web]
port = {web}
[osc]
port = {osc}
[[osc.target]]
name = "sound"
port = {ear}
{wants}
"""
SHOW = """
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Hall"
fade = 2.0
look = { walk = { loop = [1, 2, 3], seconds = 2 } }
drive = { "plate.mom" = { noise = 0.5 } }
[[cue]]
number = "2"
name = "Dinner is served"
pre_wait = 3.0
look = { walk = { still = 2 } }
[[cue]]
number = "3"
name = "Grace"
kind = "line"
speaker = "mom"
text = "Let us eat"
[[cue]]
number = "4"
name = "Whisper"
kind = "in-ear"
plays = [{ to = "dad", file = "a.wav" }]
[[cue]]
number = "5"
name = "Thanks"
kind = "line"
speaker = "dad"
text = "Thank you"
"""
ENERGY = Energy(0.5, 0.25, ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))


class Ear:
    """A socket that is told things."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]

    def heard(self) -> list[OscMessage]:
        messages: list[OscMessage] = []
        while True:
            try:
                messages += decode(self.socket.recv(65536))
            except BlockingIOError:
                return messages


class Peer:
    """Somebody who sends from somewhere, and what he is sent."""

    def __init__(self, name: str = "osc 10.0.0.7:5000") -> None:
        self.name = name
        self._packets: list[bytes] = []

    def send(self, packet: bytes) -> None:
        self._packets.append(packet)

    def heard(self) -> list[OscMessage]:
        messages = [message for packet in self._packets for message in decode(packet)]
        self._packets.clear()
        return messages


class Stand:
    """A conductor and its telling on a manual loop, with a real socket for the target."""

    def __init__(self, folder: Path, wants: str = "") -> None:
        self.ear, self.loop, self.health = Ear(), ManualLoop(), Health()
        config = folder / "config.toml"
        config.write_text(CONFIG.format(web=1, osc=1, ear=self.ear.port, wants=wants))
        rig = load_rig(config)
        self.out = OscOut(rig.osc.targets, self.health)
        self.show = Show(parse_show(SHOW, "show.toml"), self.loop.now)
        self.energy: Energy | None = ENERGY
        self.conductor = Conductor(
            self.show,
            Patch([PatchEntry("/plate/{seat}", control="plate.{seat}")], rig.seats),
            self.loop.clock,
            lambda snapshot: None,
            self.out,
            self.health,
            self.loop,
        )
        self.telling = Telling(
            self.conductor, self.out, self.health, self.loop.clock, lambda name: self.energy, rig, self.loop
        )
        self.loop.turn()

    def command(self, event: Event) -> None:
        assert self.conductor.command(event, "test").ok
        self.run(0.02)

    def run(self, seconds: float) -> None:
        self.loop.run_until(self.loop.now + seconds)

    def take(self, peer: Peer, address: str, *args: Arg) -> bool:
        return self.telling.take(address, args, peer)

    def heard(self) -> list[OscMessage]:
        return self.ear.heard()

    def close(self) -> None:
        self.telling.close()
        self.conductor.close()
        self.out.close()
        self.ear.socket.close()


@pytest.fixture
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    stand = Stand(tmp_path, getattr(request, "param", ""))
    yield stand
    stand.close()


def wants(words: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stand", [words], indirect=True)


# --- listed targets


@wants("state = true")
def test_state_is_told_to_those_who_want_it_when_it_changes(stand: Stand) -> None:
    assert stand.heard() == [
        ("/marrow/current", ("",)),
        ("/marrow/standby", ("1",)),
        ("/marrow/mode", ("running",)),
        ("/marrow/progress", (1.0,)),
    ]
    stand.command(Go())
    told = dict(stand.heard())
    assert (told["/marrow/current"], told["/marrow/standby"]) == (("1",), ("2",))
    assert "/marrow/mode" not in told
    stand.command(Hold())
    assert stand.heard() == [("/marrow/mode", ("held",))]


@wants("state = true")
def test_progress_runs_to_one_at_most_ten_times_a_second(stand: Stand) -> None:
    stand.command(Go())
    stand.run(2.5)
    progress = [args[0] for address, args in stand.heard() if address == "/marrow/progress"]
    assert progress[0] == 1.0  # before the fade
    assert progress[1:] == sorted(progress[1:], key=float)
    assert progress[-1] == 1.0
    assert 15 <= len(progress) <= 25


@wants("state = true")
def test_the_state_is_told_again_every_second_for_those_who_start_late(stand: Stand) -> None:
    stand.run(10.5)
    stand.heard()
    stand.run(60.0)
    assert len(stand.heard()) == pytest.approx(4 * 60, abs=8)


def test_nobody_is_told_who_did_not_ask(stand: Stand) -> None:
    stand.command(Goto("3"))
    stand.run(10.0)
    assert stand.heard() == []


@wants('tell = ["energy/*"]\nrate = 60')
def test_a_target_may_follow_the_picture_at_a_rate(stand: Stand) -> None:
    stand.run(0.1)
    assert dict(stand.heard()) == {
        "/marrow/energy/main/motion": (0.5,),
        "/marrow/energy/main/brightness": (0.25,),
        "/marrow/energy/main/left": (1.0, 0.0, 0.0),
        "/marrow/energy/main/middle": (0.0, 1.0, 0.0),
        "/marrow/energy/main/right": (0.0, 0.0, 1.0),
    }
    motions: list[tuple[Arg, ...]] = []
    for tick in range(600):
        stand.energy = Energy(tick / 600, 0.25, ENERGY.thirds)
        stand.run(0.01)
        motions += [args for address, args in stand.heard() if address == "/marrow/energy/main/motion"]
    assert len(motions) == pytest.approx(360, abs=2)
    stand.energy = None
    stand.run(5.0)
    assert stand.heard() == []


@wants('tell = ["*"]')
def test_a_show_tells_its_cues_its_lines_and_what_is_in_the_ear(stand: Stand) -> None:
    stand.command(Go())
    told = dict(stand.heard())
    assert (told["/marrow/name/current"], told["/marrow/name/standby"]) == (("Hall",), ("Dinner is served",))
    assert told["/marrow/next/text"] == ("Let us eat",)
    stand.run(1.0)
    stand.command(Go())
    stand.run(1.0)
    number, left = [args for address, args in stand.heard() if address == "/marrow/wait"][-1]
    assert number == "2"
    assert left == pytest.approx(2.0, abs=0.15)
    stand.command(Goto("3"))
    stand.run(0.1)
    told = dict(stand.heard())
    assert (told["/marrow/line/text"], told["/marrow/line/guest"]) == (("Let us eat",), ("mom",))
    assert (told["/marrow/next/text"], told["/marrow/next/guest"]) == (("Thank you",), ("dad",))
    assert told["/marrow/wait"] == ("", 0.0)
    assert stand.conductor.message("/mid-speech", ("mom", "let us"), "osc").ok
    stand.run(0.02)
    [(address, (said,))] = [each for each in stand.heard() if each.address.startswith("/marrow/line")]
    assert address == "/marrow/line/progress"
    assert isinstance(said, float)
    assert 0.0 < said < 1.0
    stand.command(Goto("4"))
    told = dict(stand.heard())
    assert (told["/marrow/line/text"], told["/marrow/ear/dad"]) == (("",), ("a.wav",))
    assert "/marrow/ear/mom" not in told


@wants('tell = ["control/*"]')
def test_a_control_is_told_as_it_glides_and_rests_when_it_is_there(stand: Stand) -> None:
    stand.conductor.message("/plate/mom", (1.0,), "osc")
    stand.run(3.0)
    values = [args[0] for address, args in stand.heard() if address == "/marrow/control/plate.mom"]
    assert values == sorted(values, key=float)
    assert values[-1] == pytest.approx(1.0, abs=1e-3)
    stand.run(5.0)
    assert len(stand.heard()) == 5, "it is only repeated"


@wants('tell = ["control/*"]')
def test_no_more_controls_are_told_than_anybody_can_follow(stand: Stand) -> None:
    for number in range(MOST_CONTROLS + 50):
        stand.conductor.command(Control(f"c{number}", 0.5, 0.03), "test")
    stand.run(0.5)
    assert len({address for address, _ in stand.heard()}) <= MOST_CONTROLS


@wants('tell = ["loop", "walk/*"]')
def test_the_loop_is_told_at_the_moment_when_its_start_is_passed(stand: Stand) -> None:
    stand.conductor.command(Go(), "test")
    moments: list[tuple[float, object]] = []
    for _ in range(19_000):
        stand.run(0.0005)
        moments += [(stand.loop.now, args[0]) for address, args in stand.heard() if address == "/marrow/loop"]
    assert [turn for _, turn in moments] == [1, 2, 3, 4]
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(moments)]
    assert gaps == pytest.approx([2.0] * 3, abs=0.001)


@wants('tell = ["loop"]')
def test_a_storm_of_values_moves_no_pass(stand: Stand) -> None:
    stand.conductor.command(Go(), "test")
    moments: list[float] = []
    for _ in range(10_000):
        stand.run(0.001)
        stand.conductor.message("/plate/mom", (stand.loop.now % 1.0,), "osc")
        moments += [stand.loop.now for _ in stand.heard()]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert gaps == pytest.approx([2.0] * len(gaps), abs=0.0015)


# --- subscribers


def test_who_subscribes_is_answered_and_told(stand: Stand) -> None:
    peer = Peer()
    assert stand.take(peer, "/marrow/subscribe", "current")
    assert peer.heard() == [("/marrow/subscribed", ("/marrow/current", 1, 60))]
    stand.run(0.02)
    assert peer.heard() == [("/marrow/current", ("",))]
    stand.command(Go())
    assert peer.heard() == [("/marrow/current", ("1",))]
    assert stand.take(peer, "/marrow/unsubscribe")
    assert peer.heard() == [("/marrow/unsubscribed", ("*",))]
    stand.command(Goto("3"))
    stand.run(5.0)
    assert peer.heard() == []


def test_who_does_not_renew_is_forgotten(stand: Stand) -> None:
    kept, lost = Peer("osc 10.0.0.7:1"), Peer("osc 10.0.0.7:2")
    for peer in (kept, lost):
        stand.take(peer, "/marrow/subscribe", "mode")
    stand.run(KEPT / 2)
    stand.take(kept, "/marrow/subscribe", "mode")
    stand.run(KEPT / 2 + 1.5)
    kept.heard(), lost.heard()
    stand.run(10.0)
    assert len(kept.heard()) == 10
    assert lost.heard() == []


def test_what_is_not_understood_is_answered_counted_and_seen(stand: Stand) -> None:
    peer, seen = Peer(), []
    stand.conductor.tap(lambda address, args, source, reply: seen.append((address, source, reply.ok)))
    assert stand.take(peer, "/marrow/subscribe", "lamp")
    [(address, (asked, why))] = peer.heard()
    assert (address, asked) == ("/marrow/refused", "/marrow/subscribe")
    assert "Nothing is told at '/marrow/lamp'" in str(why)
    assert stand.take(peer, "/marrow/unsubscribe")
    stand.take(peer, "/marrow/subscribe", "mode")
    assert seen == [
        ("/marrow/subscribe", peer.name, False),
        ("/marrow/unsubscribe", peer.name, False),
        ("/marrow/subscribe", peer.name, True),
    ]
    assert stand.health.counted("osc.refused") == 2


def test_other_messages_are_left_to_the_show(stand: Stand) -> None:
    assert not stand.take(Peer(), "/show/go")
    assert not stand.take(Peer(), "/marrow/current", "3")
    assert not stand.conductor.message("/marrow/current", ("3",), "osc").ok


def test_a_full_room_has_room_for_who_comes(stand: Stand) -> None:
    first = Peer("osc 10.0.0.7:1")
    stand.take(first, "/marrow/subscribe", "mode")
    stand.run(0.1)
    first.heard()
    for number in range(MOST):
        stand.take(Peer(f"osc 10.0.0.8:{number}"), "/marrow/subscribe", "control/nothing")
        stand.run(0.1)
    first.heard()
    stand.conductor.message("/show/hold", (), "osc")
    stand.run(2.0)
    assert first.heard() == [], "it was silent for longest"
    stand.take(first, "/marrow/subscribe", "mode")
    assert [address for address, _ in first.heard()] == ["/marrow/subscribed"]


def test_a_port_may_be_named_by_who_sends_datagrams_and_by_nobody_else(stand: Stand) -> None:
    peer = Peer("osc tcp 10.0.0.7:5000")
    stand.take(peer, "/marrow/subscribe", "mode", 0, 7000)
    [(address, (_, why))] = peer.heard()
    assert address == "/marrow/refused"
    assert "osc tcp 10.0.0.7:5000 has a connection" in str(why)


@wants('tell = ["mode"]')
def test_the_taps_see_all_that_is_told(stand: Stand) -> None:
    seen: list[tuple[str, str]] = []
    stand.out.tap(lambda to, address, args, error: seen.append((to, address)))
    stand.take(Peer(), "/marrow/subscribe", "mode")
    stand.command(Hold())
    assert seen == [
        ("osc 10.0.0.7:5000", "/marrow/subscribed"),
        ("sound", "/marrow/mode"),
        ("osc 10.0.0.7:5000", "/marrow/mode"),
    ]


@wants('tell = ["*"]')
def test_however_much_pours_in_the_state_is_read_a_hundred_times_a_second_at_most(stand: Stand) -> None:
    reads = 0
    status = stand.show.status

    def counted(now: float):
        nonlocal reads
        reads += 1
        return status(now)

    stand.show.status = counted  # type: ignore[method-assign]
    for _ in range(4000):
        stand.conductor.message("/plate/mom", (stand.loop.now % 1.0,), "osc")
        stand.run(0.0005)
    assert reads <= 202


def test_while_nobody_hears_nothing_is_read(stand: Stand) -> None:
    def never(now: float):
        raise AssertionError("nobody wants to know")

    stand.show.status = never  # type: ignore[method-assign]
    stand.command(Go())
    stand.run(10.0)


# --- over real UDP


async def test_a_sender_may_have_the_answers_at_another_port() -> None:
    loop, ear, got = asyncio.get_running_loop(), Ear(), asyncio.Event()

    def receive(address: str, args: object, peer: object) -> None:
        assert isinstance(peer, Sender)
        peer.at(ear.port).send(encode("/answer", [peer.at(ear.port).name]))
        got.set()

    inlet = Inlet(receive, Health())
    transport, _ = await loop.create_datagram_endpoint(lambda: OscIn(inlet), local_addr=("127.0.0.1", 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(encode("/ask"), ("127.0.0.1", transport.get_extra_info("sockname")[1]))
        async with asyncio.timeout(PATIENCE):
            await got.wait()
            ear.socket.setblocking(True)
            packet = await asyncio.to_thread(ear.socket.recv, 4096)
    transport.close()
    ear.socket.close()
    assert decode(packet) == (("/answer", (f"osc 127.0.0.1:{ear.port}",)),)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[int, Ear]]:
    """The whole show process with a toy for a renderer: its OSC port, and the ear of the listed target."""
    ear, osc = Ear(), free_port()
    config = CONFIG.format(
        web=free_port(), osc=osc, ear=ear.port, wants='tell = ["energy/*", "current"]\nrate = 30'
    )
    (tmp_path / "config.toml").write_text(config)
    (tmp_path / "show.toml").write_text(SHOW)
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.toy_show", str(tmp_path / "config.toml")],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    yield osc, ear
    running.terminate()
    assert running.wait(PATIENCE) is not None
    ear.socket.close()


def until(ear: Ear, *wanted: str) -> dict[str, tuple[Arg, ...]]:
    """What was told last at each address, once all of the wanted were told of."""
    told: dict[str, tuple[Arg, ...]] = {}
    end = time.monotonic() + PATIENCE
    ear.socket.setblocking(True)
    ear.socket.settimeout(PATIENCE)
    while not set(wanted) <= told.keys():
        assert time.monotonic() < end, f"heard only of {json.dumps(sorted(told))}"
        told |= dict(decode(ear.socket.recv(65536)))
    return told


def test_out_of_a_running_show_come_the_energy_and_what_was_subscribed_to(process: tuple[int, Ear]) -> None:
    osc, ear = process
    told = until(ear, "/marrow/current", "/marrow/energy/main/motion", "/marrow/energy/main/left")
    [brightness] = told["/marrow/energy/main/brightness"]
    left = told["/marrow/energy/main/left"]
    assert left == pytest.approx((brightness,) * 3, abs=0.01), "the toy paints grey"
    pd = Ear()
    pd.socket.sendto(encode("/marrow/subscribe", ["walk/*"]), ("127.0.0.1", osc))
    assert until(pd, "/marrow/subscribed", "/marrow/walk/speed")["/marrow/walk/speed"] == (1.0,)
    other = Ear()
    pd.socket.sendto(encode("/marrow/subscribe", ["current", 10, other.port]), ("127.0.0.1", osc))
    assert until(other, "/marrow/subscribed", "/marrow/current")["/marrow/current"] == ("",)
    sender = shutil.which("oscsend")
    assert sender, "oscsend is needed: it is in Debian's liblo-tools"
    subprocess.run([sender, "127.0.0.1", str(osc), "/show/go", "s", "1"], check=True)
    told = {}
    while told.get("/marrow/current") != ("1",):
        told = until(other, "/marrow/current")
    position = until(pd, "/marrow/walk/position")["/marrow/walk/position"]
    assert 0.0 <= float(position[0] or 0.0) < 1.0
    for each in (pd, other):
        each.socket.close()
