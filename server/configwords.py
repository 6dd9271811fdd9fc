"""What is wrong with a config, in words: the key path, what was expected, what was found, a near miss."""

import re
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from server.patch import shown
from show_control.errors import suggest

Loc = tuple[str | int, ...]
"""A key path: table names, and indexes into lists of tables."""


def message(error: ErrorDetails, file: type[BaseModel]) -> str:
    """Pydantic's finding in our words. `file` is the model of the whole config."""
    limits = {"greater_than_equal": "at least {ge}", "greater_than": "more than {gt}"}
    limits |= {"less_than_equal": "at most {le}", "less_than": "less than {lt}"}
    kind, context, got = error["type"], error.get("ctx", {}), error["input"]
    match kind:
        case "extra_forbidden":
            keys = _keys(error["loc"], file)
            return "unknown key." + (
                suggest(str(error["loc"][-1]), keys) or f" Known here: {', '.join(keys)}"
            )
        case "missing":
            return "missing, and needed"
        case "literal_error":
            expected = context["expected"].replace("'", '"')
            near = suggest(got, re.findall(r'"(.*?)"', expected)) if isinstance(got, str) else ""
            return f"expected {expected}, got {shown(got)}.{near}"
        case _ if kind in limits:
            return f"expected {limits[kind].format(**context)}, got {shown(got)}"
        case _ if kind in _EXPECTED:
            return f"expected {_EXPECTED[kind]}, got {shown(got)}"
    return f"{error['msg']}, got {shown(got)}"


_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text in quotes",
    "path_type": "a path in quotes",
    "bool_type": "true or false",
    "tuple_type": "an array",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def _keys(loc: Loc, file: type[BaseModel]) -> list[str]:
    """The keys that are known where `loc` ends."""
    table: Any = file
    for key in loc[:-1]:
        if isinstance(key, str):
            kind = next(f.annotation for name, f in table.model_fields.items() if (f.alias or name) == key)
            table = get_args(kind)[0] if get_args(kind) else kind
    return [field.alias or name for name, field in table.model_fields.items()]


def where(raw: object, loc: Loc) -> str:
    """The key path, each entry of a list with its number and its name: "osc.target 1 (sound).port"."""
    parts: list[str] = []
    node: Any = raw
    for key in loc:
        if key == "[key]":  # so pydantic marks that the name of a table is meant, not what it holds
            continue
        inside = isinstance(node, dict) or (isinstance(node, list) and isinstance(key, int))
        try:
            node = node[key] if inside else None
        except (KeyError, IndexError):
            node = None
        if isinstance(key, str):
            parts.append(key)
        else:
            label = node.get("address", node.get("name")) if isinstance(node, dict) else None
            parts[-1] += f" {key + 1}" + (f" ({label})" if isinstance(label, str) else "")
    return ".".join(parts)
