"""Whether another show file may take the place of the one that is played."""

from collections.abc import Iterable

from show_control.errors import Refused, ShowFileError
from show_control.events import DeskMode
from show_control.run import Run
from show_control.showfile import ShowFile, parse_show


def successor(text: str, name: str, desk: DeskMode, runs: Iterable[Run]) -> ShowFile:
    """The show file that `text` is. Raises Refused, and says why it cannot be adopted now."""
    if desk is DeskMode.SHOW:
        raise Refused("ADOPT refused: the desk is in show mode. Put it in edit or rehearsal first.")
    try:
        file = parse_show(text, name)
    except ShowFileError as error:
        first, *others = error.problems
        more = f" Of {len(others) + 1} problems this is the first." if others else ""
        raise Refused(f"ADOPT refused: {first}.{more}") from error
    for run in runs:
        listed = file.cues.every if run.parent or run.aside else file.cues
        cue = listed.get(run.cue.number)
        if cue != run.cue:
            fate = "would be gone" if cue is None else "would change"
            raise Refused(
                f"ADOPT refused: cue {run.cue.number} runs, and {fate}. "
                "STOP it, or try again when it has ended."
            )
    return file
