"""What a message of QLab's dictionary asks for: something to be told, done to the show, or written into its
file. Pure.

The dictionary is that of QLab 5 (qlab.app, "OSC dictionary"), as far as it means anything here. What it has
and we do not is refused in words; so is every wildcard, which in QLab would reach many cues at once.
"""

from collections.abc import Sequence

from server.osc.pattern import is_pattern
from server.patch import Refused, cue_number, finite, shown
from server.qlab.asks import Args, Asked, Do, Edit, Tell, Unspoken, keys, one
from server.qlab.names import Place
from server.qlab.ofcue import of_cue, shaped
from server.qlab.sheet import VALUES, Sheet
from show_control.errors import suggest
from show_control.events import Desk, DeskMode, Go, Hold, Panic, Reset, Resume, StandBy, Stop
from show_control.transport import GO_INTERVAL

_TRANSPORT = {
    "panic": Do((Panic(),)),
    "panicInTime": Do((Panic(),)),  # our panic has a time of its own, and is right whatever is said
    "stop": Do((Stop(),)),
    "hardStop": Do((Stop(),)),
    "pause": Do((Hold(),)),
    "resume": Do((Resume(),)),
    "reset": Do((Reset(),)),
}
_PLAYHEADS = ("playhead", "playbackPosition", "select")
_PLAYHEAD_IDS = ("playheadID", "playheadId", "playbackPositionID", "playbackPositionId", "select_id")
_LISTS = ("cueLists", "selectedCues", "runningCues", "runningOrPausedCues")
_OFF = ("alwaysAudition", "auditionMonitors", "auditionWindow", "overrideWindow", "liveFadePreview")
_KNOWN = ("cue", "cue_id", "currentCueListID", "doubleGoWindowRemaining", "go", "settings", "showMode")
_WRITES = ("redo", "save", "undo")
_ABSENT = (
    "auditionGo",
    "dashboard",
    "delete",
    "delete_id",
    "fullScreen",
    "move",
    "new",
    "overrides",
    "renumber",
    "toggleAuditionWindow",
    "toggleEditShowMode",
    "toggleFullScreen",
    "workingDirectory",
    "workspace",
)

WORDS = frozenset((*_TRANSPORT, *_PLAYHEADS, *_PLAYHEAD_IDS, *_LISTS, *_OFF, *_KNOWN, *_WRITES, *_ABSENT))
"""First segments of the addresses that ask something of the show, or would in QLab."""

_MOVING = frozenset(("go", "stop", "hardStop", "pause", "resume", "reset", *_PLAYHEADS, *_PLAYHEAD_IDS))
_MOVING_CUE = frozenset(
    ("start", "stop", "hardStop", "panic", "panicInTime", "pause", "resume", "togglePause")
)
_NUMBERED = ("panicInTime", "showMode")  # 0 is a value here, and no button that is let go


def moves(segments: Sequence[str]) -> bool:
    """Whether a message moves the show, and so means nothing once that has gone elsewhere. A panic of all is
    not meant."""
    match segments:
        case ["cue" | "cue_id", _, verb, *rest]:
            return verb in _MOVING_CUE or moves((verb, *rest))
        case [word, *_]:
            return word in _MOVING
        case _:
            return False


def asked(segments: Sequence[str], args: Args, sheet: Sheet) -> Asked:
    """What a message asks for; the workspace is no longer in its address. Raises Refused.

    A button that sends 1 when it is pressed and 0 when it is let go is one press, as with our own addresses:
    TouchOSC's do, and would otherwise say GO twice.
    """
    if any(is_pattern(segment) for segment in segments):
        raise Refused(
            "wildcards reach no cue here. Name it: /cue/12.5/..., /cue/selected/... or /cue/active/..."
        )
    found = _asked(segments, args, sheet)
    let_go = len(args) == 1 and isinstance(args[0], int | float) and args[0] == 0
    return Do(()) if isinstance(found, Do) and let_go and segments[-1] not in _NUMBERED else found


def _asked(segments: Sequence[str], args: Args, sheet: Sheet) -> Asked:
    match segments:
        case ["cue", "active", *rest] if rest:
            return _of_active(rest, args, sheet)
        case ["cue_id", sheet.workspace.list_id, *rest] if rest:
            return _of_list(rest, args, sheet)
        case ["cue_id", id, *rest] if rest:
            return of_cue(_with_id(id, sheet), rest, args, sheet)
        case ["cue", "selected" | "playhead" | "playbackPosition", *rest] if rest:
            if sheet.standby is None:
                raise Refused("no cue is in standby")
            return of_cue(sheet.standby, rest, args, sheet)
        case ["cue", number, *rest] if rest:
            return of_cue(_numbered(number, sheet), rest, args, sheet)
        case _:
            return _of_workspace(segments, args, sheet)


