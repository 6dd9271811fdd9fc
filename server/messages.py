"""What pages ask, read from their messages: commands, events, and who they are."""

import re
import sys
from collections.abc import Mapping
from typing import Any

IDENTITY = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""Of a page, and of a command of its own: they are kept, so they may not be long."""


class Malformed(ValueError):
    """A message that is none of those we know; says what was expected."""


def command_in(message: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name and fields of {"name": "go", ...}. Raises Malformed."""
    match message:
        case {"name": str(name), **fields}:
            return name, {key: value for key, value in fields.items() if key not in ("type", "id", "client")}
    raise Malformed('expected a command such as {"name": "go"}, with "name" a string')


def identity_in(message: Mapping[str, Any], key: str) -> str | None:
    """The "id" of a command or the "client" that asks, None where there is none. Raises Malformed."""
    match message.get(key):
        case None:
            return None
        case str(value) if IDENTITY.fullmatch(value):
            return value
    raise Malformed(f'expected "{key}" to be a string of 1 to 64 letters, digits, ".", "_" and "-"')


def pressed_in(fields: dict[str, Any]) -> float | None:
    """Takes "at" out of a command: when it was pressed, in seconds of the state's "now". Raises Malformed."""
    match fields.pop("at", None):
        case None:
            return None
        case float() | int() as at if not isinstance(at, bool) and abs(at) <= sys.float_info.max:
            return float(at)
    raise Malformed('expected "at" to be a finite number: the show\'s "now", in seconds, at the press')


def event_in(message: Mapping[str, Any]) -> tuple[str, tuple[object, ...]]:
    """Address and arguments of {"address": "/table/plate/mom", "args": [0.4]}. Raises Malformed."""
    match message:
        case {"address": str(address), "args": list(args)} if all(
            isinstance(arg, str | int | float) for arg in args
        ):
            return address, tuple(args)
    raise Malformed(
        'expected an event such as {"address": "/table/plate/mom", "args": [0.4]}, with "args" a list of '
        "numbers and strings"
    )
