"""The checkup of the machine, with disks that hang as long as a test wants."""

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from server.monitor import checkup as module
from server.monitor.checkup import HANGS, Checkup
from server.monitor.rounds import Rounds
from server.monitor.vitals import Vitals, look
from tests.patience import PATIENCE
from tests.server.test_app import opened

VITALS = Vitals(0.4, 8, 32_000_000_000, 20_000_000_000, 90_000_000_000, 61.0, None, True)


@dataclass
class Machine:
    """Each look waits at `gate` for one more permission, and then finds `found`. `looking` is told of it."""

    found: Vitals | Exception = VITALS
    gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    looking: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    at_once: int = 0
    most_at_once: int = 0

    def look(self) -> Vitals:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.looking.release()
        self.gate.acquire(timeout=PATIENCE)
        self.at_once -= 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def begun(self) -> None:
        """Wait until the next look has begun; the one before is then over."""
        assert self.looking.acquire(timeout=PATIENCE)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0.0)


def test_each_look_is_the_last_known_until_the_next() -> None:
    machine = Machine()
    checkup = Checkup(machine.look, lambda: 0.0)
    with checkup.going():
        machine.begun()
        assert checkup.last is None
        machine.gate.release()
        machine.begun()
        assert checkup.last == VITALS
        machine.found = hotter = replace(VITALS, hottest=99.0)
        machine.gate.release()
        machine.begun()
        assert checkup.last == hotter
        assert checkup.findings(HANGS) == []
    machine.gate.release(2)


def test_a_look_that_hangs_keeps_what_was_known_and_says_so_until_it_is_over() -> None:
    now = 100.0
    machine = Machine()
    checkup = Checkup(machine.look, lambda: now)
    with checkup.going():
        machine.begun()
        [never] = checkup.findings(now + HANGS + 1)
        assert never.what.endswith("how its disk, heat and battery are.")
        machine.gate.release()
        machine.begun()
        [older] = checkup.findings(now + 60)
        assert "not said for 60 s" in older.what
        assert older.what.endswith("What is told of them is from before.")
        assert checkup.last == VITALS
        assert (machine.most_at_once, machine.looking.acquire(blocking=False)) == (1, False)
        now = 160.0
        machine.gate.release()
        machine.begun()
        assert checkup.findings(now) == []
    machine.gate.release(2)


def test_a_look_that_fails_is_told_and_the_next_is_taken_all_the_same() -> None:
    machine = Machine(OSError("no such driver"))
    checkup = Checkup(machine.look, lambda: 0.0)
    with checkup.going():
        machine.begun()
        machine.gate.release()
        machine.begun()
        [failed] = checkup.findings(0.0)
        assert "no such driver" in failed.what
        machine.found = VITALS
        machine.gate.release()
        machine.begun()
        assert (checkup.findings(0.0), checkup.last) == ([], VITALS)
    machine.gate.release(2)


async def test_health_answers_while_a_look_hangs(tmp_path: Path) -> None:
    async with opened(tmp_path) as venue:
        machine, rounds = Machine(), venue.desk.rounds
        rounds.checkup = Checkup(machine.look, lambda: -60.0)
        rounds.clock = lambda: 0.0
        with rounds.checkup.going():
            machine.begun()
            body = (await venue.http.get("/api/health")).json()
        machine.gate.release(2)
        [found] = [part for part in body["parts"] if part["part"] == "machine"]
        assert found["state"] == "note"
        assert "not said for 60 s" in found["words"]


async def test_nobody_who_asks_for_health_looks_at_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def noted(journal: Path | None) -> Vitals:
        seen.append(threading.current_thread().name)
        return look(journal)

    monkeypatch.setattr("server.monitor.rounds.look", noted)
    async with opened(tmp_path) as venue:
        rounds: Rounds = venue.desk.rounds
        await venue.http.get("/api/health")
        assert seen == []
        with rounds.checkup.going():
            await venue.until(lambda: rounds.checkup.last is not None)
    assert set(seen) == {"checkup"}
