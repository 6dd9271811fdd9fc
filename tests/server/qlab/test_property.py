"""No packet makes the dialect raise, and none that is a question goes without an answer."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.osc import OscError, decode, encode
from server.osc.codec import OscMessage
from server.qlab.asking import WORDS
from server.qlab.dialect import ALL_WORDS
from server.qlab.settings import Qlab
from server.qlab.sheet import VALUES
from show_control.events import Desk, DeskMode
from tests.server.qlab.controllers import FIRST, Rig


class Peer:
    """Hears what it is answered."""

    name = "osc test"

    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def send(self, packet: bytes) -> None:
        self.packets.append(packet)


segment = st.one_of(
    st.sampled_from(sorted(ALL_WORDS)),
    st.sampled_from(sorted(VALUES)),
    st.sampled_from([*FIRST, "12.11", "selected", "playhead", "active", "dinner", "*", "1?", "", "+", "-"]),
    st.sampled_from(
        ["start", "load", "stop", "panic", "next", "previous", "children", "valuesForKeys", "go"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="/\0"), max_size=12),
)
argument = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.binary(max_size=8),
    st.just('["name", "children"]'),
    st.sampled_from(FIRST),
)


@settings(
    deadline=None,
    max_examples=400,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    messages=st.lists(st.tuples(st.lists(segment, min_size=1, max_size=5), st.lists(argument, max_size=3)))
)
async def test_no_message_makes_it_raise(tmp_path: Path, messages: list[tuple[list[str], list[Any]]]) -> None:
    rig, peer = Rig(tmp_path, Qlab()), Peer()
    rig.conductor.command(Desk(DeskMode.SHOW), "test")  # nothing is written
    for segments, args in messages:
        address = "/" + "/".join(segments)
        rig.qlab.hear(address, args, peer)
        if segments[0] in WORDS:
            rig.qlab.transport(address)
    for packet in peer.packets:
        (message,) = decode(packet)
        assert message.address.startswith("/reply/")
        (text,) = message.args
        assert isinstance(text, str)
        assert json.loads(text)["status"] in ("ok", "error", "denied")
    rig.stop()


@settings(
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(packets=st.lists(st.binary(max_size=80).map(lambda junk: b"/cue/1/name\0" + junk), max_size=20))
async def test_no_packet_makes_it_raise(tmp_path: Path, packets: list[bytes]) -> None:
    rig, peer = Rig(tmp_path, Qlab()), Peer()
    good = 0
    for packet in packets:
        try:
            decode(packet)
            good += 1
        except OscError:
            pass
        rig.inlet.take(packet, peer)
    assert rig.health.counted("osc.junk") == len(packets) - good
    rig.stop()


async def test_each_word_is_answered_or_obeyed(tmp_path: Path) -> None:
    rig, peer = Rig(tmp_path, Qlab()), Peer()
    rig.inlet.take(encode("/alwaysReply", [1]), peer)
    for word in sorted(ALL_WORDS - {"alwaysReply"}):
        peer.packets.clear()
        rig.inlet.take(encode(f"/{word}"), peer)
        if word in ("undo", "redo", "save"):
            continue  # later
        (packet,) = peer.packets
        assert decode(packet) == (OscMessage(f"/reply/{word}", decode(packet)[0].args),)
    rig.stop()
