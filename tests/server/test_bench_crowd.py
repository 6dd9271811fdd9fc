"""The crowd of `marrow bench crowd`: what it does on the wire, and the figures that are made of it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from server.bench.child import BenchError
from server.bench.crowd import Figures, Pass, Round, has
from server.bench.tablet import held
from server.bench.venue import GOS, presses
from server.bench.visitors import Crowd, Seen, visiting
from server.osc import decode
from server.osc.codec import OscMessage
from show_control.showfile import parse_show
from tests.server.test_app import SHOW, Venue, opened

SEEN = Seen(seconds=10.0, patches=800, gaps=0, frames=6000, osc_sent=20_000, osc_heard=10_000)
FIGURES = Figures(
    touches=(0.004, 0.006, 0.008),
    crowded=(0.009,),
    rounds=(
        Round(Pass(40.0, 0.02), Pass(42.0, 0.1), SEEN),
        Round(Pass(50.0, 0.02), Pass(50.0, 0.1), SEEN),
        Round(Pass(40.0, 0.03), Pass(44.0, 0.2), SEEN),
    ),
    gos=(0.02, 0.12),
    storm=SEEN,
    storm_share=0.15,
    returns=(0.05, 0.2),
    load=0.3,
)


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    async with opened(tmp_path) as venue:
        yield venue


def test_the_figures_say_what_was_reached() -> None:
    rows = {row.name: (round(row.value, 3), row.to_plain()["reached"]) for row in FIGURES.rows()}
    assert rows["touch to answer p95"] == (8.0, True)
    assert rows["the crowd changes it by"] == (5.0, True)
    assert rows["  change between windows without it"] == (22.5, None)
    assert rows["frames a second to each of the crowd"] == (30.0, None)
    assert rows["messages a second to each tablet"] == (10.0, None)
    assert rows["OSC in"] == (2000.0, True)
    assert rows["OSC out"] == (1000.0, True)
    assert rows["  in the storm"] == (15.0, None)
    assert rows["  the latest of 2"] == (120.0, False)
    assert rows["a page comes back, the latest"] == (200.0, True)


def test_the_cues_to_press_go_for_follow_a_show_and_wait() -> None:
    show = parse_show(SHOW + presses(3), "show.toml")
    added = [cue for cue in show.cues if int(cue.number) >= GOS]
    assert [cue.number for cue in added] == [str(GOS + number) for number in range(3)]
    assert not any(cue.follow.by_itself or cue.sends for cue in added)


async def test_a_tablet_follows_the_show_and_is_answered(venue: Venue) -> None:
    async with held(venue.port, "Tablet 1") as tablet:
        assert await tablet.ask("go", standby="1") > 0.0
        await tablet.until(has("current", "1"))
        assert tablet.state["standby"]["number"] == "2"
        assert tablet.gaps == 0
        assert [member["name"] for member in venue.desk.state()["crew"]] == ["Tablet 1"]  # type: ignore[attr-defined]


async def test_a_crowd_comes_looks_and_goes(venue: Venue) -> None:
    async def paint() -> None:
        for seq in count(1):
            venue.publish(seq)
            await asyncio.sleep(0.02)

    painting = asyncio.create_task(paint())
    try:
        async with visiting(venue.port, 9, "main", Crowd(tablets=2, watchers=3)) as visitors:
            assert venue.desk.clients == {"projector": 3, "operator": 2, "editor": 0, "table": 0}
            await venue.until(lambda: venue.desk.state()["event"] != 0)
    finally:
        painting.cancel()
    assert visitors.seen.patches > 0
    assert visitors.seen.frames > 0
    assert visitors.seen.gaps == 0
    assert venue.desk.health.counted("socket.junk") == 0


async def test_a_storm_drives_many_controls_and_asks_to_be_told_of_them(venue: Venue) -> None:
    heard: list[OscMessage] = []

    class Ear(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            heard.extend(decode(data))

    loop = asyncio.get_running_loop()
    ear, _ = await loop.create_datagram_endpoint(Ear, ("127.0.0.1", 0), family=socket.AF_INET)
    port = ear.get_extra_info("sockname")[1]
    try:
        async with visiting(venue.port, port, "main", Crowd(osc=2000)) as visitors:
            await venue.until(lambda: len(heard) > 200)
    finally:
        ear.close()
    assert heard[0] == OscMessage("/marrow/subscribe", ("/marrow/control/*", 50.0))
    assert {message.address for message in heard[1:]} == {f"/control/crowd{number}" for number in range(20)}
    assert visitors.seen.osc_sent >= 200
    assert visitors.seen.osc_heard == 0


async def test_a_crowd_that_cannot_come_is_told(venue: Venue) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(BenchError, match="could not come"):
            async with visiting(nobody.getsockname()[1], 9, "main", Crowd(tablets=1)):
                pass
