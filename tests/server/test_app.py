"""Routes and sockets over a real uvicorn on a free port. The tests publish the frames; no renderer runs."""

import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from server import sockets
from server.conductor import Conductor
from server.config import load_rig
from server.desk import Desk
from server.doors import bind
from server.frames import EncodedFrame
from server.health import Health
from server.hub import Hub, assign_streams
from server.osc import OscOut
from server.patch import Patch
from server.renderer.pipe import Kind, Message
from server.renderer.supervisor import Supervisor
from server.webserver import web_server
from show_control.show import Show
from show_control.showfile import parse_show
from tests.patience import PATIENCE

CONFIG = """
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
[[projector]]
name = "main"
[[projector]]
name = "side"
ahead = 5.0
[[patch]]
address = "/table/plate/{seat}"
control = "plate.{seat}"
"""
SHOW = """
[show]
title = "A dinner"
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Hall"
fade = 3.0
follow = 12.0
[[cue]]
number = "2"
name = "Table"
"""
NETWORKS = """
[generator.networks]
sea = "sea.safetensors"
"""
FRAME = EncodedFrame(1, 0.1, 0, 0, 32, 32, 0, "", b"\xff\xd8" + b"a picture" * 4000)


@dataclass
class Venue:
    desk: Desk
    port: int
    http: httpx.AsyncClient

    def publish(self, seq: int, stream: int = 0) -> None:
        self.desk.hub.publish(replace(FRAME, seq=seq, stream=stream))

    def socket(self, path: str) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}{path}", max_size=None, compression=None)

    async def present(self, role: str, count: int = 1) -> None:
        """Wait until so many pages of this kind are there."""
        await self.until(lambda: self.desk.clients[role] == count)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                if holds():
                    return
                await asyncio.sleep(0.005)


@asynccontextmanager
async def opened(folder: Path, show: str = SHOW, config: str = CONFIG) -> AsyncIterator[Venue]:
    (folder / "config.toml").write_text(config)
    rig = load_rig(folder / "config.toml")
    show_file = parse_show(show, "show.toml")
    health = Health()
    hub = Hub(assign_streams((p.name, p.ahead) for p in rig.projectors)[1], health)
    supervisor = Supervisor({}, hub.publish, health, time.monotonic)
    osc_out = OscOut(rig.osc.targets, health)
    conductor = Conductor(
        Show(show_file, time.monotonic()),
        Patch(rig.patch, rig.seats),
        time.monotonic,
        supervisor.show,
        osc_out,
        health,
    )
    desk = Desk(rig, conductor, hub, supervisor, health, time.monotonic)
    server = web_server(desk)
    listener = bind(socket.SOCK_STREAM, "127.0.0.1", 0, "Pages", "--port", "web")
    port = listener.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            yield Venue(desk, port, http)
    finally:
        server.should_exit = True
        await serving
        conductor.close()
        osc_out.close()


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    async with opened(tmp_path) as venue:
        yield venue


async def frame_from(wall: ClientConnection) -> EncodedFrame:
    """The next frame; words pass by."""
    async with asyncio.timeout(PATIENCE):
        while isinstance(data := await wall.recv(), str):
            pass
    return EncodedFrame.unpack(data)


STATES: WeakKeyDictionary[ClientConnection, dict[str, Any]] = WeakKeyDictionary()
"""What each page has been told, patch by patch."""


