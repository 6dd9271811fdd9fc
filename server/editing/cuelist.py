"""Whole cues of a show file's text come, go, move, and change their numbers. Pure.

Numbers give the order, so a cue that moves gets one that is free where it goes; the cues in a group that
begin with its number go along, and whatever names a cue follows. All raise EditError for what cannot be
done. Whether the outcome can be played, `parse_show` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from server.editing.blocks import EditError
from server.editing.numbers import between, moved_along
from server.editing.tree import Node, Tree, written
from server.editing.values import Plain
from show_control.cue import number_key


@dataclass(frozen=True, slots=True)
class Place:
    """Right behind a cue, right in front of one, or at the end of a group; with none of them, of the list."""

    after: str = ""
    before: str = ""
    into: str = ""


END = Place()


def inserted(text: str, cue: Mapping[str, Plain], place: Place = END) -> str:
    """The file with one more cue. With a "number" it goes where that belongs, in the list of its place."""
    tree = Tree(text)
    group, low, high = _gap(tree, place)
    number = cue.get("number") or between(low, high, tree.numbers(), begins(tree, group))
    free(tree, number)
    tree.place(written({"number": number} | dict(cue) | {"number": number}), group)
    return tree.text()


def deleted(text: str, number: str) -> str:
    """The file without a cue and, of a group, without what is in it.

    Comments right above it go with it; those with an empty line below them are a heading, and stay.
    """
    tree = Tree(text)
    tree.take(tree.find(number))
    return tree.text()


def moved(text: str, number: str, place: Place) -> str:
    """The file with a cue in another place. It keeps its number where that fits, in the same list."""
    tree = Tree(text)
    node = tree.find(number)
    if {place.after, place.before, place.into}.intersection(one.number for one in node.family()):
        raise EditError(f"cue {number} cannot be moved to itself, or into itself")
    group, low, high = _gap(tree, place, without=node)
    if group is tree.around(node):
        after = low is None or number_key(low) < number_key(number)
        if after and (high is None or number_key(number) < number_key(high)):
            return text
    mine = {one.number for one in node.family()}
    taken = [one for one in tree.numbers() if one not in mine] + [number]
    called(tree, node, between(low, high, taken, begins(tree, group)))
    tree.take(node)
    tree.place(node, group)
    return tree.text()


def renumbered(text: str, old: str, new: str) -> str:
    """The file with a cue under another number, and at the place of that."""
    tree = Tree(text)
    node = tree.find(old)
    if old == new:
        return text
    group = tree.around(node)
    before = tree.row(group)
    called(tree, node, free(tree, new))
    if tree.row(group) != before:
        tree.take(node)
        tree.place(node, group)
    return tree.text()


def counted(text: str, group: str = "") -> str:
    """The file with the cues of the list as 1, 2, 3 ..., or those of a group, 7, as 7.1, 7.2, 7.3 ..."""
    tree = Tree(text)
    front = f"{group}." if group else ""
    names: dict[str, str] = {}
    for nth, node in enumerate(tree.row(tree.find(group) if group else tree.root), 1):
        names |= along(node, f"{front}{nth}")
    _still_free(tree, names)
    tree.call(names)
    return tree.text()


def duplicated(text: str, number: str, new: str = "") -> str:
    """The file with a cue twice: the second right behind the first, or where a number of its own belongs."""
    tree = Tree(text)
    node = tree.find(number)
    group, low, high = _gap(tree, Place(after=number))
    new = free(tree, new or between(low, high, tree.numbers(), begins(tree, group)))
    copy = _copy(node)
    names = along(node, new)
    for one in node.family():
        if one.number not in names:
            names[one.number] = between(None, None, [*tree.numbers(), *names.values()], new)
        free(tree, names[one.number])
    tree.call(names, within=copy)
    tree.place(copy, group)
    return tree.text()


# what changes of whole cues share


def begins(tree: Tree, group: Node) -> str:
    """The number that the cues of a group begin with, where they do."""
    if group is tree.root or not all(node.number.startswith(f"{group.number}.") for node in group.cues):
        return ""
    return group.number


def free(tree: Tree, number: object) -> str:
    """A number that is one, and no cue has. Raises EditError."""
    try:
        number_key(number)
    except ValueError as error:
        raise EditError(f"number: {error}") from None
    if number in tree.numbers():
        raise EditError(f"there is a cue {number} already")
    return str(number)


def along(node: Node, new: str) -> dict[str, str]:
    """Old -> new number of a cue that gets another, and of those in it that begin with its own."""
    return moved_along([one.number for one in node.family()], node.number, new)


def called(tree: Tree, node: Node, new: str) -> None:
    """Give a cue another number, where it stands. Raises EditError where one that comes of it is not free."""
    names = along(node, new)
    _still_free(tree, names)
    tree.call(names)


def _still_free(tree: Tree, names: Mapping[str, str]) -> None:
    others = {number for number in tree.numbers() if number not in names}
    for number in names.values():
        if number in others:
            raise EditError(f"there is a cue {number} already")


def _copy(node: Node) -> Node:
    return Node([_copy(part) if isinstance(part, Node) else part for part in node.parts])


def _gap(tree: Tree, place: Place, without: Node | None = None) -> tuple[Node, str | None, str | None]:
    """The group (or root) of a place, and the numbers of the cues on both sides."""
    if sum(map(bool, (place.after, place.before, place.into))) > 1:
        raise EditError('expected one place: "after" a cue, "before" a cue or "into" a group')
    if neighbour := place.after or place.before:
        group = tree.around(tree.find(neighbour))
    else:
        group = tree.find(place.into) if place.into else tree.root
        if group is not tree.root and group.says.get("kind") != "group":
            raise EditError(f"cue {group.number} is no group")
    row = [one.number for one in tree.row(group) if one is not without]
    at = row.index(place.after) + 1 if place.after else row.index(place.before) if place.before else len(row)
    return group, row[at - 1] if at else None, row[at] if at < len(row) else None
