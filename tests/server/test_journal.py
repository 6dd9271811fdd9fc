"""The journal as a thread on a real disk: what is acknowledged is there, whatever happens next."""

import asyncio
import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.night import journal as journal_module
from server.night import segments as segments_module
from server.night.journal import DEFAULT, Journal, Limits, Marks
from server.night.journalfile import Entry, Session, read, segments
from show_control.events import Control, Event, Go, Goto, Panic
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
Make = Callable[..., Journal]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def make(tmp_path: Path, clock: Clock, troubles: list[str]) -> Iterator[Make]:
    made: list[Journal] = []

    def start(limits: Limits = DEFAULT, after: int | None = None) -> Journal:
        marks = Marks("show", "config", clock())
        journal = Journal(tmp_path, marks, clock, lambda: 1e9, troubles.append, after, limits)
        journal.start()
        made.append(journal)
        return journal

    yield start
    for journal in made:
        journal.close()


def only(folder: Path) -> Session:
    reading = read(folder)
    assert reading.problems == ()
    (session,) = reading.sessions
    return session


def events(folder: Path) -> list[Event | None]:
    return [entry.event for entry in only(folder).entries]


async def test_what_is_acknowledged_is_on_disk(make: Make, tmp_path: Path) -> None:
    journal = make()
    n = journal.write(Go("1"), 101.5, "page 3", 7, "GO refused: too soon")
    assert await journal.written(n)
    session = only(tmp_path)
    assert session.entries == (Entry(1, 101.5, 1e9, "page 3", Go("1"), 7, "GO refused: too soon"),)
    assert (session.header.now, session.header.show, session.header.config) == (100.0, "show", "config")


async def test_commands_that_come_together_are_on_disk_together(make: Make, tmp_path: Path) -> None:
    journal = make()
    numbers = [journal.write(Goto(str(at)), 101.0, "page") for at in range(500)]
    assert all(await asyncio.gather(*(journal.written(n) for n in numbers)))
    assert events(tmp_path) == [Goto(str(at)) for at in range(500)]


async def test_of_a_control_only_the_newest_value_before_a_command_is_written(
    make: Make, tmp_path: Path
) -> None:
    journal = make(Limits(rate=0.01))
    for at in range(100):
        journal.write(Control("a", at / 100), 101.0, "osc")
        journal.write(Control("b", -at / 100), 101.0, "osc")
    assert await journal.written(journal.write(Panic(), 102.0, "page"))
    assert events(tmp_path) == [Control("a", 0.99), Control("b", -0.99), Panic()]


def test_the_last_value_of_a_control_is_always_written(make: Make, tmp_path: Path) -> None:
    journal = make(Limits(rate=0.01))
    for at in range(100):
        journal.write(Control("a", at / 100), 101.0, "osc")
    journal.close()
    assert events(tmp_path) == [Control("a", 0.99)]


def test_every_value_counts_of_a_control_that_a_gate_waits_for(make: Make, tmp_path: Path) -> None:
    journal = make(Limits(rate=0.01))
    journal.watch(["a"])
    for value in (0.1, 0.9, 0.2):
        journal.write(Control("a", value), 101.0, "osc")
    journal.close()
    assert events(tmp_path) == [Control("a", 0.1), Control("a", 0.9), Control("a", 0.2)]


def test_a_command_that_never_became_an_event_is_written(make: Make, tmp_path: Path) -> None:
    journal = make()
    journal.refuse("goto", "there is no cue 99", 101.0, "osc")
    journal.close()
    assert only(tmp_path).entries == (Entry(1, 101.0, 1e9, "osc", None, 0, "there is no cue 99", "goto"),)


async def test_the_show_is_known_to_have_been_alive(make: Make, tmp_path: Path, clock: Clock) -> None:
    journal = make()
    await journal.written(journal.write(Go(), 100.5, "page"))
    clock.now = 160.0
    journal.close()
    assert only(tmp_path).last == 160.0


async def test_full_segments_are_followed_by_new_ones(make: Make, tmp_path: Path) -> None:
    journal = make(Limits(segment=400))
    for at in range(20):
        await journal.written(journal.write(Goto(str(at)), 101.0, "page"))
    assert len(segments(tmp_path)) > 5
    assert events(tmp_path) == [Goto(str(at)) for at in range(20)]


async def test_former_nights_go_first_and_then_controls_but_never_commands(
    make: Make, tmp_path: Path
) -> None:
    for path in ("000001", "000002"):
        (tmp_path / f"{path}.jsonl").write_bytes(b"x" * 3000)
    journal = make(Limits(segment=400, folder=3000))
    for at in range(40):
        await journal.written(journal.write(Goto(str(at)), 101.0, "page"))
    assert segments(tmp_path)[0].name == "000003.jsonl"
    journal.write(Control("a", 0.5), 101.0, "osc")
    await journal.written(journal.write(Panic(), 101.0, "page"))
    assert events(tmp_path) == [*(Goto(str(at)) for at in range(40)), Panic()]


