"""What is worth a remark: losses and returns, each once, and slow frames summed up."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from server import watchman as module
from server.watchman import SUM_UP_AFTER, Sight, Watchman, keep_watch
from tests.server.test_app import opened

WELL = Sight(True, "", {"projector": 2, "operator": 1}, 0)


def test_a_show_that_is_well_is_worth_none() -> None:
    watchman = Watchman(0.0)
    assert watchman.look(replace(WELL, pictures=False, note="loading"), 0.0) == []
    assert [watchman.look(WELL, at / 4) for at in range(100)] == [[]] * 100


def test_a_renderer_is_lost_once_and_back_once() -> None:
    watchman = Watchman(0.0)
    watchman.look(WELL, 0.0)
    dead = replace(WELL, pictures=False, note="restarting: no frame for 2.1 s")
    assert watchman.look(dead, 5.0) == [("renderer lost", "restarting: no frame for 2.1 s")]
    assert watchman.look(dead, 5.25) == []
    assert watchman.look(WELL, 8.5) == [("renderer back", "after 3.5 s")]
    assert watchman.look(WELL, 9.0) == []


def test_pages_that_go_and_come_back_are_told_from_new_ones() -> None:
    watchman = Watchman(0.0)
    watchman.look(WELL, 0.0)
    gone = replace(WELL, pages={"projector": 1, "operator": 1})
    assert watchman.look(gone, 1.0) == [("page lost", "projector: 1 of 2 open")]
    assert watchman.look(WELL, 2.0) == [("page back", "projector: 2 of 2 open")]
    assert watchman.look(replace(WELL, pages={"projector": 3, "operator": 1}), 3.0) == []


def test_slow_frames_are_one_remark_for_a_while() -> None:
    watchman = Watchman(0.0)
    remarks = []
    for at in range(int(SUM_UP_AFTER * 4) + 1):
        remarks += watchman.look(replace(WELL, skipped=3), at / 4)
    assert remarks == [("slow frames", "30 ticks without a frame in 10 s")]


async def test_what_is_told_of_the_last_minute_is_true_though_nobody_has_looked_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.0)
    async with opened(tmp_path) as venue:
        desk, now = venue.desk, 0.0

        def clock() -> float:
            return now

        desk.clock = desk.rounds.clock = clock

        async def pass_until(end: float) -> None:
            nonlocal now
            while now < end:
                now += 1.0
                for _ in range(3):  # turns of the loop: the watchman looks at least once
                    await asyncio.sleep(0)

        def told() -> set[str]:
            return {part["words"] for part in desk.report()["parts"] if part["part"] == "OSC in"}

        well = {"0 messages in the last minute, and all of them mean something."}
        watch = asyncio.create_task(keep_watch(desk))
        await pass_until(1.0)
        assert told() == well
        desk.health.count("osc.unknown", 5, "/early")
        await pass_until(300.0)
        desk.health.count("osc.unknown", 2, "/late")
        await pass_until(330.0)
        assert told() == {"Messages that mean nothing here in the last minute: 2. The last: /late"}
        await pass_until(400.0)
        assert told() == well
        watch.cancel()