def _of_workspace(segments: Sequence[str], args: Args, sheet: Sheet) -> Asked:
    match segments:
        case ["go"]:
            return _go(args)
        case [verb] if verb in _TRANSPORT:
            return _TRANSPORT[verb]
        case [head] if head in (*_PLAYHEADS, *_PLAYHEAD_IDS) and args:
            raise Refused(f"which cue belongs in the address: /{head}/12.5")
        case [head] if head in _PLAYHEADS:
            return Tell(sheet.standby.cue.number if sheet.standby else "")
        case [head] if head in _PLAYHEAD_IDS:
            return Tell(sheet.playhead_id)
        case [head, "next" | "previous" as way] if head in _PLAYHEADS:
            return Do((StandBy(_beside(way, sheet)),))
        case [head, number] if head in _PLAYHEADS:
            return Do((StandBy(_numbered(number, sheet).cue.number),))
        case [head, id] if head in _PLAYHEAD_IDS:
            return Do((StandBy(_with_id(id, sheet).cue.number),))
        case [which, *how] if which in _LISTS:
            return Tell(_cues(which, how, sheet))
        case ["undo" | "redo" | "save" as command]:
            return Edit(command)
        case ["currentCueListID"]:
            return Tell(sheet.workspace.list_id)
        case ["showMode"] if args:
            return Do((Desk(DeskMode.SHOW if one(args, finite) else DeskMode.EDIT),))
        case ["showMode"]:
            return Tell(sheet.status.desk is DeskMode.SHOW)
        case ["doubleGoWindowRemaining"]:
            return Tell(round(max((sheet.status.armed_at or 0.0) - sheet.now, 0.0), 3))
        case ["settings", "general", "minGoTime"] if not args:
            return Tell(GO_INTERVAL)
        case [switch] if switch in _OFF and not args:
            return Tell(False)
        case _:
            raise Unspoken(segments)


def _go(args: Args) -> Do:
    """GO; with a cue's number, that cue stands by first. 0 and 1 are a button's, and no cue's number."""
    match tuple(args):
        case () | (0 | 1,):
            return Do((Go(),))
        case (str(number),):
            number = cue_number(number)
            return Do((StandBy(number), Go(expected=number)))
    raise Refused(f'expected nothing, or a cue\'s number as text, such as "12.5", got {shown(args[0])}')


def _of_list(rest: Sequence[str], args: Args, sheet: Sheet) -> Asked:
    """The one list: what it is, and what may be asked of the workspace."""
    match rest:
        case ["valuesForKeys"]:
            return Tell(sheet.list_values(one(args, keys)))
        case ["children", *how]:
            return Tell(shaped(sheet.top(), how, sheet))
        case [key] if key in (values := sheet.list_values((key,))) and not args:
            return Tell(values[key])
        case _:
            return _of_workspace(rest, args, sheet)


def _of_active(rest: Sequence[str], args: Args, sheet: Sheet) -> Asked:
    """All that runs. QLab pauses each cue by itself; here the show is held as a whole."""
    match rest:
        case ["valuesForKeys"]:
            wanted = one(args, keys)
            return Tell([sheet.values(place, wanted) for place in sheet.running()])
        case ["togglePause"]:
            return _TRANSPORT["resume" if sheet.held else "pause"]
        case ["pause" | "resume" | "stop" | "hardStop" | "panic" | "panicInTime" as verb]:
            return _TRANSPORT[verb]
        case [key] if key in VALUES and not args:
            return Tell([VALUES[key](sheet, place) for place in sheet.running()])
        case _:
            raise Unspoken(("cue", "active", *rest))


def _cues(which: str, how: Sequence[str], sheet: Sheet) -> object:
    match which, *how:
        case ["cueLists"]:
            return [sheet.cue_list()]
        case ["cueLists", "shallow"]:
            return [sheet.cue_list(shallow=True)]
        case ["cueLists", "uniqueIDs"]:
            return [{"uniqueID": sheet.workspace.list_id, "cues": shaped(sheet.top(), how, sheet)}]
        case ["cueLists", "uniqueIDs", "shallow"]:
            return [{"uniqueID": sheet.workspace.list_id}]
        case ["selectedCues", *_]:
            return shaped((sheet.standby,) if sheet.standby else (), how, sheet)
        case ["runningCues", *_] if sheet.held:
            return shaped((), how, sheet)
        case ["runningCues" | "runningOrPausedCues", *_]:
            return shaped(sheet.running(), how, sheet)
        case _:
            raise Unspoken((which, *how))


def _with_id(id: str, sheet: Sheet) -> Place:
    if (place := sheet.workspace.by_id.get(id)) is None:
        raise Refused(f"there is no cue with the id {shown(id)}")
    return place


def _numbered(number: str, sheet: Sheet) -> Place:
    places = sheet.workspace.by_number
    if number not in places:
        raise Refused(f"there is no cue {shown(number)}.{suggest(number[:40], places)}")
    return places[number]


def _beside(way: str, sheet: Sheet) -> str:
    cues, standby = sheet.workspace.file.cues, sheet.standby
    if standby is None and way == "previous" and len(cues):
        return tuple(cues)[-1].number
    if standby is None:
        raise Refused("no cue comes after the last")
    cue = cues.after(standby.cue) if way == "next" else cues.before(standby.cue)
    if cue is None:
        raise Refused(f"no cue comes {'after' if way == 'next' else 'before'} cue {standby.cue.number}")
    return cue.number
