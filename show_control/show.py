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

A second panic is the one exception. Fades from and to clips obey all this; clips themselves
move in steps, as they were made.

An adopted show file changes nothing on stage: what has changed of its directions and bends fades, under a
name of its own, when the next look takes it away, and counts in the bound for so long.

What belongs to whom: `picture` knows scenes, `runs` what has been started, `script` lines and answers,
`transport` the list (standby, the lead whose follow counts, go, back, goto), `acting` what a cue does when it
acts, `adoption` whether another show file may take this one's place.
"""

from collections.abc import Collection
from dataclasses import dataclass

from show_control import events
from show_control.acting import Actor
from show_control.adoption import successor
from show_control.agenda import Due
from show_control.effects import Effect
from show_control.errors import Refused
from show_control.events import DeskMode, Event
from show_control.hearing import hear, level, played, skip, take
from show_control.look import MAIN, Scene
from show_control.picture import MOST_STRANGERS, PANIC_SECONDS, Picture
from show_control.run import Phase
from show_control.runs import Runs
from show_control.script import Script
from show_control.showfile import ShowFile
from show_control.snapshot import Snapshot
from show_control.status import CueTitle, Fade, Mode, Refusal, Status
from show_control.transport import GO_INTERVAL, Transport
from show_control.view import ears, lines, pending, running

__all__ = ["GO_INTERVAL", "MOST_STRANGERS", "PANIC_SECONDS", "Reply", "Show"]

QUIET = (
    events.Control
    | events.Master
    | events.Tweak
    | events.Blackout
    | events.Speech
    | events.PlayFinished
    | events.Note
)
"""Events that take no refusal and no failure off the operator's page: they come without a decision."""

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of an event; `reason` says why it was refused. `event` is the id it came with."""

    ok: bool
    reason: str = ""
    event: int = 0


class Show:
    """One show being played. Not thread-safe: it has a single writer.

    `networks` are those that the rig has; no other can be preloaded. `runs` may be a kind that keeps a log.
    """

    def __init__(
        self, file: ShowFile, now: float, networks: Collection[str] = (MAIN,), runs: Runs | None = None
    ) -> None:
        self._networks = tuple(networks)
        self._runs = runs or Runs()
        self._desk = DeskMode.EDIT
        self._refusals = 0
        self._event = 0
        self._now = now
        self._begin(file, now)

    def _begin(self, file: ShowFile, now: float) -> None:
        """All that is of one audience: before the first cue, in the safe look."""
        self._file = file
        self._picture = Picture(file, self._networks, now)
        self._script = Script(file)
        self._transport = Transport(file, self._picture, self._runs)
        self._actor = Actor(file, self._picture, self._runs, self._script, self._transport)
        self._refused: Refusal | None = None
        self._notes = 0

    @property
    def file(self) -> ShowFile:
        """The show file that is played: the first, or the one that was adopted last."""
        return self._file

    @property
    def scene(self) -> Scene:
        """What the stage fades to, or is in."""
        return self._picture.stage.scene

    def refuses(self, text: str) -> str:
        """Why a show file would not be adopted now; "" where it would."""
        try:
            successor(text, self._file.name, self._desk, self._runs)
        except Refused as refusal:
            return str(refusal)
        return ""

    # what happens

    def receive(self, event: Event, now: float, id: int = 0) -> Reply:
        """Let an event act at `now`, after all that was due before it."""
        self.advance(now)
        self._event = max(self._event, id)
        try:
            self._act_on(event, self._now)
        except Refused as refusal:
            if not isinstance(event, events.Control):
                self.refuse(type(event).__name__.lower(), str(refusal))
            return Reply(False, str(refusal), id)
        if not isinstance(event, QUIET):
            self._refused = self._actor.failed = None
        self.advance(now)
        return Reply(True, "", id)

    def refuse(self, command: str, reason: str) -> None:
        """Let the operator see a refusal: of an event, or of a message that did not become one."""
        self._refusals += 1
        self._refused = Refusal(self._refusals, command, reason)

    def _act_on(self, event: Event, now: float) -> None:
        transport, stage = self._transport, self._picture.stage
        match event:
            case events.Control(name, value, smoothing):
                self._control(name, value, smoothing, now)
            case events.Go(expected):
                transport.go(expected, now)
            case events.StandBy(number):
                transport.standby = transport.find(number, "STANDBY")
            case events.Goto(number):
                transport.goto(transport.find(number, "GOTO"), now)
            case events.Fire(number):
                transport.fire(number, now)
            case events.Back():
                transport.back(now)
            case events.Hold():
                transport.hold(now)
            case events.Resume():
                transport.resume(now)
            case events.Panic():
                transport.panic(now)
            case events.Stop(number):
                transport.stop(number, now)
            case events.Speech(role, text, final):
                hear(self._runs, role, text, final, transport.clock(now))
                self._script.utterances.hear(role, text, final)
            case events.PlayFinished(role, file):
                played(self._runs, role, file, transport.clock(now))
            case events.Take(expected):
                transport.free("TAKE")
                take(self._runs, expected, now)
            case events.Skip(expected):
                transport.free("SKIP")
                skip(self._runs, expected, now)
            case events.Blackout(on):
                stage.blackout(not stage.blacked_out() if on is None else on, now)
            case events.Master(value):
                if not 0.0 <= value <= 1.0:
                    raise Refused(f"MASTER refused: {value} is not between 0 and 1.")
                stage.master(value, now)
            case events.Tweak(part, value):
                self._tweak(part, value, now)
            case events.Preload(network):
                self._picture.preload(network)
            case events.Desk(mode):
                self._desk = mode
            case events.Note(text):
                if len(text) > LONGEST_NOTE:
                    raise Refused(
                        f"NOTE refused: it has {len(text)} characters; {LONGEST_NOTE} are kept at most."
                    )
                if not text.strip():
                    raise Refused("NOTE refused: it says nothing.")
                self._notes += 1
            case events.Adopt(text):
                self._adopt(text, now)
            case events.Reset():
                self._reset(now)

    def _control(self, name: str, value: float, smoothing: float, now: float) -> None:
        value = self._picture.control(name, value, smoothing, now)
        if name in self._file.gated:
            level(self._runs, name, value, self._transport.clock(now))

    def _tweak(self, part: str, value: float, now: float) -> None:
        if self._desk is DeskMode.SHOW:
            raise Refused("TWEAK refused: the desk is in show mode. Put it in edit or rehearsal first.")
        self._transport.calm("TWEAK")
        self._picture.tweak(part, value, now)

    def _adopt(self, text: str, now: float) -> None:
        if text == self._file.text:
            return
        file = successor(text, self._file.name, self._desk, self._runs)
        self._picture.adopt(file, now)
        self._script.adopt(file)
        self._transport.adopt(file)
        self._actor.adopt(file)
        self._file = file

    def _reset(self, now: float) -> None:
        self._transport.stop(None, now)
        epoch, stage = self._transport.epoch, self._picture.stage
        self._begin(self._file, now)
        self._transport.epoch = epoch
        self._picture.stage.come_from(stage, now, PANIC_SECONDS)

    # time

    def deadline(self) -> float | None:
        """When `advance` is to be called next, or None."""
        return None if self._transport.mode is Mode.HELD else self._runs.agenda.next

    def advance(self, now: float) -> None:
        """Do all that is due, in order, each at its own time: a late call delays nothing that follows."""
        now = max(now, self._now)
        while (due := self.deadline()) is not None and due <= now:
            moment = self._runs.agenda.pop()
            run = moment.run
            match moment.what:
                case Due.ACT:
                    self._actor.act(run, due)
                case Due.EMIT:
                    self._runs.emit(moment)
                case Due.WAKE:
                    self._runs.wake(run, due)
                case Due.OVER:
                    if self._runs.complete(run, due):
                        self._actor.over(run, due)
                case Due.END:
                    self._runs.end(run, due)
                case Due.FOLLOW:
                    self._transport.follow(run, due)
        self._now = now

    # what comes of it

    def take_effects(self) -> tuple[Effect, ...]:
        """What is due to go out, each once."""
        return self._runs.take_effects()

    def snapshot(self) -> Snapshot:
        transport = self._transport
        lead, standby = transport.lead, transport.standby
        coming = [lead.cue] if lead and lead.phase is Phase.WAITING else []
        coming += [run.cue for run in self._runs if run.cue.cues]
        coming += [standby] if standby else []
        return self._picture.snapshot(transport.current, coming, transport.epoch, self._event, self._now)

    def overlay(self, now: float) -> float:
        """What dims everything at this moment: grand master times blackout, 0..1."""
        return self._picture.stage.overlay(max(now, self._now))

    def control(self, name: str, now: float) -> float | None:
        """A control as it is at this moment; None for one that was not heard of."""
        return self._picture.stage.control_at(name, max(now, self._now))

    def status(self, now: float) -> Status:
        now = max(now, self._now)
        transport, stage = self._transport, self._picture.stage
        clock = transport.clock(now)
        fade = stage.fading(now)
        line, next_line = lines(self._runs, self._script, transport.current, self._actor.disarmed)
        return Status(
            mode=transport.mode,
            current=CueTitle.of(transport.current),
            standby=CueTitle.of(transport.standby),
            pending=pending(self._runs, transport.lead, transport.standby, clock),
            fade=Fade(*fade) if fade else None,
            blackout=stage.blacked_out(),
            master=stage.grand_master(),
            controls=stage.controls(now),
            refused=self._refused,
            epoch=transport.epoch,
            desk=self._desk,
            running=running(self._runs, clock),
            failed=self._actor.failed,
            line=line,
            next_line=next_line,
            answers=dict(self._script.answers),
            notes=self._notes,
            ears=ears(self._runs),
            armed_at=transport.armed_at,
            look=self._picture.look(),
        )
