"""What a message to an address means: by the patch, built in, or in QLab's dialect. Pure."""

from dataclasses import dataclass

from server.patch import ROOM, Patch, Refused
from server.qlab.dialect import ALL_WORDS
from server.qlab.meaning import meant
from server.telling.service import SUBSCRIBE, UNSUBSCRIBE


@dataclass(frozen=True, slots=True)
class Meaning:
    """`kind`: control, event, command, room (what recognisers and players say), asked (what somebody wants to
    know), told (what we send) or nothing. `words` name it; `line` is the address of the patch's line behind
    it, "" where it is built in."""

    kind: str
    words: str
    line: str = ""

    def to_plain(self) -> dict[str, str]:
        return {"kind": self.kind, "words": self.words, "line": self.line}


TOLD = Meaning("told", "sent by us")
PRESSED = Meaning("command", "pressed on a page")
NOTHING = Meaning("nothing", "means nothing here")
SENSORS = Meaning("control", "all sensors that match")
ASKED = {
    SUBSCRIBE: Meaning("asked", "wants to be told"),
    UNSUBSCRIBE: Meaning("asked", "no longer wants to be told"),
}
CUE_VERBS = {"go": "GOTO", "start": "FIRE"}


def meaning(address: str, patch: Patch, qlab: bool = False) -> Meaning:
    """Of a message that comes in. Any text may stand in the place of the address. `qlab`: its dialect is
    spoken in this rig."""
    if not address.startswith("/"):
        return PRESSED
    if address in ASKED:
        return ASKED[address]
    segments = address.split("/")[1:]
    if qlab and segments[0] in ALL_WORDS and not patch.takes(address):
        found = meant(segments)
        return NOTHING if found is None else Meaning(*found)
    match segments:
        case ["show", *_]:
            command = patch.command(address)
            return NOTHING if command == "show" else Meaning("command", command.upper())
        case ["cue", _, verb] if verb in CUE_VERBS:
            return Meaning("command", CUE_VERBS[verb])
        case ["cue", *_]:
            return NOTHING
        case ["control", name]:
            return Meaning("control", name)
        case [word, *_] if word in ROOM:
            return Meaning(
                "room", "a player has finished" if word == "play-finished" else "what a guest says"
            )
    try:
        sensor = patch.line(address)
    except Refused:
        return SENSORS if any(wild in address for wild in "*?[{") else NOTHING
    entry, control = sensor
    if entry.event is not None:
        return Meaning("event", entry.event.upper(), entry.address)
    return Meaning("control", control, entry.address)
