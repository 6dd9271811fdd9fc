"""What a message to an address means by the patch: a control, an event, a command, or nothing. Pure."""

from dataclasses import dataclass

from server.patch import ROOM, Patch, Refused


@dataclass(frozen=True, slots=True)
class Meaning:
    """`kind`: control, event, command, room (what recognisers and players say), told (what we send) or
    nothing. `words` name it; `line` is the address of the patch's line behind it, "" where it is built in."""

    kind: str
    words: str
    line: str = ""

    def to_plain(self) -> dict[str, str]:
        return {"kind": self.kind, "words": self.words, "line": self.line}


TOLD = Meaning("told", "sent by us")
PRESSED = Meaning("command", "pressed on a page")
NOTHING = Meaning("nothing", "means nothing here")
SENSORS = Meaning("control", "all sensors that match")


def meaning(address: str, patch: Patch) -> Meaning:
    """Of a message that comes in. Any text may stand in the place of the address."""
    if not address.startswith("/"):
        return PRESSED
    segments = address.split("/")[1:]
    match segments:
        case ["show" | "cue", *_]:
            command = patch.command(address)
            return Meaning("command", command.upper()) if command not in ("", "show") else NOTHING
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
