"""Pages as the server sees them: numbered patches, commands at most once, the crew and its baton."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from server.feed import KEPT
from tests.patience import PATIENCE
from tests.server.test_app import Venue, closed, frame_from, message, opened, say


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    async with opened(tmp_path) as venue:
        yield venue


async def raw(page: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of this type, as it is on the wire."""
    async with asyncio.timeout(PATIENCE):
        while True:
            said: dict[str, Any] = json.loads(await page.recv())
            if said["type"] == kind:
                return said


async def until(page: ClientConnection, **values: object) -> dict[str, Any]:
    """The first state with these values."""
    while True:
        state = await message(page, "state")
        if all(state[key] == value for key, value in values.items()):
            return state


async def ask(page: ClientConnection, id: str, name: str, **fields: object) -> dict[str, Any]:
    """Command, and be answered."""
    await say(page, type="command", id=id, name=name, **fields)
    while (reply := await message(page, "reply"))["id"] != id:
        pass
    return reply


# --- states -----------------------------------------------------------------------------------------------


async def test_a_page_gets_one_snapshot_and_then_patches_without_a_gap(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as page:
        first = await raw(page, "state")
        venue.desk.event("/control/fader", [0.5], "test")
        serials = [first["serial"]]
        seen: dict[str, Any] = {}
        while "controls" not in seen:
            patch = await raw(page, "patch")
            assert patch.keys() == {"type", "serial", "now", "set"}
            serials.append(patch["serial"])
            seen |= patch["set"]
        assert serials == list(range(serials[0], serials[0] + len(serials)))
        assert "mode" not in seen


async def test_a_page_that_misses_something_asks_and_gets_it_all(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as page:
        first = await raw(page, "state")
        await say(page, type="resync")
        again = await raw(page, "state")
        assert again["serial"] > first["serial"]
        assert again.keys() == first.keys()
        assert (await raw(page, "patch"))["serial"] == again["serial"] + 1


async def test_a_state_is_made_once_however_many_pages_there_are(venue: Venue) -> None:
    pages = [await venue.socket("/ws/operator") for _ in range(8)]
    feed = venue.desk.broadcast.feed
    for page in pages:
        await message(page, "state")
    before = feed.serial
    venue.desk.event("/control/fader", [0.5], "test")
    states = [await until(page, event=1) for page in pages]
    assert all(state["serial"] - before <= 2 for state in states)
    assert len({state["serial"] for state in states}) == 1
    for page in pages:
        await page.close()


async def test_nothing_is_made_for_nobody(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as page:
        await message(page, "state")
    await venue.present("operator", 0)
    serial = venue.desk.broadcast.feed.serial
    for value in range(10):
        venue.desk.event("/control/fader", [value / 10], "test")
        await asyncio.sleep(0.01)
    assert venue.desk.broadcast.feed.serial == serial


async def test_a_page_that_has_read_nothing_for_long_goes_on_with_a_snapshot(venue: Venue) -> None:
    with venue.desk.broadcast.listening() as listener:
        await asyncio.wait_for(listener.come.wait(), PATIENCE)
        venue.desk.broadcast.news(listener)
        serial = venue.desk.broadcast.feed.serial
        async with venue.socket("/ws/operator") as page:
            while venue.desk.broadcast.feed.serial <= serial + KEPT:
                venue.desk.event("/control/fader", [0.5], "test")
                await message(page, "state")
        (news,) = venue.desk.broadcast.news(listener)
        assert json.loads(news)["type"] == "state"


# --- commands ---------------------------------------------------------------------------------------------


async def test_a_command_is_done_once_however_often_and_wherever_it_is_sent(venue: Venue) -> None:
    go = {"id": "a-1", "name": "go", "standby": "1"}
    async with venue.socket("/ws/operator") as page:
        await say(page, type="hello", client="tablet")
        for _ in range(3):
            await say(page, type="command", **go)
        replies = [await message(page, "reply") for _ in range(3)]
        assert replies[0] == {"type": "reply", "id": "a-1", "ok": True, "reason": "", "event": 1}
        assert replies[1] == replies[2] == replies[0]
    async with venue.socket("/ws/operator") as page:
        await say(page, type="hello", client="tablet")
        assert await ask(page, "a-1", "go", standby="1") == replies[0]
    for _ in range(2):
        answer = await venue.http.post("/api/command", json={**go, "client": "tablet"})
        assert (answer.status_code, answer.json()) == (200, {"ok": True, "reason": "", "event": 1})
    assert venue.desk.state()["event"] == 1


async def test_a_command_over_http_is_not_done_again_over_a_socket(venue: Venue) -> None:
    body = {"id": "b-1", "client": "tablet", "name": "go", "standby": "1", "at": venue.desk.clock()}
    assert (await venue.http.post("/api/command", json=body)).status_code == 200
    async with venue.socket("/ws/operator") as page:
        await say(page, type="hello", client="tablet")
        assert (await ask(page, "b-1", "go", standby="1"))["event"] == 1
        assert (await ask(page, "b-2", "go", standby="1"))["ok"] is False


async def test_a_repeat_after_the_time_of_a_press_is_answered_as_before(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as page:
        await say(page, type="hello", client="tablet")
        first = await ask(page, "c-1", "blackout", on=True)
        assert await ask(page, "c-1", "blackout", on=True, at=venue.desk.clock() - 60) == first
        late = await ask(page, "c-2", "blackout", on=True, at=venue.desk.clock() - 60)
        assert late["ok"] is False


async def test_the_same_id_of_another_page_is_another_command(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as one, venue.socket("/ws/operator") as other:
        assert (await ask(one, "x1", "blackout", on=True))["event"] == 1
        assert (await ask(other, "x1", "blackout", on=False))["event"] == 2


async def test_without_a_client_a_command_over_http_is_done_each_time(venue: Venue) -> None:
    for event in (1, 2):
        answer = await venue.http.post("/api/command", json={"id": "x", "name": "blackout", "on": True})
        assert answer.json()["event"] == event


@pytest.mark.parametrize("key", ["id", "client"])
@pytest.mark.parametrize("value", ["", "x" * 65, "two words", 7])
async def test_an_id_is_short_and_plain(venue: Venue, key: str, value: object) -> None:
    body = {"id": "a", "client": "b", "name": "go", key: value}
    answer = await venue.http.post("/api/command", json=body)
    assert answer.status_code == 422
    assert f'expected "{key}" to be a string of 1 to 64' in answer.json()["detail"]
    assert venue.desk.state()["event"] == 0


# --- the crew ---------------------------------------------------------------------------------------------


async def test_pages_know_of_each_other(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as foh, venue.socket("/ws/table") as table:
        await say(foh, type="hello", client="foh", name="FOH tablet")
        async with asyncio.timeout(PATIENCE):
            while (crew := (await message(table, "state"))["crew"])[-1]["client"] != "foh":
                pass
        assert [(one["name"], one["role"], one["address"]) for one in crew] == [
            ("table 127.0.0.1", "table", "127.0.0.1"),
            ("FOH tablet", "operator", "127.0.0.1"),
        ]
        await say(foh, type="seen", serial=(await message(foh, "state"))["serial"])
        async with asyncio.timeout(PATIENCE):
            while (await message(table, "state"))["crew"][-1]["delay_ms"] is None:
                pass
        await table.close()
        async with asyncio.timeout(PATIENCE):
            while len((await message(foh, "state"))["crew"]) == 2:
                pass


@pytest.mark.parametrize(
    "junk",
    [
        {"type": "hello"},
        {"type": "hello", "client": ""},
        {"type": "hello", "client": "x" * 65},
        {"type": "hello", "client": "a page"},
        {"type": "hello", "client": "a", "name": 5},
        {"type": "seen", "serial": 10**9},
        {"type": "seen", "serial": -1},
        {"type": "seen", "serial": "1"},
    ],
)
async def test_words_of_a_page_about_itself_that_make_no_sense_are_junk(
    venue: Venue, junk: dict[str, object]
) -> None:
    async with venue.socket("/ws/operator") as page:
        await message(page, "state")
        await say(page, **junk)
        assert "expected" in (await message(page, "error"))["reason"]
        assert venue.desk.health.counted("socket.junk") == 1


async def test_the_baton_is_for_one_and_panic_for_all(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as foh, venue.socket("/ws/table") as table:
        await say(foh, type="hello", client="foh", name="FOH tablet")
        assert (await ask(foh, "1", "baton", on=True))["ok"] is True
        await until(table, baton={"client": "foh", "name": "FOH tablet"})
        refused = await ask(table, "1", "go", standby="1")
        assert refused["reason"] == "GO refused: FOH tablet has the baton. Take the baton and press again."
        assert venue.desk.health.counted("commands.baton") == 1
        assert (await ask(foh, "2", "go", standby="1"))["ok"] is True
        assert (await ask(table, "2", "note", text="dad laughs"))["ok"] is True
        assert (await ask(table, "3", "panic"))["ok"] is True
        assert (await ask(table, "4", "baton", on=True))["ok"] is True
        assert (await ask(foh, "3", "resume"))["ok"] is False
        assert (await ask(table, "5", "resume"))["ok"] is True
        assert (await ask(table, "6", "baton", on=False))["ok"] is True
        await until(foh, baton=None)


async def test_the_baton_binds_pages_and_not_what_is_wired(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as foh:
        await say(foh, type="hello", client="foh", name="FOH tablet")
        await ask(foh, "1", "baton", on=True)
        page = await venue.http.post(
            "/api/command", json={"client": "laptop", "id": "1", "name": "blackout", "on": True}
        )
        assert (page.status_code, page.json()["reason"][:8]) == (409, "BLACKOUT")
        script = await venue.http.post("/api/command", json={"name": "blackout", "on": True})
        assert script.status_code == 200
        assert venue.desk.event("/show/go", (), "10.0.0.3").ok


@pytest.mark.parametrize("fields", [{}, {"on": 1}, {"on": True, "cue": "1"}])
async def test_a_baton_that_is_neither_taken_nor_given_is_refused(venue: Venue, fields: Any) -> None:
    answer = await venue.http.post("/api/command", json={"name": "baton", **fields})
    assert answer.status_code == 422
    assert 'baton: expected "on"' in answer.json()["detail"]


async def test_nobody_in_particular_cannot_have_the_baton(venue: Venue) -> None:
    answer = await venue.http.post("/api/command", json={"name": "baton", "on": True})
    assert answer.status_code == 409
    assert "only a page that is open here can have it" in answer.json()["reason"]


# --- health -----------------------------------------------------------------------------------------------


async def test_health_knows_every_page_and_how_far_behind_it_is(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as foh, venue.socket("/ws/projector/main") as wall:
        await say(foh, type="hello", client="foh", name="FOH tablet")
        await venue.present("projector")
        for seq in range(1, 11):
            venue.publish(seq)
            await frame_from(wall)
            await say(wall, type="ack", seq=seq)
        # An answer to the last acknowledgement, so that it has been read.
        await wall.send("and now?")
        await message(wall, "error")
        health = (await venue.http.get("/api/health")).json()
        tablet, picture = health["pages"]
        assert (tablet["client"], tablet["name"], tablet["role"]) == ("foh", "FOH tablet", "operator")
        assert (tablet["wall"], tablet["fps"]) == (None, None)
        assert (picture["wall"], picture["role"], picture["address"]) == ("main", "projector", "127.0.0.1")
        assert picture["fps"] == 5.0
        assert 0 <= picture["delay_ms"] < 5000
    assert health["targets"] == []
    assert health["links_lost"] == 0


async def test_a_link_that_breaks_is_counted_and_one_that_is_closed_is_not(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as page:
        await message(page, "state")
    await venue.present("operator", 0)
    page = await venue.socket("/ws/operator")
    await message(page, "state")
    page.transport.abort()
    await venue.until(lambda: venue.desk.health.counted("links.lost") == 1)
    await closed(page)
    health = (await venue.http.get("/api/health")).json()
    assert health["links_lost"] == 1
    assert health["details"]["links.lost"].startswith("/ws/operator from 127.0.0.1: it went without a word")