async def test_a_night_goes_on_after_a_restart(make: Make, tmp_path: Path) -> None:
    first = make()
    await first.written(first.write(Goto("1"), 101.0, "page"))
    first.close()
    second = make(after=read(tmp_path).n)
    assert await second.written(second.write(Goto("2"), 3.0, "page"))
    reading = read(tmp_path)
    assert reading.problems == ()
    assert [entry.n for session in reading.sessions for entry in session.entries] == [1, 2]


def full_disk(file: int, data: memoryview) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_a_full_disk_is_said_and_what_it_did_not_take_is_written_later(
    make: Make, tmp_path: Path, clock: Clock, troubles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = make(Limits(rate=100.0))
    assert await journal.written(journal.write(Goto("1"), 101.0, "page"))
    with monkeypatch.context() as patch:
        patch.setattr(segments_module.os, "write", full_disk)
        assert not await journal.written(journal.write(Goto("2"), 102.0, "page"))
        assert not await journal.written(journal.write(Goto("3"), 103.0, "page"))
        assert troubles[0] == f"{tmp_path}: No space left on device. The show goes on without."
    clock.now += 2.0
    assert await journal.written(journal.write(Goto("4"), 104.0, "page"))
    assert events(tmp_path) == [Goto(str(at)) for at in range(1, 5)]


async def test_what_is_lost_on_a_disk_that_never_comes_back_is_counted(
    make: Make, tmp_path: Path, clock: Clock, troubles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MOST_KEPT", 2)
    journal = make(Limits(rate=100.0))
    with monkeypatch.context() as patch:
        patch.setattr(segments_module.os, "write", full_disk)
        numbers = [journal.write(Goto(str(at)), 101.0, "page") for at in range(5)]
        assert not await journal.written(numbers[-1])
    clock.now += 2.0
    assert await journal.written(journal.write(Goto("5"), 104.0, "page"))
    assert any("lost" in trouble for trouble in troubles)
    reading = read(tmp_path)
    assert "are missing" in reading.problems[0]
    assert [entry.event for entry in reading.sessions[0].entries][-1] == Goto("5")


async def test_a_disk_that_hangs_holds_up_nothing_but_its_own_answers(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    journal = make()
    assert await journal.written(journal.write(Goto("1"), 101.0, "page"))
    monkeypatch.setattr(segments_module, "_sync", lambda file: released.wait(10.0))
    answer = asyncio.ensure_future(journal.written(journal.write(Goto("2"), 102.0, "page")))
    await asyncio.sleep(0)
    assert not answer.done()
    released.set()
    assert await answer


async def test_after_its_end_nobody_waits(make: Make) -> None:
    journal = make()
    journal.close()
    assert not await journal.written(journal.write(Go(), 101.0, "page"))


def test_killed_at_any_moment_it_loses_no_acknowledged_command(tmp_path: Path) -> None:
    acknowledged = 0
    for lines in (1, 7, 23):  # killed after so many answers, and gone on with after each
        command = [sys.executable, "-m", "tests.toy_journal", str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as toy:
            assert toy.stdout is not None
            said = [int(toy.stdout.readline()) for _ in range(lines)]
            toy.kill()
            said += [int(line) for line in toy.stdout.read().split("\n")[:-1]]
        acknowledged = said[-1]
        reading = read(tmp_path)
        entries = [entry for session in reading.sessions for entry in session.entries]
        assert [entry.n for entry in entries] == list(range(1, reading.n + 1))
        assert reading.n >= acknowledged
        assert all("torn off" in problem for problem in reading.problems)
    assert acknowledged > 60


async def test_a_sign_of_life_is_of_the_loop_and_not_of_the_thread(
    make: Make, tmp_path: Path, clock: Clock
) -> None:
    """A loop that stood still before it was killed has done nothing of what was due meanwhile."""
    journal = make()
    assert await journal.written(journal.write(Go(), 101.0, "page"))
    clock.now = 140.0

    async def beats(last: float) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                if any(b'"beat"' in line for line in lines(tmp_path)) and only(tmp_path).last >= last:
                    return
                await asyncio.sleep(0.01)

    await beats(101.0)
    assert only(tmp_path).last == 101.0
    journal.live(139.5)
    clock.now = 150.0
    await beats(139.5)
    assert only(tmp_path).last == 139.5


def lines(folder: Path) -> list[bytes]:
    return [line for path in segments(folder) for line in path.read_bytes().splitlines()]
