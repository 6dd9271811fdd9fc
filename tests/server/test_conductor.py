"""The conductor on a manual clock: what is answered, published, sent and told, and when."""

import asyncio
import json
import math
import shutil
import socket
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.commands import COMMANDS, command_from
from server.conductor import SETTLE_EVERY, Conductor
from server.health import Health
from server.osc import Inlet, OscIn, OscOut, decode
from server.outbox import EVERYBODY, ScriptTargets
from server.patch import Patch, PatchEntry, Refused
from server.rig import Target
from show_control.events import (
    Adopt,
    Event,
    Go,
    Goto,
    Hold,
    Master,
    Panic,
    Reset,
    Resume,
)
from show_control.show import Show
from show_control.showfile import parse_show
from show_control.snapshot import Snapshot
from tests.manual_loop import ManualLoop
from tests.patience import PATIENCE

SHOW = parse_show(
    """
    [show]
    title = "Test"
    [safe]
    walk = { still = 4 }
    [[cue]]
    number = "1"
    name = "Hall"
    fade = 2.0
    look = { walk = { still = 1 }, psi = 0.7 }
    drive = { "plate.mom" = { noise = 0.5 } }
    send = [
        { to = "sound", address = "/noteOn", args = [62, 127] },
        { to = "sound", address = "/noteOff", args = [62], delay = 0.5 },
    ]
    [[cue]]
    number = "2"
    name = "Dinner"
    fade = 1.0
    follow = 3.0
    look = { walk = { still = 2 } }
    [[cue]]
    number = "3"
    name = "Sea"
    fade = 1.0
    look = { walk = { still = 3 } }
    """,
    "test.toml",
)
PLATE = PatchEntry("/plate/{seat}", control="plate.{seat}", silence=1.0, decay=0.5)
PEDAL = PatchEntry("/pedal", event="go")
CHAIR = PatchEntry("/chair", control="chair", threshold=0.5)


class Rig:
    """A conductor with everything real around it but the loop; what it sends is caught on a socket."""

    def __init__(self) -> None:
        self.loop = ManualLoop()
        self.health = Health()
        self.published: list[tuple[float, Snapshot]] = []
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind(("127.0.0.1", 0))
        self.ear.setblocking(False)
        self.out = OscOut([Target(name="sound", port=self.ear.getsockname()[1])], self.health)
        self.show = Show(SHOW, self.loop.now)
        self.conductor = Conductor(
            self.show,
            Patch([PLATE, PEDAL, CHAIR]),
            self.loop.clock,
            lambda snapshot: self.published.append((self.loop.now, snapshot)),
            self.out,
            self.health,
            self.loop,
        )

    def command(self, event: Event) -> bool:
        return self.conductor.command(event, "test").ok

    def current(self) -> str:
        return self.published[-1][1].cue

    def control(self, name: str) -> float:
        return self.show.status(self.loop.now).controls[name]

    def heard(self) -> list[tuple[str, tuple[object, ...]]]:
        messages = []
        while True:
            try:
                messages += [(address, args) for address, args in decode(self.ear.recv(65536))]
            except BlockingIOError:
                return messages

    def close(self) -> None:
        self.conductor.close()
        self.out.close()
        self.ear.close()


@pytest.fixture
def rig():
    rig = Rig()
    rig.loop.turn()
    yield rig
    rig.close()


def test_the_first_snapshot_is_out_on_the_first_turn(rig: Rig) -> None:
    assert [(now, snapshot.cue, snapshot.event) for now, snapshot in rig.published] == [(100.0, "", 0)]
    assert rig.loop.calls == []


def test_events_have_ids_and_the_snapshot_carries_the_newest(rig: Rig) -> None:
    assert rig.conductor.message("/plate/mom", (1,), "osc").event == 1
    assert rig.conductor.command(Go(), "operator").event == 2
    assert rig.conductor.message("/show/master", (0.5,), "osc").event == 3
    rig.loop.turn()
    assert rig.published[-1][1].event == rig.conductor.newest_event == 3
    assert rig.current() == "1"


def test_a_burst_in_one_turn_is_one_snapshot_with_all_of_it(rig: Rig) -> None:
    rig.loop.run_until(101.0)
    for number in range(5000):
        assert rig.conductor.message("/plate/mom", (number / 4999,), "osc").ok
    assert len(rig.published) == 1
    rig.loop.turn()
    assert len(rig.published) == 2
    assert rig.published[-1][1].event == 5000
    assert len([call for call in rig.loop.calls if not call.cancelled]) == 1
    rig.loop.run_until(101.9)
    assert rig.control("plate.mom") == pytest.approx(1.0, abs=0.001)


