"""Who speaks QLab's dialect to us, and what each has asked for. Pure but for `send`: `now` is an argument.

QLab answers UDP at port 53001 of the machine that asked (/udpReplyPort names another), so all programs on one
machine are one client over UDP, and take each other's answers away. Here who asks to be answered at the very
port from which it sends is a client of its own. QLab forgets who is silent for 61 s over UDP (/forgetMeNot or
/udpKeepAlive: it does not); over TCP a client lasts as long as its connection (OSC dictionary, "connect" and
"disconnect").
"""

from collections.abc import Iterator
from dataclasses import dataclass

from server.osc import Peer
from server.osc.tcp import OscStream
from server.osc.udp import Sender
from server.patch import Refused

REPLY_PORT = 53001
SILENCE = 61.0  # s
MAX_CLIENTS = 64
MAX_DATAGRAM = 65507  # bytes, what UDP carries over IPv4


@dataclass(slots=True, eq=False)
class Client:
    """One of them.

    connected   it has sent the passcode
    always      it wants an answer to everything, not only to what has one
    updates     it wants to hear of changes
    lasting     it is not forgotten when it is silent
    """

    peer: Peer
    heard_at: float
    connected: bool = False
    always: bool = False
    updates: bool = False
    lasting: bool = False
    reply_port: int = REPLY_PORT

    @property
    def limit(self) -> int | None:
        """Bytes of the longest packet that can be sent to it; None for any."""
        return MAX_DATAGRAM if isinstance(self.peer, Sender) else None

    def send(self, packet: bytes) -> None:
        """Never waits: what cannot be sent is lost."""
        peer = self.peer
        (peer.at(self.reply_port) if isinstance(peer, Sender) else peer).send(packet)

    def gone(self, now: float) -> bool:
        """Whether its connection is closed or, without one, it has been silent for too long."""
        if isinstance(self.peer, OscStream):
            return self.peer.closed
        return not self.lasting and now - self.heard_at > SILENCE


class Clients:
    """Those who have asked for anything that has to be remembered; at most MAX_CLIENTS."""

    def __init__(self) -> None:
        self._kept: dict[object, Client] = {}

    def heard(self, peer: Peer, now: float) -> Client:
        """Who has sent something: one that is known, or a stranger with nothing asked for."""
        for key in (_own(peer), _shared(peer)):
            if (client := self._kept.get(key)) is not None and not client.gone(now):
                client.peer, client.heard_at = peer, now
                return client
        return Client(peer, now)

    def keep(self, client: Client, now: float) -> None:
        """Remember what it asks for from now on. Raises Refused where there are too many."""
        if client not in self._kept.values():
            self._add(_shared(client.peer), client, now)

    def apart(self, peer: Peer, now: float) -> Client:
        """A client of its own for who is answered at the port from which it sends. Raises Refused."""
        client = self._kept.get(_own(peer))
        if client is None or client.gone(now):
            client = Client(peer, now)
            self._add(_own(peer), client, now)
        return client

    def subscribers(self, now: float) -> Iterator[Client]:
        """Those who want to hear of changes."""
        return (client for client in tuple(self._kept.values()) if client.updates and not client.gone(now))

    def _add(self, key: object, client: Client, now: float) -> None:
        self._kept = {key: known for key, known in self._kept.items() if not known.gone(now)}
        if len(self._kept) >= MAX_CLIENTS:
            raise Refused(f"{MAX_CLIENTS} clients are known already, and no more are taken")
        self._kept[key] = client


def _own(peer: Peer) -> object:
    return peer.address[:2] if isinstance(peer, Sender) else peer


def _shared(peer: Peer) -> object:
    return peer.address[0] if isinstance(peer, Sender) else peer
