"""Telling at work: one timer, what goes out, and who subscribes."""

import asyncio
from collections.abc import Callable, Sequence

from server.alarm import Alarm, Timers
from server.conductor import Conductor
from server.health import Health
from server.osc import Arg, OscError, OscOut, Peer, encode
from server.osc.udp import Sender
from server.oscquery.space import Now
from server.patch import Refused
from server.renderer.energy import Energy
from server.rig import Rig
from server.telling.facts import LOOP, Fact, control, facts
from server.telling.teller import KEPT, Teller, Told
from server.telling.wheel import Passes
from server.telling.wishes import farewell, subscription, told_to
from show_control.show import Reply
from show_control.status import Status

SUBSCRIBE = "/marrow/subscribe"
UNSUBSCRIBE = "/marrow/unsubscribe"

MOST_CONTROLS = 256
"""Controls that are told of: a show may hear of more, but nobody follows so many."""


class Telling:
    """One for each show. Lives on the event loop, beside the conductor; nothing in it waits.

    Whatever pours in, the show's state is read at most once in `teller.SHORTEST`, and only if somebody hears
    of it; a pass of the loop's start waits for nothing.
    """

    def __init__(
        self,
        conductor: Conductor,
        osc_out: OscOut,
        health: Health,
        clock: Callable[[], float],
        energy: Callable[[str], Energy | None],
        rig: Rig,
        loop: Timers | None = None,
    ) -> None:
        """`clock` gives seconds on the loop's own clock; `energy` is asked for that of a projector."""
        self._conductor = conductor
        self._osc_out = osc_out
        self._health = health
        self._clock = clock
        self._energy = energy
        self._alarm = Alarm(self._wake, clock, asyncio.get_running_loop() if loop is None else loop)
        self._facts = facts(tuple(projector.name for projector in rig.projectors), rig.seats)
        self._controls: frozenset[str] = frozenset()
        self._teller = Teller(self._facts)
        for target in rig.osc.targets:
            if wishes := told_to(target.state, target.tell, target.rate):
                self._teller.enlist(target.name, wishes)
        self._peers: dict[str, Peer] = {}
        self._passes = Passes()
        self._witnesses: list[Callable[[str, tuple[Arg, ...]], object]] = []
        self._changed = True
        conductor.listen(self._happened)
        self._alarm.set(0.0)

    def take(self, address: str, args: Sequence[Arg], peer: Peer) -> bool:
        """Whether a message was for us: who subscribes, and who no longer does. It is answered."""
        if address not in (SUBSCRIBE, UNSUBSCRIBE):
            return False
        try:
            words = self._subscribe(args, peer) if address == SUBSCRIBE else self._unsubscribe(args, peer)
        except Refused as reason:
            self._health.count("osc.refused", 1, f"{peer.name}: {address}: {reason}")
            self._answer(peer, "/marrow/refused", address, str(reason))
            self._conductor.saw(address, args, peer.name, Reply(False, str(reason)))
        else:
            self._conductor.saw(address, args, peer.name, Reply(True, words))
        return True

    def witness(self, callback: Callable[[str, tuple[Arg, ...]], object]) -> None:
        """Calls back with the address and the turn, at the moment when the loop's start is passed."""
        self._witnesses.append(callback)

    def close(self) -> None:
        """Nothing is told any more."""
        self._alarm.cancel()

    # who hears

    def _subscribe(self, args: Sequence[Arg], peer: Peer) -> str:
        wish, port = subscription(args)
        hearer = _at(peer, port)
        now = self._clock()
        self._forget(now)
        reached = self._teller.subscribe(hearer.name, wish, now)
        self._peers[hearer.name] = hearer
        self._peers = {name: peer for name, peer in self._peers.items() if name in self._teller.hearers}
        self._answer(hearer, "/marrow/subscribed", wish.pattern, reached, int(KEPT))
        self._happened()
        return f"told {reached} addresses for {KEPT:.0f} s"

    def _unsubscribe(self, args: Sequence[Arg], peer: Peer) -> str:
        pattern, port = farewell(args)
        hearer = _at(peer, port)
        self._teller.unsubscribe(hearer.name, pattern)
        self._answer(hearer, "/marrow/unsubscribed", pattern or "*")
        if hearer.name not in self._teller.hearers:
            self._peers.pop(hearer.name, None)
        return ""

    def _forget(self, now: float) -> None:
        for name in self._teller.forget(now):
            self._peers.pop(name, None)

    def _answer(self, peer: Peer, address: str, *args: str | int) -> None:
        peer.send(encode(address, args))
        self._osc_out.passed(peer.name, address, args)

    # when

    def _happened(self) -> None:
        self._changed = True
        self._alarm.set(0.0)

    def _wake(self) -> None:
        now = self._clock()
        snapshot, teller = self._conductor.snapshot, self._teller
        turn = self._passes.look(snapshot, now)
        if turn is not None:
            self._send(teller.passing(turn))
            for witness in self._witnesses:
                witness(LOOP, (turn,))
        due = 0.0 if self._changed else teller.deadline
        if teller.busy and now >= teller.soonest and due is not None and due <= now:
            self._changed = False
            self._tell(Now(self._conductor.show.status(now), {}, now, snapshot, self._energy))
        times = [self._passes.deadline]
        if teller.busy:
            again = teller.soonest if self._changed else teller.deadline
            times.append(again if again is None else max(again, teller.soonest))
        if (soonest := min((time for time in times if time is not None), default=None)) is not None:
            self._alarm.set(soonest)

    # what

    def _tell(self, now: Now) -> None:
        self._forget(now.at)
        self._know(now.status)

        def read(fact: Fact) -> tuple[Arg, ...] | None:
            return fact.method.value(now)

        self._send(self._teller.look(now.at, read))

    def _know(self, status: Status) -> None:
        """Of controls that were not heard of before. The show forgets some; who has heard of one does not."""
        if new := status.controls.keys() - self._controls:
            if len(self._controls) >= MOST_CONTROLS:
                return
            self._controls |= new
            names = sorted(self._controls)[:MOST_CONTROLS]
            self._teller.know((*self._facts, *map(control, names)))

    def _send(self, messages: Sequence[Told]) -> None:
        """All of one moment, so an address has the same arguments for everybody, and is encoded once."""
        packets: dict[str, bytes] = {}
        for to, address, args in messages:
            try:
                packet = packets[address] if address in packets else encode(address, args)
            except OscError as error:
                self._health.count("telling.failed", 1, f"{address}: {error}")
                continue
            packets[address] = packet
            if (peer := self._peers.get(to)) is not None:
                peer.send(packet)
                self._osc_out.passed(to, address, args)
            else:
                self._osc_out.post(to, address, args, packet)


def _at(peer: Peer, port: int | None) -> Peer:
    """Where the answers to a peer go. Raises Refused."""
    if port is None:
        return peer
    if isinstance(peer, Sender):
        return peer.at(port)
    raise Refused(f"{peer.name} has a connection, which the answers take; a port means nothing to it")
