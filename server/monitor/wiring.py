"""Lines of the patch in the text of config.toml. Everything else in it stays as it is, to the byte. Pure."""

import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import tomlkit

from server.editing.blocks import Block, EditError, join, split
from server.patch import PatchEntry, fill, match_address, placeholders

__all__ = ["EditError", "diff", "lines", "places", "rewired", "unpatched", "unwired"]

KEYS = tuple(field.name for field in fields(PatchEntry) if field.name != "address")
_DEFAULTS = {field.name: field.default for field in fields(PatchEntry)}
PATCH = ("patch",)

Line = Mapping[str, Any]
"""A table of the patch as it is written."""


def lines(text: str) -> list[Line]:
    """All lines of the patch that have an address, in the order of the file. Raises EditError."""
    tables = (tomllib.loads(block.body) for block in split(text) if _is_line(block))
    return [table for table in tables if isinstance(table.get("address"), str)]


def places(known: Sequence[Line], address: str, seats: Sequence[str]) -> list[str]:
    """Where an address may be written: the line that takes it now, first; then one of its own; then one for
    every seat, where a segment of it is one."""
    segments = address.split("/")[1:]
    taking = [
        line["address"]
        for line in sorted(known, key=lambda line: len(placeholders(line["address"])))
        if (names := match_address(line["address"], segments)) is not None
        and ("seat" not in names or not seats or names["seat"] in seats)
    ]
    seated = [nth for nth, segment in enumerate(segments) if segment in seats]
    every = ["{seat}" if nth in seated[:1] else segment for nth, segment in enumerate(segments)]
    found = [*taking[:1], address, *(["/" + "/".join(every)] if seated else [])]
    return list(dict.fromkeys(found))


def rewired(text: str, address: str, keys: Mapping[str, object]) -> str:
    """The file with this line. Of `keys`, None stands for a key that is not to be there; those that are not
    named stay as they are. A line that is not there yet comes behind the last one. Raises EditError.
    """
    for key in keys:
        if key not in KEYS:
            raise EditError(f'patch: "{key[:40]}" is no key of a line; there are {", ".join(KEYS)}')
    blocks = split(text)
    nth = _find(blocks, address)
    if nth is not None:
        blocks[nth] = replace(blocks[nth], body=_changed(blocks[nth].body, keys))
        return join(blocks)
    wanted: dict[str, object] = {"address": address}
    wanted |= {key: keys[key] for key in KEYS if keys.get(key) is not None and keys[key] != _DEFAULTS[key]}
    body = "".join(f"{key} = {_written(value)}\n" for key, value in wanted.items())
    ours = [place for place, block in enumerate(blocks) if _is_line(block)]
    place = ours[-1] + 1 if ours else len(blocks)
    if place and (above := blocks[place - 1]).text and not above.text.endswith("\n"):
        blocks[place - 1] = replace(above, body=above.body + "\n")
    blocks.insert(place, Block("\n", "[[patch]]\n", body, PATCH, True))
    return join(blocks)


def unwired(text: str, address: str) -> str:
    """The file without a line, and without the comments right above it. Raises EditError."""
    blocks = split(text)
    nth = _find(blocks, address)
    if nth is None:
        raise EditError(f"the patch has no line with address = {_written(address)}")
    following = blocks[nth + 1 : nth + 2]
    kept = blocks[nth].heading
    rest = [replace(block, lead=kept + block.lead) for block in following] or ([Block(kept)] if kept else [])
    return join([*blocks[:nth], *rest, *blocks[nth + 2 :]])


def unpatched(text: str) -> str:
    """What the file says beside its patch, however it is written. What a night was played with: other lines
    of the patch are no other rig, for a journal tells what they have come to."""
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps({key: tables[key] for key in tables if key not in PATCH}, sort_keys=True, default=str)


def diff(old: str, new: str, name: str) -> str:
    """What changes, as lines with + and -, and a few around them; "" where nothing does."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, n=3, lineterm="")
    return "\n".join(lines)


def _is_line(block: Block) -> bool:
    return block.listed and block.keys == PATCH


def _find(blocks: Sequence[Block], address: str) -> int | None:
    same = _nameless(address)
    for nth, block in enumerate(blocks):
        if _is_line(block):
            written = tomllib.loads(block.body).get("address")
            if isinstance(written, str) and _nameless(written) == same:
                return nth
    return None


def _nameless(address: str) -> str:
    return fill(address, dict.fromkeys(placeholders(address), "{}"))


def _changed(body: str, keys: Mapping[str, object]) -> str:
    document = tomlkit.parse(body if body.endswith("\n") else f"{body}\n")
    before = tomllib.loads(body)
    for key in KEYS:
        if key not in keys:
            continue
        value = keys[key]
        if value is None:
            if key in document:
                document.remove(key)
        elif key in before:
            if before[key] != value:
                document[key] = tomlkit.value(_written(value))
        elif value != _DEFAULTS[key]:
            document.add(key, tomlkit.value(_written(value)))
    text = tomlkit.dumps(document)
    return text if body.endswith("\n") else text.removesuffix("\n")


def _written(value: object) -> str:
    match value:
        case list() | tuple():
            return f"[{', '.join(map(_written, value))}]"
        case str() | bool() | int() | float():
            return tomlkit.item(value).as_string()
    raise EditError(f"patch: {str(value)[:40]} cannot be written")
