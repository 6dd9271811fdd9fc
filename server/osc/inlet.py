"""The inlet: what is done with a packet, whichever wire it came by. Now, in its turn, or when its time tag
says."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from server import alarm
from server.alarm import Timer
from server.health import Health
from server.osc.codec import BUNDLE, Arg, OscError, OscMessage, Part, unbundle
from server.osc.later import Later
from server.osc.pattern import is_pattern
from server.osc.timetag import seconds_ahead

TURN = 0.005  # s that one turn may take
MAX_WAITING = 1024  # packets that wait for the next turn
MAX_PATTERNS = 16  # in one packet: each is looked for among all sensors
MAX_AHEAD = 10.0  # s that a bundle is kept at most
MAX_KEPT = 1024  # messages that are kept: all of them may be due in the same turn


class Peer(Protocol):
    """Who has sent a packet, and how an answer gets there."""

    @property
    def name(self) -> str:
        """Such as "osc 192.168.1.20:5000": what stands in the journal and in complaints."""
        ...

    def send(self, packet: bytes) -> None:
        """Sends a packet to where the question came from. Never waits: what cannot be sent is lost."""


class Timers(alarm.Timers, Protocol):
    """What is needed of an event loop."""

    def time(self) -> float: ...


Receive = Callable[[str, Sequence[Arg], Peer], object]


class _Kept(NamedTuple):
    messages: tuple[OscMessage, ...]
    peer: Peer
    epoch: int


class Inlet:
    """Hands every message to `receive(address, args, peer)`; counts what is not OSC.

    `receive` must not raise; what it returns is ignored. What begins with one of `urgent` is handed over as
    soon as it is read. All else waits its turn; what one turn of the loop cannot finish is thinned: of each
    address only the newest stays, the rest is counted as "osc.superseded". So the wires are read faster than
    others fill them, and no GO is buried under sensor values.

    A bundle acts as one: its messages are handed over in order and nothing comes between, or it is refused
    whole, because a part is not OSC or lies too far ahead. (A message that is refused for what it asks, such
    as an unknown address, stops no other.) A time tag of now or before acts now. One up to MAX_AHEAD seconds
    ahead is kept until then; what lies further ahead, or finds no room, is counted as "osc.ahead".

    `transport(address)` says whether a message moves the show. What is kept belongs to the epoch in which it
    came: once that is over, by a panic, a goto, a back or a stop of all, what would move the show is counted
    as "osc.outdated" and dropped, and all else happens as it was sent.
    """

    def __init__(
        self,
        receive: Receive,
        health: Health,
        urgent: Sequence[str] = ("/show/", "/cue/"),
        transport: Callable[[str], bool] = lambda address: False,
        epoch: Callable[[], int] = lambda: 0,
        timers: Timers | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`wall` gives Unix time in seconds, by which time tags are read; once kept, the loop's clock
        counts."""
        self.health = health
        self._receive = receive
        self._urgent = tuple(prefix.encode() for prefix in urgent)
        self._transport = transport
        self._epoch = epoch
        self._timers = asyncio.get_running_loop() if timers is None else timers
        self._wall = wall
        self._waiting: deque[tuple[bytes, Peer]] = deque()
        self._later: Later[_Kept] = Later(MAX_KEPT)
        self._turn: Timer | None = None
        self._timer: Timer | None = None

    def take(self, packet: bytes, peer: Peer) -> None:
        """A packet has come."""
        within_bundle = packet.startswith(BUNDLE) and any(prefix in packet for prefix in self._urgent)
        if within_bundle or packet.startswith(self._urgent):
            self._open(packet, peer)
        else:
            self._waiting.append((packet, peer))
            self._take_turn()

    def rewire(self, urgent: Sequence[str]) -> None:
        """Other addresses may mean an event from now on."""
        self._urgent = tuple(prefix.encode() for prefix in urgent)

    def junk(self, peer: str, reason: str) -> None:
        """Something has come that is no packet."""
        self.health.count("osc.junk", 1, f"{peer}: {reason}")

    def close(self) -> None:
        """Forgets what waits and what is kept."""
        self._waiting.clear()
        for timer in (self._turn, self._timer):
            if timer is not None:
                timer.cancel()

    def _take_turn(self) -> None:
        if self._turn is None:
            self._turn = self._timers.call_soon(self._work)

    def _work(self) -> None:
        self._turn = None
        until = self._timers.time() + TURN
        while self._waiting:
            self._open(*self._waiting.popleft())
            if self._timers.time() >= until:
                break
        if self._waiting:
            self._thin()
            self._take_turn()

    def _thin(self) -> None:
        newest: dict[bytes, tuple[bytes, Peer]] = {}
        for packet, peer in self._waiting:
            key = _key(packet)
            newest.pop(key, None)  # so that it stands where the newest came, not where the oldest did
            newest[key] = packet, peer
        kept = deque(newest.values(), MAX_WAITING)
        self.health.count("osc.superseded", len(self._waiting) - len(kept))
        self._waiting = kept

    def _open(self, packet: bytes, peer: Peer) -> None:
        try:
            parts = unbundle(packet)
            if sum(is_pattern(message.address) for part in parts for message in part.messages) > MAX_PATTERNS:
                raise OscError(f"more than {MAX_PATTERNS} addresses with wildcards in one packet")
        except OscError as error:
            self.junk(peer.name, str(error))
            return
        self.health.count("osc.received", sum(len(part.messages) for part in parts))
        wall = self._wall()
        aheads = [seconds_ahead(part.tag, wall) for part in parts]
        if reason := self._refusal(parts, aheads):
            self.health.count("osc.ahead", 1, f"{peer.name}: {reason}")
            return
        now = self._timers.time()
        for part, ahead in zip(parts, aheads, strict=True):
            if ahead <= 0.0:
                self._act(part.messages, peer)
            else:
                kept = _Kept(part.messages, peer, self._epoch())
                self._later.keep(now + ahead, len(part.messages), kept)
                self._arm()

    def _refusal(self, parts: Sequence[Part], aheads: Sequence[float]) -> str:
        if (furthest := max(aheads, default=0.0)) > MAX_AHEAD:
            return (
                f"a time tag {furthest:.1f} s ahead, where at most {MAX_AHEAD:g} s are kept. If that was not "
                "meant, the clocks of the two machines differ"
            )
        size = sum(len(part.messages) for part, ahead in zip(parts, aheads, strict=True) if ahead > 0.0)
        if size > self._later.room:
            return f"a time tag ahead, and {MAX_KEPT} messages are kept already; no more fit"
        return ""

    def _act(self, messages: Sequence[OscMessage], peer: Peer) -> None:
        for address, args in messages:
            self._receive(address, args, peer)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (due := self._later.next()) is not None:
            self._timer = self._timers.call_at(due, self._act_on_time)

    def _act_on_time(self) -> None:
        self._timer = None
        for kept in list(self._later.take(self._timers.time())):
            if kept.epoch == self._epoch():
                self._act(kept.messages, kept.peer)
                continue
            outdated = [message for message in kept.messages if self._transport(message.address)]
            for message in outdated:
                reason = f"{kept.peer.name}: {message.address} was sent before a panic, goto, back or stop"
                self.health.count("osc.outdated", 1, reason)
            self._act([message for message in kept.messages if message not in outdated], kept.peer)
        self._arm()


def _key(packet: bytes) -> bytes:
    """Packets of the same key supersede each other: messages of one address, bundles that are equal."""
    return packet if packet.startswith(BUNDLE) else packet[: packet.find(0)]
