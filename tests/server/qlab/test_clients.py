"""Who is answered where, who is remembered, and who is told of changes."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

import server
from server.osc import encode
from server.osc.udp import Sender
from server.patch import Refused
from server.qlab.clients import MAX_CLIENTS, REPLY_PORT, SILENCE, Client, Clients
from server.qlab.settings import Qlab
from show_control.events import Go, StandBy
from tests.patience import PATIENCE
from tests.server.qlab.controllers import Controller, Opened, Rig

ROOT = Path(server.__file__).parent.parent


class Nowhere(asyncio.DatagramTransport):
    """Remembers where datagrams would have gone."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[bytes, Any]] = []

    def sendto(self, data: bytes, addr: Any = None) -> None:
        self.sent.append((data, addr))

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0


def sender(host: str = "10.0.0.1", port: int = 40000) -> Sender:
    return Sender(Nowhere(), (host, port))


# where answers go


def test_udp_is_answered_at_the_port_of_qlab_or_at_that_which_was_asked_for() -> None:
    peer = sender()
    client = Client(peer, 0.0)
    client.send(b"one")
    client.reply_port = 7000
    client.send(b"two")
    assert peer.transport.sent == [  # type: ignore[attr-defined]
        (b"one", ("10.0.0.1", REPLY_PORT)),
        (b"two", ("10.0.0.1", 7000)),
    ]


async def test_without_a_word_datagrams_are_answered_at_53001(rig: Rig) -> None:
    machine = "127.0.53.1"  # nobody else here uses this address
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inbox,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outbox,
    ):
        inbox.bind((machine, 53001))
        inbox.setblocking(False)
        outbox.bind((machine, 0))
        outbox.sendto(encode("/thump"), rig.udp.get_extra_info("sockname"))
        packet = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(inbox, 65536), PATIENCE)
    assert packet.startswith(b"/reply/thump\0")


async def test_only_questions_and_refusals_are_answered_unless_all_shall_be(controller: Controller) -> None:
    controller.send("/playhead/2")
    controller.send("/thump")
    address, _ = await first(controller)
    assert address == "/reply/thump"
    await controller.ask("/alwaysReply", 1)
    assert await controller.ask("/playhead/1") == {
        "workspace_id": (await controller.data("/workspaces"))[0]["uniqueID"],
        "address": "/playhead/1",
        "status": "ok",
    }
    assert await controller.data("/alwaysReply") is True


async def first(controller: Controller) -> tuple[str, Any]:
    async with asyncio.timeout(PATIENCE):
        while not controller.heard:
            controller.changed.clear()
            await controller.changed.wait()
    return controller.heard[0]


async def test_programs_on_one_machine_do_not_take_each_other_s_answers(rig: Rig) -> None:
    one, two = await rig.datagrams(), await rig.datagrams()
    await one.ask("/alwaysReply", 1)
    assert await two.data("/alwaysReply") is False
    assert (await one.ask("/playhead/2"))["status"] == "ok"


def test_who_sends_from_another_port_each_time_is_one_client() -> None:
    known = Clients()
    client = known.heard(sender(port=40000), 0.0)
    known.keep(client, 0.0)
    assert known.heard(sender(port=40001), 1.0) is client
    alone = known.apart(sender(port=40002), 2.0)
    assert known.apart(sender(port=40002), 3.0) is alone is known.heard(sender(port=40002), 4.0)
    assert known.heard(sender(port=40003), 5.0) is client


# the passcode


async def test_without_the_passcode_nothing_is_done_and_with_it_all_is(opened: Opened) -> None:
    rig = await opened(Qlab(passcode="1234"))
    for controller in (await rig.datagrams(), await rig.stream()):
        refused = rig.health.counted("qlab.denied")
        assert (await controller.data("/workspaces"))[0]["hasPasscode"] is True
        for address in ("/go", "/workspace/dinner/cueLists", "/thump", "/updates"):
            assert (await controller.ask(address))["status"] == "denied"
        assert await controller.data("/connect") == "badpass"
        assert await controller.data("/connect", "4321") == "badpass"
        assert rig.health.counted("qlab.denied") == refused + 6
        assert rig.status.current is None
        assert await controller.data("/workspace/dinner/connect", "1234") == "ok:view|edit|control"
        assert await controller.data("/thump") == "thump"
        controller.send("/disconnect")
        assert (await controller.ask("/cueLists"))["status"] == "denied"


async def test_the_passcode_guards_the_words_of_qlab_and_nothing_else(opened: Opened) -> None:
    rig = await opened(Qlab(passcode="1234"))
    controller = await rig.stream()
    for address in ("/go", "/cue/1/go", "/cue/1/start"):
        assert (await controller.ask(address))["status"] == "denied"
    assert rig.status.current is None
    controller.send("/show/go")
    await controller.ask("/cueLists")
    assert rig.status.current.number == "1"


@pytest.mark.parametrize("place", ["config.toml", "docs/wires.md"])
def test_who_sets_a_passcode_is_told_what_stays_open(place: str) -> None:
    text = (ROOT / place).read_text(encoding="utf-8")
    about = next(part for part in text.split("\n\n") if "passcode guards" in part.replace("`", ""))
    assert "/show/go" in about


