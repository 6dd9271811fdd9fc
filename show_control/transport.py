"""The transport: the list of cues, what stands by, what leads; whether the show runs, is held or in panic."""

from collections.abc import Iterable

from show_control.cue import Again, Cue
from show_control.errors import Refused, suggest
from show_control.picture import Picture
from show_control.run import Phase, Run
from show_control.runs import Runs
from show_control.showfile import ShowFile
from show_control.status import Mode

GO_INTERVAL = 0.5


class Transport:
    """What the operator commands, and what follows by itself. Methods raise Refused, and then change nothing.

    `lead` is the last run that was started from the list: only its follow counts. `epoch` rises with
    whatever silences all that was scheduled.
    """

    def __init__(self, file: ShowFile, picture: Picture, runs: Runs) -> None:
        self.mode = Mode.RUNNING
        self.epoch = 0
        self.current: Cue | None = None
        self.standby = file.cues.first()
        self.lead: Run | None = None
        self._cues = file.cues
        self._loop = file.loop
        self._picture = picture
        self._runs = runs
        self._last_go: float | None = None
        self._followed: tuple[float, Cue] | None = None

    # commands

    def go(self, expected: str | None, now: float) -> None:
        standby = self.standby
        self.free("GO")
        if self.mode is Mode.PANIC:
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
        if standby.again is Again.IGNORE and self._runs.busy(standby):
            raise Refused(f"GO refused: cue {standby.number} still runs, and is not to start twice.")
        self._last_go = now
        if self.lead and self.lead.phase is Phase.WAITING:
            self._runs.act_now(self.lead, now)
        self._start(standby, now)

    def goto(self, cue: Cue, now: float) -> None:
        self._new_epoch()
        self.mode = Mode.RUNNING
        self._seek(cue, now)

    def fire(self, number: str, now: float) -> None:
        self.calm("FIRE")
        cue = self._cues.every.get(number)
        if cue is None:
            raise Refused(f'FIRE refused: there is no cue "{number[:40]}".{self._near(number)}')
        if self._runs.get(number) is not None:
            raise Refused(f"FIRE refused: cue {number} runs. STOP it first.")
        self._runs.start(cue, now, aside=True)

    def back(self, now: float) -> None:
        if self.lead and self.lead.phase is Phase.WAITING:
            self.end([self.lead], now)
        else:
            self.goto(self._cue_before(), now)

    def hold(self, now: float) -> None:
        if self.mode is Mode.PANIC:
            raise Refused("HOLD refused: panic has stopped everything already.")
        if self.mode is Mode.RUNNING:
            self.mode = Mode.HELD
            self._picture.stage.hold(now)

    def resume(self, now: float) -> None:
        match self.mode:
            case Mode.RUNNING:
                raise Refused("RESUME refused: nothing is held.")
            case Mode.HELD:
                self._runs.shift(self._picture.stage.release(now))
            case Mode.PANIC:
                self._picture.leave_panic(self.current, now)
        self.mode = Mode.RUNNING

    def panic(self, now: float) -> None:
        self._new_epoch()
        if self.mode is Mode.PANIC:
            self._picture.cut(now)
        else:
            self.mode = Mode.PANIC
            self._picture.panic(now)

    def stop(self, number: str | None, now: float) -> None:
        if number is None:
            self._new_epoch()
        elif (run := self._runs.get(number)) is not None:
            self.end([run], self.clock(now))
        elif number in self._cues.every:
            raise Refused(f"STOP refused: cue {number} is not running.")
        else:
            raise Refused(f'STOP refused: there is no cue "{number[:40]}".{self._near(number)}')

    def free(self, command: str) -> None:
        if self.mode is Mode.HELD:
            raise Refused(f"{command} refused: the show is held. RESUME first.")

    @property
    def armed_at(self) -> float | None:
        """When `go` is no longer too soon after another, or after a follow; None where there was neither."""
        last = (self._last_go, self._followed[0] if self._followed else None)
        return max((at + GO_INTERVAL for at in last if at is not None), default=None)

    def calm(self, command: str) -> None:
        self.free(command)
        if self.mode is Mode.PANIC:
            raise Refused(f"{command} refused during panic. RESUME returns to the show.")

    # the list

    def adopt(self, file: ShowFile) -> None:
        """Another list: what stands by and what is on stage keep their numbers.

        Where the number that stood by is gone, or nothing did, the next one after that place stands by.
        """
        self._cues, self._loop = file.cues, file.loop
        if self.standby is not None:
            self.standby = self._cues.get(self.standby.number) or self._cue_after(self.standby)
        elif last := self.lead.cue if self.lead else self.current:
            self.standby = self._cue_after(last)
        if self.current is not None:
            self.current = self._cues.get(self.current.number) or self.current

    def _start(self, cue: Cue, now: float) -> None:
        """GO, or a follow: the cue acts after its pre-wait, and the next one stands by at once."""
        self.standby = self._cue_after(cue)
        running = self._runs.get(cue.number)
        if running and cue.again is Again.IGNORE and self._runs.busy(cue):
            self._lead_with(running)
        else:
            self._lead_with(self._runs.start(cue, now))

    def _seek(self, cue: Cue, now: float) -> None:
        self.standby = self._cue_after(cue)
        self._lead_with(self._runs.start(cue, now, sought=True))

    def _lead_with(self, run: Run) -> None:
        if self.lead is not None and self.lead is not run:
            self._runs.unfollow(self.lead)
        self.lead = run

    def end(self, runs: Iterable[Run], now: float) -> None:
        """End runs. A cue of the list in its pre-wait was called and not seen: it stands by again."""
        stopped = tuple(runs)
        lead = self.lead
        if lead is not None and lead.within(stopped):
            if lead.phase is Phase.WAITING:
                self.standby = lead.cue
            self.lead = None
        self._runs.stop(stopped, now)

    def _new_epoch(self, unheard: bool = True) -> None:
        """Whatever was scheduled dies unspoken; with `unheard`, so does what was due and not collected yet.

        But for what ends what was begun, which goes out now. A cue in its pre-wait stands by again.
        """
        self.epoch += 1
        if self.lead and self.lead.phase is Phase.WAITING:
            self.standby = self.lead.cue
        self.lead = None
        self._followed = None
        self._runs.clear(unheard)

    def find(self, number: str, command: str) -> Cue:
        cue = self._cues.get(number)
        if cue is None and number in self._cues.every:
            group = next(cue for cue in self._cues if any(part.number == number for part in cue.family()))
            raise Refused(f"{command} refused: cue {number} is a part of the group {group.number}.")
        if cue is None:
            raise Refused(f'{command} refused: there is no cue "{number[:40]}".{self._near(number)}')
        return cue

    def _near(self, number: str) -> str:
        return suggest(number, self._cues.every)

    def _cue_after(self, cue: Cue) -> Cue | None:
        return self._cues.after(cue) or (self._cues.first() if self._loop else None)

    def _cue_before(self) -> Cue:
        if self.mode is Mode.PANIC:
            raise Refused(
                "BACK refused during panic. RESUME returns to the show, or go to a cue by its number."
            )
        if self.current is None:
            raise Refused("BACK refused: no cue has played yet.")
        before = self._cues.before(self.current)
        if before is None:
            raise Refused(f"BACK refused: cue {self.current.number} is the first.")
        return before

    # what comes by itself

    def jump(self, to: str, now: float) -> None:
        self._new_epoch(unheard=False)
        if cue := self._cues.get(to):
            self._followed = now, cue
            self._seek(cue, now)

    def follow(self, run: Run, now: float) -> None:
        """What follows a run: the next of its group or, after the lead, what stands by."""
        self._runs.followed(run)
        parent = run.parent
        if parent is not None:
            self._runs.lead_on(parent, now)
        elif run is self.lead and self.standby:
            self._followed = now, self.standby
            self._start(self.standby, now)

    def clock(self, now: float) -> float:
        """The time of fades and runs, which a hold stops."""
        held_at = self._picture.stage.held_at
        return now if held_at is None else held_at
