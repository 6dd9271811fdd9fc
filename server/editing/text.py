"""One key of a show file's text is set; its comments, its order and its spacing stay. Pure.

It raises EditError for what cannot be done. Whether the outcome can be played, `parse_show` says.
"""

import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import tomlkit

from server.editing.blocks import Block, EditError, Keys, find, join, keys_of, numbers, span, split, without
from server.editing.cuelist import renumbered
from server.editing.tree import all_in_tables
from server.editing.values import Plain, Step, entry, put, steps

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
    start = 0 if cue is None else find(blocks, cue)
    above = () if cue is None else blocks[start].keys
    if cue is None and len(keys) > 1 and value is not None and keys[0] not in tomllib.loads(text):
        first = next((nth for nth, block in enumerate(blocks) if block.listed), len(blocks))
        blocks.insert(first, Block("\n", f"[{tomlkit.key(keys[0]).as_string()}]\n", "", keys[:1]))
    return join(_At(start, above, key).set(blocks, (*above, *keys), value))


@dataclass(frozen=True)
class _At:
    """Where a cue starts among the blocks of its file, with which keys; ("") the file's own tables. Errors
    call what is set `key`."""

    start: int
    above: Keys
    key: str

    def span(self, blocks: Sequence[Block]) -> range:
        return span(blocks, self.start) if self.above else range(len(blocks))

    def set(self, blocks: Sequence[Block], whole: Keys, value: Plain | None) -> list[Block]:
        """The blocks of the file with what has these keys set to a value."""
        place, gone = self.start, []
        for nth in self.span(blocks)[1:]:
            block = blocks[nth]
            if block.keys[: len(whole)] == whole:
                gone.append(nth)
            elif len(block.keys) > len(self.above) and whole[: len(block.keys)] == block.keys:
                if block.listed:
                    raise EditError(
                        f"{self.key}: it is a list of {block.header.strip()}; set that as a whole"
                    )
                if len(block.keys) > len(blocks[place].keys):
                    place = nth
        if gone and value is not None:
            with suppress(EditError, tomllib.TOMLDecodeError):
                merged = self._merged(blocks, whole, value)
                if self._there(merged, whole) == value:
                    return merged
        changed = list(blocks)
        if not gone or value is not None:
            body = put(blocks[place].body, whole[len(blocks[place].keys) :], value, self.key)
            changed[place] = replace(blocks[place], body=body)
        return without(changed, gone)

    def _merged(self, blocks: Sequence[Block], whole: Keys, value: Plain) -> list[Block]:
        """With each key of a table, or item of a list of tables, by itself: what stands around them stays."""
        merged = list(blocks)
        match self._there(blocks, whole), value:
            case Mapping() as there, Mapping():
                for name in dict.fromkeys((*there, *value)):
                    merged = self.set(merged, (*whole, name), value.get(name))
            case list() as there, list() | tuple() if value:
                for step, nth, item in steps(there, value):
                    merged = self._stepped(merged, whole, step, nth, item)
        return merged

    def _stepped(self, blocks: list[Block], whole: Keys, step: Step, nth: int, item: Any) -> list[Block]:
        """With one step made in a list of tables, such as [[cue.send]]."""
        starts = [place for place in self.span(blocks)[1:] if blocks[place].keys == whole]
        match step, item:
            case Step.DROP, _:
                return without(blocks, span(blocks, starts[nth]))
            case Step.INSERT, Mapping():
                header = f"[[{'.'.join(tomlkit.key(name).as_string() for name in whole)}]]\n"
                body = "".join(f"{entry(key, one)}\n" for key, one in item.items())
                place = starts[nth] if nth < len(starts) else span(blocks, starts[-1]).stop
                return [*blocks[:place], Block("\n", header, body, whole, True), *blocks[place:]]
            case Step.CHANGE, Mapping():
                return _At(starts[nth], whole, self.key)._merged(blocks, whole, item)
        raise EditError(f"{self.key}: an item of it is no table")

    def _there(self, blocks: Sequence[Block], whole: Keys) -> Any:
        """The value of these keys; None without one."""
        value: Any = tomllib.loads("".join(blocks[nth].text for nth in self.span(blocks)))
        for name in whole:
            value = value.get(name) if isinstance(value, Mapping) else None
            if isinstance(value, list) and name in self.above:  # the cue alone, or the one around it
                value = value[0]
        return value