async def message(page: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of this type; others pass by. A state may come as a patch of the one before it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            said = json.loads(await page.recv())
            match said["type"]:
                case "state":
                    STATES[page] = said
                case "patch":
                    assert said["serial"] == STATES[page]["serial"] + 1
                    news = {"now": said["now"], "serial": said["serial"], **said["set"]}
                    said = STATES[page] = {**STATES[page], **news}
            if said["type"] == kind:
                assert isinstance(said, dict)
                return said


async def closed(client: ClientConnection) -> None:
    """Wait for the end, whatever comes before it."""
    async with asyncio.timeout(PATIENCE):
        with suppress(ConnectionClosed):
            while True:
                await client.recv()


async def say(page: ClientConnection, **fields: object) -> None:
    await page.send(json.dumps(fields))


# --- HTTP ------------------------------------------------------------------------------------------------


async def test_state_health_and_info_before_any_picture(venue: Venue) -> None:
    state = (await venue.http.get("/api/state")).json()
    assert (state["mode"], state["current"], state["standby"]["number"]) == ("running", None, "1")
    assert state["renderer"]["state"] == "starting"
    health = (await venue.http.get("/api/health")).json()
    assert health["ok"] is False
    assert health["processes"]["show_rss"] > 1_000_000
    info = (await venue.http.get("/api/info")).json()
    assert [projector["name"] for projector in info["projectors"]] == ["main", "side"]
    assert "/table/plate/{seat}" in info["osc"]["addresses"]
    assert info["seats"] == ["mom", "dad", "brother", "sister"]


async def test_the_newest_frame_as_a_picture(venue: Venue) -> None:
    early = await venue.http.get("/frame.jpg")
    assert early.status_code == 503
    assert "still loading" in early.json()["detail"]
    venue.publish(1)
    late = await venue.http.get("/frame.jpg?projector=main")
    assert (late.status_code, late.headers["content-type"]) == (200, "image/jpeg")
    assert late.headers["cache-control"] == "no-store"
    assert late.content == FRAME.jpeg


@pytest.mark.parametrize("path", ["/frame.jpg?projector=wall", "/projector/wall", "/projector/wall.mjpeg"])
async def test_an_unknown_projector_is_told_the_known_ones(venue: Venue, path: str) -> None:
    answer = await venue.http.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"] == 'no projector "wall"; the config has main, side'


async def test_pages_are_asked_for_again_each_time(venue: Venue) -> None:
    for path in ("/", "/operator", "/table", "/projector/main", "/static/protocol.js"):
        answer = await venue.http.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache"), path


async def test_commands_are_accepted_refused_or_not_understood(venue: Venue) -> None:
    first = await venue.http.post("/api/command", json={"name": "go", "standby": "1"})
    assert (first.status_code, first.json()) == (200, {"ok": True, "reason": "", "event": 1})
    second = await venue.http.post("/api/command", json={"name": "go"})
    assert second.status_code == 409
    assert second.json()["reason"].startswith("GO refused")
    for body, expected in [
        (b'{"name": "goo"}', 'Did you mean "goto"'),
        (b'{"cue": "1"}', '"name"'),
        (b"[1]", "got list"),
        (b"go", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b'{"name": "master", "value": NaN}', "finite number"),
    ]:
        answer = await venue.http.post("/api/command", content=body)
        assert answer.status_code == 422, body
        assert expected in answer.json()["detail"]


async def test_an_oversized_body_is_refused_unread(venue: Venue) -> None:
    answer = await venue.http.post("/api/event", content=b" " * 65_537)
    assert answer.status_code == 413


async def test_events_go_the_way_of_the_sensors(venue: Venue) -> None:
    good = await venue.http.post("/api/event", json={"address": "/table/plate/mom", "args": [0.4]})
    assert good.status_code == 200
    assert (await venue.http.get("/api/state")).json()["controls"].keys() == {"plate.mom"}
    for body in (
        {"address": "/nowhere", "args": []},
        {"address": "/table/plate/mom", "args": ["much"]},
        {"address": "/table/plate/uncle", "args": [0.4]},
    ):
        assert (await venue.http.post("/api/event", json=body)).status_code == 409
    for body in (
        {"address": "/table/plate/mom"},
        {"address": 7, "args": []},
        {"address": "/a", "args": [[1]]},
    ):
        assert (await venue.http.post("/api/event", json=body)).status_code == 422


async def test_mjpeg_gives_whole_parts_newest_only(venue: Venue) -> None:
    venue.publish(1)
    async with venue.http.stream("GET", "/projector/main.mjpeg") as answer:
        assert answer.headers["content-type"] == "multipart/x-mixed-replace; boundary=marrow"
        body, parts = b"", 0
        async for chunk in answer.aiter_bytes():
            body += chunk
            if body.count(b"--marrow\r\n") > parts + 1:
                parts += 1
                venue.publish(parts + 1)
            if parts == 3:
                break
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(FRAME.jpeg)}\r\n\r\n".encode()
    assert body == b"--marrow\r\n" + (head + FRAME.jpeg + b"\r\n--marrow\r\n") * 3