def test_a_storm_over_many_turns_is_published_at_a_bounded_rate(rig: Rig) -> None:
    for step in range(2000):
        rig.loop.run_until(101.0 + step * 5e-5)
        rig.conductor.message("/plate/mom", (step % 2,), "osc")
        rig.loop.turn()
    times = [now for now, _ in rig.published]
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert min(gaps) > SETTLE_EVERY * 0.99
    assert 20 <= len(times) <= 0.1 / SETTLE_EVERY + 3


def test_go_does_not_wait_for_the_storm(rig: Rig) -> None:
    rig.loop.run_until(101.0)
    rig.conductor.message("/plate/mom", (0.5,), "osc")
    rig.loop.turn()
    rig.loop.run_until(101.001)
    rig.conductor.message("/plate/mom", (0.6,), "osc")
    rig.loop.turn()
    assert rig.published[-1][0] == 101.0
    rig.command(Go())
    rig.loop.turn()
    assert (rig.published[-1][0], rig.current()) == (101.001, "1")


def test_messages_that_cannot_be_used_are_counted_and_answered(rig: Rig) -> None:
    replies = [
        rig.conductor.message(address, args, "osc 10.0.0.7:5000")
        for address, args in [
            ("/plaet/mom", (1,)),
            ("/plate/mom", ("x",)),
            ("/plate/*", (1,)),
            ("/show/go", ("7",)),
        ]
    ]
    assert not any(reply.ok for reply in replies)
    assert all(reply.reason for reply in replies)
    assert [rig.health.counted(key) for key in ("osc.unknown", "osc.refused", "commands.refused")] == [
        1,
        2,
        1,
    ]
    details = rig.health.to_plain()["details"]
    assert isinstance(details, dict)
    assert details["osc.unknown"].startswith("osc 10.0.0.7:5000: /plaet/mom: nothing is patched")


@pytest.mark.parametrize(
    ("address", "args", "command", "said"),
    [
        ("/show/goto", (12.5,), "goto", "expected a cue number as a string"),
        ("/show/pnaic", (), "show", "not one of /show/"),
        ("/cue/three/go", (), "goto", "expected a cue number"),
        ("/pedal", ("down",), "go", "expected a finite number"),
    ],
)
def test_a_command_that_the_patch_refuses_is_seen_by_the_operator(
    rig: Rig, address: str, args: tuple[object, ...], command: str, said: str
) -> None:
    calls = []
    rig.conductor.listen(lambda: calls.append(rig.show.status(rig.loop.now).refused))
    reply = rig.conductor.message(address, args, "osc")
    rig.loop.run_until(100.1)
    [refused] = calls
    assert refused is not None
    assert (refused.command, refused.reason) == (command, reply.reason)
    assert said in reply.reason
    rig.conductor.message("/show/master", (0.5,), "osc")
    rig.loop.run_until(100.2)
    assert calls[-1] == refused


def test_a_sensor_that_is_refused_is_no_refusal_for_the_operator(rig: Rig) -> None:
    rig.conductor.message("/plate/mom", ("x",), "osc")
    rig.conductor.message("/plaet/mom", (1,), "osc")
    assert rig.show.status(rig.loop.now).refused is None


def encodable(rig: Rig) -> bool:
    told = [rig.show.status(rig.loop.now).to_plain(), rig.health.to_plain()]
    return all(json.dumps(fact, ensure_ascii=False).encode() for fact in told)


broken = st.text(st.sampled_from("\ud800\udfff\x00 /.1a{}"), max_size=8)
values = broken | st.integers() | st.floats() | st.binary(max_size=3) | st.none() | st.just(10**5000)
addresses = st.one_of(
    broken,
    broken.map(lambda text: f"/{text}"),
    st.builds("/{}/{}".format, st.sampled_from(["show", "cue", "control", "plate", "show/goto"]), broken),
    st.builds("/cue/{}/go".format, broken),
    st.sampled_from(["/show/go", "/show/goto", "/show/standby", "/show/master", "/plate/mom", "/pedal"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(addresses, st.lists(values, max_size=2)), max_size=8))
@example([("/show/goto", ["\ud800"]), ("/show/standby", ["\ud800"]), ("/show/go", ["\ud800"])])
def test_no_message_leaves_text_that_cannot_be_sent(messages: list[tuple[str, list[object]]]) -> None:
    rig = Rig()
    try:
        for address, args in messages:
            reply = rig.conductor.message(address, args, "test")
            assert len(reply.reason.encode()) < 600
            assert encodable(rig)
    finally:
        rig.close()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(COMMANDS) | broken, st.dictionaries(st.sampled_from(["cue", "standby"]) | broken, values)
)
@example("goto", {"cue": "\ud800"})
@example("go", {"standby": "\ud800"})
@example("go", {"\ud800": 1})
@example("\ud800", {})
def test_no_command_leaves_text_that_cannot_be_sent(name: str, fields: dict[str, object]) -> None:
    rig = Rig()
    try:
        reason = rig.conductor.command(command_from(name, fields), "test").reason
    except Refused as refusal:
        reason = str(refusal)
    assert len(reason.encode()) < 600
    assert encodable(rig)
    rig.close()


