"""What subscribers are told when the show has changed: not the values, only what is worth asking for again.

QLab sends /update/workspace/{id} (the workspace), .../cue_id/{id} (a cue, or a list with other children) and
.../cueList/{id}/playbackPosition {cue id}, without an argument where the playhead stands nowhere (OSC
dictionary, "update format"). Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from server.qlab.names import NOBODY
from server.qlab.sheet import Sheet
from show_control.events import DeskMode

MAX_CUES = 64  # that are told one by one; where more have changed, the list is told

Update = tuple[str, tuple[str, ...]]
"""Address and arguments."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What subscribers were last told of."""

    sheet: Sheet
    running: dict[str, str]  # id of a cue -> in which phase it is, and whether it is held

    @classmethod
    def of(cls, sheet: Sheet) -> "Seen":
        runs = ((sheet.workspace.by_number.get(run.number), run) for run in sheet.status.running)
        held = " held" if sheet.held else ""
        return cls(sheet, {place.id: run.phase + held for place, run in runs if place is not None})


def updates(before: Seen, after: Seen) -> Iterator[Update]:
    """From what was seen before to what is seen now."""
    was, now = before.sheet.workspace, after.sheet.workspace
    top = f"/update/workspace/{now.id}"
    cues = [id for id in before.running | after.running if before.running.get(id) != after.running.get(id)]
    listed = bool(before.running) != bool(after.running)
    if was.file is not now.file:
        same = [place.id for place in was.by_id.values()] == [place.id for place in now.by_id.values()]
        changed = [id for id, place in now.by_id.items() if id in was.by_id and place != was.by_id[id]]
        if same and len(changed) <= MAX_CUES:
            cues += changed
        else:
            listed = True
    if was.file is not now.file or _shown(before) != _shown(after):
        yield top, ()
    if listed:
        yield f"{top}/cue_id/{now.list_id}", ()
    for id in dict.fromkeys(cues):
        if id in now.by_id:
            yield f"{top}/cue_id/{id}", ()
    if (id := after.sheet.playhead_id) != before.sheet.playhead_id:
        yield f"{top}/cueList/{now.list_id}/playbackPosition", () if id == NOBODY else (id,)


def _shown(seen: Seen) -> bool:
    return seen.sheet.status.desk is DeskMode.SHOW
