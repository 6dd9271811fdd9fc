"""The monitor over a running conductor: what it hears and changes, and that no GO is lost meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server.conductor import BY_HAND, Conductor
from server.config import load_rig
from server.desk import Desk
from server.health import Health
from server.hub import Hub
from server.monitor import deck
from server.monitor.assembly import attach
from server.monitor.ledger import Direction
from server.monitor.service import Monitor, MonitorError
from server.monitor.session import MOST_CHANGED, Session
from server.night.night import Night
from server.osc import Inlet, OscOut, encode
from server.patch import Patch, PatchEntry
from server.renderer.supervisor import Supervisor
from show_control.show import Show
from show_control.showfile import parse_show
from tests.patience import PATIENCE

SHOW = """
[show]
title = "Test"
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Hall"
drive = { "plate.mom" = { noise = 0.5 } }
[[cue]]
number = "2"
name = "Table"
"""
CONFIG = """# The rig of the tests
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
[[osc.target]]
name = "sound"
port = 57120

# Plates
[[patch]]
address = "/plate/{seat}"     # all four
control = "plate.{seat}"
silence = 1.0
decay = 0.2

[[patch]]
address = "/pedal"
event = "go"
"""
PLATE = "/plate/mom"
STAGELESS = Supervisor({}, lambda frame: None, Health(), lambda: 0.0)
"""No renderer runs."""


@dataclass
class Stage:
    """A conductor, its monitor, and a clock that moves when it is told to. It is its own event loop."""

    folder: Path
    now: float = 100.0
    calls: list[Any] = field(default_factory=list)
    rewired: list[tuple[PatchEntry, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.config = self.folder / "config.toml"
        self.config.write_text(CONFIG)
        rig = load_rig(self.config)
        self.patch = Patch(rig.patch, rig.seats)
        self.health = Health()
        self.out = OscOut(rig.osc.targets, self.health)
        self.show = Show(parse_show(SHOW, "show.toml"), self.now)
        self.conductor = Conductor(
            self.show, self.patch, lambda: self.now, lambda snapshot: None, self.out, self.health, loop=self
        )
        self.monitor = Monitor(
            self.conductor,
            self.patch,
            self.health,
            lambda: self.now,
            rig.seats,
            self.config,
            self.rewired.append,
        )
        self.out.tap(self.monitor.sent)

    # as an event loop
    def call_soon(self, callback: Any) -> Any:
        return self.call_at(self.now, callback)

    def call_at(self, when: float, callback: Any) -> Any:
        self.calls.append((when, callback))
        return _Call(self.calls, self.calls[-1])

    def until(self, end: float) -> None:
        while due := [call for call in self.calls if call[0] <= end]:
            call = min(due, key=lambda each: each[0])
            self.calls.remove(call)
            self.now = max(self.now, call[0])
            call[1]()
        self.now = end

    def send(self, address: str, *args: object, source: str = "osc 10.0.0.7:5000") -> bool:
        return self.conductor.message(address, args, source).ok

    def control(self, name: str) -> float:
        return self.show.status(self.now).controls[name]

    @property
    def current(self) -> str | None:
        cue = self.show.status(self.now).current
        return cue.number if cue else None


@dataclass
class _Call:
    calls: list[Any]
    call: Any

    def cancel(self) -> None:
        if self.call in self.calls:
            self.calls.remove(self.call)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.out.close()


async def saved(stage: Stage, line: str, keys: dict[str, Any] | None) -> str:
    diff, digest = await stage.monitor.preview(line, keys)
    assert diff
    return await stage.monitor.save(line, keys, digest)


# what is heard and told


async def test_what_comes_in_and_goes_out_is_told_with_its_meaning(stage: Stage) -> None:
    stage.send(PLATE, 0.5)
    stage.send("/plate/uncle", 0.5)
    stage.send("/show/master", "loud")
    stage.out.send("sound", "/noteOn", (62,))
    stage.out.send("nobody", "/noteOn", (62,))
    rows = {(row["source"], row["address"]): row for row in Session(stage.monitor).news()["rows"]}
    plate = rows["osc 10.0.0.7", PLATE]
    assert plate["meaning"] == {"kind": "control", "words": "plate.mom", "line": "/plate/{seat}"}
    assert (plate["direction"], plate["value"], plate["count"], plate["reason"]) == ("in", "0.5", 1, "")
    assert "no such seat; the seats are mom" in rows["osc 10.0.0.7", "/plate/uncle"]["reason"]
    assert rows["osc 10.0.0.7", "/show/master"]["meaning"]["words"] == "MASTER"
    assert rows["sound", "/noteOn"]["meaning"]["kind"] == "told"
    assert "no such target" in rows["nobody", "/noteOn"]["reason"]


async def test_news_are_a_snapshot_and_then_what_has_changed(stage: Stage) -> None:
    session = Session(stage.monitor)
    stage.send(PLATE, 0.5)
    stage.send("/plate/dad", 0.5)
    first = session.news()
    assert (first["whole"], len(first["rows"])) == (True, 2)
    assert session.news()["rows"] == []
    stage.send("/plate/dad", 0.6)
    later = session.news()
    assert (later["whole"], [row["address"] for row in later["rows"]]) == (False, ["/plate/dad"])
    assert "facts" in first
    assert "facts" not in later


async def test_what_does_not_fit_into_one_patch_comes_with_the_next(stage: Stage) -> None:
    session = Session(stage.monitor)
    session.news()
    for nth in range(MOST_CHANGED + 20):
        stage.send(f"/a/{nth}", 1.0)
    assert [len(session.news()["rows"]) for _ in range(3)] == [MOST_CHANGED, 20, 0]


async def test_a_page_sees_the_raw_messages_of_the_one_that_it_looks_at(stage: Stage) -> None:
    session = Session(stage.monitor)
    await session.do("select", {"address": PLATE})
    stage.send(PLATE, 0.5)
    stage.send("/plate/dad", 0.1)
    news = session.news()
    assert [(each["value"], each["reason"]) for each in news["raw"]] == [("0.5", "")]
    session.close()
    assert stage.monitor.watching == {}
    assert stage.monitor.ledger.raw(PLATE, 0.0) == []


async def test_what_is_touched_is_offered(stage: Stage) -> None:
    session = Session(stage.monitor)
    stage.send(PLATE, 0.0)
    await session.do("learn", {"on": True})
    stage.send("/plate/dad", 0.9)
    stage.send(PLATE, 0.7)
    offers = session.news()["offers"]
    assert [(offer["address"], offer["meaning"]["words"]) for offer in offers] == [
        (PLATE, "plate.mom"),
        ("/plate/dad", "plate.dad"),
    ]
    await session.do("learn", {"on": False})
    assert stage.monitor.learners == set()


async def test_a_line_is_tried_beside_the_show_and_what_came_before_is_drawn_at_once(stage: Stage) -> None:
    session = Session(stage.monitor)
    await session.do("select", {"address": PLATE})
    stage.send(PLATE, 50.0)
    keys = {
        "control": "plate.{seat}",
        "range": [0, 100],
        "curve": "square",
        "smoothing": 0.0,
        "threshold": None,
    }
    await session.do("try", {"address": PLATE, "line": "/plate/{seat}", "keys": keys})
    stage.now += 1.0
    news = session.news()
    assert news["anew"] is True
    assert session.news()["anew"] is False
    points = news["points"]
    assert points[0][1:3] == [50.0, 0.25]
    assert points[-1][1] is None
    assert points[-1][3] == pytest.approx(0.25, abs=1e-3)
    assert stage.control("plate.mom") == pytest.approx(1.0, abs=1e-3)  # the show has the line that it had
    session.close()
    assert stage.monitor.trials == set()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("dance", {}),
        ("select", {"address": 5}),
        ("select", {"address": "/a" * 300}),
        ("try", {"address": PLATE, "line": PLATE, "keys": {"control": "a b"}}),
        ("try", {"address": PLATE, "line": PLATE, "keys": {"control": "a", "range": [1, 1]}}),
        ("try", {"address": PLATE, "line": "/show/go", "keys": {"control": "a"}}),
        ("preview", {"line": PLATE, "keys": {"address": "/x"}}),
        ("preview", {"line": "no address", "keys": {"control": "a"}}),
        ("preview", {"line": "/nobody", "keys": None}),
        ("bypass", {"address": "/show/go", "on": True}),
        ("bypass", {"address": "/nobody", "on": True}),
        ("simulate", {"address": "/show/master", "value": 0.5}),
        ("simulate", {"address": PLATE, "value": "much"}),
        ("replay", {"tape": "../config.toml"}),
        ("record", {"address": PLATE}),
    ],
)
async def test_what_cannot_be_is_refused_in_words(stage: Stage, name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(MonitorError, match=r"\w+ \w+"):
        await Session(stage.monitor).do(name, fields)
    assert stage.config.read_text() == CONFIG


# the patch


async def test_a_saved_line_is_played_at_once_and_one_key_is_one_line_of_the_file(stage: Stage) -> None:
    stage.send(PLATE, 0.5)
    words = await saved(
        stage, "/plate/{seat}", {"control": "plate.{seat}", "range": [0.0, 0.5], "silence": 1.0}
    )
    assert words == "Saved in config.toml, and played from now on."
    assert stage.config.read_text() == CONFIG.replace("decay = 0.2\n", "decay = 0.2\nrange = [0.0, 0.5]\n")
    assert [path.name for path in (stage.folder / "config.toml.backups").iterdir()]
    stage.send(PLATE, 0.25)
    stage.now += 1.0
    assert stage.control("plate.mom") == pytest.approx(0.5, abs=0.01)
    assert stage.rewired[0][0].range == (0.0, 0.5)


async def test_only_what_was_shown_is_saved(stage: Stage) -> None:
    keys = {"control": "plate.{seat}", "smoothing": 0.7}
    _, digest = await stage.monitor.preview("/plate/{seat}", keys)
    stage.config.write_text(CONFIG.replace("# Plates", "# Plates, by hand"))
    with pytest.raises(MonitorError, match="Look at it again"):
        await stage.monitor.save("/plate/{seat}", keys, digest)
    assert "smoothing" not in stage.config.read_text()
    await saved(stage, "/plate/{seat}", keys)
    assert "# Plates, by hand" in stage.config.read_text()


async def test_no_go_is_lost_while_the_patch_is_changed(stage: Stage) -> None:
    diff = asyncio.create_task(saved(stage, "/plate/{seat}", {"control": "plate.{seat}", "smoothing": 0.7}))
    while not diff.done():
        stage.send("/pedal", 0.0)
        await asyncio.sleep(0)
    assert stage.send("/show/go", "1")
    assert stage.current == "1"
    await diff
    stage.now += 1.0
    stage.send("/pedal", 1.0)
    assert stage.current == "2"


async def test_a_pedal_that_is_down_while_it_is_patched_presses_nothing(stage: Stage) -> None:
    stage.send("/pedal/2", 1.0)
    await saved(stage, "/pedal/2", {"event": "go"})
    stage.send("/pedal/2", 1.0)
    assert stage.current is None
    stage.send("/pedal/2", 0.0)
    stage.send("/pedal/2", 1.0)
    assert stage.current == "1"


async def test_a_control_that_nobody_moves_any_more_comes_to_rest(stage: Stage) -> None:
    stage.send(PLATE, 0.9)
    await saved(stage, "/plate/{seat}", None)
    stage.now += 5.0
    assert stage.control("plate.mom") == pytest.approx(0.0, abs=1e-3)
    assert not stage.send(PLATE, 0.9)


async def test_a_sensor_that_goes_on_keeps_its_silence(stage: Stage) -> None:
    stage.send(PLATE, 0.9)
    await saved(stage, "/plate/mom", {"control": "plate.mom", "silence": 2.0, "decay": 0.1})
    stage.until(stage.now + 1.5)
    assert stage.control("plate.mom") > 0.8
    stage.until(stage.now + 2.0)
    assert stage.control("plate.mom") < 0.1


async def test_without_a_file_it_is_tried_and_not_saved(stage: Stage) -> None:
    monitor = Monitor(stage.conductor, stage.patch, stage.health, lambda: stage.now)
    assert monitor.facts()["saves"] is False
    with pytest.raises(MonitorError, match="without a config file"):
        await monitor.preview(PLATE, {"control": "a"})


async def test_a_new_button_is_urgent_and_the_rig_knows_its_line(stage: Stage) -> None:
    got: list[str] = []
    inlet = Inlet(lambda address, args, peer: got.append(address), stage.health, stage.patch.urgent())
    rig = load_rig(stage.config)
    desk = Desk(rig, stage.conductor, Hub({}, stage.health), STAGELESS, stage.health, lambda: stage.now)
    monitor = attach(desk, stage.patch, inlet, stage.patch.urgent, stage.out, stage.config)
    assert desk.monitor is monitor
    peer = SimpleNamespace(name="osc 1", send=lambda packet: None)
    inlet.take(encode("/foot", (1.0,)), peer)
    assert got == []  # in its turn
    _, digest = await monitor.preview("/foot", {"event": "go"})
    await monitor.save("/foot", {"event": "go"}, digest)
    got.clear()
    inlet.take(encode("/foot", (1.0,)), peer)
    assert got == ["/foot"]
    assert desk.rig.patch[-1].address == "/foot"
    inlet.close()


@pytest.mark.parametrize(("table", "words"), [("", "means nothing here"), ("[qlab]\n", "GO")])
async def test_the_words_of_qlab_mean_something_where_the_rig_hears_them(
    stage: Stage, table: str, words: str
) -> None:
    stage.config.write_text(CONFIG + table)
    inlet = Inlet(lambda address, args, peer: None, stage.health)
    rig = load_rig(stage.config)
    desk = Desk(rig, stage.conductor, Hub({}, stage.health), STAGELESS, stage.health, lambda: stage.now)
    monitor = attach(desk, stage.patch, inlet, stage.patch.urgent, stage.out, stage.config)
    assert monitor.meaning(Direction.IN, "/go").words == words
    inlet.close()


# bypass and simulate


async def test_a_bypassed_sensor_rests_and_a_hand_can_move_its_control(stage: Stage) -> None:
    stage.send(PLATE, 0.9)
    stage.monitor.bypass(PLATE, True)
    stage.now += 3.0
    assert not stage.send(PLATE, 0.9)
    assert not stage.send("/plate/mom", 0.9, source="table")
    assert stage.send("/plate/*", 0.9)  # the others are reached
    assert stage.control("plate.mom") == pytest.approx(0.0, abs=1e-3)
    stage.monitor.simulate(PLATE, 0.4)
    stage.now += 1.0
    assert stage.control("plate.mom") == pytest.approx(0.4, abs=1e-2)
    assert stage.monitor.warnings() == ["BYPASSED: /plate/mom is ignored"]
    assert [(each.topic, each.level) for each in stage.monitor.findings()] == [("bypass", "problem")]
    stage.monitor.bypass(PLATE, False)
    assert stage.send(PLATE, 0.9)
    assert stage.monitor.warnings() == stage.monitor.findings() == []


async def test_who_lets_go_leaves_a_sensor_as_it_was(stage: Stage) -> None:
    stage.send(PLATE, 0.3)
    for value in (0.8, 0.9):
        stage.monitor.simulate(PLATE, value)
    stage.monitor.let_go(PLATE)
    stage.now += 0.9  # its silence is longer
    assert stage.control("plate.mom") == pytest.approx(0.3, abs=1e-2)
    stage.monitor.simulate("/plate/dad", 0.9)  # which was never heard
    stage.monitor.let_go("/plate/dad")
    stage.now += 0.9
    assert stage.control("plate.dad") == pytest.approx(0.0, abs=1e-2)


async def test_a_pedal_that_somebody_stood_in_for_counts_at_once(stage: Stage) -> None:
    session = Session(stage.monitor)
    await session.do("simulate", {"address": "/pedal", "value": 1})
    assert stage.current == "1"
    session.close()  # the page goes, and has not said that it lets go
    stage.now += 60.0
    stage.send("/pedal", 1.0)
    assert stage.current == "2"


async def test_what_a_sensor_says_itself_counts_more_than_who_stood_in(stage: Stage) -> None:
    stage.monitor.simulate(PLATE, 0.9)
    stage.send(PLATE, 0.4)
    stage.monitor.let_go(PLATE)
    stage.now += 0.9
    assert stage.control("plate.mom") == pytest.approx(0.4, abs=1e-2)


async def test_a_bypassed_pedal_presses_nothing_and_the_operator_is_not_bothered(stage: Stage) -> None:
    stage.monitor.bypass("/pedal", True)
    stage.send("/pedal", 1.0)
    assert stage.current is None
    assert stage.show.status(stage.now).refused is None
    assert stage.health.counted("osc.bypassed") == 1


async def test_a_bypass_outlives_another_patch(stage: Stage) -> None:
    stage.monitor.bypass(PLATE, True)
    await saved(stage, "/plate/{seat}", {"control": "plate.{seat}", "smoothing": 0.7})
    assert not stage.send(PLATE, 0.9)


async def test_a_bypass_outlives_the_process_that_died(stage: Stage) -> None:
    night = Night(None, "", "", lambda: stage.now, lambda: 1e9 + stage.now, stage.health)
    night.bypassed = {PLATE, "/nobody/knows"}
    health = Health()
    conductor = Conductor(
        stage.show, stage.patch, lambda: stage.now, print, stage.out, health, loop=stage, night=night
    )
    assert not conductor.message(PLATE, [0.9], "osc").ok
    assert stage.patch.bypassed == {PLATE}
    assert health.counted("osc.refused") == 1
    conductor.close()


# recordings


@pytest.fixture
async def running(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The deck at work."""
    monkeypatch.setattr(deck, "WRITE_EVERY", 0.005)
    task = asyncio.ensure_future(stage.monitor.deck.run())
    yield stage
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until(holds: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if holds():
                return
            await asyncio.sleep(0.002)


async def test_a_table_is_recorded_and_played_again(running: Stage) -> None:
    stage = running
    await stage.monitor.record("", True)
    for value in (0.2, 0.9):
        stage.send(PLATE, value)
        stage.send("/pedal", value)
        stage.now += 1.0
    assert stage.current == "1"
    words = await stage.monitor.record("", False)
    assert words.startswith("4 messages are in ")
    [name] = stage.monitor.deck.names
    text = (stage.folder / "recordings" / name).read_text()
    assert [json.loads(line)["at"] for line in text.splitlines()] == [0, 0, 1, 1]

    stage.now += 10.0
    await stage.monitor.replay(name)
    assert stage.monitor.warnings() == [f"A RECORDING IS PLAYED: {name}"]
    assert [(each.topic, each.level) for each in stage.monitor.findings()] == [("replay", "note")]
    row = lambda: next((row for row in stage.monitor.ledger.rows() if row.source == "replay"), None)  # noqa: E731
    await until(lambda: row() is not None and row().count == 1)
    stage.now += 1.0
    await until(lambda: stage.monitor.deck.player is None)
    assert row().count == 2
    assert stage.current == "1"  # the pedal of yesterday presses nothing today
    assert "but for 2 that would move the show" in stage.monitor.deck.words


async def test_a_replay_can_be_stopped_and_none_is_played_in_show_mode(running: Stage) -> None:
    stage = running
    tape = stage.folder / "recordings" / "20261121-200000-table.jsonl"
    tape.parent.mkdir()
    tape.write_text('{"at": 500, "address": "/plate/mom", "args": [1]}\n')
    await stage.monitor.replay(tape.name)
    await stage.monitor.replay("")
    assert stage.monitor.deck.player is None
    await stage.monitor.replay(tape.name)
    stage.send("/show/desk", "show")
    await until(lambda: stage.monitor.deck.player is None)
    assert "stopped: the desk was set to show" in stage.monitor.deck.words
    with pytest.raises(MonitorError, match="in show mode nothing is played"):
        await stage.monitor.replay(tape.name)


async def test_a_disk_that_takes_no_more_ends_the_recording_and_nothing_else(running: Stage) -> None:
    stage = running
    await stage.monitor.record(PLATE, True)
    recorder = stage.monitor.deck.recorder
    assert recorder is not None
    (stage.folder / "recordings" / recorder.name).unlink()
    (stage.folder / "recordings" / recorder.name).mkdir()
    stage.send(PLATE, 0.5)
    await until(lambda: stage.monitor.deck.recorder is None)
    assert "the disk took no more" in stage.monitor.deck.words
    assert stage.send(PLATE, 0.6)


def test_the_crew_has_a_name_in_the_journal() -> None:
    assert BY_HAND == "monitor"
