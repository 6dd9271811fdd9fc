"""QLab's dialect at work: takes the messages that are its own, obeys and answers them, and tells subscribers.

By itself a message is answered if it asks for something, or is refused (QLab is silent then); after
/alwaysReply 1 each one is.
"""

import asyncio
from collections.abc import Callable, Sequence

from server.conductor import Conductor
from server.health import Health
from server.osc import Arg, Peer
from server.osc.udp import Sender
from server.patch import Patch, Refused, finite, shown
from server.qlab.answers import Answer, reply, send
from server.qlab.asking import WORDS, asked, moves
from server.qlab.asks import Do, Tell, Unspoken
from server.qlab.clients import REPLY_PORT, Client, Clients
from server.qlab.names import Workspace
from server.qlab.settings import Qlab
from server.qlab.sheet import Sheet
from server.qlab.updates import Seen, updates
from server.qlab.writing import Writing
from show_control.events import Event, StandBy
from show_control.show import Reply

VERSION = "5.0.0"
"""The OSC API that is spoken. Controllers choose their addresses by its first figure."""

SHORTEST = 1 / 30  # s between two looks at what has changed

_OF_ALL = ("version", "workspaces")
_OF_CLIENTS = ("alwaysReply", "connect", "disconnect", "forgetMeNot", "udpKeepAlive", "udpReplyPort")
_WATCHED = ("thump", "updates")
_OPEN = (*_OF_ALL, *_OF_CLIENTS)
"""What is answered to who has not sent the passcode."""

ALL_WORDS = WORDS.union(_OPEN, _WATCHED)


