"""Runs and lines as the operator sees them."""

from collections.abc import Collection

from show_control.actions import Line
from show_control.agenda import Due
from show_control.cue import Cue
from show_control.listening import Listening
from show_control.plays import Plays
from show_control.run import Phase, Run
from show_control.runs import Runs
from show_control.script import Script
from show_control.status import Ear, LineNow, Pending, Running


def running(runs: Runs, clock: float) -> tuple[Running, ...]:
    """Every run; `clock` stands still while the show is held."""
    return tuple(_running(runs, run, clock) for run in runs)


def pending(runs: Runs, lead: Run | None, standby: Cue | None, clock: float) -> Pending | None:
    """The cue that the list will start by itself."""
    if lead is None:
        return None
    if lead.phase is Phase.WAITING:
        due, cue = runs.agenda.when(Due.ACT, lead), lead.cue
    elif standby is not None:
        due, cue = _follows_at(runs, lead), standby
    else:
        return None
    return None if due is None else Pending(cue.number, max(due - clock, 0.0))


def lines(
    runs: Runs, script: Script, current: Cue | None, disarmed: Collection[str]
) -> tuple[LineNow | None, LineNow | None]:
    """The newest line that waits for its speaker, and the one that comes after it in the list."""
    now, place = None, current
    for run in runs:
        if run.phase is Phase.ACTING and isinstance(run.doing, Listening):
            now, place = _line_now(run.cue, run.doing), run.cue
    following = script.line_after(place, disarmed)
    if following is None or not isinstance(line := following.action, Line):
        return now, None
    return now, _line_now(following, script.listen(line))


def ears(runs: Runs) -> tuple[Ear, ...]:
    """What plays in ears, and is waited for."""
    return tuple(
        Ear(item.to, item.file, item.text)
        for run in runs
        if run.phase is Phase.ACTING and isinstance(run.doing, Plays | Listening)
        for item in run.doing.playing
    )


def _line_now(cue: Cue, listening: Listening) -> LineNow:
    heard, line, words = listening.heard, listening.line, listening.words
    # Of the first wording there may be more left than the easier one has words.
    said = words if line.open and heard.matched else max(words - heard.words_left, 0)
    return LineNow(cue.number, line.speaker, listening.shown, line.open, heard.progress, said, words)


def _follows_at(runs: Runs, lead: Run) -> float | None:
    if lead.cue.follow.done and lead.phase is Phase.ACTING:
        return None if lead.over_at is None else lead.over_at + lead.cue.post_wait
    return runs.agenda.when(Due.END if lead.cue.follow.done else Due.FOLLOW, lead)


def _running(runs: Runs, run: Run, clock: float) -> Running:
    cue, doing, due, progress = run.cue, run.doing, run.over_at, None
    match run.phase:
        case Phase.WAITING:
            due = runs.agenda.when(Due.ACT, run)
        case Phase.ACTING if doing is not None and due is None:
            due = doing.deadline()
        case Phase.ACTING if cue.cues:
            progress = (run.place - run.open) / len(cue.cues)
        case Phase.AFTER | Phase.ENDED:
            due = runs.agenda.last(run)
    if isinstance(doing, Listening):
        progress = doing.heard.progress
    elif progress is None and due is not None and run.phase in (Phase.WAITING, Phase.ACTING):
        whole = due - run.began
        progress = min(max((clock - run.began) / whole, 0.0), 1.0) if whole > 0.0 else 1.0
    phase = Phase.AFTER if run.phase is Phase.ENDED else run.phase
    remaining = None if due is None else max(due - clock, 0.0)
    return Running(cue.number, cue.name, cue.action.kind, phase.value, remaining, progress)
