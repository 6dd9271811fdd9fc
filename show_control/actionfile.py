"""What a cue does, as a show file says it: the keys of each kind of cue but those of the script."""

from collections.abc import Callable
from typing import TypeVar

from show_control.actions import (
    LOOK,
    Action,
    Arm,
    Disarm,
    Gate,
    Halt,
    Jump,
    Memo,
    Messages,
    Note,
    Retouch,
    Wait,
)
from show_control.lookfile import CONTROL
from show_control.reader import LONGEST, Reader
from show_control.scriptfile import read_in_ear, read_line

T = TypeVar("T")

SHORTEST_NOTE = 0.01
NOTE_SECONDS = 0.5


def _memo(reader: Reader) -> Action:
    return Memo()


def _look(reader: Reader) -> Action:
    return LOOK


def _fade(reader: Reader) -> Action:
    if "look" not in reader.table:
        reader.problem("missing; expected the parts that are to fade, such as { psi = 0.9 }", "look")
    return Retouch()


def _send(reader: Reader) -> Action:
    if not reader.table.get("send"):
        reader.problem('missing; expected messages, such as [{ to = "sound", address = "/noteOn" }]', "send")
    return Messages()


def _note(reader: Reader) -> Action:
    target = _needed(reader, "to", reader.text("to"), "the name of a target in the rig's config")
    note = _needed(reader, "note", reader.whole("note", 0, 127), "a note, 0 to 127")
    velocity = reader.whole("velocity", 0, 127)
    seconds = reader.number("seconds", SHORTEST_NOTE, LONGEST)
    return Note(target or "", note or 0, 127 if velocity is None else velocity, seconds or NOTE_SECONDS)


def _wait(reader: Reader) -> Action:
    seconds = reader.number("seconds", 0.0, LONGEST)
    return Wait(_needed(reader, "seconds", seconds, "how long to wait") or 0.0)


def _goto(reader: Reader) -> Action:
    return Jump(_needed(reader, "to", reader.text("to"), 'the number of a cue, such as "12.5"') or "")


def _arm(reader: Reader) -> Action:
    return Arm(_cues(reader))


def _disarm(reader: Reader) -> Action:
    return Disarm(_cues(reader))


def _stop(reader: Reader) -> Action:
    return Halt(None if reader.table.get("cues") == "all" and reader.text("cues") else _cues(reader))


def _gate(reader: Reader) -> Action:
    control = reader.text("control")
    if control is None or not CONTROL.fullmatch(control):
        reader.problem('expected the name of a control, such as "plate.mom"', "control")
    above, below = reader.number("above", -1.0, 1.0), reader.number("below", -1.0, 1.0)
    timeout = reader.number("timeout", 0.1, LONGEST)
    if ("above" in reader.table) == ("below" in reader.table):
        reader.problem('expected either "above" or "below": where the control has to be')
    return Gate(control or "", above, below, timeout)


READERS: dict[str, Callable[[Reader], Action]] = {
    "look": _look,
    "fade": _fade,
    "send": _send,
    "note": _note,
    "wait": _wait,
    "goto": _goto,
    "arm": _arm,
    "disarm": _disarm,
    "stop": _stop,
    "gate": _gate,
    "line": read_line,
    "in-ear": read_in_ear,
    "memo": _memo,
}
"""The kinds of cues, but for groups."""


def _needed(reader: Reader, key: str, value: T | None, expected: str) -> T | None:
    if key not in reader.table:
        reader.problem(f"missing; expected {expected}", key)
    return value


def _cues(reader: Reader) -> tuple[str, ...]:
    numbers = reader.words("cues")
    if not reader.table.get("cues"):
        reader.problem('missing; expected the numbers of cues, such as ["5", "6.1"]', "cues")
    return numbers
