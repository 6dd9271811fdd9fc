"""What is asked of one cue: /cue/{number}/... and /cue_id/{id}/... Pure."""

from collections.abc import Callable, Sequence

from server.patch import Refused, cue_number, finite
from server.qlab.asks import Args, Asked, Do, Tell, Unspoken, Write, keys, one, text
from server.qlab.names import Place
from server.qlab.sheet import VALUES, Sheet
from show_control.events import Fire, Goto, Preload, Stop


def of_cue(place: Place, rest: Sequence[str], args: Args, sheet: Sheet) -> Asked:
    """`rest` is the address behind the cue. Raises Refused."""
    number = place.cue.number
    match rest:
        case ["start"]:
            return Do((Fire(number),))
        case ["go"]:  # as /cue/NUMBER/go is with us: everything on stage fades to it
            return Do((Goto(number),))
        case ["stop" | "hardStop" | "panic" | "panicInTime"]:
            return Do((Stop(number),))
        case ["load"]:
            networks = (place.cue.change.network, *place.cue.preload)
            return Do(tuple(Preload(name) for name in dict.fromkeys(networks) if name))
        case ["pause" | "resume" | "togglePause"]:
            raise Refused("no cue is paused alone. /pause holds the whole show, /resume goes on")
        case ["valuesForKeys"]:
            return Tell(sheet.values(place, one(args, keys)))
        case ["children", *how]:
            return Tell(shaped(sheet.within(place), how, sheet))
        case [key] if key in _WRITTEN and args:
            return _WRITTEN[key](number, args)
        case ["preWait" | "postWait" as key, "+" | "-" as way]:
            seconds = one(args, finite)
            return Write(number, _WAITS[key], by=seconds if way == "+" else -seconds)
        case [key] if key in VALUES and not args:
            return Tell(VALUES[key](sheet, place))
        case [key] if key in VALUES:
            raise Refused(f"{key} cannot be set from here")
        case _:
            raise Unspoken(("cue", number, *rest))


def shaped(places: Sequence[Place], how: Sequence[str], sheet: Sheet) -> object:
    """Cues as they are asked for: whole, `shallow`, or their `uniqueIDs`. Raises Refused."""
    match how:
        case []:
            return sheet.cues(places)
        case ["shallow"]:
            return sheet.cues(places, shallow=True)
        case ["uniqueIDs"] | ["uniqueIDs", "shallow"]:
            return [{"uniqueID": place.id} for place in places]
        case _:
            raise Unspoken(how)


_WAITS = {"preWait": "pre_wait", "postWait": "post_wait"}
_FOLLOWS = {0: None, 1: "continue", 2: "done"}


def _follow(number: str, args: Args) -> Write:
    mode = one(args, finite)
    if mode not in _FOLLOWS:
        raise Refused(f"expected 0 (do not continue), 1 (auto-continue) or 2 (auto-follow), got {mode:g}")
    return Write(number, "follow", _FOLLOWS[int(mode)])


_WRITTEN: dict[str, Callable[[str, Args], Write]] = {
    "name": lambda number, args: Write(number, "name", one(args, text)),
    "notes": lambda number, args: Write(number, "notes", one(args, text)),
    "number": lambda number, args: Write(number, "number", one(args, cue_number)),
    "preWait": lambda number, args: Write(number, "pre_wait", one(args, finite)),
    "postWait": lambda number, args: Write(number, "post_wait", one(args, finite)),
    "armed": lambda number, args: Write(number, "armed", one(args, finite) != 0),
    "continueMode": _follow,
}
"""What is one line of the show file."""
