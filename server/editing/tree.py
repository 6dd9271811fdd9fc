"""The cues of a show file as a tree of their text: each with its lines, its comments and the cues in it.

What was read is written again to the byte. A cue takes its own comments along; those with an empty line below
them are a heading, a part of the list, and stay where they are.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import tomlkit

from server.editing.blocks import Block, EditError, Keys, join, keys_of, numbers, span, split
from server.editing.values import Plain, entry, put
from show_control.cue import number_key
from show_control.errors import suggest

NAMES = {"goto": "to", "arm": "cues", "disarm": "cues", "stop": "cues"}
"""Kind of cue -> the key by which it names others."""

Called = Mapping[str, str]
"""Old number -> new one."""


@dataclass(slots=True, eq=False)
class Node:
    """A cue: its own blocks and, among them, those that are in it. The root is the list."""

    parts: "list[Block | Node]"

    @property
    def cues(self) -> "list[Node]":
        """In the order of the file."""
        return [part for part in self.parts if isinstance(part, Node)]

    @property
    def head(self) -> Block:
        """The block that it begins with."""
        first = self.parts[0]
        assert isinstance(first, Block)
        return first

    @property
    def number(self) -> str:
        return self.head.number or ""

    @property
    def says(self) -> dict[str, Any]:
        """The keys of its head."""
        return tomllib.loads(self.head.body)

    def set(self, key: str, value: Plain | None) -> None:
        """Write a key of the head; None takes it away where it is."""
        if value is not None or key in self.says:
            self.parts[0] = replace(self.head, body=put(self.head.body, (key,), value, key))

    def has(self, key: str) -> bool:
        """Whether it says something of this, in its head or in a table of its own."""
        blocks = [part for part in self.parts[1:] if isinstance(part, Block)]
        return key in self.says or any(key in block.keys for block in blocks)

    def family(self) -> "Iterator[Node]":
        """The cue, and all that are in it."""
        yield self
        for cue in self.cues:
            yield from cue.family()


class Tree:
    """A show file's text. Raises EditError for what cannot be done; then it is of no further use."""

    def __init__(self, text: str) -> None:
        blocks = split(text)
        all_in_tables(text, set(numbers(blocks)))
        self.root = Node(_parts(blocks, 1))

    def text(self) -> str:
        return join(_ended(list(_blocks(self.root, 0))))

    def numbers(self) -> list[str]:
        """Of all cues, in the order of the file."""
        return [node.number for node in self.root.family() if node is not self.root]

    def find(self, number: str) -> Node:
        for node in self.root.family():
            if node is not self.root and node.number == number:
                return node
        raise EditError(f'there is no cue "{number[:40]}".{suggest(number, self.numbers())}')

    def around(self, node: Node) -> Node:
        """The group that a cue is in, or the root."""
        return next(one for one in self.root.family() if node in one.cues)

    def row(self, group: Node) -> list[Node]:
        """The cues of the list or of a group, in the order in which they play."""
        return sorted(group.cues, key=lambda node: number_key(node.number))

    def take(self, node: Node) -> None:
        """Take a cue out of where it is."""
        self.around(node).parts.remove(node)

    def place(self, node: Node, group: Node) -> None:
        """Put a cue among those of a group, where its number belongs: right behind the one before it."""
        row = self.row(group)
        before = [one for one in row if number_key(one.number) < number_key(node.number)]
        if before:
            at = group.parts.index(before[-1]) + 1
        else:
            at = group.parts.index(row[0]) if row else len(group.parts)
        self.insert(at, node, group)

    def insert(self, at: int, node: Node, group: Node) -> None:
        """Put a cue among the parts of a group, an empty line before it."""
        lead = node.head.lead
        node.parts[0] = replace(node.head, lead=lead if lead.startswith(("\n", "\r\n")) else f"\n{lead}")
        group.parts.insert(at, node)

    def call(self, called: Called, within: Node | None = None) -> None:
        """Give cues other numbers; those that name them follow, all or the ones `within` a cue."""
        for node in list((within or self.root).family()):
            if node is not self.root:
                node.parts[0] = _called(node.head, called)


