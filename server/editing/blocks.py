"""A show file's text in blocks: a header such as [[cue]], what stands under it, the comments above it."""

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from show_control.errors import suggest

Keys = tuple[str, ...]

_HEADER = re.compile(r"[ \t]*(\[\[?)([^\[\]#]+?)\]\]?[ \t]*(#.*)?\r?\n?")
_EMPTY = re.compile(r"[ \t]*(#.*)?\r?\n?")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class EditError(Exception):
    """An edit that cannot be made; the text says which and why."""


@dataclass(frozen=True)
class Block:
    """`listed`: its header is one of a list, [[...]]. The first block of a file has no header."""

    lead: str = ""
    header: str = ""
    body: str = ""
    keys: Keys = ()
    listed: bool = False

    @property
    def text(self) -> str:
        return self.lead + self.header + self.body

    @cached_property
    def number(self) -> str | None:
        """The number, if it is a cue with one."""
        if not self.listed or set(self.keys) != {"cue"}:
            return None
        number = tomllib.loads(self.body).get("number")
        return number if isinstance(number, str) else None

    @property
    def heading(self) -> str:
        """The comments above it that are not its own: an empty line is between."""
        lines = _LINE.findall(self.lead)
        while lines and lines[-1].strip():
            lines.pop()
        heading = "".join(lines)
        return heading if heading.strip() else ""


def split(text: str) -> list[Block]:
    """Blocks whose texts, joined, are the file; the last may be mere comments. Raises EditError."""
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise EditError(f"this is not TOML: {error}") from error
    pieces: list[str] = [""]
    for line in _LINE.findall(text):
        # What looks like a header may stand inside a text or a list; then what is before it is incomplete.
        if _HEADER.fullmatch(line) and _parses(pieces[-1]):
            pieces.append("")
        pieces[-1] += line
    blocks: list[Block] = []
    lead = ""
    for piece in pieces:
        own, after = _trimmed(piece)
        blocks.append(_block(lead, own))
        lead = after
    return [*blocks, Block(lead)] if lead else blocks


def join(blocks: Sequence[Block]) -> str:
    """The file. Raises EditError where that is none any more."""
    text = "".join(block.text for block in blocks)
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise EditError(f"the file cannot be edited in that way: {error}") from error
    return text


def keys_of(dotted: str) -> Keys:
    """The keys of a dotted key, as TOML has them: 'drive."plate.mom".psi' are three. Raises EditError."""
    try:
        table: Any = tomllib.loads(f"{dotted} = 0") if "=" not in dotted and "\n" not in dotted else None
    except (ValueError, RecursionError):
        table = None
    if table is None:
        raise EditError(f'"{dotted[:40]}" is no key; expected one such as look.psi or drive."plate.mom".psi')
    keys = []
    while isinstance(table, dict):
        [(key, table)] = table.items()
        keys.append(key)
    return tuple(keys)


def numbers(blocks: Sequence[Block]) -> list[str]:
    """Of all cues, in the order of the file."""
    return [block.number for block in blocks if block.number is not None]


def find(blocks: Sequence[Block], number: str) -> int:
    """Where a cue begins. Raises EditError."""
    for nth, block in enumerate(blocks):
        if block.number == number:
            return nth
    known = numbers(blocks)
    if not known:
        raise EditError("the file has no [[cue]] tables")
    raise EditError(f'there is no cue "{number[:40]}".{suggest(number, known)}')


def span(blocks: Sequence[Block], start: int) -> range:
    """The blocks of a cue: its own, and those of the cues in it."""
    keys, end = blocks[start].keys, start + 1
    while end < len(blocks) and len(blocks[end].keys) > len(keys) and blocks[end].keys[: len(keys)] == keys:
        end += 1
    return range(start, end)


def without(blocks: Sequence[Block], gone: Collection[int]) -> list[Block]:
    """The blocks but for some. Headings that stood above them stay."""
    kept: list[Block] = []
    heading = ""
    for nth, block in enumerate(blocks):
        if nth in gone:
            heading += block.heading
        else:
            kept.append(replace(block, lead=heading + block.lead))
            heading = ""
    return [*kept, Block(heading)] if heading else kept


def _block(lead: str, piece: str) -> Block:
    header = next(iter(_LINE.findall(piece)), "")
    found = _HEADER.fullmatch(header)
    if found is None:
        return Block(lead, "", piece)
    return Block(lead, header, piece[len(header) :], keys_of(found[2]), found[1] == "[[")


def _parses(piece: str) -> bool:
    try:
        tomllib.loads(piece)
    except ValueError:
        return False
    return True


def _trimmed(piece: str) -> tuple[str, str]:
    """The piece up to its last key and the comments right below that, and what belongs to the next one."""
    lines = _LINE.findall(piece)
    last = len(lines)
    while last > 0 and _EMPTY.fullmatch(lines[last - 1]):
        last -= 1
    while not _parses("".join(lines[:last])):  # it is the end of a text of several lines
        last += 1
    while 0 < last < len(lines) and lines[last].strip():
        last += 1
    return "".join(lines[:last]), "".join(lines[last:])
