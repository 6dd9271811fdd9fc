"""Edits of a show file's text that keep its comments, its order and its spacing. Pure: text in, text out.

All raise EditError for what cannot be done. Whether the outcome can be played, `parse_show` says.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from server.showblocks import Block, EditError, Keys, find, join, keys_of, numbers, span, split, without
from show_control.cue import number_key

__all__ = ["EditError", "Plain", "added", "between", "edited", "moved", "removed", "renumbered"]

Plain = str | int | float | bool | Sequence[Any] | Mapping[str, Any]
"""A value as JSON has it, but for null."""

NAMES = {"goto": "to", "arm": "cues", "disarm": "cues", "stop": "cues"}
"""Kind of cue -> the key by which it names others."""


def edited(text: str, cue: str | None, key: str, value: Plain | None) -> str:
    """The file with one key of a cue set to a value; None takes the key away.

    `key` is as in the file, with dots: "fade", "look.psi", 'drive."plate.mom".psi'. Without a `cue` it starts
    at the top: "safe.psi", "points.home", "guests.mom". Another "number" is as `renumbered` has it.
    """
    blocks, keys = split(text), keys_of(key)
    if keys[0] == "cue":
        raise EditError(f"{key}: name the cue by its number, and the key in it")
    if cue is not None and keys == ("number",):
        return renumbered(text, cue, value if isinstance(value, str) else "")
    mine = range(len(blocks)) if cue is None else span(blocks, find(blocks, cue))
    above = () if cue is None else blocks[mine.start].keys
    if cue is None and len(keys) > 1 and value is not None and keys[0] not in tomllib.loads(text):
        first = next((nth for nth, block in enumerate(blocks) if block.listed), len(blocks))
        blocks.insert(first, Block("\n", f"[{tomlkit.key(keys[0]).as_string()}]\n", "", keys[:1]))
        mine = range(len(blocks))
    whole = (*above, *keys)
    place, gone = mine.start, []
    for nth in mine[1:]:
        block = blocks[nth]
        if block.keys[: len(whole)] == whole:
            gone.append(nth)
        elif len(block.keys) > len(above) and whole[: len(block.keys)] == block.keys:
            if block.listed:
                raise EditError(f"{key}: it is a list of {block.header.strip()}; set that as a whole")
            if len(block.keys) > len(blocks[place].keys):
                place = nth
    if not gone or value is not None:
        body = _set(blocks[place].body, whole[len(blocks[place].keys) :], value, key)
        blocks[place] = replace(blocks[place], body=body)
    return join(without(blocks, gone))


def added(text: str, cue: Mapping[str, Plain], group: str = "") -> str:
    """The file with one more cue, at the place of its number; in a group, if one is named."""
    blocks = split(text)
    number = _free(blocks, cue.get("number"))
    keys = (*blocks[find(blocks, group)].keys, "cue") if group else ("cue",)
    body = "".join(f"{_entry(key, value)}\n" for key, value in cue.items())
    return join(_placed(blocks, [Block("\n", f"[[{'.'.join(keys)}]]\n", body, keys, True)], number, group))


def removed(text: str, number: str) -> str:
    """The file without a cue and, of a group, without what is in it.

    Comments right above it go with it; those with an empty line below them are a heading, and stay.
    """
    blocks = split(text)
    return join(without(blocks, span(blocks, find(blocks, number))))


def renumbered(text: str, old: str, new: str) -> str:
    """The file with a cue under another number, and at its place; all cues that name it follow."""
    blocks = split(text)
    start = find(blocks, old)
    if old == new:
        return text
    number = _free(blocks, new)
    blocks = [_called(block, old, number) if block.number else block for block in blocks]
    mine = span(blocks, start)
    group = _group(blocks, start)
    row = _row(blocks, group, len(blocks[start].keys))
    place, key = row.index(start), number_key(number)
    before = [number_key(blocks[nth].number) < key for nth in row[max(place - 1, 0) : place]]
    after = [number_key(blocks[nth].number) > key for nth in row[place + 1 : place + 2]]
    if all(before) and all(after):
        return join(blocks)
    cue = [blocks[nth] for nth in mine]
    own = cue[0].lead.removeprefix(cue[0].heading)
    cue[0] = replace(cue[0], lead=own if own.startswith("\n") else f"\n{own}")
    return join(_placed(without(blocks, mine), cue, number, group))


def moved(text: str, number: str, after: str) -> str:
    """The file with a cue right behind another one, under a number that is free there."""
    blocks = split(text)
    start, other = find(blocks, number), find(blocks, after)
    group = _group(blocks, start)
    if group != _group(blocks, other):
        raise EditError(f"cue {number} and cue {after} are not in the same list")
    row = [blocks[nth].number or "" for nth in _row(blocks, group, len(blocks[start].keys)) if nth != start]
    return renumbered(text, number, between(after, row, [one for one in numbers(blocks) if one != number]))


def between(after: str, row: Sequence[str], taken: Sequence[str]) -> str:
    """A number right behind `after`, before the next one in its `row`, which is not `taken` elsewhere."""
    low = number_key(after)
    high = min((key for key in map(number_key, row) if key > low), default=None)
    rounder = [(*low[: depth - 1], low[depth - 1] + 1) for depth in range(1, len(low) + 1)]
    finer = [(*low, *([0] * zeros), last) for zeros in range(4) for last in (5, *range(1, 100))]
    used = {number_key(number) for number in taken}
    for key in (*rounder, *finer):
        if low < key and key not in used and len(key) <= 5 and (high is None or key < high):
            return ".".join(map(str, key))
    raise EditError(f"there is no number left behind {after}: give the next cue another one first")


# places


def _group(blocks: Sequence[Block], start: int) -> str:
    """The number of the group that a cue is in, "" for none."""
    keys = blocks[start].keys[:-1]
    return next((block.number or "" for block in reversed(blocks[:start]) if keys and block.keys == keys), "")


def _row(blocks: Sequence[Block], group: str, depth: int) -> list[int]:
    """Where the cues of the list, or of a group, begin."""
    around = span(blocks, find(blocks, group)) if group else range(len(blocks))
    return [nth for nth in around if blocks[nth].number and len(blocks[nth].keys) == depth]


def _placed(blocks: list[Block], cue: list[Block], number: str, group: str) -> list[Block]:
    """With the cue before the first of its neighbours that has a higher number."""
    row = _row(blocks, group, len(cue[0].keys))
    later = (nth for nth in row if number_key(blocks[nth].number) > number_key(number))
    place = next(later, None)
    if place is None:
        last = row[-1] if row else find(blocks, group) if group else None
        place = len(blocks) if last is None else span(blocks, last).stop
    if place > 0 and (above := blocks[place - 1]).text and not above.text.endswith("\n"):
        blocks = [*blocks[: place - 1], replace(above, body=above.body + "\n"), *blocks[place:]]
    return [*blocks[:place], *cue, *blocks[place:]]


def _free(blocks: Sequence[Block], number: object) -> str:
    try:
        number_key(number)
    except ValueError as error:
        raise EditError(f"number: {error}") from None
    if number in numbers(blocks):
        raise EditError(f"there is a cue {number} already")
    return str(number)


# values


def _set(body: str, keys: Keys, value: Plain | None, key: str) -> str:
    document = tomlkit.parse(body if body.endswith("\n") or not body else f"{body}\n")
    table: Any = document
    around = table
    for name in keys[:-1]:
        if name not in table:
            if value is None:
                raise EditError(f"{key}: there is no such key")
            table[name] = tomlkit.value("{}")
        around, table = table, table[name]
        if not isinstance(table, Mapping):
            raise EditError(f"{key}: {name} is {table.as_string()}, which is no table; set it as a whole")
    if value is not None:
        new = tomlkit.value(_written(value))
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


def _written(value: object) -> str:
    """The value as TOML has it, on one line."""
    match value:
        case Mapping():
            entries = ", ".join(_entry(key, entry) for key, entry in value.items())
            return f"{{ {entries} }}" if entries else "{}"
        case list() | tuple():
            return f"[{', '.join(map(_written, value))}]"
        case str() | bool() | int() | float():
            try:
                str(value).encode()
                return tomlkit.item(value).as_string()
            except (TOMLKitError, ValueError) as error:
                raise EditError(f"{str(value)[:40]} cannot be written: {error}") from error
    raise EditError(f"{str(value)[:40]} has no place in a show file")


def _entry(key: object, value: object) -> str:
    return f"{tomlkit.key(str(key)).as_string()} = {_written(value)}"


def _called(cue: Block, old: str, new: str) -> Block:
    """A cue with a number in the place of another: its own, or that of a cue which it names."""
    document = tomlkit.parse(cue.body)
    if document["number"] == old:
        document["number"] = new
    key = NAMES.get(str(document.get("kind")), "")
    named = document.get(key)
    if named == old:
        document[key] = new
    elif isinstance(named, list):
        for nth, entry in enumerate(named):
            if entry == old:
                named[nth] = new
    return replace(cue, body=tomlkit.dumps(document))