async def test_the_passcode_is_not_shown_to_who_watches(opened: Opened) -> None:
    rig = await opened(Qlab(passcode="1234"))
    seen: list[tuple[Any, ...]] = []
    rig.conductor.tap(lambda address, args, source, reply: seen.append((address, tuple(args), reply.ok)))
    controller = await rig.stream()
    await controller.data("/connect", "1234")
    await controller.refusal("/cue/9/start")
    assert seen == [("/connect", ("...",), True), ("/cue/9/start", (), False)]


# who is remembered


def test_who_is_silent_for_a_minute_is_forgotten_but_for_who_asked_not_to_be() -> None:
    known = Clients()
    one, two = known.heard(sender("10.0.0.1"), 0.0), known.heard(sender("10.0.0.2"), 0.0)
    for client in (one, two):
        known.keep(client, 0.0)
        client.always = client.updates = True
    two.lasting = True
    assert set(known.subscribers(SILENCE)) == {one, two}
    assert set(known.subscribers(SILENCE + 0.1)) == {two}
    assert known.heard(sender("10.0.0.1"), SILENCE + 0.1) is not one
    assert known.heard(sender("10.0.0.2", 5), 1e6) is two


def test_any_word_keeps_a_client() -> None:
    known = Clients()
    client = known.heard(sender(), 0.0)
    known.keep(client, 0.0)
    for minute in range(10):
        assert known.heard(sender(), minute * 60.0) is client


def test_no_more_are_remembered_than_fit_and_the_silent_make_room() -> None:
    known = Clients()
    for number in range(MAX_CLIENTS):
        known.keep(known.heard(sender(f"10.0.0.{number}"), 0.0), 0.0)
    with pytest.raises(Refused, match="64 clients are known already"):
        known.keep(known.heard(sender("10.0.1.1"), 1.0), 1.0)
    known.keep(known.heard(sender("10.0.1.1"), SILENCE + 1.0), SILENCE + 1.0)


async def test_a_datagram_client_is_forgotten_by_the_show(rig: Rig) -> None:
    controller = await rig.datagrams()
    await controller.ask("/alwaysReply", 1)
    assert await controller.data("/alwaysReply") is True
    rig.ahead += SILENCE + 1.0
    controller.send("/udpReplyPort", controller.own_port)
    assert await controller.data("/alwaysReply") is False
    await controller.do("/forgetMeNot", 1)
    await controller.ask("/alwaysReply", 1)
    rig.ahead += SILENCE + 1.0
    assert await controller.data("/alwaysReply") is True


async def test_a_stream_lasts_as_long_as_its_connection(rig: Rig) -> None:
    controller = await rig.stream()
    controller.send("/updates", 1)
    rig.ahead += 10 * SILENCE
    assert await controller.data("/updates") is True
    controller.transport.abort()
    other = await rig.stream()
    other.send("/updates", 1)
    assert await other.data("/updates") is True
    rig.conductor.command(Go(), "test")
    await other.hear(await playhead(rig, other))


# changes


async def playhead(rig: Rig, controller: Controller) -> str:
    workspace, listed = rig.qlab.workspace.id, rig.qlab.workspace.list_id
    return f"/update/workspace/{workspace}/cueList/{listed}/playbackPosition"


async def test_subscribers_hear_of_the_playhead_and_of_what_runs(rig: Rig, controller: Controller) -> None:
    ids = {number: place.id for number, place in rig.qlab.workspace.by_number.items()}
    await controller.do("/updates", 1)
    rig.conductor.command(Go(), "page")
    assert await controller.hear(f"/update/workspace/{rig.qlab.workspace.id}/cue_id/{ids['1']}") == ()
    assert await controller.hear(await playhead(rig, controller)) == (ids["2"],)
    rig.conductor.command(StandBy("12.10"), "page")
    assert await controller.hear(await playhead(rig, controller)) == (ids["12.10"],)
    rig.ahead += 1.0
    rig.conductor.command(Go(), "page")
    assert await controller.hear(await playhead(rig, controller)) == ()


async def test_subscribers_hear_of_what_was_edited(rig: Rig, controller: Controller) -> None:
    top = f"/update/workspace/{rig.qlab.workspace.id}"
    place = rig.qlab.workspace.by_number["2"]
    await controller.do("/updates", 1)
    controller.send("/cue/2/name", "Longer")
    assert await controller.hear(top) == ()
    assert await controller.hear(f"{top}/cue_id/{place.id}") == ()
    assert await controller.data("/cue/2/listName") == "Longer"
    controller.send("/cue/2/number", "3")
    assert await controller.hear(f"{top}/cue_id/{rig.qlab.workspace.list_id}") == ()
    await controller.do("/showMode", 1)
    assert await controller.hear(top) == ()


async def test_who_wants_no_updates_any_more_hears_none(rig: Rig, controller: Controller) -> None:
    await controller.do("/updates", 1)
    await controller.do("/updates", 0)
    rig.conductor.command(Go(), "page")
    other = await rig.stream()
    await other.do("/updates", 1)
    rig.conductor.command(StandBy("12.10"), "page")
    await other.hear(await playhead(rig, other))
    await controller.ask("/thump")
    assert not [address for address, _ in controller.heard if address.startswith("/update")]


async def test_at_the_end_subscribers_are_told(rig: Rig, controller: Controller) -> None:
    await controller.do("/updates", 1)
    rig.leave()
    assert await controller.hear(f"/update/workspace/{rig.qlab.workspace.id}/disconnect") == ()
