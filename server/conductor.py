"""The conductor: alone touches the Show. Feeds it events, arms its one timer, sends what it wants sent.

An event takes effect at once, on the spot; there is no queue in which a GO could wait behind a sensor. What
follows from it (sends, the snapshot, listeners, the timer) is done once for everything that came in the
meantime, in `_settle`: on the loop's next turn, or, in a storm of sensor values, SETTLE_EVERY after the last
time.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from server.alarm import Alarm, Timers
from server.health import Health
from server.night.night import Night
from server.outbox import NOBODY, OscSender, Outbox, ScriptTargets
from server.patch import Bypassed, Patch, PatchEntry, Refused, Unknown
from show_control.events import Control, Event, Master, Reset, Stop
from show_control.show import Reply, Show
from show_control.snapshot import Snapshot

SETTLE_EVERY = 0.004  # s between snapshots while values pour in: far below a frame, far above the cost of one

LATE = 0.02
"""Seconds after which a due moment that is acted on is worth a remark in the night's report."""


BY_HAND = "monitor"
"""The source of what the crew sends in a sensor's place, which is heard though that is bypassed."""

Tap = Callable[[str, Sequence[object], str, Reply], object]
"""Address, arguments and source of a message, and what was answered."""


class Conductor:
    """Single writer of the Show. Lives on one event loop, and every method is called there."""

    def __init__(
        self,
        show: Show,
        patch: Patch,
        clock: Callable[[], float],
        publish: Callable[[Snapshot], None],
        outputs: OscSender,
        health: Health,
        loop: Timers | None = None,
        script: ScriptTargets = NOBODY,
        night: Night | None = None,
    ) -> None:
        """`clock` gives seconds on the loop's own clock. The first snapshot goes out on the next turn."""
        self.show = show
        self.newest_event = show.snapshot().event
        self.night = night or Night(None, "", "", clock, clock, health)
        self._patch = patch
        self._clock = clock
        self._publish = publish
        self._outbox = Outbox(script, outputs)
        self._health = health
        self._alarm = Alarm(self._settle, clock, asyncio.get_running_loop() if loop is None else loop)
        self._listeners: list[Callable[[], None]] = []
        self._taps: list[Tap] = []
        self._changed = True
        self._published: Snapshot | None = None
        self._settled_at = -SETTLE_EVERY
        for address in sorted(self.night.bypassed):
            try:
                self.bypass(address, True, "restart")
            except Refused as reason:  # no line takes it any more
                self.night.bypass(address, False)
                health.count("osc.refused", 1, f"restart: {reason}")
        self._wake(at_once=True)

    @property
    def snapshot(self) -> Snapshot:
        """The newest that was published."""
        return self._published or self.show.snapshot()

    def message(self, address: str, args: Sequence[object], source: str) -> Reply:
        """An OSC message, from whichever door. What cannot be used is counted and answered, never raised.

        The sender of a command does not hear the answer; so the operator sees it, as if the show had refused.
        """
        reply = self._message(address, args, source)
        self.saw(address, args, source, reply)
        return reply

    def saw(self, address: str, args: Sequence[object], source: str, reply: Reply) -> None:
        """Lets the taps see a message, and what it was answered: one that somebody else took, as well."""
        for tap in self._taps:
            try:
                tap(address, args, source, reply)
            except Exception as error:
                # Who only looks must not stop a message. The traceback goes to the log.
                logging.getLogger(__name__).exception("%s could not be looked at", address[:80])
                self._health.count("taps.broken", 1, repr(error))

    def tap(self, tap: Tap) -> None:
        """Lets somebody see every message, whatever becomes of it. What it raises is counted."""
        self._taps.append(tap)

    def _message(self, address: str, args: Sequence[object], source: str) -> Reply:
        now = self._clock()
        try:
            events = self._patch.resolve(address, args, now, source == BY_HAND)
        except Bypassed as reason:
            self._health.count("osc.bypassed", 1, f"{source}: {reason}")
            return Reply(False, str(reason))
        except Refused as reason:
            key = "osc.unknown" if isinstance(reason, Unknown) else "osc.refused"
            self._health.count(key, 1, f"{source}: {reason}")
            if command := self._patch.command(address):
                self.refuse(command, str(reason), source)
            return Reply(False, str(reason))
        reply = Reply(True, "")
        for event in events:
            reply = self._receive(event, now, source)
        if not events:  # the patch may still have something to do later
            self._wake(at_once=False)
        return reply

    def command(self, event: Event, source: str) -> Reply:
        """An event from a page. The reply's `event` is its id, by which a frame says that it includes it."""
        return self._receive(event, self._clock(), source)

    def rewire(self, entries: Sequence[PatchEntry], source: str) -> None:
        """Another patch from the next message on. Nothing that was sent meanwhile is lost."""
        now = self._clock()
        for event in self._patch.rewire(entries):
            self._receive(event, now, source)
        self._wake(at_once=False)

    def bypass(self, address: str, on: bool, source: str) -> None:
        """Ignore what a sensor sends, or no longer. Raises Refused where no line of the patch takes it."""
        now = self._clock()
        for event in self._patch.bypass(address, on):
            self._receive(event, now, source)
        self.night.bypass(address, on)
        self._changed = True
        self._wake(at_once=False)

    def let_go(self, address: str, source: str) -> None:
        """Nobody stands in for a sensor any more."""
        now = self._clock()
        for event in self._patch.let_go(address):
            self._receive(event, now, source)
        self._wake(at_once=False)

    def refuse(self, command: str, reason: str, source: str) -> None:
        """Let the operator see that a command was refused before it became an event of the show."""
        self.show.refuse(command, reason)
        self.night.refuse(command, reason, self._clock(), source)
        self._changed = True
        self._wake(at_once=False)

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls back after every change, at most once a turn of the loop. Returns what ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def close(self) -> None:
        """Nothing is done any more, and nothing is left open: no note, no microphone, no words on a plate.

        The night's journal does not say so: it ends as it should, and the next start is fresh.
        """
        self.show.receive(Stop(), self._clock(), self.newest_event + 1)
        for effect in self.show.take_effects():
            self._outbox.send(effect)
        self._alarm.cancel()

    def _receive(self, event: Event, now: float, source: str) -> Reply:
        self.newest_event += 1
        if (due := self.show.deadline()) is not None and due <= now:
            self._acts(now - due)
        reply = self.show.receive(event, now, self.newest_event)
        self.night.write(event, now, source, self.newest_event, reply.reason)
        if isinstance(event, Reset) and reply.ok:
            self._patch.anew()
        if not reply.ok:
            self._health.count("commands.refused", 1, f"{source}: {reply.reason}")
        self._changed = True
        self._wake(at_once=not isinstance(event, Control | Master))
        return reply

    def _acts(self, late: float) -> None:
        """What was due is done now, so many seconds late."""
        self._health.acted(late)
        if late > LATE:
            self.night.remark("late", f"what was due acted {late * 1000:.0f} ms late")

    def _wake(self, at_once: bool) -> None:
        """Lets `_settle` run on the next turn; for mere values SETTLE_EVERY after the last time."""
        self._alarm.set(0.0 if at_once else self._settled_at + SETTLE_EVERY)

    def _settle(self) -> None:
        now = self._clock()
        self._settled_at = now
        try:
            self._advance(now)
            if self._changed:
                self._changed = False
                snapshot = self.show.snapshot()
                if snapshot != self._published:  # a wait that is over changes no picture
                    self._published = snapshot
                    self._publish(snapshot)
                for callback in tuple(self._listeners):
                    callback()
        finally:  # whatever went wrong, the show has to go on
            if (silence := self._patch.deadline()) is not None:
                self._alarm.set(max(silence, now + SETTLE_EVERY))
            if (due := self.show.deadline()) is not None:  # a cue waits for nobody
                self._alarm.set(due if due > now else now + SETTLE_EVERY)

    def _advance(self, now: float) -> None:
        """What is due by time alone, and what the show wants sent."""
        for event in self._patch.advance(now):
            self._receive(event, now, "silence")
        deadline = self.show.deadline()
        if deadline is not None and deadline <= now:
            self._acts(now - deadline)
            self.show.advance(now)
            self._changed = True
        for effect in self.show.take_effects():
            self._outbox.send(effect)
