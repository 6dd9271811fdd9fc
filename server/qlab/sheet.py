"""The show at one moment, in the words of QLab's dictionary: cues as JSON, and what is asked of one by key.

QLab 5 names the keys (its OSC dictionary: "cue messages"); Bitfocus Companion's module asks for 25 of them at
once and relies on `number`, `listName`, `type` and `colorName` being text. Keys of QLab's that mean nothing
here are not answered rather than guessed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from server.qlab.names import NOBODY, TYPES, Place, Workspace
from show_control.actions import Wait
from show_control.cue import DEFAULT_FADE, Cue, Group, Order
from show_control.status import Mode, Running, Status

Plain = dict[str, Any]

TOGETHER, SEQUENCE, LIST = 3, 2, 0
"""QLab's `mode` of a group: a timeline, "start first child and go to next cue", and a list."""

DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Sheet:
    """A workspace and its status at `now`, in seconds of the show's clock."""

    workspace: Workspace
    status: Status
    now: float

    @property
    def standby(self) -> Place | None:
        """Where the playhead stands."""
        return self._place(self.status.standby.number) if self.status.standby else None

    @property
    def playhead_id(self) -> str:
        return self.standby.id if self.standby else NOBODY

    @property
    def held(self) -> bool:
        return self.status.mode is Mode.HELD

    def running(self) -> tuple[Place, ...]:
        """What runs or is paused, in the order of starting."""
        places = (self._place(run.number) for run in self.status.running)
        return tuple(place for place in places if place is not None)

    def run_of(self, place: Place) -> Running | None:
        return next((run for run in self.status.running if run.number == place.cue.number), None)

    # as JSON

    def cue_list(self, shallow: bool = False) -> Plain:
        """The one list there is, with all cues in it."""
        workspace = self.workspace
        inside = {} if shallow else {"cues": self.cues(self.top())}
        name = workspace.file.title
        return _listed(workspace.list_id, "", name, "Cue List", True) | inside

    def cues(self, places: Iterable[Place], shallow: bool = False) -> list[Plain]:
        """Cues as the lists of QLab have them; without `shallow`, what is in groups as well."""
        return [self._cue(place, shallow) for place in places]

    def top(self) -> tuple[Place, ...]:
        """The cues of the list, groups as one."""
        return tuple(self.workspace.by_number[cue.number] for cue in self.workspace.file.cues)

    def within(self, place: Place) -> tuple[Place, ...]:
        """The cues of a group."""
        return tuple(self.workspace.by_number[cue.number] for cue in place.cue.cues)

    def values(self, place: Place, keys: Sequence[str]) -> Plain:
        """The values of those keys that are known."""
        return {key: VALUES[key](self, place) for key in keys if key in VALUES}

    def list_values(self, keys: Sequence[str]) -> Plain:
        """The same of the list itself."""
        known = self._list_values()
        return {key: known[key] for key in keys if key in known}

    def _cue(self, place: Place, shallow: bool) -> Plain:
        cue = place.cue
        plain = _listed(place.id, cue.number, cue.name, TYPES.get(cue.action.kind, "Memo"), cue.armed)
        if cue.cues and not shallow:
            plain["cues"] = self.cues(self.within(place))
        return plain

    def _place(self, number: str) -> Place | None:
        return self.workspace.by_number.get(number)

    def _list_values(self) -> Plain:
        plain = self.cue_list(shallow=True)
        busy = bool(self.status.running)
        plain |= dict.fromkeys(_NEVER, False)
        return plain | {
            "mode": LIST,
            "notes": "",
            "parent": "",
            "isRunning": busy and not self.held,
            "isPaused": busy and self.held,
            "isLoaded": False,
            "continueMode": 0,
            "preWait": 0.0,
            "postWait": 0.0,
            "duration": 0.0,
            "actionElapsed": 0.0,
            "percentActionElapsed": 0.0,
            "playheadID": self.playhead_id,
            "playbackPositionID": self.playhead_id,
        }


def _listed(id: str, number: str, name: str, type: str, armed: bool) -> Plain:
    return {
        "uniqueID": id,
        "number": number,
        "name": name,
        "listName": name,
        "type": type,
        "colorName": "none",
        "colorName/live": "none",
        "flagged": False,
        "armed": armed,
    }


