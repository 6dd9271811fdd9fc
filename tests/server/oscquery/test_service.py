"""OSCQuery as its clients meet it: a real web port, a real WebSocket, a real show behind both."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from server.conductor import Conductor
from server.config import load_rig
from server.desk import Desk
from server.doors import bind, host_of
from server.health import Health
from server.hub import Hub, assign_streams
from server.osc import Arg, Inlet, OscMessage, OscOut, Peer, decode, encode
from server.oscquery.answers import Host
from server.oscquery.listening import MAX_LISTENERS
from server.oscquery.methods import space
from server.oscquery.service import Service
from server.patch import ROOM, VERBS, Patch
from server.qlab.asking import asked
from server.qlab.asks import Do
from server.qlab.names import Workspace
from server.qlab.settings import Qlab
from server.qlab.sheet import Sheet
from server.renderer.energy import Energy
from server.renderer.supervisor import Supervisor
from server.rig import Rig
from server.telling.service import Telling
from server.webserver import web_server
from show_control.events import Adopt, DeskMode, Go, Goto
from show_control.events import Desk as DeskEvent
from show_control.show import Show
from show_control.showfile import parse_show
from tests.patience import PATIENCE

CONFIG = """
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
[table]
seats = ["mom", "dad"]
[osc]
[[osc.target]]
name = "lights"
port = 9
state = true
[[patch]]
address = "/table/plate/{seat}"
control = "plate.{seat}"
range = [10, 0]
[[patch]]
address = "/any/{name}"
control = "{name}"
[[patch]]
address = "/pedal"
event = "go"
"""
SHOW = """
[show]
title = "A dinner"
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Hall"
drive = { "plate.mom" = { noise = 0.5 } }
[[cue]]
number = "12.5"
name = "Table"
look = { walk = { loop = [1, 2, 3], seconds = 1 }, speed = 4 }
"""
ACCEPT_PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass
class Venue:
    rig: Rig
    conductor: Conductor
    telling: Telling
    service: Service
    health: Health
    port: int
    http: httpx.AsyncClient

    def message(self, address: str, *args: object) -> bool:
        return self.conductor.message(address, args, "osc 10.0.0.7:5000").ok

    def listen(self) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/")


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    (tmp_path / "config.toml").write_text(CONFIG)
    rig = load_rig(tmp_path / "config.toml")
    health = Health()
    hub = Hub(assign_streams((p.name, p.ahead) for p in rig.projectors)[1], health)
    supervisor = Supervisor({}, hub.publish, health, time.monotonic)
    osc_out = OscOut(rig.osc.targets, health)
    patch = Patch(rig.patch, rig.seats)
    show = Show(parse_show(SHOW, "show.toml"), time.monotonic())
    conductor = Conductor(show, patch, time.monotonic, supervisor.show, osc_out, health)

    def energy(projector: str) -> Energy:
        return Energy(0.5, 0.25, ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))

    telling = Telling(conductor, osc_out, health, time.monotonic, energy, rig)

    def receive(address: str, args: Sequence[Arg], peer: Peer) -> None:
        if not telling.take(address, args, peer):
            conductor.message(address, args, peer.name)

    inlet = Inlet(receive, health, patch.urgent())
    service = Service(rig, conductor, patch, inlet, health, Host("Marrow on desk", 9000), energy)
    telling.witness(service.pulse)
    server = web_server(Desk(rig, conductor, hub, supervisor, health, time.monotonic), service)
    listener = bind(socket.SOCK_STREAM, "127.0.0.1", 0, "Pages", "--port", "web")
    port = listener.getsockname()[1]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            yield Venue(rig, conductor, telling, service, health, port, http)
    finally:
        server.should_exit = True
        await serving
        service.close()
        telling.close()
        inlet.close()
        conductor.close()
        osc_out.close()


def command(name: str, address: str) -> str:
    return json.dumps({"COMMAND": name, "DATA": address})


async def next_osc(socket: ClientConnection) -> OscMessage:
    async with asyncio.timeout(PATIENCE):
        while True:
            data = await socket.recv()
            if isinstance(data, bytes):
                (message,) = decode(data)
                return message


async def until(socket: ClientConnection, message: OscMessage) -> None:
    while await next_osc(socket) != message:
        pass


# HTTP


async def test_a_client_without_a_word_on_html_gets_the_tree_and_a_browser_the_page(venue: Venue) -> None:
    tree = await venue.http.get("/")
    assert tree.headers["content-type"] == "application/json"
    assert set(tree.json()["CONTENTS"]) >= {"show", "cue", "control", "marrow", "table", "pedal", *ROOM}
    assert (await venue.http.get("/", headers=ACCEPT_PAGE)).text.startswith("<!doctype html>")
    assert (await venue.http.get("/table")).json()["FULL_PATH"] == "/table"
    assert "html" in (await venue.http.get("/table", headers=ACCEPT_PAGE)).headers["content-type"]
    assert (await venue.http.get("/api/state")).json()["type"] == "state"
    assert (await venue.http.get("/nowhere")).status_code == 404


async def test_the_requests_that_chataigne_and_libossia_send(venue: Venue) -> None:
    """As their sources write them, the host without a port."""
    for request in (
        b"GET /?HOST_INFO HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        b"GET /show/master?VALUE HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", venue.port)
        writer.write(request)
        async with asyncio.timeout(PATIENCE):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        assert head.startswith(b"HTTP/1.1 200 OK")
        assert b"content-length:" in head.lower()
        assert isinstance(json.loads(body), dict)


async def test_host_info_and_values(venue: Venue) -> None:
    info = (await venue.http.get("/?HOST_INFO")).json()
    assert (info["NAME"], info["OSC_PORT"]) == ("Marrow on desk", 9000)
    assert (await venue.http.get("/show/master?VALUE")).json() == {"VALUE": [1.0]}
    venue.message("/show/master", 0.25)
    assert (await venue.http.get("/show/master?VALUE")).json() == {"VALUE": [0.25]}
    assert (await venue.http.get("/table/plate/mom?VALUE")).json() == {}
    venue.message("/table/plate/*", 4)
    assert (await venue.http.get("/table/plate/mom?VALUE")).json() == {"VALUE": [4]}
    assert (await venue.http.get("/show/go?VALUE")).status_code == 204
    assert (await venue.http.get("/show/go?LOUDNESS")).status_code == 400
    assert (await venue.http.get("/shwo?VALUE")).status_code == 404
    assert (await venue.http.head("/?HOST_INFO")).status_code == 200


async def test_a_cue_with_a_dot_and_a_sensor_that_is_turned_round(venue: Venue) -> None:
    node = (await venue.http.get("/cue/12.5/go")).json()
    assert (node["TYPE"], node["ACCESS"], node["DESCRIPTION"]) == ("I", 2, "GOTO 12.5 Table")
    node = (await venue.http.get("/table/plate/mom")).json()
    assert node["RANGE"] == [{"MIN": 0.0, "MAX": 10.0}]


# the tree of a rig


def of(venue: Venue) -> set[str]:
    return set(venue.service.space.methods)


async def test_every_address_that_is_taken_or_told_is_described(venue: Venue) -> None:
    described = of(venue)
    assert {f"/show/{verb}" for verb in VERBS} <= described
    assert {f"/{word}" for word in ROOM} <= described
    assert {"/cue/1/go", "/cue/12.5/go", "/pedal", "/control/plate.mom"} <= described
    assert {"/table/plate/mom", "/table/plate/dad"} <= described
    venue.conductor.command(Go(), "test")
    await asyncio.sleep(0)
    venue.message("/control/plate.mom", 0.5)
    peer = Ear()
    assert venue.telling.take("/marrow/subscribe", (), peer)
    async with asyncio.timeout(PATIENCE):
        await peer.full.wait()
    assert len(peer.told) > 25
    described = {address for address in of(venue) if address.startswith("/marrow/")}
    assert described - peer.told == {"/marrow/loop", "/marrow/subscribe", "/marrow/unsubscribe"}
    assert peer.told - described == {"/marrow/subscribed"}, "an answer"


class Ear:
    """A peer that remembers which addresses it was told. Full is who was told of a control, the last."""

    name = "osc 10.0.0.8:5000"

    def __init__(self) -> None:
        self.told: set[str] = set()
        self.full = asyncio.Event()

    def send(self, packet: bytes) -> None:
        self.told |= {message.address for message in decode(packet)}
        if "/marrow/control/plate.mom" in self.told:
            self.full.set()


async def test_each_command_that_is_described_is_taken_with_the_arguments_of_its_type(venue: Venue) -> None:
    samples: dict[str, object] = {"f": 0.5, "s": "1", "I": True, "T": True}
    words = {"/show/preload": "main", "/show/desk": "show", "/show/note": "well"}
    rooms = {"/speech": ("mom", "soup"), "/mid-speech": ("mom", "so"), "/play-finished": ("mom",)}
    patterns = {"/marrow/subscribe": ("*",), "/marrow/unsubscribe": ("*",)}
    for address, method in venue.service.space.methods.items():
        if address in patterns:
            assert venue.telling.take(address, patterns[address], Ear())
        elif method.writable:
            for type in (method.type, *(method.overloads if address.startswith("/show/") else ())):
                args = rooms.get(address) or tuple(words.get(address, samples[tag]) for tag in type)
                try:
                    venue.conductor._patch.resolve(address, args, time.monotonic())
                except Exception as error:
                    raise AssertionError(f"{address} {args}: {error}") from error


async def test_what_is_described_in_qlabs_words_is_taken_in_qlabs_words(venue: Venue) -> None:
    rig, file = venue.rig.model_copy(update={"qlab": Qlab()}), parse_show(SHOW, "show.toml")
    theirs = space(rig, file, {}, {}).methods.keys() - space(venue.rig, file, {}, {}).methods
    assert {"/go", "/panic", "/cue/12.5/start", "/cue/12.5/stop", "/cue/12.5/load"} <= theirs
    sheet = Sheet(Workspace("show", file), venue.conductor.show.status(0.0), 0.0)
    for address in theirs:
        assert isinstance(asked(address.split("/")[1:], (1,), sheet), Do), address
    patched = {"/go": venue.rig.patch[-1]}
    assert space(rig, file, patched, {}).methods["/go"].description == "sensor, go"


async def test_strangers_are_described_once_they_were_heard(venue: Venue) -> None:
    assert "/any/lamp" not in of(venue)
    venue.message("/any/lamp", 0.5)
    assert {"/any/lamp", "/control/lamp"} <= of(venue)


async def test_groups_stand_as_one_cue_which_is_what_can_be_gone_to(venue: Venue) -> None:
    group = """