def written(cue: Mapping[str, Plain]) -> Node:
    """A cue of plain keys, as a person would write it: drives on lines of their own where there are several,
    and the cues of a group behind it. Raises EditError."""
    own, drive, inner = dict(cue), cue.get("drive"), cue.get("cue", [])
    own.pop("cue", None)
    parts: list[Block | Node] = []
    if isinstance(drive, Mapping) and len(drive) > 1:
        del own["drive"]
        parts.append(Block("\n", "[cue.drive]\n", _lines(drive), ("cue", "drive")))
    parts.insert(0, Block("\n", "[[cue]]\n", _lines(own), ("cue",), True))
    if not isinstance(inner, list) or not all(isinstance(one, Mapping) for one in inner):
        raise EditError("cue: expected a list of cues")
    return Node([*parts, *(written(one) for one in inner)])


def _lines(table: Mapping[str, Plain]) -> str:
    return "".join(f"{entry(key, value)}\n" for key, value in table.items())


# reading and writing


def _parts(blocks: list[Block], depth: int) -> list[Block | Node]:
    """The blocks in order, with the cues of this depth as nodes and their headings before them."""
    parts: list[Block | Node] = []
    nth = 0
    while nth < len(blocks):
        block = blocks[nth]
        if not (block.listed and block.keys == ("cue",) * depth):
            parts.append(block)
            nth += 1
            continue
        mine = span(blocks, nth)
        if block.heading:
            parts.append(Block(block.heading))
        own = replace(block, lead=block.lead.removeprefix(block.heading))
        inner = _parts(blocks[mine.start + 1 : mine.stop], depth + 1)
        parts.append(Node([_relative(own, depth), *(_relative(one, depth) for one in inner)]))
        nth = mine.stop
    return parts


def _relative(part: Block | Node, depth: int) -> Block | Node:
    """A block of a cue, with the keys that it would have in the list."""
    if isinstance(part, Node) or not part.keys:
        return part
    return replace(part, keys=part.keys[depth - 1 :])


def _blocks(node: Node, depth: int) -> Iterator[Block]:
    for part in node.parts:
        if isinstance(part, Node):
            yield from _blocks(part, depth + 1)
        elif part.keys and depth > 0:
            yield _headed(part, (*("cue",) * (depth - 1), *part.keys))
        else:
            yield part


def _headed(block: Block, keys: Keys) -> Block:
    """The block with the header for these keys; the one it has stays, to the byte, where it is for them."""
    opening, closing = ("[[", "]]") if block.listed else ("[", "]")
    before, _, rest = block.header.partition(opening)
    inner, _, after = rest.partition(closing)
    if keys_of(inner) != keys:
        inner = ".".join(tomlkit.key(key).as_string() for key in keys)
    return replace(block, header=f"{before}{opening}{inner}{closing}{after}", keys=keys)


def _ended(blocks: list[Block]) -> list[Block]:
    """Each on lines of its own."""
    return [
        replace(block, body=f"{block.body}\n")
        if nth + 1 < len(blocks) and block.text and not block.text.endswith("\n")
        else block
        for nth, block in enumerate(blocks)
    ]


def all_in_tables(text: str, known: Collection[str]) -> None:
    """Raises EditError where a cue of the file has no lines of its own, and so is not among the `known`."""

    def look(cues: object) -> None:
        for cue in cues if isinstance(cues, list) else ():
            number = cue.get("number") if isinstance(cue, dict) else None
            if isinstance(number, str) and number not in known:
                raise EditError(
                    f'cue {number} stands in a list, "cue = [{{ ... }}]". Give each cue of that list a '
                    "[[cue]] table of its own in the file (in a group [[cue.cue]]), and edit again"
                )
            look(cue.get("cue") if isinstance(cue, dict) else None)

    look(tomllib.loads(text).get("cue"))


def _called(head: Block, called: Called) -> Block:
    """A cue with other numbers for what is called otherwise: its own, and those that it names."""
    says = tomllib.loads(head.body)
    key = NAMES.get(str(says.get("kind")), "")
    named = says.get(key)
    body = head.body
    if says.get("number") in called:
        body = put(body, ("number",), called[says["number"]], "number")
    if isinstance(named, str) and named in called:
        body = put(body, (key,), called[named], key)
    elif isinstance(named, list) and any(isinstance(one, str) and one in called for one in named):
        document = tomlkit.parse(body)
        listed: Any = document[key]
        for nth, one in enumerate(named):
            if isinstance(one, str) and one in called:
                listed[nth] = called[one]
        body = tomlkit.dumps(document)
    return replace(head, body=body)
