"""/ws/monitor and the pages' routes, over a real uvicorn."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from server.monitor.service import Monitor
from server.monitor.socket import CLOSE_TRY_LATER, MOST_PAGES
from server.patch import Refused
from tests.patience import PATIENCE
from tests.server.test_app import Venue, opened

PLATE = "/table/plate/mom"


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    async with opened(tmp_path) as venue:
        desk = venue.desk
        patch = desk.conductor._patch
        config = tmp_path / "config.toml"
        desk.monitor = Monitor(desk.conductor, patch, desk.health, desk.clock, desk.rig.seats, config)
        yield venue


async def message(page: ClientConnection, holds: Any) -> dict[str, Any]:
    """The next one for which this holds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found: dict[str, Any] = json.loads(await page.recv())
            if holds(found):
                return found


async def ask(page: ClientConnection, name: str, **fields: object) -> dict[str, Any]:
    await page.send(json.dumps({"type": "do", "id": name, "name": name, **fields}))
    return await message(page, lambda found: found["type"] == "reply")


@pytest.mark.parametrize("path", ["/monitor", "/health"])
async def test_the_pages_are_there(venue: Venue, path: str) -> None:
    answer = await venue.http.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "<!doctype html>" in answer.text


async def test_what_comes_in_is_told_as_a_snapshot_and_patches(venue: Venue) -> None:
    venue.desk.event(PLATE, (0.5,), "table")
    async with venue.socket("/ws/monitor") as page:
        first = await message(page, lambda found: True)
        assert first["whole"] is True
        assert [(row["source"], row["address"]) for row in first["rows"]] == [("table", PLATE)]
        venue.desk.event("/nobody", (1,), "http")
        patch = await message(page, lambda found: found["rows"])
        assert patch["whole"] is False
        assert [row["reason"] for row in patch["rows"]] == ["/nobody: nothing is patched to this address"]


async def test_what_is_pressed_on_a_page_is_told_with_who_pressed_it_and_why_it_was_refused(
    venue: Venue,
) -> None:
    desk = venue.desk
    desk.crew.join("abc", "operator", "10.0.0.8", desk.clock(), "Booth")
    await desk.command("goto", {"cue": "2"}, "operator", client="abc")
    await desk.command("goto", {"cue": "99"}, "http")
    with pytest.raises(Refused):
        desk.command("pnaic", {}, "operator", client="abc")
    async with venue.socket("/ws/monitor") as page:
        rows = (await message(page, lambda found: len(found["rows"]) >= 3))["rows"]
    assert {(row["source"], row["address"]): row["reason"].partition(".")[0] for row in rows} == {
        ("Booth", "GOTO"): "",
        ("http", "GOTO"): 'GOTO refused: there is no cue "99"',
        ("Booth", "PNAIC"): "no such command: 'pnaic'",
    }
    assert {row["meaning"]["kind"] for row in rows} == {"command"}


async def test_what_is_asked_for_is_answered_and_what_cannot_be_is_refused_in_words(venue: Venue) -> None:
    async with venue.socket("/ws/monitor") as page:
        reply = await ask(page, "select", address=PLATE)
        assert [place["address"] for place in reply["places"]] == ["/table/plate/{seat}", PLATE]
        assert reply["ok"] is True
        reply = await ask(page, "simulate", address="/nobody", value=1)
        assert (reply["ok"], reply["reason"]) == (False, "/nobody: nothing is patched to this address")


async def test_a_number_with_too_many_digits_is_refused_in_words(venue: Venue) -> None:
    async with venue.socket("/ws/monitor") as page:
        reply = await ask(page, "simulate", address=PLATE, value=10**400)
        assert (reply["ok"], reply["reason"]) == (
            False,
            "expected a finite number, got a number of far too many digits",
        )
        assert (await ask(page, "simulate", address=PLATE, value=1))["ok"] is True