def test_after_a_reset_a_chair_that_is_taken_is_heard_of_again(rig: Rig) -> None:
    rig.conductor.message("/chair", (1.0,), "osc")
    assert rig.show.status(rig.loop.now + 5.0).controls["chair"] == pytest.approx(1.0, abs=0.01)
    assert rig.command(Reset())
    assert "chair" not in rig.show.status(rig.loop.now).controls
    rig.conductor.message("/chair", (1.0,), "osc")
    assert rig.show.status(rig.loop.now + 5.0).controls["chair"] == pytest.approx(1.0, abs=0.01)


def test_what_is_open_is_closed_as_the_show_ends(rig: Rig) -> None:
    file = """
[safe]
walk = { still = 0 }
[[cue]]
number = "1"
name = "Bell"
kind = "note"
to = "sound"
note = 60
seconds = 60
"""
    assert rig.command(Adopt(file))
    assert rig.command(Goto("1"))
    rig.loop.turn()
    assert [address for address, _ in rig.heard()] == ["/noteOn"]
    rig.conductor.close()
    assert rig.heard() == [("/noteOff", (60,))]


def test_who_only_looks_stops_no_message_by_breaking(rig: Rig) -> None:
    seen = []

    def broken(*message: object) -> None:
        raise IndexError("list index out of range")

    rig.conductor.tap(broken)
    rig.conductor.tap(lambda address, *rest: seen.append(address))
    assert rig.conductor.message("/show/go", (), "osc").ok
    assert seen == ["/show/go"]
    assert rig.health.counted("taps.broken") == 1


def test_a_second_go_is_refused_and_listeners_see_it(rig: Rig) -> None:
    calls = []
    remove = rig.conductor.listen(lambda: calls.append(rig.show.status(rig.loop.now).refused))
    assert rig.command(Go())
    rig.loop.run_until(100.2)
    reply = rig.conductor.message("/show/go", (), "osc")
    assert not reply.ok
    assert "0.2 s after the last one" in reply.reason
    rig.loop.turn()
    assert [refusal and refusal.command for refusal in calls] == [None, "go"]
    remove()
    rig.loop.run_until(101.0)
    rig.command(Go())
    rig.loop.turn()
    assert len(calls) == 2


def test_listeners_are_called_once_a_turn(rig: Rig) -> None:
    calls: list[float] = []
    rig.conductor.listen(lambda: calls.append(rig.loop.now))
    for event in (Go(), Hold(), Resume(), Panic(), Master(0.5)):
        rig.command(event)
    rig.loop.turn()
    assert calls == [100.0]


def test_sends_go_out_at_their_time(rig: Rig) -> None:
    rig.command(Go())
    rig.loop.turn()
    assert rig.heard() == [("/noteOn", (62, 127))]
    rig.loop.run_until(100.49)
    assert rig.heard() == []
    rig.loop.run_until(100.5 + SETTLE_EVERY)
    assert rig.heard() == [("/noteOff", (62,))]


def test_panic_keeps_a_delayed_send_from_leaking(rig: Rig) -> None:
    rig.command(Go())
    rig.loop.turn()
    rig.command(Panic())
    rig.loop.run_until(110.0)
    assert rig.heard() == [("/noteOn", (62, 127))]


def test_a_follow_acts_by_the_timer_alone(rig: Rig) -> None:
    rig.command(Goto("2"))
    rig.loop.run_until(102.9)
    assert rig.current() == "2"
    rig.loop.run_until(103.1)
    assert rig.current() == "3"
    assert rig.published[-1][0] == pytest.approx(103.0, abs=SETTLE_EVERY)