def _seconds(cue: Cue) -> float:
    """How long it acts, as far as the file says."""
    if isinstance(cue.action, Wait):
        return cue.action.seconds
    if cue.action.kind in ("look", "fade"):
        return max((cue.timing(part)[0] for part, _ in cue.fades), default=DEFAULT_FADE)
    return 0.0


def _spent(phase: str) -> Callable[[Sheet, Place], tuple[float, float]]:
    """(seconds spent in a phase, seconds that it takes): (0, 0) outside it, or where nobody can know."""

    def spent(sheet: Sheet, place: Place) -> tuple[float, float]:
        run = sheet.run_of(place)
        if run is None or run.phase != phase or run.remaining is None or run.progress is None:
            return 0.0, 0.0
        if run.progress >= 1.0:
            return 0.0, 0.0
        whole = run.remaining / (1.0 - run.progress)
        return whole * run.progress, whole

    return spent


_waited, _acted = _spent("waiting"), _spent("acting")


def _duration(sheet: Sheet, place: Place) -> float:
    return _acted(sheet, place)[1] or _seconds(place.cue)


def _percent(sheet: Sheet, place: Place, phase: str) -> float:
    run = sheet.run_of(place)
    return run.progress or 0.0 if run is not None and run.phase == phase else 0.0


def _continues(cue: Cue) -> int:
    """0 do not continue, 1 auto-continue (after a time), 2 auto-follow (when it is done)."""
    return 2 if cue.follow.done else int(cue.follow.by_itself)


def _mode(cue: Cue) -> int:
    match cue.action:
        case Group(order=Order.TOGETHER):
            return TOGETHER
        case Group():
            return SEQUENCE
    return 0


_NEVER = (
    "isBroken",
    "isAuditioning",
    "isTailingOut",
    "isOverridden",
    "isWarning",
    "flagged",
    "autoLoad",
    "infiniteLoop",
    "holdLastFrame",
    "hasFileTargets",
    "hasCueTargets",
    "allowsEditingDuration",
)
"""What QLab's cues may be and ours never are."""

VALUES: dict[str, Callable[[Sheet, Place], object]] = {
    **dict.fromkeys(_NEVER, lambda sheet, place: False),
    "uniqueID": lambda sheet, place: place.id,
    "number": lambda sheet, place: place.cue.number,
    "name": lambda sheet, place: place.cue.name,
    "listName": lambda sheet, place: place.cue.name,
    "displayName": lambda sheet, place: place.cue.name,
    "defaultName": lambda sheet, place: place.cue.number,
    "notes": lambda sheet, place: place.cue.notes,
    "type": lambda sheet, place: TYPES.get(place.cue.action.kind, "Memo"),
    "parent": lambda sheet, place: place.parent,
    "mode": lambda sheet, place: _mode(place.cue),
    "colorName": lambda sheet, place: "none",
    "armed": lambda sheet, place: place.cue.armed,
    "preWait": lambda sheet, place: place.cue.pre_wait,
    "postWait": lambda sheet, place: place.cue.post_wait,
    "continueMode": lambda sheet, place: _continues(place.cue),
    "duration": lambda sheet, place: round(_duration(sheet, place), DECIMALS),
    "currentDuration": lambda sheet, place: round(_duration(sheet, place), DECIMALS),
    "actionElapsed": lambda sheet, place: round(_acted(sheet, place)[0], DECIMALS),
    "preWaitElapsed": lambda sheet, place: round(_waited(sheet, place)[0], DECIMALS),
    "percentActionElapsed": lambda sheet, place: round(_percent(sheet, place, "acting"), DECIMALS),
    "percentPreWaitElapsed": lambda sheet, place: round(_percent(sheet, place, "waiting"), DECIMALS),
    "isRunning": lambda sheet, place: sheet.run_of(place) is not None and not sheet.held,
    "isPaused": lambda sheet, place: sheet.run_of(place) is not None and sheet.held,
    "isLoaded": lambda sheet, place: place == sheet.standby,
    "isPanicking": lambda sheet, place: sheet.status.mode is Mode.PANIC and sheet.run_of(place) is not None,
    "children": lambda sheet, place: sheet.cues(sheet.within(place)),
}
"""Key -> its value of a cue. `isLoaded` is the cue in standby: what it needs is made ready."""
