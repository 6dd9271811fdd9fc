"""The inlet on a clock that a test moves: what acts now, what later, what never."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.health import Health
from server.osc import MAX_MESSAGES, encode
from server.osc.inlet import MAX_AHEAD, MAX_KEPT, MAX_PATTERNS, TURN, Inlet, Peer
from server.osc.timetag import time_tag
from tests.manual_loop import ManualLoop

START = 500.0  # s on the loop's clock
WALL = 1_795_291_200.0  # s of Unix time, when the loop's clock says START


@dataclass
class Pretender:
    """A peer that has no wire."""

    name: str = "osc 10.0.0.7:5000"
    sent: list[bytes] = field(default_factory=list)

    def send(self, packet: bytes) -> None:
        self.sent.append(packet)


class Rig:
    def __init__(self) -> None:
        self.timers = ManualLoop(START)
        self.health = Health()
        self.epoch = 0
        self.drift = 0.0  # s that the wall clock was put forward meanwhile
        self.heard: list[tuple[float, str, tuple[object, ...]]] = []
        self.costs = 0.0  # s that each message takes
        self.inlet = Inlet(
            self.receive,
            self.health,
            transport=lambda address: address.startswith("/show/") and address != "/show/panic",
            epoch=lambda: self.epoch,
            timers=self.timers,
            wall=lambda: WALL + self.timers.now - START + self.drift,
        )
        self.peer = Pretender()

    def receive(self, address: str, args: Sequence[object], peer: Peer) -> None:
        assert peer is self.peer
        self.heard.append((self.timers.now - START, address, tuple(args)))
        self.timers.now += self.costs
        if address in ("/show/panic", "/show/goto"):
            self.epoch += 1

    def take(self, *packets: bytes) -> None:
        for packet in packets:
            self.inlet.take(packet, self.peer)

    def pass_time(self, seconds: float) -> None:
        self.timers.run_until(self.timers.now + seconds)

    def addresses(self) -> list[str]:
        return [address for _, address, _ in self.heard]


def bundle(ahead: float | None, *elements: bytes) -> bytes:
    """A bundle so many seconds after the start; None: immediately."""
    tag = 1 if ahead is None else time_tag(WALL + ahead)
    return (
        b"#bundle\0"
        + struct.pack(">Q", tag)
        + b"".join(struct.pack(">i", len(element)) + element for element in elements)
    )


@pytest.mark.parametrize("ahead", [None, 0.0, -0.001, -3600.0])
def test_now_and_before_act_now(ahead: float | None) -> None:
    rig = Rig()
    rig.take(bundle(ahead, encode("/show/go"), encode("/a", [1])))
    assert rig.heard == [(0.0, "/show/go", ()), (0.0, "/a", (1,))]


def test_ahead_acts_on_time_and_in_order() -> None:
    rig = Rig()
    rig.take(
        bundle(2.0, encode("/late", [1]), encode("/late", [2])),
        bundle(0.5, encode("/early")),
        bundle(MAX_AHEAD, encode("/last")),
    )
    rig.pass_time(20.0)
    assert [(round(when, 6), address) for when, address, _ in rig.heard] == [
        (0.5, "/early"),
        (2.0, "/late"),
        (2.0, "/late"),
        (10.0, "/last"),
    ]
    assert rig.health.counted("osc.received") == 4


def test_of_equal_times_the_first_to_come_is_first() -> None:
    rig = Rig()
    rig.take(*(bundle(1.0, encode("/a", [number])) for number in range(20)))
    rig.pass_time(2.0)
    assert [args for _, _, args in rig.heard] == [(number,) for number in range(20)]


def test_a_wall_clock_that_is_put_right_meanwhile_moves_nothing_that_is_kept() -> None:
    rig = Rig()
    rig.take(bundle(3.0, encode("/a")))
    rig.pass_time(1.0)
    rig.drift = -7200.0
    rig.pass_time(5.0)
    assert [round(when, 6) for when, _, _ in rig.heard] == [3.0]


@pytest.mark.parametrize("ahead", [MAX_AHEAD + 0.01, 3600.0, 60.0 * 365 * 86400])
def test_further_ahead_is_refused_whole_and_counted(ahead: float) -> None:
    rig = Rig()
    rig.take(bundle(None, encode("/show/go"), bundle(ahead, encode("/a"))))
    rig.pass_time(30.0)
    assert rig.heard == []
    assert rig.health.counted("osc.ahead") == 1
    assert "the clocks of the two machines differ" in str(rig.health.to_plain()["details"])


def test_parts_of_one_packet_act_each_at_its_time() -> None:
    rig = Rig()
    rig.take(bundle(None, encode("/show/now"), bundle(1.0, encode("/then"), bundle(2.0, encode("/at last")))))
    rig.pass_time(3.0)
    assert [(round(when, 6), address) for when, address, _ in rig.heard] == [
        (0.0, "/show/now"),
        (1.0, "/then"),
        (2.0, "/at last"),
    ]


def test_a_bad_part_refuses_what_is_good_beside_it_now_and_later() -> None:
    rig = Rig()
    rig.take(bundle(None, encode("/show/go"), bundle(1.0, encode("/a")), b"/b\0\0,z\0\0"))
    rig.pass_time(2.0)
    assert rig.heard == []
    assert rig.health.counted("osc.junk") == 1
    assert rig.health.counted("osc.received") == 0


def test_a_panic_takes_the_transport_that_is_kept_and_nothing_else() -> None:
    rig = Rig()
    rig.take(bundle(1.0, encode("/table/plate/mom", [0.5]), encode("/show/go"), encode("/show/panic")))
    rig.take(encode("/show/panic"))
    rig.take(bundle(1.5, encode("/show/go")))  # of after the panic
    rig.pass_time(3.0)
    assert rig.addresses() == ["/show/panic", "/table/plate/mom", "/show/panic"]
    # The second panic was kept, and ended the epoch of the last GO as well.
    assert rig.health.counted("osc.outdated") == 2


def test_transport_that_is_kept_acts_where_the_epoch_has_lasted() -> None:
    rig = Rig()
    rig.take(bundle(1.0, encode("/show/go")))
    rig.take(bundle(1.0, encode("/show/goto", ["3"]), encode("/show/go")))  # its own goto is no reason
    rig.pass_time(2.0)
    assert rig.addresses() == ["/show/go", "/show/goto", "/show/go"]
    assert rig.health.counted("osc.outdated") == 0


def test_no_more_is_kept_than_there_is_room_for() -> None:
    rig = Rig()
    full = [encode("/a")] * MAX_MESSAGES
    for _ in range(MAX_KEPT // MAX_MESSAGES + 3):
        rig.take(bundle(5.0, *full))
    rig.pass_time(0.0)
    assert rig.health.counted("osc.ahead") == 3
    rig.take(bundle(None, encode("/show/go")))  # what is of now needs no room
    assert rig.addresses() == ["/show/go"]
    rig.pass_time(6.0)
    assert len(rig.heard) == 1 + MAX_KEPT
    rig.take(bundle(11.0, encode("/again")))
    rig.pass_time(6.0)
    assert rig.addresses()[-1] == "/again"


def test_closing_forgets_what_is_kept_and_what_waits() -> None:
    rig = Rig()
    rig.take(bundle(1.0, encode("/a")), encode("/b"))
    rig.inlet.close()
    rig.pass_time(2.0)
    assert rig.heard == []


def test_wildcards_in_a_packet_are_limited() -> None:
    rig = Rig()
    rig.take(bundle(None, *[encode("/a/*", [1])] * MAX_PATTERNS))
    rig.take(bundle(None, *[encode("/b/*", [1])] * (MAX_PATTERNS + 1)))
    rig.pass_time(0.1)
    assert rig.addresses() == ["/a/*"] * MAX_PATTERNS
    assert rig.health.counted("osc.junk") == 1


def test_what_a_turn_cannot_finish_is_thinned_to_the_newest_in_the_order_they_came() -> None:
    rig = Rig()
    rig.costs = TURN
    rig.take(encode("/first"))
    rig.take(encode("/a/*", [1]), encode("/a/mom", [2]), encode("/a/*", [3]), encode("/a/dad", [4]))
    rig.pass_time(1.0)
    assert [(address, args) for _, address, args in rig.heard] == [
        ("/first", ()),
        ("/a/mom", (2,)),
        ("/a/*", (3,)),
        ("/a/dad", (4,)),
    ]
    assert rig.health.counted("osc.superseded") == 1


@given(st.lists(st.tuples(st.floats(-1.0, 12.0), st.integers(1, 3)), max_size=12), st.floats(0.01, 3.0))
def test_everything_acts_once_and_never_early(sent: list[tuple[float, int]], step: float) -> None:
    rig = Rig()
    for number, (ahead, size) in enumerate(sent):
        rig.take(bundle(ahead, *[encode("/show/x", [number])] * size))
    while rig.timers.now < START + 15.0:
        rig.pass_time(step)
    kept = [(ahead, size) for ahead, size in sent if ahead <= MAX_AHEAD - 1e-6]
    wild = [ahead for ahead, _ in sent if ahead > MAX_AHEAD + 1e-6]
    assert len(rig.heard) >= sum(size for _, size in kept)
    assert rig.health.counted("osc.ahead") >= len(wild)
    for when, _, (number,) in rig.heard:
        assert isinstance(number, int)
        assert when == pytest.approx(max(0.0, sent[number][0]), abs=1e-5)


@given(st.binary(max_size=200))
def test_nothing_that_comes_raises(data: bytes) -> None:
    rig = Rig()
    rig.take(data)
    rig.pass_time(11.0)
    junk, received = rig.health.counted("osc.junk"), rig.health.counted("osc.received")
    assert junk == 0 or received == 0
    assert len(rig.heard) <= received
