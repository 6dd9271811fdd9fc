"""Values from outside, and what is said of those that cannot be used."""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from show_control.cue import NUMBER
from show_control.events import DeskMode
from show_control.lookfile import NAME

T = TypeVar("T")

MAX_SAID = 4000  # characters of one utterance


class Refused(Exception):
    """A message that asks for nothing we can do. The text says what was expected."""


class Unknown(Refused):
    """An address that nothing is patched to."""


class Bypassed(Refused):
    """A sensor whose messages are ignored for now."""


def cue_number(value: object) -> str:
    """A cue number from outside, as a string. Raises Refused: a float cannot tell 12.1 from 12.10.

    Nothing else passes, whether the show has such a cue or not: what does is told to everybody.
    """
    match value:
        case str() if NUMBER.fullmatch(value):
            return value
        case int() if not isinstance(value, bool) and 0 <= value < 1_000_000:
            return str(value)
    raise Refused(f'expected a cue number as a string such as "12.5", got {shown(value)}')


def network_name(value: object) -> str:
    """A network's name from outside. Raises Refused."""
    if isinstance(value, str) and NAME.fullmatch(value):
        return value
    raise Refused(f'expected the name of a network such as "sea", got {shown(value)}')


def desk_mode(value: object) -> DeskMode:
    """What the desk is used for. Raises Refused."""
    if isinstance(value, str) and value in tuple(DeskMode):
        return DeskMode(value)
    raise Refused(f"expected one of {', '.join(DeskMode)}, got {shown(value)}")


def utterance(value: object) -> str:
    """What somebody has said. Raises Refused."""
    if not isinstance(value, str):
        raise Refused(f"expected text, got {shown(value)}")
    if len(value) > MAX_SAID:
        raise Refused(f"expected at most {MAX_SAID} characters of speech at a time, got {len(value)}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Refused("expected text that can be written as UTF-8")
    return value


def note(value: object) -> str:
    """What somebody wants to remember. Raises Refused; how long it may be is the show's business."""
    text = utterance(value).strip()
    if not text:
        raise Refused("expected a few words")
    return text


def unit(value: object) -> float:
    """A number from 0 to 1. Raises Refused."""
    return within(0.0, 1.0, value)


def within(lo: float, hi: float, value: object) -> float:
    """A number from lo to hi. Raises Refused: out of range is a mistake here, not a sensor's jitter."""
    number = finite(value)
    if not lo <= number <= hi:
        raise Refused(f"expected a number from {lo:g} to {hi:g}, got {number:g}")
    return number


def finite(value: object) -> float:
    """A finite number; True and False count as 1 and 0. Raises Refused."""
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise Refused(f"expected a finite number, got {shown(value)}")


def one(address: str, args: Sequence[object], read: Callable[[object], T]) -> T:
    if len(args) != 1:
        raise Refused(f"{address}: expected one argument, got {len(args)}")
    try:
        return read(args[0])
    except Refused as reason:
        raise Refused(f"{address}: {reason}") from None


def pressed(address: str, args: Sequence[object]) -> bool:
    """A button: no argument or any number but 0 is a press; 0 is its release, which means nothing."""
    return not args or one(address, args, finite) != 0


def shown(value: object) -> str:
    """A value as it may stand in a sentence: never long, never raw, always encodable."""
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of far too many digits"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
