"""Values in a show file's text: how each is written, and how a key of a block is set to one. Pure."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from enum import Enum, auto
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, InlineTable

from server.editing.blocks import EditError, Keys

Plain = str | int | float | bool | Sequence[Any] | Mapping[str, Any]
"""A value as JSON has it, but for null."""

Place = str | int
"""A key of a table, or how many items of a list come before."""


class Step(Enum):
    """What is done at a place of a list."""

    DROP = auto()
    INSERT = auto()
    CHANGE = auto()


def put(body: str, keys: Keys, value: Plain | None, key: str) -> str:
    """The lines of a block with one of its keys set; None takes it away. Errors call it `key`. Of a table or
    a list only what differs is written anew: comments, order and line breaks stay.

    Raises EditError.
    """
    document = tomlkit.parse(body if body.endswith("\n") or not body else f"{body}\n")
    table: Any = document
    around = table
    for nth, name in enumerate(keys[:-1], 1):
        if name not in table:
            if value is None:
                raise EditError(f"{key}: there is no such key")
            for inner in reversed(keys[nth:]):
                value = {inner: value}
            keys = keys[:nth]
            break
        around, table = table, table[name]
        if not isinstance(table, Mapping):
            raise EditError(f"{key}: {name} is {table.as_string()}, which is no table; set it as a whole")
    if value is not None:
        _set(table, keys[-1], value)
        if not _reads(tomlkit.dumps(document), keys, value):
            table[keys[-1]] = tomlkit.value(written(value))
    elif keys[-1] in table:
        _drop(around, keys[-2] if len(keys) > 1 else "", table, keys[-1])
    else:
        raise EditError(f"{key}: there is no such key")
    return tomlkit.dumps(document)


def _set(table: Any, name: str, value: Plain) -> None:
    if name in table:
        _change(table, name, value)
        return
    new = tomlkit.value(written(value))
    if isinstance(table, InlineTable):
        new.trivia.trail = " "
    table[name] = new


def _change(around: Any, place: Place, value: Plain) -> None:
    """What stands at a place becomes the value; what is the same in both stays as it is written."""
    old = around[place]
    match old, value:
        case Mapping(), Mapping() if old and value:
            gone = [name for name in old if name not in value]
            for name, one in value.items():
                _set(old, name, one)
            for name in gone:
                _drop(around, place, around[place], name)
        case Array(), list() | tuple() if value and (len(old) == len(value) or "\n" in old.as_string()):
            _align(old, value)
        case _ if not _same(_plain(old), value):
            around[place] = tomlkit.value(written(value))


def _drop(around: Any, place: Place, table: Any, name: str) -> None:
    """Take a key out of the table, which stands at a place of what is around it."""
    del table[name]
    if isinstance(table, InlineTable):  # with one space at both ends
        around[place] = tomlkit.value(f"{{ {table.as_string()[1:-1].strip()} }}" if table else "{}")


def _align(array: Any, value: Sequence[Any]) -> None:
    """The items that differ change, come and go; the others keep their comments and their lines."""
    for step, nth, item in steps(_plain(array), value):
        match step:
            case Step.DROP:
                del array[nth]
            case Step.INSERT:
                array.insert(nth, tomlkit.value(written(item)))
            case Step.CHANGE:
                _change(array, nth, item)


def steps(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[Step, int, Any]]:
    """What makes one list another, one after the other: at which place, and the item that is to be there."""
    found = SequenceMatcher(None, _frozen(old), _frozen(new), autojunk=False).get_opcodes()
    for _, start, end, begin, stop in reversed(found):  # from the end: what is before keeps its place
        both = min(end - start, stop - begin)
        for nth in reversed(range(start + both, end)):
            yield Step.DROP, nth, None
        for nth in range(both, stop - begin):
            yield Step.INSERT, start + nth, new[begin + nth]
        for nth in range(both):
            yield Step.CHANGE, start + nth, new[begin + nth]


def _frozen(value: Any) -> Any:
    """The same for the same, and to be hashed."""
    match value:
        case Mapping():
            return frozenset((key, _frozen(one)) for key, one in value.items())
        case list() | tuple():
            return tuple(map(_frozen, value))
    return (bool, value) if isinstance(value, bool) else value


def _reads(text: str, keys: Keys, value: Plain) -> bool:
    """Whether the text has the value. Not so where tomlkit put no comma in front of a comment."""
    try:
        found: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    for name in keys:
        found = found[name]
    return bool(_frozen(found) == _frozen(value))


def _plain(value: Any) -> Any:
    if hasattr(value, "unwrap"):
        return value.unwrap()
    return list(value) if isinstance(value, tuple) else value


def _same(old: Any, value: Plain) -> bool:
    """Pages know no 1.0, and send 1 for it."""
    return bool(old == value) and (type(old) is type(value) or (type(old), type(value)) == (float, int))


def entry(key: object, value: object) -> str:
    """`key = value`, with quotes where they are needed. Raises EditError."""
    return f"{tomlkit.key(str(key)).as_string()} = {written(value)}"


def written(value: object) -> str:
    """The value as TOML has it, on one line. Raises EditError."""
    match value:
        case Mapping():
            entries = ", ".join(entry(key, one) for key, one in value.items())
            return f"{{ {entries} }}" if entries else "{}"
        case list() | tuple():
            return f"[{', '.join(map(written, value))}]"
        case str() | bool() | int() | float():
            try:
                str(value).encode()
                return tomlkit.item(value).as_string()
            except (TOMLKitError, ValueError) as error:
                raise EditError(f"{str(value)[:40]} cannot be written: {error}") from error
    raise EditError(f"{str(value)[:40]} has no place in a show file")
