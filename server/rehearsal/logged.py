"""Runs that say what becomes of each cue. Everything else they do as all runs do."""

from collections.abc import Collection, Iterable

from server.rehearsal.log import Log
from show_control.agenda import Moment
from show_control.cue import Cue
from show_control.effects import Effect, closes
from show_control.listening import Listening
from show_control.run import Doing, Phase, Run
from show_control.runs import Runs


class LoggedRuns(Runs):
    """To be given to a `Show`. The log's `at` is the caller's to set."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log
        self._told = 0  # how many of the effects that nobody has collected yet are in the log

    def start(
        self, cue: Cue, now: float, parent: Run | None = None, *, sought: bool = False, aside: bool = False
    ) -> Run:
        run = super().start(cue, now, parent, sought=sought, aside=aside)
        if cue.pre_wait > 0.0 and not sought:
            self._log.cue(cue, "wait", f"{cue.pre_wait:g} s")
        return run

    def acts(self, run: Run, now: float, armed: bool) -> None:
        self._log.cue(run.cue, "act" if armed else "disarmed", run.cue.name)
        super().acts(run, now, armed)
        self._tell(run.cue)

    def tend(self, run: Run, effects: Iterable[Effect] = ()) -> None:
        super().tend(run, effects)
        self._tell(run.cue)

    def emit(self, moment: Moment) -> None:
        super().emit(moment)
        self._tell(moment.run.cue)

    def complete(self, run: Run, now: float) -> bool:
        complete = super().complete(run, now)
        if complete:
            if run.doing is not None and run.doing.failure:
                self._log.cue(run.cue, "failed", run.doing.failure)
            self._log.cue(run.cue, "done", outcome(run.doing))
            self._tell(run.cue)
        return complete

    def take_effects(self) -> tuple[Effect, ...]:
        self._told = 0
        return super().take_effects()

    def clear(self, unheard: bool) -> None:
        if unheard:  # what is left of those that nobody has collected
            self._told = sum(1 for effect in self._effects if closes(effect))
        super().clear(unheard)

    def _quit(self, runs: Collection[Run]) -> None:
        for run in self:
            if run.within(runs) and run.phase in (Phase.WAITING, Phase.ACTING):
                self._log.cue(run.cue, "stopped")
        super()._quit(runs)
        self._tell(None)

    def _tell(self, cue: Cue | None) -> None:
        """Those effects that have come since the last time."""
        for effect in self._effects[self._told :]:
            self._log.effect(cue, effect)
        self._told = len(self._effects)


def outcome(doing: Doing | None) -> str:
    """How a line ended: SAID, NOT_SAID or the answer that is kept; "" for other cues."""
    match doing:
        case Listening(answer=answer) if answer:
            return f"answer: {answer}"
        case Listening(heard=heard):
            return SAID if heard.matched else NOT_SAID
    return ""


SAID, NOT_SAID = "said", "not said"
