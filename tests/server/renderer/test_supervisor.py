"""Supervision: when a renderer counts as dead, and that the next one carries on."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psutil
import pytest

from server.frames import EncodedFrame
from server.health import Health
from server.renderer import supervisor as module
from server.renderer.supervisor import State, Supervisor
from server.renderer.watch import HUNG_AFTER, SILENT_AFTER, STABLE_AFTER, STUCK_AFTER, Watch
from show_control.events import Go
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
name = "One"
"""
SETTINGS = {
    "networks": {"main": "none.safetensors"},
    "device": "cpu",
    "backend": "auto",
    "fps": 30,
    "jpeg_quality": 85,
    "style_from": 32,
    "psi_below": None,
    "streams": [0.0],
    "bent_at": [],
}


# --- when it is dead: pure ---------------------------------------------------------------------------------


def asked(watch: Watch, start: float, end: float) -> str:
    """Ask every 0.1 s; the first verdict."""
    for tenth in range(round(start * 10), round(end * 10) + 1):
        if reason := watch.verdict(tenth / 10):
            return reason
    return ""


def load(watch: Watch, start: int, end: int) -> str:
    """Signs of life every second; the first verdict."""
    for second in range(start, end):
        watch.alive(second)
        if reason := asked(watch, second, second + 0.9):
            return reason
    return ""


def test_loading_may_take_long_as_long_as_it_gets_on() -> None:
    watch = Watch(0.0)
    for second in range(0, 200, 50):
        watch.heard(second)
        assert load(watch, second, second + 50) == ""


def test_loading_in_silence_is_death() -> None:
    watch = Watch(0.0)
    assert asked(watch, 0, SILENT_AFTER) == ""
    assert "no sign of life" in asked(watch, SILENT_AFTER, SILENT_AFTER + 1)


def test_who_has_died_before_is_given_longer_to_speak() -> None:
    watch = Watch(0.0, 2)
    assert asked(watch, 0, 2 * SILENT_AFTER) == ""
    assert "no sign of life" in asked(watch, 2 * SILENT_AFTER, 2 * SILENT_AFTER + 1)


def test_signs_of_life_without_progress_are_death_in_the_end() -> None:
    watch = Watch(0.0)
    assert load(watch, 0, round(HUNG_AFTER)) == ""
    assert "no progress" in load(watch, round(HUNG_AFTER), round(HUNG_AFTER) + 2)


def test_once_frames_have_begun_two_seconds_without_one_is_death() -> None:
    watch = Watch(0.0)
    watch.frame(5.0)
    assert asked(watch, 0, 5 + STUCK_AFTER) == ""
    watch.heard(6.5)  # figures are no progress
    watch.alive(6.9)
    assert "no frame for" in asked(watch, 7.0, 7.5)


def test_an_absence_of_the_asker_is_nobodys_death() -> None:
    watch = Watch(0.0)
    watch.frame(0.0)
    assert asked(watch, 0, 1) == ""
    assert watch.verdict(60.0) == ""
    assert asked(watch, 60.1, 61.9) == ""
    assert "no frame for" in asked(watch, 62.0, 63.0)


def test_patience_lasts_until_it_has_been_stable() -> None:
    patience = 3 * STUCK_AFTER
    watch = Watch(0.0, 3)
    watch.frame(0.0)
    assert asked(watch, 0, patience) == ""
    watch.frame(patience)
    assert watch.stable
    assert asked(watch, patience, patience + STUCK_AFTER) == ""
    assert "no frame for" in asked(watch, patience + STUCK_AFTER, patience + STUCK_AFTER + 1)


def test_patience_has_an_end() -> None:
    watch = Watch(0.0, 3)
    watch.frame(0.0)
    assert "no frame for" in asked(watch, 0, 3 * STUCK_AFTER + 1)


def test_stable_is_who_made_frames_for_a_while() -> None:
    watch = Watch(0.0)
    assert not watch.stable
    watch.frame(10.0)
    watch.heard(30.0)
    assert not watch.stable, "being stuck is not being stable"
    watch.frame(10.0 + STABLE_AFTER + 0.1)
    assert watch.stable


# --- a real process ---------------------------------------------------------------------------------------


