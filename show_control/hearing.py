"""What comes from the room and from the operator, to the runs that wait for it."""

from show_control.errors import Refused
from show_control.gate import Watching
from show_control.listening import Listening
from show_control.plays import Plays
from show_control.run import Phase, Run
from show_control.runs import Runs


def hear(runs: Runs, role: str, text: str, final: bool, now: float) -> None:
    """A guest speaks: their line hears it. What is said while no line of theirs waits is just talk."""
    for run in runs:
        match run:
            case Run(phase=Phase.ACTING, doing=Listening() as listening) if listening.line.speaker == role:
                runs.tend(run, listening.hear(text, final, now))


def played(runs: Runs, role: str, file: str | None, now: float) -> None:
    """A guest's player has finished: the oldest that waits for it goes on; a named `file` has to be its."""
    for run in runs:
        match run:
            case Run(phase=Phase.ACTING, doing=Plays() | Listening() as doing) if doing.finished(
                role, file, now
            ):
                runs.tend(run)
                return


def level(runs: Runs, control: str, value: float, now: float) -> None:
    """A control has moved: gates that wait for it look."""
    for run in runs:
        match run:
            case Run(phase=Phase.ACTING, doing=Watching() as gate) if gate.gate.control == control:
                gate.level(value, now)
                runs.tend(run)


def take(runs: Runs, expected: str | None, now: float) -> None:
    """The newest that waits for somebody waits no longer. Raises Refused, also where it is not `expected`."""
    for run in reversed(tuple(runs)):
        match run:
            case Run(phase=Phase.ACTING, doing=Listening() | Watching() | Plays() as doing):
                _meant("TAKE", expected, run)
                doing.take(now)
                runs.tend(run)
                return
    raise Refused("TAKE refused: no line, gate or file in an ear is waited for.")


def skip(runs: Runs, expected: str | None, now: float) -> None:
    """The newest line is passed over. Raises Refused, also where it is not `expected`."""
    for run in reversed(tuple(runs)):
        match run:
            case Run(phase=Phase.ACTING, doing=Listening() as line):
                _meant("SKIP", expected, run)
                line.skip(now)
                runs.tend(run)
                return
    raise Refused("SKIP refused: no line is waited for.")


def _meant(command: str, expected: str | None, run: Run) -> None:
    if expected is not None and expected != run.cue.number:
        raise Refused(
            f"{command} refused: it was meant for cue {expected}, but cue {run.cue.number} is waited for now."
        )
