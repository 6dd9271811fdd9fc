"""Values in a show file's text: how each is written, and how a key of a block is set to one. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from server.editing.blocks import EditError, Keys

Plain = str | int | float | bool | Sequence[Any] | Mapping[str, Any]
"""A value as JSON has it, but for null."""


def put(body: str, keys: Keys, value: Plain | None, key: str) -> str:
    """The lines of a block with one of its keys set; None takes it away. Errors call it `key`.

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
        new = tomlkit.value(written(value))
        if isinstance(table, InlineTable) and keys[-1] not in table:
            new.trivia.trail = " "
        table[keys[-1]] = new
    elif keys[-1] in table:
        del table[keys[-1]]
        if isinstance(table, InlineTable):  # with one space at both ends
            around[keys[-2]] = tomlkit.value(f"{{ {table.as_string()[1:-1].strip()} }}" if table else "{}")
    else:
        raise EditError(f"{key}: there is no such key")
    return tomlkit.dumps(document)


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