class Stand:
    """A supervisor with a toy renderer, and the frames that have come."""

    def __init__(self, *command: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.health = Health()
        self.frames: list[EncodedFrame] = []
        self.show = Show(parse_show(SHOW, "show.toml"), time.monotonic())
        streams = {"wall": 0, "other": 1}
        self.supervisor = Supervisor(
            SETTINGS, self._take, self.health, clock, (sys.executable, *command), streams
        )
        self.supervisor.show(self.show.snapshot())
        self._came = asyncio.Event()

    def _take(self, frame: EncodedFrame) -> None:
        self.frames.append(frame)
        self._came.set()

    async def frame(self) -> EncodedFrame:
        """The next frame."""
        self._came.clear()
        async with asyncio.timeout(PATIENCE):
            await self._came.wait()
        return self.frames[-1]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                if holds():
                    return
                await asyncio.sleep(0.01)


@asynccontextmanager
async def stand(*command: str, clock: Callable[[], float] = time.monotonic) -> AsyncIterator[Stand]:
    stand = Stand(*command, clock=clock)
    running = asyncio.create_task(stand.supervisor.run())
    try:
        yield stand
    finally:
        pid = stand.supervisor.pid
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await stand.until(lambda: pid is None or not psutil.pid_exists(pid))


TOY = ("-m", "tests.toy_renderer")


async def test_it_starts_feeds_and_reports() -> None:
    async with stand(*TOY) as toy:
        assert toy.supervisor.status(time.monotonic())["frame_age"] is None
        await toy.frame()
        toy.show.receive(Go(), time.monotonic(), 4)
        toy.supervisor.show(toy.show.snapshot())
        while (frame := await toy.frame()).event != 4:
            pass
        assert frame.cue == "1"
        await toy.until(lambda: bool(toy.supervisor.rss))
        status = toy.supervisor.status(time.monotonic())
        assert (status["state"], status["backend"], status["size"]) == ("running", "toy", 32)
        assert status["restarts"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither signal")
@pytest.mark.parametrize("sent", ["SIGKILL", "SIGSTOP"])
async def test_a_renderer_that_is_killed_or_stopped_is_replaced_and_carries_on(sent: str) -> None:
    async with stand(*TOY) as toy:
        toy.show.receive(Go(), time.monotonic(), 4)
        toy.supervisor.show(toy.show.snapshot())
        while (await toy.frame()).cue != "1":
            pass
        first = toy.supervisor.pid
        assert first is not None
        os.kill(first, getattr(signal, sent))
        await toy.until(lambda: toy.supervisor.state is State.RESTARTING)
        last = toy.frames[-1]
        again = await toy.frame()
        assert (again.cue, again.event) == ("1", 4)
        assert again.seq > last.seq
        assert toy.supervisor.pid != first
        assert not psutil.pid_exists(first)
        assert toy.supervisor.restarts == 1
        assert toy.health.counted("renderer.restarts") == 1


async def test_it_knows_the_energy_of_each_projectors_picture_while_one_is_painted() -> None:
    async with stand(*TOY) as toy:
        assert toy.supervisor.energy("wall") is None
        await toy.until(lambda: toy.supervisor.energy("wall") is not None)
        energy = toy.supervisor.energy("wall")
        assert energy is not None
        assert 0.0 < energy.brightness < 1.0
        assert energy.motion == 0.0
        assert toy.supervisor.energy("other") is None, "the renderer paints one stream"
        assert toy.supervisor.energy("stranger") is None
        assert toy.supervisor.pid is not None
        os.kill(toy.supervisor.pid, signal.SIGTERM)
        await toy.until(lambda: toy.supervisor.state is State.RESTARTING)
        assert toy.supervisor.energy("wall") is None


async def test_stuck_is_judged_by_the_clock_it_was_given() -> None:
    ahead = 0.0
    async with stand(*TOY, clock=lambda: time.monotonic() + ahead) as toy:
        await toy.frame()
        pid = toy.supervisor.pid
        for _ in range(5):
            ahead += STUCK_AFTER / 4
            await toy.frame()
        assert toy.supervisor.pid == pid, "frames came all the time"


async def test_weights_that_cannot_be_used_are_shown_with_their_sentence() -> None:
    async with stand(*TOY, "broken") as toy:
        await toy.until(lambda: toy.supervisor.state is State.FAILED)
        assert toy.supervisor.note == "dinner.safetensors: damaged; copy it again"
        await toy.until(lambda: toy.supervisor.restarts == 1)
        assert toy.supervisor.state is State.FAILED


async def test_a_renderer_that_keeps_dying_is_started_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        if seconds != module.LOOK_EVERY:
            waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(module, "LOOK_EVERY", 0.0125)
    monkeypatch.setattr(module.asyncio, "sleep", noted)
    toy = Stand("-c", "raise SystemExit(3)")
    running = asyncio.create_task(toy.supervisor.run())
    while toy.supervisor.restarts < 6:
        await sleep(0.01)
    assert "status 3" in toy.supervisor.note
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert waits[:6] == [0.0, 1.0, 2.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("-c", "print('x' * 100)"), "spoke nonsense"),
        (("-c", "import os; os.write(1, b'\\x03\\0\\0\\0\\x02abc')"), "spoke nonsense"),
        (("-c", "import os; os.write(1, b'\\x02\\0\\0\\0\\x01{}')"), "spoke nonsense: unknown message"),
        (
            ("-c", """import os; os.write(1, b'\\x23\\0\\0\\0\\x01{"type":"energy","streams":[[0.5]]}')"""),
            "spoke nonsense: no energy of a picture: expected 11 numbers from 0 to 1, got [0.5]",
        ),
        (("-c", "raise SystemExit(3)"), "ended with status 3"),
        (("-c", "import os, time; os.close(1); time.sleep(60)"), "ended with status -9"),
    ],
)
async def test_whatever_a_renderer_does_it_is_replaced(command: tuple[str, ...], reason: str) -> None:
    async with stand(*command) as toy:
        await toy.until(lambda: toy.supervisor.state is State.RESTARTING)
        assert reason in toy.supervisor.note


async def test_a_renderer_that_cannot_be_started_is_tried_again() -> None:
    toy = Stand()
    toy.supervisor._command = ("/nowhere/python",)
    running = asyncio.create_task(toy.supervisor.run())
    await toy.until(lambda: toy.supervisor.restarts > 0)
    assert "cannot be started" in toy.supervisor.note
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_error_of_our_own_costs_one_renderer_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    toy = Stand(*TOY)
    take = toy.supervisor._on_frame

    def fail_once(frame: EncodedFrame) -> None:
        toy.supervisor._on_frame = take
        raise KeyError("a mistake")

    toy.supervisor._on_frame = fail_once
    running = asyncio.create_task(toy.supervisor.run())
    await toy.frame()
    assert toy.supervisor.restarts == 1
    assert "its supervision failed: KeyError('a mistake')" in str(toy.health.to_plain()["details"])
    assert "Traceback" in caplog.text
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