def test_a_sensor_that_falls_silent_decays_by_the_timer_alone(rig: Rig) -> None:
    rig.command(Go())
    rig.conductor.message("/plate/mom", (1.0,), "osc")
    rig.loop.run_until(100.9)
    assert rig.control("plate.mom") == pytest.approx(1.0, abs=0.001)
    rig.loop.run_until(101.5)
    assert rig.control("plate.mom") == pytest.approx(math.exp(-1.0), abs=0.01)
    assert rig.published[-1][0] == pytest.approx(101.0, abs=2 * SETTLE_EVERY)
    assert rig.published[-1][1].event == rig.conductor.newest_event == 3
    published = len(rig.published)
    rig.loop.run_until(200.0)
    assert len(rig.published) == published


def test_a_listener_that_fails_does_not_stop_the_show(rig: Rig) -> None:
    def fail() -> None:
        raise RuntimeError("a page")

    remove = rig.conductor.listen(fail)
    rig.command(Goto("2"))
    with pytest.raises(RuntimeError):
        rig.loop.turn()
    remove()
    rig.loop.run_until(104.0)
    assert rig.current() == "3"


def test_after_close_nothing_is_done(rig: Rig) -> None:
    rig.command(Go())
    rig.conductor.close()
    rig.loop.run_until(110.0)
    assert len(rig.published) == 1


async def test_from_a_real_sender_to_a_snapshot() -> None:
    sender = shutil.which("oscsend")
    assert sender, "oscsend is needed: it is in Debian's liblo-tools"
    loop, health, entered = asyncio.get_running_loop(), Health(), asyncio.Event()

    def publish(snapshot: Snapshot) -> None:
        if snapshot.cue == "1":
            entered.set()

    out = OscOut((), health)
    conductor = Conductor(Show(SHOW, loop.time()), Patch([PLATE]), loop.time, publish, out, health)
    inlet = Inlet(lambda address, args, peer: conductor.message(address, args, peer.name), health)
    transport, _ = await loop.create_datagram_endpoint(lambda: OscIn(inlet), local_addr=("127.0.0.1", 0))
    try:
        port = transport.get_extra_info("sockname")[1]
        process = await asyncio.create_subprocess_exec(sender, "127.0.0.1", str(port), "/show/go", "s", "1")
        assert await process.wait() == 0
        async with asyncio.timeout(PATIENCE):
            await entered.wait()
    finally:
        transport.close()
        conductor.close()
    assert conductor.newest_event == 1
    assert health.counted("osc_out.failed") == 1  # cue 1 sends to "sound", which this rig has not


SCRIPT = parse_show(
    """
    [safe]
    walk = { still = 4 }
    [[cue]]
    number = "1"
    name = "Grace"
    kind = "line"
    speaker = "mom"
    text = "Let us eat"
    follow = "done"
    [[cue]]
    number = "2"
    name = "Whisper"
    kind = "in-ear"
    plays = [{ to = "mom", file = "a.wav" }]
    follow = "done"
    [[cue]]
    number = "3"
    name = "End"
    kind = "memo"
    """,
    "script.toml",
)


def test_speech_comes_in_and_the_script_goes_out() -> None:
    loop, health = ManualLoop(), Health()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        out = OscOut([Target(name="all", port=ear.getsockname()[1])], health)
        targets = ScriptTargets(play={"mom": "all"}, record={EVERYBODY: "all"}, prompt={EVERYBODY: "all"})
        show = Show(SCRIPT, loop.now)
        conductor = Conductor(
            show, Patch(seats=("mom",)), loop.clock, lambda _: None, out, health, loop, targets
        )

        def heard() -> list[tuple[object, ...]]:
            loop.turn()
            found: list[tuple[object, ...]] = []
            while True:
                try:
                    messages = decode(ear.recv(4096))
                except BlockingIOError:
                    return found
                found += [(message.address, *message.args) for message in messages]

        conductor.command(Go(), "test")
        assert heard() == [
            ("/spotlight", "mom"),
            ("/script", "mom", "Let us eat"),
            ("/record-start", "mom"),
        ]
        assert conductor.message("/mid-speech", ("mom", "let us"), "osc").ok
        status = show.status(loop.now)
        assert status.line is not None
        assert 0.0 < status.line.progress < 1.0
        assert conductor.message("/speech", ("mom", "let us eat"), "osc").ok
        assert heard() == [("/record-stop", "mom"), ("/script", "mom", ""), ("/play", "mom", "a.wav")]
        assert conductor.message("/play-finished", ("mom",), "osc").ok
        loop.turn()
        current = show.status(loop.now).current
        assert current is not None
        assert current.number == "3"
        conductor.close()
        out.close()
    assert health.to_plain()["counters"].get("osc_out.failed") is None