async def test_a_line_of_the_file_without_an_address_is_passed_over(venue: Venue, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(config.read_text() + '\n[[patch]]\ncontrol = "a"\n[[patch]]\naddress = 3\n')
    async with venue.socket("/ws/monitor") as page:
        reply = await ask(page, "select", address=PLATE)
        assert [place["address"] for place in reply["places"]] == ["/table/plate/{seat}", PLATE]


async def test_a_wish_that_fails_within_is_refused_and_logged_and_the_page_stays(
    venue: Venue, caplog: pytest.LogCaptureFixture
) -> None:
    assert venue.desk.monitor is not None

    def fails() -> None:
        raise ZeroDivisionError("of the test")

    venue.desk.monitor.deck.stop_replay = fails  # type: ignore[method-assign]
    async with venue.socket("/ws/monitor") as page:
        reply = await ask(page, "replay", tape="")
        assert reply["ok"] is False
        assert "ZeroDivisionError('of the test')" in reply["reason"]
        assert (await ask(page, "learn", on=True))["ok"] is True
    assert venue.desk.health.counted("monitor.failed") == 1
    [record] = [record for record in caplog.records if record.name == "server.monitor.socket"]
    assert record.exc_info is not None


async def test_junk_is_counted_and_the_page_stays(venue: Venue) -> None:
    async with venue.socket("/ws/monitor") as page:
        for junk in (
            "nonsense",
            "[]",
            '{"type": "do"}',
            '{"type": "do", "id": 1, "name": "learn"}',
            "[" * 9999,
        ):
            await page.send(junk)
        await page.send(b"\x00")
        await venue.until(lambda: venue.desk.health.counted("socket.junk") == 6)
        assert (await ask(page, "learn", on=True))["ok"] is True


async def test_a_page_that_goes_leaves_nothing_behind(venue: Venue) -> None:
    monitor = venue.desk.monitor
    assert monitor is not None
    async with venue.socket("/ws/monitor") as page:
        await ask(page, "select", address=PLATE)
        await ask(page, "try", address=PLATE, line=PLATE, keys={"control": "a"})
        await ask(page, "learn", on=True)
        assert (monitor.pages, len(monitor.trials), len(monitor.learners), len(monitor.watching)) == (
            1,
            1,
            1,
            1,
        )
    await venue.until(lambda: monitor.pages == 0)
    assert (monitor.trials, monitor.learners, monitor.watching) == (set(), set(), {})


async def test_only_so_many_pages_are_told(venue: Venue) -> None:
    assert venue.desk.monitor is not None
    venue.desk.monitor.pages = MOST_PAGES
    async with venue.socket("/ws/monitor") as page:
        with pytest.raises(ConnectionClosed) as closed:
            await page.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSE_TRY_LATER


async def test_health_tells_the_parts_and_a_verdict(venue: Venue) -> None:
    checkup = venue.desk.rounds.checkup
    with checkup.going():
        await venue.until(lambda: checkup.last is not None)
    body = (await venue.http.get("/api/health")).json()
    assert body["verdict"]["state"] == "note"  # nobody shows a wall here, and the show has not begun
    topics = {part["part"]: part for part in body["parts"]}
    assert {
        "pictures",
        "wall main",
        "wall side",
        "journal",
        "machine",
        "clock",
        "show process",
    } <= topics.keys()
    assert all(part["do"] for part in body["parts"] if part["state"] != "ok")


async def test_what_is_bypassed_is_told_in_state_and_health(venue: Venue) -> None:
    monitor = venue.desk.monitor
    assert monitor is not None
    venue.desk.rounds.parts.append(monitor.findings)
    monitor.bypass(PLATE, True)
    state = (await venue.http.get("/api/state")).json()
    assert state["warnings"] == [f"BYPASSED: {PLATE} is ignored"]
    body = (await venue.http.get("/api/health")).json()
    assert body["parts"][0]["part"] == "bypass"
