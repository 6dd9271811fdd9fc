"""All cues that run: how they begin, what they wait for, how they end. It knows neither picture nor list.

Everything that is to happen by time alone is a moment of the agenda, even what is due at once; so nothing
recurses, and what happens at one time happens in the order in which it was asked for.
"""

from collections.abc import Collection, Iterable, Iterator

from show_control.agenda import Agenda, Due, Moment
from show_control.cue import Cue, Group, Order
from show_control.effects import Effect, closes
from show_control.run import Doing, Phase, Run


class Runs:
    """At most one run of each cue: who starts a cue again ends what is left of it. `now` is in seconds."""

    def __init__(self) -> None:
        self.agenda = Agenda()
        self._runs: dict[str, Run] = {}
        self._effects: list[Effect] = []

    def __iter__(self) -> Iterator[Run]:
        """From the oldest to the newest."""
        return iter(tuple(self._runs.values()))

    def get(self, number: str) -> Run | None:
        return self._runs.get(number)

    def busy(self, cue: Cue) -> bool:
        """Whether the cue waits or acts."""
        run = self._runs.get(cue.number)
        return run is not None and run.phase in (Phase.WAITING, Phase.ACTING)

    def take_effects(self) -> tuple[Effect, ...]:
        effects = tuple(self._effects)
        self._effects.clear()
        return effects

    # the life of a run

    def start(
        self, cue: Cue, now: float, parent: Run | None = None, *, sought: bool = False, aside: bool = False
    ) -> Run:
        """The cue will act after its pre-wait, or in this moment if it was `sought`."""
        if old := self._runs.get(cue.number):
            self._quit([old])
        run = self._runs[cue.number] = Run(cue, parent, sought, aside, now)
        self.agenda.at(now if sought else now + cue.pre_wait, Due.ACT, run)
        return run

    def act_now(self, run: Run, now: float) -> None:
        """End a run's pre-wait."""
        self.agenda.drop(lambda moment: moment.run is run and moment.what is Due.ACT)
        self.agenda.at(now, Due.ACT, run)

    def acts(self, run: Run, now: float, armed: bool) -> None:
        """The run acts: its sends and its follow are on their way. What it does, others say: `over`, `do`."""
        run.phase, run.began = Phase.ACTING, now
        for send in run.cue.sends if armed else ():
            if send.delay == 0.0:
                self._effects.append(send)
            else:
                self._owe(now + send.delay, Due.EMIT, run, send)
        if run.cue.follow.after is not None:
            self._owe(now + run.cue.follow.after, Due.FOLLOW, run)

    def over(self, run: Run, at: float) -> None:
        """Its action is complete at this time."""
        run.over_at = at
        self.agenda.at(at, Due.OVER, run)

    def do(self, run: Run, doing: Doing, now: float) -> None:
        """Its action is something that takes its own time."""
        run.doing = doing
        self._effects += doing.begin(now)
        self.tend(run)

    def tend(self, run: Run, effects: Iterable[Effect] = ()) -> None:
        """Something has happened to what the run is doing: look when it needs to be called."""
        self._effects += effects
        doing = run.doing
        if doing is None or run.phase is not Phase.ACTING:
            return
        if doing.over_at is not None:
            if doing.over_at != run.over_at:
                self.over(run, doing.over_at)
            return
        deadline = doing.deadline()
        if deadline is not None and (run.wakes_at is None or deadline < run.wakes_at):
            run.wakes_at = deadline
            self.agenda.at(deadline, Due.WAKE, run)

    def lead_on(self, run: Run, now: float) -> None:
        """Start the next cue of a group that acts: all of them, where they are together."""
        group = run.cue.action
        if run.phase is not Phase.ACTING or not isinstance(group, Group):
            return
        at_once = len(group.cues) if group.order is Order.TOGETHER else 1
        for cue in group.cues[run.place : run.place + at_once]:
            run.place += 1
            run.open += 1
            self.start(cue, now, run)

    # moments

    def emit(self, moment: Moment) -> None:
        if moment.effect is not None:
            self._effects.append(moment.effect)
        self._settle(moment.run)

    def wake(self, run: Run, now: float) -> None:
        """Its deadline may have come: it may have moved since."""
        run.wakes_at = None
        if run.phase is not Phase.ACTING or run.doing is None:
            return
        deadline = run.doing.deadline()
        due = deadline is not None and deadline <= now
        self.tend(run, run.doing.wake(now) if due else ())

    def complete(self, run: Run, now: float) -> bool:
        """Its action is over. False where it has been already, or is so later."""
        if run.phase is not Phase.ACTING or run.over_at is None or run.over_at > now:
            return False
        run.phase = Phase.AFTER
        if run.doing is not None:
            self._effects += run.doing.close()
        self.agenda.at(now + run.cue.post_wait, Due.END, run)
        return True

    def end(self, run: Run, now: float) -> None:
        """Its post-wait is over: it has ended, but for what it still owes."""
        run.phase = Phase.ENDED
        if run.cue.follow.done:
            self._owe(now, Due.FOLLOW, run)
        self._leave(run, now)
        self._retire(run)

    def unfollow(self, run: Run) -> None:
        """What would have followed it comes otherwise."""
        for _ in self.agenda.drop(lambda moment: moment.run is run and moment.what is Due.FOLLOW):
            self._settle(run)

    def followed(self, run: Run) -> None:
        run.led = True
        self._settle(run)

    # ending before the time

    def stop(self, runs: Iterable[Run], now: float) -> None:
        """End runs; a group goes on without those of its cues."""
        stopped = dict.fromkeys(runs)
        self._quit(stopped)
        for run in stopped:
            parent = run.parent
            if parent is None or parent.phase is not Phase.ACTING or parent.within(stopped):
                continue
            if run.phase is not Phase.ENDED:
                self._leave(run, now)
            if not run.led:
                self.lead_on(parent, now)

    def clear(self, unheard: bool) -> None:
        """A new epoch: every run dies, and what it had scheduled. What closes goes out in this moment.

        With `unheard`, what was due already and has not been collected yet dies too.
        """
        if unheard:
            self._effects = [effect for effect in self._effects if closes(effect)]
        self._quit(set(self._runs.values()))
        self.agenda.drop(lambda moment: True)  # of runs that have ended: nothing may wake for them

    def shift(self, dt: float) -> None:
        """The show was held for `dt` seconds."""
        self.agenda.shift(dt)
        for run in self._runs.values():
            run.shift(dt)

    # inside

    def _owe(self, due: float, what: Due, run: Run, effect: Effect | None = None) -> None:
        run.owed += 1
        self.agenda.at(due, what, run, effect)

    def _settle(self, run: Run) -> None:
        run.owed -= 1
        self._retire(run)

    def _retire(self, run: Run) -> None:
        if run.phase is Phase.ENDED and run.owed == 0 and self._runs.get(run.cue.number) is run:
            del self._runs[run.cue.number]

    def _leave(self, run: Run, now: float) -> None:
        """Its group has one less to wait for."""
        group = run.parent
        if group is None or group.phase is not Phase.ACTING:
            return
        group.open -= 1
        self._gathered(group, now)

    def _gathered(self, run: Run, now: float) -> None:
        if run.open == 0 and run.place == len(run.cue.cues):
            self.over(run, now)

    def _quit(self, runs: Collection[Run]) -> None:
        gone = {run for run in self._runs.values() if run.within(runs)}
        dropped = self.agenda.drop(lambda moment: moment.run in gone)
        self._effects += [m.effect for m in dropped if m.effect is not None and closes(m.effect)]
        for run in [run for run in self._runs.values() if run in gone]:
            if run.phase is Phase.ACTING and run.doing is not None:
                self._effects += run.doing.close()
            del self._runs[run.cue.number]