class QLab:
    """One for each show. Lives on the event loop, beside the conductor; `writing.editing` is set later."""

    def __init__(
        self,
        settings: Qlab,
        name: str,
        conductor: Conductor,
        patch: Patch,
        health: Health,
        clock: Callable[[], float],
    ) -> None:
        """`name` is what the workspace is called; `clock` gives seconds on the loop's own clock."""
        self.writing = Writing()
        self._settings = settings
        self._workspace = Workspace(name, conductor.show.file)
        self._conductor = conductor
        self._patch = patch
        self._health = health
        self._clock = clock
        self._clients = Clients()
        self._seen: Seen | None = None
        self._looked_at = 0.0
        self._look: asyncio.TimerHandle | None = None
        self._unlisten = conductor.listen(self._changed)

    # what an inlet asks

    def hear(self, address: str, args: Sequence[Arg], peer: Peer) -> None:
        """A message has come. What is not QLab's is for the conductor."""
        if not self.take(address, args, peer):
            self._conductor.message(address, args, peer.name)

    def urgent(self) -> tuple[str, ...]:
        """How addresses begin of which none may be passed over."""
        return (*self._patch.urgent(), *sorted(f"/{word}" for word in ALL_WORDS))

    def transport(self, address: str) -> bool:
        """Whether a message to this address moves the show, and so means nothing once that has gone
        elsewhere."""
        return self._moves(address) if self.takes(address) else self._patch.transport(address)

    def takes(self, address: str) -> bool:
        """Whether a message to this address is ours: it begins with a word of QLab's, and is not patched to
        anything in this rig."""
        return address.split("/")[1] in ALL_WORDS and not self._patch.takes(address)

    def take(self, address: str, args: Sequence[Arg], peer: Peer) -> bool:
        """A message has come: whether it is ours. Ours is obeyed or refused, and answered."""
        if not self.takes(address):
            return False
        self._health.count("qlab.received")
        client = self._clients.heard(peer, self._clock())
        hidden = ["..."] * len(args) if address.endswith("/connect") else args

        def done(answer: Answer) -> None:
            words = "" if answer.status == "ok" else str(answer.data)
            self._conductor.saw(address, hidden, peer.name, Reply(not words, words))
            self._reply(client, address, answer)

        try:
            self._obey(address, args, client, done)
        except Refused as reason:
            key = "qlab.unspoken" if isinstance(reason, Unspoken) else "qlab.refused"
            self._health.count(key, 1, f"{peer.name}: {address[:80]}: {reason}")
            if self._moves(address):
                self._conductor.refuse("qlab", f"{address[:80]} refused: {reason}", peer.name)
            done(Answer.refusal(str(reason)))
        return True

    def close(self) -> None:
        """Says goodbye to subscribers, as QLab does when a workspace is closed."""
        self._unlisten()
        self.writing.close()
        if self._look is not None:
            self._look.cancel()
        for client in self._clients.subscribers(self._clock()):
            send(client, f"/update/workspace/{self._workspace.id}/disconnect")

    # what it does

    def _moves(self, address: str) -> bool:
        segments = address.split("/")[1:]
        return moves(segments[2:] if segments[0] == "workspace" else segments)

    def _obey(
        self, address: str, args: Sequence[Arg], client: Client, done: Callable[[Answer], None]
    ) -> None:
        segments = self._within(address.split("/")[1:])
        source = client.peer.name
        if self._settings.passcode and not client.connected and segments[0] not in _OPEN:
            self._health.count("qlab.denied", 1, f"{source}: {address[:80]}")
            done(Answer("denied", "send the passcode first, with /connect", True))
            return
        if len(segments) == 1 and segments[0] in (*_OPEN, *_WATCHED):
            done(self._of_client(segments[0], tuple(args), client))
            return
        match asked(segments, args, self._sheet()):
            case Tell(data):
                done(Answer.of(data))
            case Do(events):
                done(self._told(self._do(events, source), source))
            case change:
                self.writing.begin(change, source, lambda reply: done(self._told(reply, source)))

    def _do(self, events: Sequence[Event], source: str) -> Reply:
        """All of it or, where a cue was to stand by and go, and may not go, nothing."""
        before = self._conductor.show.status(self._clock()).standby
        for event in events:
            reply = self._conductor.command(event, source)
            if not reply.ok:
                if StandBy in map(type, events) and before is not None:
                    self._conductor.command(StandBy(before.number), source)
                return reply
        return Reply(True)

    def _within(self, segments: Sequence[str]) -> Sequence[str]:
        """What is asked of the workspace; it may be named, and is the only one."""
        match segments:
            case ["workspace", name, *rest] if rest and self.workspace.called(name):
                return rest
            case ["workspace", *rest]:
                raise Refused(f"there is no workspace {shown(rest[0] if rest else '')}; /workspaces lists it")
        return segments

    def _told(self, reply: Reply, source: str) -> Answer:
        if reply.ok:
            return Answer()
        self._health.count("qlab.refused", 1, f"{source}: {reply.reason}")
        return Answer.refusal(reply.reason)

    def _of_client(self, word: str, args: tuple[Arg, ...], client: Client) -> Answer:
        """What a client wants to know before anything else, or says of itself."""
        match word, args:
            case "version", _:
                return Answer.of(VERSION)
            case "workspaces", _:
                return Answer.of([self._listed()])
            case "thump", _:
                return Answer.of("thump")
            case "connect", _:
                return self._connect(args, client)
            case "disconnect", _:
                client.connected = client.updates = client.lasting = False
                return Answer()
            case _, ():
                return Answer.of(_ASKED[word](client))
            case _, (value,):
                self._set(word, finite(value), client)
                return Answer()
        raise Refused(f"expected one argument, got {len(args)}")

    def _connect(self, given: tuple[Arg, ...], client: Client) -> Answer:
        if self._settings.passcode and tuple(map(str, given)) != (self._settings.passcode,):
            self._health.count("qlab.denied", 1, f"{client.peer.name}: a wrong passcode, or none")
            client.connected = False
            return Answer.of("badpass")
        if self._settings.passcode:
            self._clients.keep(client, self._clock())
        client.connected = True
        return Answer.of("ok:view|edit|control")

    def _set(self, word: str, value: float, client: Client) -> None:
        if word == "udpReplyPort":
            if not (value.is_integer() and 1 <= value <= 65535):
                raise Refused(f"expected a port from 1 to 65535, got {value:g}")
            if isinstance(client.peer, Sender) and client.peer.address[1] == value:
                client = self._clients.apart(client.peer, self._clock())
        self._clients.keep(client, self._clock())
        match word:
            case "alwaysReply":
                client.always = value != 0
            case "udpReplyPort":
                client.reply_port = int(value)
            case "updates":
                client.updates = value != 0
                self._seen = self._seen or Seen.of(self._sheet())
            case _:
                client.lasting = value != 0

    def _listed(self) -> dict[str, object]:
        return {
            "uniqueID": self.workspace.id,
            "displayName": self.workspace.name,
            "hasPasscode": bool(self._settings.passcode),
            "version": VERSION,
            "port": self._settings.port,
            "udpReplyPort": REPLY_PORT,
        }

    def _reply(self, client: Client, address: str, answer: Answer) -> None:
        if not (answer.told or client.always):
            return
        if trouble := reply(client, self.workspace.id, address, answer):
            self._health.count("qlab.refused", 1, f"{client.peer.name}: {address[:80]}: {trouble}")

    # the show as it is

    @property
    def workspace(self) -> Workspace:
        """Made again where the show file is another."""
        if self._workspace.file is not self._conductor.show.file:
            self._workspace = Workspace(self._workspace.name, self._conductor.show.file)
        return self._workspace

    def _sheet(self) -> Sheet:
        now = self._clock()
        return Sheet(self.workspace, self._conductor.show.status(now), now)

    def _changed(self) -> None:
        """Something may be worth telling; soon is soon enough."""
        if self._seen is not None and self._look is None:
            self._look = asyncio.get_running_loop().call_at(self._looked_at + SHORTEST, self._tell)

    def _tell(self) -> None:
        now = self._clock()
        self._look, self._looked_at = None, now
        subscribers = tuple(self._clients.subscribers(now))
        if self._seen is None or not subscribers:
            self._seen = None
            return
        before, self._seen = self._seen, Seen.of(self._sheet())
        for address, args in updates(before, self._seen):
            for client in subscribers:
                send(client, address, *args)


_ASKED: dict[str, Callable[[Client], object]] = {
    "alwaysReply": lambda client: client.always,
    "updates": lambda client: client.updates,
    "udpReplyPort": lambda client: client.reply_port,
    "forgetMeNot": lambda client: client.lasting,
    "udpKeepAlive": lambda client: client.lasting,
}
"""What a client may ask about itself."""
