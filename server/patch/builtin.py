"""The addresses that are there without any entry: transport, cues, controls, and what a room says."""

from collections.abc import Sequence

from server.patch.words import (
    Refused,
    Unknown,
    cue_number,
    desk_mode,
    finite,
    network_name,
    note,
    one,
    pressed,
    shown,
    unit,
    utterance,
    within,
)
from show_control import events
from show_control.events import Event
from show_control.lookfile import CONTROL, NAME

ROOM = ("speech", "mid-speech", "play-finished")  # what recognisers and players of a performed script say
BUILT_IN = ("show", "cue", "control", "marrow", *ROOM)
"""First segments of these addresses."""

BUTTONS: dict[str, Event] = {
    "go": events.Go(),
    "back": events.Back(),
    "hold": events.Hold(),
    "resume": events.Resume(),
    "panic": events.Panic(),
    "blackout": events.Blackout(),
    "take": events.Take(),
    "skip": events.Skip(),
}
VERBS = (*BUTTONS, "stop", "master", "standby", "goto", "fire", "preload", "desk", "reset", "note")

STAYS = ("", "panic", "blackout", "master", "preload", "desk", "note")
"""Commands that do not move the show, and panic, which is right at any time."""


def command_of(segments: Sequence[str]) -> str:
    """Which command an address is about, "show" if it is none of /show; "" where it is about none."""
    match segments:
        case ["show", verb] if verb in VERBS:
            return verb
        case ["show", *_]:
            return "show"
        case ["cue", _, "start"]:
            return "fire"
        case ["cue", *_]:
            return "goto"
    return ""


def built_in(
    address: str, segments: Sequence[str], args: Sequence[object], seats: Sequence[str]
) -> tuple[Event, ...]:
    """The events of an address that is there without any entry. Raises Unknown, or Refused where the
    arguments do not fit."""
    match segments:
        case ["show", "go"] if len(args) == 1 and isinstance(args[0], str):
            return (events.Go(expected=one(address, args, cue_number)),)
        case ["show", "take"] if len(args) == 1 and isinstance(args[0], str):
            return (events.Take(expected=one(address, args, cue_number)),)
        case ["show", "skip"] if len(args) == 1 and isinstance(args[0], str):
            return (events.Skip(expected=one(address, args, cue_number)),)
        case ["show", "stop"] if len(args) == 1 and isinstance(args[0], str):
            return (events.Stop(one(address, args, cue_number)),)
        case ["show", "stop"]:
            return (events.Stop(),) if pressed(address, args) else ()
        case ["show", "reset"]:
            return (events.Reset(),) if pressed(address, args) else ()
        case ["show", "note"]:
            return (events.Note(one(address, args, note)),)
        case ["show", "desk"]:
            return (events.Desk(one(address, args, desk_mode)),)
        case ["show", "blackout"] if args:
            return (events.Blackout(on=one(address, args, finite) != 0),)
        case ["show", name] if name in BUTTONS:
            return (BUTTONS[name],) if pressed(address, args) else ()
        case ["show", "master"]:
            return (events.Master(one(address, args, unit)),)
        case ["show", "standby"]:
            return (events.StandBy(one(address, args, cue_number)),)
        case ["show", "goto"]:
            return (events.Goto(one(address, args, cue_number)),)
        case ["show", "fire"]:
            return (events.Fire(one(address, args, cue_number)),)
        case ["show", "preload"]:
            return (events.Preload(one(address, args, network_name)),)
        case ["cue", number, "go"]:
            cue = one("/cue/<number>/go", (number,), cue_number)
            return (events.Goto(cue),) if pressed(address, args) else ()
        case ["cue", number, "start"]:
            cue = one("/cue/<number>/start", (number,), cue_number)
            return (events.Fire(cue),) if pressed(address, args) else ()
        case ["speech" | "mid-speech"]:
            return (_speech(address, args, segments[0] == "speech", seats),)
        case ["play-finished"]:
            if len(args) not in (1, 2):
                raise Refused(
                    f"{address}: expected the guest and, if it is known, the file; got {len(args)} arguments"
                )
            file = utterance(args[1]) if len(args) == 2 else None
            return (events.PlayFinished(_role(address, args[0], seats), file),)
        case ["control", name]:
            if not CONTROL.fullmatch(name):
                raise Refused(
                    f"{address[:80]}: expected a control's name such as plate.mom: at most 64 letters, "
                    "digits, dots and dashes"
                )
            return (events.Control(name, one(address, args, lambda value: within(-1.0, 1.0, value))),)
    verbs, room = ", ".join(VERBS), ", ".join(f"/{word}" for word in ROOM)
    cues = "/cue/<number>/go, /cue/<number>/start"
    raise Unknown(f"{address}: not one of /show/({verbs}), {cues}, /control/<name>, {room}")


def _speech(address: str, args: Sequence[object], final: bool, seats: Sequence[str]) -> events.Speech:
    if len(args) != 2:
        raise Refused(f"{address}: expected two arguments, a guest and what was said, got {len(args)}")
    return events.Speech(_role(address, args[0], seats), utterance(args[1]), final)


def _role(address: str, value: object, seats: Sequence[str]) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise Refused(f'{address}: expected the name of a guest such as "mom", got {shown(value)}')
    if seats and value not in seats:
        raise Refused(f"{address}: no such seat; the seats are {', '.join(seats)}")
    return value
