"""Events as plain tables and back, by the fields and types that each event declares.

{"kind": "goto", "cue": "5"} is Goto("5"): the kind is the class's name in lower case. A new event needs
nothing here, as long as its fields are text, numbers, flags, words of an enum, None, or tuples of those.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from show_control.errors import ShowError, suggest
from show_control.events import Event
from show_control.reader import kind_of

_NOT_FINITE = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
"""Numbers that JSON does not have: a broken sensor sends them, and they are refused by name."""


class UnreadableEvent(ShowError):
    """A table that is none of our events; the text says which key is wrong and what was expected."""


class _Wrong(Exception):
    """What was expected instead."""


_Read = Callable[[object], Any]
"""A value of a table as the field has it, or _Wrong."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How one kind of event is written."""

    event: type[Any]
    fields: Mapping[str, _Read]
    needed: tuple[str, ...]


def encode(event: Event) -> dict[str, object]:
    """The event as a table of text, numbers, flags, lists and None."""
    name = type(event).__name__.lower()
    table: dict[str, object] = {"kind": name}
    for key in _FORMS[name].fields:
        table[key] = _plain(getattr(event, key))
    return table


def decode(table: Mapping[str, object]) -> Event:
    """The event that a table stands for. Raises UnreadableEvent for anything but what `encode` gives.

    A field that has a default may be missing: an older program did not know it.
    """
    kind = table.get("kind")
    form = _FORMS.get(kind) if isinstance(kind, str) else None
    if form is None:
        near = suggest(kind, _FORMS) if isinstance(kind, str) else ""
        raise UnreadableEvent(f"expected a kind of event, not {kind_of(kind)}.{near}")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key == "kind":
            continue
        read = form.fields.get(key)
        if read is None:
            raise UnreadableEvent(f'{kind}: unknown key "{key[:40]}".{suggest(key, form.fields)}')
        try:
            values[key] = read(value)
        except _Wrong as wrong:
            raise UnreadableEvent(f"{kind}.{key}: expected {wrong}, not {kind_of(value)}") from None
    for key in form.needed:
        if key not in values:
            raise UnreadableEvent(f"{kind}.{key}: missing")
    event: Event = form.event(**values)
    return event


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case float() if not isfinite(value):
            return str(value)
        case tuple():
            return [_plain(item) for item in value]
    return value


def _reader(hint: Any) -> _Read:
    """How a value of the type `hint` is read. Raises TypeError for a type that no event may have."""
    if hint in _READERS:
        return _READERS[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin in (UnionType, Union):
        return _either(tuple(_reader(arg) for arg in args))
    if origin is Literal:
        return _one_of({arg: arg for arg in args})
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return _many(_reader(args[0]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of({member.value: member for member in hint})
    raise TypeError(f"an event's field cannot be of type {hint}")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise _Wrong("text")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _Wrong("true or false")


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _Wrong("a whole number")


def _number(value: object) -> float:
    match value:
        case bool():
            pass
        case float():
            return value
        case int() if value.bit_length() <= 64:
            return float(value)
        case str() if value in _NOT_FINITE:
            return _NOT_FINITE[value]
    raise _Wrong("a number")


def _nothing(value: object) -> None:
    if value is not None:
        raise _Wrong("nothing")


_READERS: dict[Any, _Read] = {
    str: _text,
    bool: _flag,
    int: _whole,
    float: _number,
    NoneType: _nothing,
}


def _either(readers: tuple[_Read, ...]) -> _Read:
    def read(value: object) -> Any:
        expected = []
        for reader in readers:
            try:
                return reader(value)
            except _Wrong as wrong:
                expected.append(str(wrong))
        raise _Wrong(" or ".join(expected))

    return read


def _one_of(choices: Mapping[Any, Any]) -> _Read:
    def read(value: object) -> Any:
        # 1 and True are equal, and not the same word.
        for choice, meaning in choices.items():
            if type(choice) is type(value) and choice == value:
                return meaning
        raise _Wrong("one of " + ", ".join(f'"{choice}"' for choice in choices))

    return read


def _many(reader: _Read) -> _Read:
    def read(value: object) -> Any:
        if isinstance(value, list):
            return tuple(reader(item) for item in value)
        raise _Wrong("a list")

    return read


def _form(event: type[Any]) -> _Form:
    hints = get_type_hints(event)
    known = {field.name: _reader(hints[field.name]) for field in fields(event)}
    if "kind" in known:
        raise TypeError(f'{event.__name__} has a field "kind", which is the key that names the event')
    needed = tuple(
        field.name for field in fields(event) if field.default is MISSING and field.default_factory is MISSING
    )
    return _Form(event, known, needed)


_FORMS = {event.__name__.lower(): _form(event) for event in get_args(Event)}