[[cue]]
number = "20"
name = "Sea"
kind = "group"
mode = "sequence"
[[cue.cue]]
number = "20.1"
name = "Boat"
"""
    described = space(venue.rig, parse_show(SHOW + group, "show.toml"), {}, {}).methods
    assert "/cue/20/go" in described
    assert "/cue/20.1/go" not in described


# LISTEN


async def test_listen_tells_the_value_at_once_and_then_each_new_one(venue: Venue) -> None:
    async with venue.listen() as client:
        await client.send(command("LISTEN", "/show/master"))
        assert await next_osc(client) == ("/show/master", (1.0,))
        venue.message("/show/master", 0.25)
        assert await next_osc(client) == ("/show/master", (0.25,))
        venue.message("/show/master", 0.5)
        assert await next_osc(client) == ("/show/master", (0.5,))


async def test_listen_to_what_the_show_does(venue: Venue) -> None:
    async with venue.listen() as client:
        await client.send(command("LISTEN", "/marrow/current"))
        await until(client, OscMessage("/marrow/current", ("",)))
        venue.conductor.command(Go(), "a page")
        await until(client, OscMessage("/marrow/current", ("1",)))


async def test_listen_to_a_control_that_glides_ends_where_it_ends(venue: Venue) -> None:
    async with venue.listen() as client:
        await client.send(command("LISTEN", "/control/plate.mom"))
        venue.message("/table/plate/mom", 0)  # turned round: 0 is full
        async with asyncio.timeout(PATIENCE):
            while (await next_osc(client)).args[0] != pytest.approx(1.0, abs=1e-3):
                pass


async def test_listen_to_the_energy_of_a_picture_and_to_the_walk(venue: Venue) -> None:
    assert (await venue.http.get("/marrow/energy/main/left?VALUE")).json() == {"VALUE": [1.0, 0.0, 0.0]}
    assert (await venue.http.get("/marrow/walk/speed?VALUE")).json() == {"VALUE": [1.0]}
    async with venue.listen() as client:
        await client.send(command("LISTEN", "/marrow/energy/main/motion"))
        assert await next_osc(client) == ("/marrow/energy/main/motion", (0.5,))
        await client.send(command("LISTEN", "/marrow/walk/position"))
        await until(client, OscMessage("/marrow/walk/position", (0.0,)))
        venue.conductor.command(Goto("12.5"), "a page")
        positions: set[object] = set()
        async with asyncio.timeout(PATIENCE):
            while len(positions) < 5:
                address, args = await next_osc(client)
                positions |= set(args) if address == "/marrow/walk/position" else set()


async def test_listen_to_the_loop_gives_a_message_each_time_its_start_is_passed(venue: Venue) -> None:
    async with venue.listen() as client:
        await client.send(command("LISTEN", "/marrow/loop"))
        venue.conductor.command(Goto("12.5"), "a page")
        address, (first,) = await next_osc(client)
        assert address == "/marrow/loop"
        assert isinstance(first, int)
        assert await next_osc(client) == ("/marrow/loop", (first + 1,))


async def test_who_is_connected_may_subscribe_over_the_socket(venue: Venue) -> None:
    async with venue.listen() as client:
        await client.send(encode("/marrow/subscribe", ["mode"]))
        assert await next_osc(client) == ("/marrow/subscribed", ("/marrow/mode", 1, 60))
        assert await next_osc(client) == ("/marrow/mode", ("running",))
        await client.send(encode("/marrow/subscribe", ["mode", 10.0, 5000]))
        address, (asked, why) = await next_osc(client)
        assert (address, asked) == ("/marrow/refused", "/marrow/subscribe")
        assert "a port means nothing to it" in str(why)


async def test_listen_to_a_button_passes_on_the_presses_of_others(venue: Venue) -> None:
    async with venue.listen() as client, venue.listen() as other:
        for each in (client, other):
            await each.send(command("LISTEN", "/show/go"))
            await each.send(command("LISTEN", "/show/master"))
            await until(each, OscMessage("/show/master", (1.0,)))
        await client.send(encode("/show/go"))
        assert await next_osc(other) == ("/show/go", ())
        await other.send(encode("/show/master", [0.5]))
        assert await next_osc(client) == ("/show/master", (0.5,))  # and no GO of its own before it


async def test_a_raw_sensor_is_heard_by_others_whatever_wire_it_came_by(venue: Venue) -> None:
    async with venue.listen() as client:
        await client.send(command("LISTEN", "/table/plate/dad"))
        await client.send(command("LISTEN", "/show/blackout"))
        await until(client, OscMessage("/show/blackout", (False,)))
        venue.message("/table/plate/{mom,dad}", 7.5)
        assert await next_osc(client) == ("/table/plate/dad", (7.5,))


async def test_ignore_ends_it(venue: Venue) -> None:
    async with venue.listen() as client:
        for address in ("/show/master", "/show/blackout"):
            await client.send(command("LISTEN", address))
        await until(client, OscMessage("/show/blackout", (False,)))
        await client.send(command("IGNORE", "/show/master"))
        await client.send(command("LISTEN", "/marrow/mode"))
        await until(client, OscMessage("/marrow/mode", ("running",)))
        venue.message("/show/master", 0.5)
        venue.message("/show/blackout", 1)
        assert await next_osc(client) == ("/show/blackout", (True,))


async def test_binary_messages_are_taken_like_those_of_any_wire(venue: Venue) -> None:
    async with venue.listen() as client:
        await client.send(command("LISTEN", "/marrow/current"))
        await until(client, OscMessage("/marrow/current", ("",)))
        await client.send(encode("/show/go", ["1"]))
        await until(client, OscMessage("/marrow/current", ("1",)))
        await client.send(b"junk")
        await client.send(encode("/show/goto", ["12.5"]))
        await until(client, OscMessage("/marrow/current", ("12.5",)))
    assert venue.health.counted("osc.junk") == 1


@pytest.mark.parametrize(
    "text",
    [
        "LISTEN",
        "[]",
        "[" * 10_000,
        command("LISTEN", "/nowhere"),
        command("LISTEN", "/show"),  # a container
        command("SING", "/show/go"),
        '{"COMMAND": "LISTEN", "DATA": 3}',
    ],
)
async def test_what_is_no_command_is_counted_and_the_next_one_is_heard(venue: Venue, text: str) -> None:
    async with venue.listen() as client:
        await client.send(text)
        await client.send(command("LISTEN", "/show/master"))
        assert await next_osc(client) == ("/show/master", (1.0,))
    assert venue.health.counted("oscquery.junk") == 1


async def test_another_show_file_is_told_by_the_path_that_has_changed(venue: Venue) -> None:
    async with venue.listen() as client:
        await client.send(command("LISTEN", "/show/master"))
        await until(client, OscMessage("/show/master", (1.0,)))
        venue.conductor.command(DeskEvent(DeskMode.EDIT), "test")
        reply = venue.conductor.command(Adopt(SHOW + '[[cue]]\nnumber = "13"\nname = "Sea"\n'), "test")
        assert reply.ok, reply.reason
        async with asyncio.timeout(PATIENCE):
            while isinstance(data := await client.recv(), bytes):
                pass
        assert json.loads(data)["COMMAND"] == "PATH_CHANGED"
        # Cues are in /cue, and in the values that /show/standby and /show/goto may have.
        assert json.loads(data)["DATA"] == "/"
    assert "/cue/13/go" in of(venue)


async def test_a_new_stranger_is_told_as_well(venue: Venue) -> None:
    async with venue.listen() as client:
        venue.message("/any/lamp", 0.5)
        async with asyncio.timeout(PATIENCE):
            assert json.loads(await client.recv())["COMMAND"] == "PATH_CHANGED"


async def test_who_is_gone_is_forgotten_and_no_more_may_listen_than_can(venue: Venue) -> None:
    clients = [await venue.listen() for _ in range(MAX_LISTENERS)]
    for client in clients:
        await client.send(command("LISTEN", "/show/master"))
        await until(client, OscMessage("/show/master", (1.0,)))
    async with venue.listen() as one_more:
        with pytest.raises(ConnectionClosed) as closed:
            await one_more.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013
    for client in clients:
        await client.close()
    heard = False
    async with asyncio.timeout(PATIENCE):
        while not heard:  # until a place is free
            async with venue.listen() as again:
                with suppress(ConnectionClosed):
                    await again.send(command("LISTEN", "/show/master"))
                    heard = await next_osc(again) == ("/show/master", (1.0,))


async def test_a_page_from_elsewhere_may_not_open_it(venue: Venue) -> None:
    with pytest.raises(InvalidStatus):
        async with connect(f"ws://127.0.0.1:{venue.port}/", origin=Origin("http://elsewhere.example")):
            raise AssertionError("it was let in")


async def test_a_storm_of_values_is_thinned_to_the_newest(venue: Venue) -> None:
    async with venue.listen() as client:
        await client.send(command("LISTEN", "/table/plate/mom"))
        await client.send(command("LISTEN", "/show/master"))
        await until(client, OscMessage("/show/master", (1.0,)))
        for number in range(2000):
            venue.message("/table/plate/mom", number)
            if number % 100 == 0:
                await asyncio.sleep(0)
        seen = [(await next_osc(client)).args[0]]
        while seen[-1] != 1999:
            seen.append((await next_osc(client)).args[0])
        assert seen == sorted(seen, key=lambda value: float(str(value)))
        assert len(seen) < 1000


# where OSC is heard


@pytest.mark.parametrize(
    ("web", "osc", "told"),
    [("127.0.0.1", "127.0.0.1", None), ("127.0.0.1", "0.0.0.0", None), ("0.0.0.0", "127.0.0.1", "127.0.0.1")],
)
def test_the_address_of_osc_is_told_where_it_differs(web: str, osc: str, told: str | None) -> None:
    with (
        bind(socket.SOCK_STREAM, web, 0, "Pages", "--port", "web") as pages,
        bind(socket.SOCK_DGRAM, osc, 0, "OSC", "--osc-port", "osc") as wire,
    ):
        host = host_of(pages, wire)
        assert (host.osc_ip, host.osc_port) == (told, wire.getsockname()[1])
        assert host.name.startswith("Marrow")
