"""One [[cue]] of a show file: its number, waits, fades, follow and sends."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import TypeVar

from show_control.cue import NOTHING, Cue, Follow, Send, number_key
from show_control.errors import Problem, suggest
from show_control.lookfile import RETIRED, LookReader
from show_control.ramp import Curve
from show_control.reader import Reader, choice, entries, kind_of, number, text

T = TypeVar("T")

LONGEST = 3600.0
"""Seconds that any wait, fade or delay may take."""

FADED = (
    *("walk", "style", "psi", "modes", "speed", "noise", "shadows", "classes", "bend", "move", "master"),
    *("drive", "default"),
)
NOT_IN_ADDRESS = frozenset("#*,?[]{} \t\r\n")


def read_cue(file: str, place: int, entry: object, looks: LookReader, problems: list[Problem]) -> Cue | None:
    """The cue at `place` in the file, counted from 1; None where it has no number to call it by.

    Problems name the cue by its number or, where that is bad, by its place.
    """
    called = entry.get("number") if isinstance(entry, dict) else None
    where = f"{file}: cue {called}" if _is_number(called) else f"{file}: cue[{place}]"
    reader = Reader(where, entry, problems)
    cue_number = reader.require("number", partial(_number, problems), 'a number in quotes, such as "12.5"')
    name = reader.require("name", partial(_name, problems), "a name that the operator knows the cue by")
    notes = reader.text("notes")
    pre_wait = reader.number("pre_wait", 0.0, LONGEST)
    follow = reader.get("follow", partial(_follow, problems))
    fades = reader.get("fade", partial(_by_part, problems, partial(_seconds, problems)))
    curves = reader.get("curve", partial(_by_part, problems, partial(_curve, problems)))
    change = reader.get("look", looks.look) or NOTHING
    drives = reader.get("drive", looks.drives)
    preload = [looks.network(*entry) for entry in reader.entries("preload")]
    sends = [_send(*send, problems) for send in reader.entries("send")]
    reader.finish()
    if cue_number is None:
        return None
    return Cue(
        number=cue_number,
        name=name or "",
        notes=notes or "",
        pre_wait=pre_wait or 0.0,
        follow=follow or Follow(),
        change=replace(change, drives=drives),
        fades=fades or (),
        curves=curves or (),
        sends=tuple(sends),
        preload=tuple(network for network in preload if network is not None),
    )


def _is_number(value: object) -> bool:
    try:
        number_key(value)
    except ValueError:
        return False
    return True


def _number(problems: list[Problem], where: str, value: object) -> str | None:
    try:
        number_key(value)
    except ValueError as error:
        problems.append(Problem(where, str(error)))
        return None
    return str(value)


def _name(problems: list[Problem], where: str, value: object) -> str | None:
    name = text(where, value, problems)
    if name is not None and not name.strip():
        problems.append(
            Problem(where, "expected a name that the operator knows the cue by, not an empty one")
        )
    return name


def _seconds(problems: list[Problem], where: str, value: object) -> float | None:
    return number(where, value, 0.0, LONGEST, problems)


def _curve(problems: list[Problem], where: str, value: object) -> Curve | None:
    word = choice(where, value, list(Curve), problems)
    return Curve(word) if word else None


def _follow(problems: list[Problem], where: str, value: object) -> Follow | None:
    match value:
        case "manual":
            return Follow()
        case "continue":
            return Follow(0.0)
        case str():
            near = suggest(value, ["manual", "continue"])
            message = f'expected "manual", "continue" or seconds, not {kind_of(value)}.{near}'
            problems.append(Problem(where, message))
            return None
    return Follow(_seconds(problems, where, value))


def _by_part(
    problems: list[Problem], read: Callable[[str, object], T | None], where: str, value: object
) -> tuple[tuple[str, T], ...]:
    """One value for every part, or a table of parts; "default" is for those that the table does not name."""
    if not isinstance(value, dict):
        single = read(where, value)
        return () if single is None else (("default", single),)
    reader = Reader(where, value, problems)
    read_parts = [(part, reader.get(part, read)) for part in FADED]
    reader.finish(RETIRED)
    return tuple((part, entry) for part, entry in read_parts if entry is not None)


def _send(where: str, value: object, problems: list[Problem]) -> Send:
    reader = Reader(where, value, problems)
    target = reader.require("to", partial(_name, problems), "the name of a target in the rig's config")
    address = reader.require("address", partial(_address, problems), 'an OSC address, such as "/noteOn"')
    arguments = reader.get("args", lambda where, value: entries(where, value, problems)) or []
    args = tuple(argument for entry in arguments if (argument := _argument(*entry, problems)) is not None)
    delay = reader.number("delay", 0.0, LONGEST)
    always = reader.flag("always")
    reader.finish()
    return Send(target or "", address or "", args, delay or 0.0, always or False)


def _address(problems: list[Problem], where: str, value: object) -> str | None:
    address = text(where, value, problems)
    if address is not None and (not address.startswith("/") or NOT_IN_ADDRESS & set(address)):
        problems.append(Problem(where, f'expected an OSC address such as "/noteOn", not {kind_of(value)}'))
    return address


def _argument(where: str, value: object, problems: list[Problem]) -> int | float | str | bool | None:
    match value:
        case bool() | str():
            return value
        case int() if -(2**31) <= value < 2**31:
            return value
        case float() if isfinite(value):
            return value
    problems.append(Problem(where, f"expected text, true, false or a 32-bit number, not {kind_of(value)}"))
    return None
