"""One key of a show file's text is set; its comments, its order and its spacing stay. Pure.

It raises EditError for what cannot be done. Whether the outcome can be played, `parse_show` says.
"""

import tomllib
from dataclasses import replace

import tomlkit

from server.editing.blocks import Block, EditError, find, join, keys_of, numbers, span, split, without
from server.editing.cuelist import renumbered
from server.editing.tree import all_in_tables
from server.editing.values import Plain, put

__all__ = ["EditError", "Plain", "edited"]


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
    if cue is not None and cue not in numbers(blocks):
        all_in_tables(text, numbers(blocks))
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
        body = put(blocks[place].body, whole[len(blocks[place].keys) :], value, key)
        blocks[place] = replace(blocks[place], body=body)
    return join(without(blocks, gone))