async def test_an_mjpeg_client_that_never_reads_is_left_behind(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "SILENT_AFTER", 0.2)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", venue.port))
        client.send(b"GET /projector/main.mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await venue.present("projector")
        big = replace(FRAME, jpeg=bytes(2_000_000))

        def published_until_left() -> bool:
            venue.desk.hub.publish(big)
            return venue.desk.health.counted("clients.stalled") == 1

        await venue.until(published_until_left)
        await venue.present("projector", 0)


# --- projector sockets ------------------------------------------------------------------------------------


async def test_a_wall_gets_frames_as_it_acknowledges_them(venue: Venue) -> None:
    async with venue.socket("/ws/projector/main") as wall:
        await venue.present("projector")
        for seq in range(1, 6):
            venue.publish(seq)
            venue.publish(seq, stream=1)
            frame = await frame_from(wall)
            assert frame == replace(FRAME, seq=seq)
            await say(wall, type="ack", seq=seq)


async def test_a_page_that_only_previews_a_wall_is_none(venue: Venue) -> None:
    async with venue.socket("/ws/preview/main") as page:
        await venue.until(lambda: [each["role"] for each in venue.desk.crew.pages(0.0)] == ["preview"])
        venue.publish(1)
        assert (await frame_from(page)).seq == 1
        assert venue.desk.clients["projector"] == 0


async def test_a_client_that_never_acknowledges_gets_two_frames_and_slows_nobody(venue: Venue) -> None:
    async with venue.socket("/ws/projector/main") as stalled, venue.socket("/ws/projector/main") as healthy:
        await venue.present("projector", 2)
        for seq in range(1, 51):
            venue.publish(seq)
            assert (await frame_from(healthy)).seq == seq
            await say(healthy, type="ack", seq=seq)
        assert venue.desk.health.counted("frames.dropped") == 47
        assert [(await frame_from(stalled)).seq for _ in range(2)] == [1, 2]
        await say(stalled, type="ack", seq=2)
        assert (await frame_from(stalled)).seq == 50


async def test_a_client_that_owes_acknowledgements_for_long_is_closed(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "SILENT_AFTER", 0.2)
    async with venue.socket("/ws/projector/main") as stalled:
        await venue.present("projector")
        venue.publish(1)
        await frame_from(stalled)
        venue.publish(2)
        await frame_from(stalled)
        with pytest.raises(ConnectionClosed):
            await stalled.recv()
        assert stalled.close_code == 4408
    assert venue.desk.health.counted("clients.stalled") == 1
    await venue.present("projector", 0)


async def test_a_wall_without_new_frames_is_left_alone(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "SILENT_AFTER", 0.1)
    async with venue.socket("/ws/projector/main") as wall:
        await venue.present("projector")
        await asyncio.sleep(0.3)
        venue.publish(1)
        assert (await frame_from(wall)).seq == 1


@pytest.mark.parametrize("role", ["projector", "preview"])
async def test_a_page_of_pictures_hears_that_the_show_is_there_while_there_is_no_frame(
    venue: Venue, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr(sockets, "ALIVE_EVERY", 0.02)
    async with venue.socket(f"/ws/{role}/main") as page:
        assert await message(page, "alive") == {"type": "alive"}
        venue.publish(1)
        assert (await frame_from(page)).seq == 1
        await say(page, type="ack", seq=1)
        assert await message(page, "alive") == {"type": "alive"}
        venue.publish(2)
        assert (await frame_from(page)).seq == 2


async def test_a_wall_that_comes_back_sees_the_last_frame_at_once(venue: Venue) -> None:
    venue.publish(9)
    async with venue.socket("/ws/projector/main") as wall:
        assert (await frame_from(wall)).seq == 9


async def test_an_unknown_wall_is_closed_with_the_reason(venue: Venue) -> None:
    async with venue.socket("/ws/projector/wall") as wall:
        with pytest.raises(ConnectionClosed):
            await wall.recv()
        assert (wall.close_code, wall.close_reason) == (4404, "no projector of this name; known: main, side")


JUNK: list[str | bytes] = [
    "",
    "not json",
    "[1, 2]",
    "{}",
    '{"type": "ack"}',
    '{"type": "ack", "seq": "1"}',
    '{"type": "ack", "seq": 123456}',
    '{"type": "command", "name": "go"}',
    '{"type": "command", "id": 5, "name": "go"}',
    '{"type": "event", "id": "x", "address": "/a", "args": 3}',
    b"\x00\x01\x02",
    "[" * 50_000,
    '{"type": "ack", "seq": NaN}',
]


@pytest.mark.parametrize("path", ["/ws/projector/main", "/ws/operator", "/ws/table"])
async def test_junk_is_counted_and_answered_and_the_rest_goes_on(venue: Venue, path: str) -> None:
    async with venue.socket(path) as page, venue.socket("/ws/projector/main") as wall:
        for number, junk in enumerate(JUNK, start=1):
            await page.send(junk)
            assert (await message(page, "error"))["reason"]
            assert venue.desk.health.counted("socket.junk") == number
        venue.publish(7)
        assert (await frame_from(wall)).seq == 7


@pytest.mark.parametrize("path", ["/ws/projector/main", "/ws/operator"])
async def test_an_oversized_message_closes_its_socket_and_is_counted(venue: Venue, path: str) -> None:
    async with venue.socket(path) as page:
        await page.send("x" * 70_000)
        await closed(page)
        assert page.close_code == 1009
    await venue.until(lambda: venue.desk.health.counted("socket.junk") == 1)


# --- operator and table -----------------------------------------------------------------------------------


async def test_an_operator_gets_the_cue_list_and_then_state_without_asking(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as page:
        first = json.loads(await page.recv())
        assert first == {
            "type": "cues",
            "title": "A dinner",
            "cues": [
                {
                    "number": "1",
                    "name": "Hall",
                    "notes": "",
                    "who": [],
                    "words": "",
                    "kind": "look",
                    "armed": True,
                    "fade": 3.0,
                    "follow": 12.0,
                    "network": "main",
                    "cues": [],
                },
                {
                    "number": "2",
                    "name": "Table",
                    "notes": "",
                    "who": [],
                    "words": "",
                    "kind": "look",
                    "armed": True,
                    "fade": 2.0,
                    "follow": "manual",
                    "network": "main",
                    "cues": [],
                },
            ],
        }
        state = await message(page, "state")
        assert state["clients"] == {"projector": 0, "operator": 1, "editor": 0, "table": 0}
        await message(page, "state")


async def test_a_command_is_answered_by_its_id_and_seen_by_every_page(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as page, venue.socket("/ws/table") as other:
        await say(page, type="command", id="a", name="go", standby="1")
        assert await message(page, "reply") == {
            "type": "reply",
            "id": "a",
            "ok": True,
            "reason": "",
            "event": 1,
        }
        while (seen := await message(other, "state"))["event"] != 1:
            pass
        assert seen["current"] == {"number": "1", "name": "Hall", "notes": ""}
        await say(page, type="command", id="b", name="go")
        refused = await message(page, "reply")
        assert (refused["id"], refused["ok"]) == ("b", False)
        await say(page, type="command", id="c", name="goo")
        misspelt = await message(page, "reply")
        assert (misspelt["id"], misspelt["ok"]) == ("c", False)
        assert 'Did you mean "goto"' in str(misspelt["reason"])


async def test_a_command_that_was_pressed_long_ago_is_refused(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as page:
        now = (await message(page, "state"))["now"]
        assert isinstance(now, float)
        assert abs(venue.desk.clock() - now) < 5.0
        await say(page, type="command", id="late", name="go", at=now - 8.0)
        late = await message(page, "reply")
        assert (late["id"], late["ok"], late["event"]) == ("late", False, 0)
        assert re.fullmatch(
            r"GO refused: it was pressed \d+\.\d s ago and the connection had stalled\. Press again\.",
            str(late["reason"]),
        )
        assert venue.desk.health.counted("commands.late") == 1
        while (state := await message(page, "state"))["refused"] is None:
            pass
        assert state["refused"] == {"serial": 1, "command": "go", "reason": late["reason"]}
        assert state["current"] is None
        await say(page, type="command", id="panic", name="panic", at=now - 8.0)
        assert (await message(page, "reply"))["ok"] is True
        await say(page, type="command", id="resume", name="resume", at=venue.desk.clock())
        assert (await message(page, "reply"))["ok"] is True
        await say(page, type="command", id="ahead", name="go", at=venue.desk.clock() + 60)
        assert (await message(page, "reply"))["ok"] is True


@pytest.mark.parametrize("at", ['"1.0"', "true", "NaN", "Infinity", "1e999", "1" + "0" * 400, "[1]"])
async def test_a_moment_of_the_press_that_is_none_is_junk(venue: Venue, at: str) -> None:
    async with venue.socket("/ws/operator") as page:
        await page.send(f'{{"type": "command", "id": "x", "name": "go", "at": {at}}}')
        assert 'expected "at" to be a finite number' in str((await message(page, "error"))["reason"])
    assert venue.desk.health.counted("socket.junk") == 1
    assert venue.desk.state()["event"] == 0


async def test_the_table_sends_what_sensors_send(venue: Venue) -> None:
    async with venue.socket("/ws/table") as page:
        await say(page, type="event", id="t", address="/table/plate/dad", args=[0.25])
        assert (await message(page, "reply"))["ok"] is True
        while "plate.dad" not in str((await message(page, "state"))["controls"]):
            pass


async def test_a_storm_of_changes_is_told_at_most_thirty_times_a_second(venue: Venue) -> None:
    async with venue.socket("/ws/operator") as page:
        await message(page, "state")
        begun = time.monotonic()
        for step in range(1, 501):
            venue.desk.event("/control/fader", [step / 500], "test")
            await asyncio.sleep(0)
        states = 0
        while True:
            states += 1
            if (await message(page, "state"))["event"] == 500:
                break
        assert states <= (time.monotonic() - begun) * 30 + 2


async def test_the_end_of_the_show_ends_every_stream(tmp_path: Path) -> None:
    async with opened(tmp_path) as venue:
        venue.publish(1)
        wall = await venue.socket("/ws/projector/main")
        page = await venue.socket("/ws/operator")
        stream = venue.http.stream("GET", "/projector/main.mjpeg")
        answer = await stream.__aenter__()
        await venue.present("projector", 2)
    for client in (wall, page):
        await closed(client)
    assert answer.status_code == 200
    assert venue.desk.clients.total() == 0


async def test_a_page_from_elsewhere_can_neither_command_nor_connect(venue: Venue) -> None:
    elsewhere = {"Origin": "http://elsewhere.example"}
    answer = await venue.http.post("/api/command", json={"name": "go"}, headers=elsewhere)
    assert answer.status_code == 403
    assert "only pages of this server" in answer.json()["detail"]
    with pytest.raises(InvalidStatus, match="403"):
        await connect(f"ws://127.0.0.1:{venue.port}/ws/operator", origin=Origin("http://elsewhere.example"))
    assert venue.desk.health.counted("origins.refused") == 2
    assert venue.desk.state()["event"] == 0


async def test_a_cue_whose_network_has_failed_is_marked_with_the_reason(tmp_path: Path) -> None:
    show = (
        SHOW + 'look = { network = "sea" }\n[[cue]]\nnumber = "3"\nname = "x"\nlook = { network = "fire" }\n'
    )
    async with opened(
        tmp_path, show, CONFIG.replace("[[projector]]", NETWORKS + "[[projector]]", 1)
    ) as venue:
        assert venue.desk.troubles() == {"3": 'the rig has no network "fire"'}
        state = (await venue.http.get("/api/state")).json()
        assert state["renderer"]["networks"] == {}
        told = {"type": "network", "name": "sea", "fraction": 0.0, "backend": "", "why": ""}
        for message in (
            {**told, "state": "loading", "note": "reading", "fraction": 0.4},
            {**told, "state": "failed", "note": "sea.safetensors: damaged"},
        ):
            venue.desk.supervisor._take(Message(Kind.JSON, json.dumps(message).encode()))
        state = (await venue.http.get("/api/state")).json()
        assert state["troubles"]["2"] == "sea.safetensors: damaged"
        assert state["renderer"]["networks"]["sea"]["state"] == "failed"
        health = (await venue.http.get("/api/health")).json()
        assert health["counters"]["networks.failed"] == 1
        assert health["details"]["networks.failed"] == "sea: sea.safetensors: damaged"


async def test_a_page_can_have_a_network_made_ready(venue: Venue) -> None:
    reply = await venue.http.post("/api/command", json={"name": "preload", "network": "main"})
    assert reply.status_code == 200
    reply = await venue.http.post("/api/command", json={"name": "preload", "network": "sea"})
    assert (reply.status_code, reply.json()["ok"]) == (409, False)
    assert "the rig has no network" in reply.json()["reason"]
