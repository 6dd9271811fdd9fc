"""The machine that plays a show. It is told what happens and what time it is; it never looks for itself.

Feed it with `receive(event, now)`, call `advance(now)` when `deadline()` has come, then collect
`take_effects()` and `snapshot()`. `now` is in seconds; where it runs backwards it is taken to stand still.

Nothing ever jumps, whatever interrupts whatever: fades of walk, style, psi, move and drives take 0.5 s at
least and no curve is steeper than 2, controls glide with a tau of 0.03 s at least, and walks move by an
odometer whose reading is continuous. The latents change, in sums of |weights| a second, by at most

    8 P + S V + sum over directions of D (64 + sum over its drives of G (2 / 0.03 + 8))

where P is the largest sum of |weights| that a walk passes, S the greatest speed, V the greatest change of
a walk in a second of travel, D the sum of |towards - away|, and G the greatest gain that the drive has.
Latents of different networks are different latents, each weight times the share of its network; half of the
64 is for shares that change, and with one network it is 32. The style, which may follow latents that fade
themselves, has 16 P. Psi changes in a second by at most

    6 + sum over its drives of G (2 / 0.03 + 8)

and modes, a bend or a class, which go from 0 to 1, by 4 and as much for their drives. (A fade of a bend may
be shorter than 0.5 s, if the show file says so.)

A second panic is the one exception.
"""

from collections.abc import Collection
from dataclasses import dataclass
from heapq import heappop, heappush
from math import isfinite

from show_control.cue import Cue, Send
from show_control.errors import Refused, suggest
from show_control.events import (
    Back,
    Blackout,
    Control,
    Event,
    Go,
    Goto,
    Hold,
    Master,
    Panic,
    Preload,
    Resume,
    StandBy,
)
from show_control.look import MAIN
from show_control.ramp import Curve
from show_control.showfile import ShowFile
from show_control.snapshot import Snapshot
from show_control.stage import Stage
from show_control.status import CueTitle, Fade, Mode, Pending, Refusal, Status

GO_INTERVAL = 0.5
PANIC_SECONDS = 2.0
MOST_STRANGERS = 64
"""Controls that no drive listens to are remembered, for the pages, up to this number: the last that moved."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of an event; `reason` says why it was refused. `event` is the id it came with."""

    ok: bool
    reason: str = ""
    event: int = 0


@dataclass(frozen=True, slots=True)
class _Next:
    """What the machine will do by itself at `due`: start `cue` after its pre-wait or, with None, follow."""

    due: float
    cue: Cue | None


