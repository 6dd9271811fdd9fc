"""What a message of QLab's dialect does here, in a few words, by its address alone. Pure."""

from collections.abc import Sequence

from server.osc.pattern import is_pattern
from server.qlab.sheet import VALUES

COMMANDS = {
    "go": "GO",
    "panic": "PANIC",
    "panicInTime": "PANIC",
    "stop": "STOP",
    "hardStop": "STOP",
    "pause": "HOLD",
    "resume": "RESUME",
    "reset": "RESET",
    "undo": "UNDO",
    "redo": "REDO",
    "save": "SAVE",
}
CUE_COMMANDS = {
    "start": "FIRE",
    "go": "GOTO",
    "stop": "STOP",
    "hardStop": "STOP",
    "panic": "STOP",
    "panicInTime": "STOP",
    "load": "PRELOAD",
}
PLAYHEADS = ("playhead", "playbackPosition", "select")
PLAYHEAD_IDS = ("playheadID", "playheadId", "playbackPositionID", "playbackPositionId", "select_id")
SETTABLE = ("name", "notes", "number", "preWait", "postWait", "armed", "continueMode")
LISTS = ("cueLists", "selectedCues", "runningCues", "runningOrPausedCues")
ASKED = (
    *("alwaysAudition", "auditionMonitors", "auditionWindow", "liveFadePreview", "overrideWindow"),
    *("currentCueListID", "doubleGoWindowRemaining"),
)
"""What can be asked of the workspace, as one word."""

OWN = (
    *("alwaysReply", "connect", "disconnect", "forgetMeNot", "thump", "udpKeepAlive", "udpReplyPort"),
    *("updates", "version", "workspaces"),
)
"""What a controller says of itself, or asks before anything else."""


Meant = tuple[str, str]
"""A kind, "command" or "asked", and words."""


def meant(segments: Sequence[str]) -> Meant | None:
    """Of an address, split at its slashes, that begins with one of QLab's words. None: nothing here. Whether
    something is asked or set lies with the arguments, and whether there is such a cue with the show."""
    match segments:
        case _ if any(is_pattern(segment) for segment in segments):
            return None
        case ["workspace", _, *rest]:
            return meant(rest) if rest and rest[0] != "workspace" else None
        case [word] if word in OWN:
            return "asked", f"QLab's {word}"
        case ["cue", "active", *rest]:
            return _of_active(rest)
        case ["cue", _, *rest]:
            return _of_cue(rest)
        case ["cue_id", _, *rest]:  # the one list has an id as well
            return _either(_of_cue(rest), _of_workspace(rest))
    return _of_workspace(segments)


def _of_workspace(segments: Sequence[str]) -> Meant | None:
    match segments:
        case [word] if word in COMMANDS:
            return "command", COMMANDS[word]
        case ["showMode"]:
            return "command", "DESK, or asked for it"
        case [word] if word in (*PLAYHEADS, *PLAYHEAD_IDS, *ASKED):
            return "asked", f"asked for {word}"
        case [word, _] if word in (*PLAYHEADS, *PLAYHEAD_IDS):
            return "command", "STANDBY"
        case [word] | [word, "shallow" | "uniqueIDs"] | [word, "uniqueIDs", "shallow"] if word in LISTS:
            return "asked", f"asked for {word}"
        case ["settings", "general", "minGoTime"]:
            return "asked", "asked for minGoTime"
    return None


def _of_active(rest: Sequence[str]) -> Meant | None:
    match rest:
        case ["togglePause"]:
            return "command", "HOLD or RESUME"
        case ["pause" | "resume" | "stop" | "hardStop" | "panic" | "panicInTime" as verb]:
            return "command", COMMANDS[verb]
        case [key] if key in VALUES or key == "valuesForKeys":
            return "asked", f"asked for {key}"
    return None


def _of_cue(rest: Sequence[str]) -> Meant | None:
    match rest:
        case [verb] if verb in CUE_COMMANDS:
            return "command", CUE_COMMANDS[verb]
        case [key] if key in SETTABLE:
            return "asked", f"{key}, asked for or set"
        case ["preWait" | "postWait" as key, "+" | "-"]:
            return "asked", f"{key}, set"
        case [key] | [key, "shallow" | "uniqueIDs"] | [key, "uniqueIDs", "shallow"] if key == "children":
            return "asked", "asked for children"
        case [key] if key in VALUES or key == "valuesForKeys":
            return "asked", f"asked for {key}"
    return None


def _either(cue: Meant | None, of_list: Meant | None) -> Meant | None:
    if cue is None or of_list is None or cue == of_list:
        return cue or of_list
    return cue[0], f"{cue[1]}, or {of_list[1]} of the list"