class Show:
    """One show being played. Not thread-safe: it has a single writer.

    `networks` are those that the rig has; no other can be preloaded.
    """

    def __init__(self, file: ShowFile, now: float, networks: Collection[str] = (MAIN,)) -> None:
        self._file = file
        self._networks = tuple(networks)
        self._preloads: dict[str, None] = {}  # asked for by hand, in that order
        self._asked = 0
        self._scenes = file.scenes()
        self._controls = file.controls
        self._strangers: dict[str, None] = {}  # from the one longest unheard to the newest
        self._stage = Stage(file.safe, file.directions, file.bends, now)
        self._mode = Mode.RUNNING
        self._current: Cue | None = None
        self._standby = file.cues.first()
        self._next: _Next | None = None
        self._sends: list[tuple[float, int, Send]] = []
        self._sent = 0
        self._effects: list[Send] = []
        self._last_go: float | None = None
        self._followed: tuple[float, Cue] | None = None
        self._refused: Refusal | None = None
        self._refusals = 0
        self._epoch = 0
        self._event = 0
        self._now = now

    # what happens

    def receive(self, event: Event, now: float, id: int = 0) -> Reply:
        """Let an event act at `now`, after all that was due before it."""
        self.advance(now)
        self._event = max(self._event, id)
        try:
            self._act_on(event, self._now)
        except Refused as refusal:
            if not isinstance(event, Control):
                self.refuse(type(event).__name__.lower(), str(refusal))
            return Reply(False, str(refusal), id)
        if not isinstance(event, Control | Master | Blackout):
            self._refused = None
        self.advance(now)
        return Reply(True, "", id)

    def refuse(self, command: str, reason: str) -> None:
        """Let the operator see a refusal: of an event, or of a message that did not become one."""
        self._refusals += 1
        self._refused = Refusal(self._refusals, command, reason)

    def _act_on(self, event: Event, now: float) -> None:
        match event:
            case Go(expected):
                self._go(expected, now)
            case StandBy(number):
                self._standby = self._find(number, "STANDBY")
            case Goto(number):
                self._goto(self._find(number, "GOTO"), now)
            case Back():
                self._back(now)
            case Hold():
                self._hold(now)
            case Resume():
                self._resume(now)
            case Panic():
                self._panic(now)
            case Blackout(on):
                self._stage.blackout(not self._stage.blacked_out() if on is None else on, now)
            case Master(value):
                if not 0.0 <= value <= 1.0:
                    raise Refused(f"MASTER refused: {value} is not between 0 and 1.")
                self._stage.master(value, now)
            case Preload(network):
                self._preload(network)
            case Control(name, value, smoothing):
                self._control(name, value, smoothing, now)

    def _go(self, expected: str | None, now: float) -> None:
        standby = self._standby
        if self._mode is Mode.HELD:
            raise Refused("GO refused: the show is held. RESUME first.")
        if self._mode is Mode.PANIC:
            raise Refused(
                "GO refused during panic. RESUME returns to the show, or go to a cue by its number."
            )
        if self._last_go is not None and now - self._last_go < GO_INTERVAL:
            raise Refused(f"GO refused: only {now - self._last_go:.1f} s after the last one. Press again.")
        if self._followed is not None and now - self._followed[0] < GO_INTERVAL:
            ago, cue = now - self._followed[0], self._followed[1]
            after = f"Press again for cue {standby.number}." if standby else "It is the last."
            raise Refused(
                f"GO refused: cue {cue.number} has just followed by itself, {ago:.1f} s ago. {after}"
            )
        if expected is not None and (standby is None or standby.number != expected):
            found = f"cue {standby.number}" if standby else "no cue"
            raise Refused(f"GO refused: it was meant for cue {expected}, but {found} is in standby.")
        if standby is None:
            raise Refused(
                "GO refused: the last cue has played. Put a cue in standby, or go to one by its number."
            )
        self._last_go = now
        if self._next and self._next.cue:
            self._enter(self._next.cue, now)
        self._start(standby, now)

    def _goto(self, cue: Cue, now: float) -> None:
        self._new_epoch()
        self._mode = Mode.RUNNING
        self._standby = self._cue_after(cue)
        self._enter(cue, now, everything=True)

    def _back(self, now: float) -> None:
        if self._next and self._next.cue:
            self._standby = self._next.cue
            self._next = None
        else:
            self._goto(self._cue_before(), now)

    def _hold(self, now: float) -> None:
        if self._mode is Mode.PANIC:
            raise Refused("HOLD refused: panic has stopped everything already.")
        if self._mode is Mode.RUNNING:
            self._mode = Mode.HELD
            self._stage.hold(now)

    def _resume(self, now: float) -> None:
        match self._mode:
            case Mode.RUNNING:
                raise Refused("RESUME refused: nothing is held.")
            case Mode.HELD:
                held_for = self._stage.release(now)
                if self._next:
                    self._next = _Next(self._next.due + held_for, self._next.cue)
                self._sends = [(due + held_for, order, send) for due, order, send in self._sends]
            case Mode.PANIC:
                scene = self._scenes[self._current.number] if self._current else self._file.safe
                self._stage.enter(scene, now, _panic_timing, everything=True)
        self._mode = Mode.RUNNING

    def _panic(self, now: float) -> None:
        self._new_epoch()
        if self._mode is Mode.PANIC:
            self._stage.cut(self._file.safe, now)
        else:
            self._mode = Mode.PANIC
            self._stage.enter(self._file.safe, now, _panic_timing, everything=True)

    def _preload(self, network: str) -> None:
        if network not in self._networks:
            near = suggest(network, self._networks) or f" It has {', '.join(self._networks)}."
            raise Refused(f'PRELOAD refused: the rig has no network "{network[:40]}".{near}')
        self._preloads[network] = None
        self._asked += 1

    def _control(self, name: str, value: float, smoothing: float, now: float) -> None:
        if not (isfinite(value) and isfinite(smoothing)):
            raise Refused(f"control {name} refused: {value} is not a finite number.")
        if name not in self._controls:
            self._strangers.pop(name, None)
            self._strangers[name] = None
            if len(self._strangers) > MOST_STRANGERS:
                oldest = next(iter(self._strangers))
                del self._strangers[oldest]
                self._stage.forget(oldest)
        self._stage.control(name, min(max(value, -1.0), 1.0), smoothing, now)

    # cues

    def _start(self, cue: Cue, now: float) -> None:
        """GO, or a follow: the cue enters after its pre-wait, and the next one stands by at once."""
        self._standby = self._cue_after(cue)
        if cue.pre_wait > 0.0:
            self._next = _Next(now + cue.pre_wait, cue)
        else:
            self._enter(cue, now)

    def _enter(self, cue: Cue, now: float, everything: bool = False) -> None:
        self._current = cue
        scene, named = self._scenes[cue.number], cue.change.named()
        self._stage.enter(scene, now, cue.timing, named, everything)
        self._preloads.pop(scene.network, None)
        self._asked += 1
        for send in cue.sends:
            self._sent += 1
            heappush(self._sends, (now + send.delay, self._sent, send))
        after = cue.follow.after
        self._next = None if after is None else _Next(now + after, None)

    def _new_epoch(self) -> None:
        """Whatever was scheduled, or is due and was not collected yet, dies unspoken.

        But for sends that are to go out always, which are due now, and a cue in its pre-wait, which was
        called and not seen: it stands by again.
        """
        self._epoch += 1
        if self._next and self._next.cue:
            self._standby = self._next.cue
        self._next = None
        self._followed = None
        scheduled = (send for _, _, send in sorted(self._sends))
        self._effects = [send for send in (*self._effects, *scheduled) if send.always]
        self._sends.clear()

    def _find(self, number: str, command: str) -> Cue:
        cue = self._file.cues.get(number)
        if cue is None:
            near = suggest(number, (cue.number for cue in self._file.cues))
            raise Refused(f'{command} refused: there is no cue "{number[:40]}".{near}')
        return cue

    def _cue_after(self, cue: Cue) -> Cue | None:
        cues = self._file.cues
        return cues.after(cue) or (cues.first() if self._file.loop else None)

    def _cue_before(self) -> Cue:
        if self._mode is Mode.PANIC:
            raise Refused(
                "BACK refused during panic. RESUME returns to the show, or go to a cue by its number."
            )
        if self._current is None:
            raise Refused("BACK refused: no cue has played yet.")
        before = self._file.cues.before(self._current)
        if before is None:
            raise Refused(f"BACK refused: cue {self._current.number} is the first.")
        return before

    # time

    def deadline(self) -> float | None:
        """When `advance` is to be called next, or None."""
        if self._mode is Mode.HELD:
            return None
        dues = [self._sends[0][0]] if self._sends else []
        dues += [self._next.due] if self._next else []
        return min(dues, default=None)

    def advance(self, now: float) -> None:
        """Do all that is due, in order, each at its own time: a late call delays nothing that follows."""
        now = max(now, self._now)
        while (due := self.deadline()) is not None and due <= now:
            if self._sends and self._sends[0][0] == due:
                self._effects.append(heappop(self._sends)[2])
            elif self._next:
                cue = self._next.cue
                self._next = None
                if cue:
                    self._enter(cue, due)
                elif self._standby:
                    self._followed = due, self._standby
                    self._start(self._standby, due)
        self._now = now

    # what comes of it

    def take_effects(self) -> tuple[Send, ...]:
        """The messages that are due, each once."""
        effects = tuple(self._effects)
        self._effects.clear()
        return effects

    def snapshot(self) -> Snapshot:
        number = self._current.number if self._current else ""
        return self._stage.snapshot(number, self._epoch, self._event, self._wanted(), self._asked)

    def _wanted(self) -> tuple[str, ...]:
        """The networks that are to be ready, the most urgent first: on stage, in standby, asked for, safe."""
        wanted = list(self._stage.networks(self._now))
        if self._next and self._next.cue:
            wanted.append(self._scenes[self._next.cue.number].network)
        if self._standby:
            wanted.append(self._scenes[self._standby.number].network)
        if self._current:
            wanted += self._current.preload
        return tuple(dict.fromkeys((*wanted, *self._preloads, self._file.safe.network)))

    def status(self, now: float) -> Status:
        now = max(now, self._now)
        fade = self._stage.fading(now)
        return Status(
            mode=self._mode,
            current=CueTitle.of(self._current),
            standby=CueTitle.of(self._standby),
            pending=self._pending(now),
            fade=Fade(*fade) if fade else None,
            blackout=self._stage.blacked_out(),
            master=self._stage.grand_master(),
            controls=self._stage.controls(now),
            refused=self._refused,
            epoch=self._epoch,
        )

    def _pending(self, now: float) -> Pending | None:
        cue = self._next and (self._next.cue or self._standby)
        if not self._next or not cue:
            return None
        clock = now if self._stage.held_at is None else self._stage.held_at
        return Pending(cue.number, max(self._next.due - clock, 0.0))


def _panic_timing(part: str) -> tuple[float, Curve]:
    """Panic, and the way back from it, take the same time for every part."""
    return PANIC_SECONDS, Curve.SMOOTH
