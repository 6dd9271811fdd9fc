"""Groups in a show file's text: cues are put into one, and come out again. Pure; all raise EditError.

What followed by itself still does, as far as the kind of list allows: a group has no follow of its own inside
where all start together, and in a sequence the next comes by itself where nothing else is said.
"""

from collections.abc import Sequence
from itertools import count

from server.editing.blocks import EditError
from server.editing.cuelist import along, begins, called, free
from server.editing.numbers import between
from server.editing.tree import Node, Tree, written
from show_control.cue import number_key

ORDERS = ("sequence", "together")
DOES = ("notes", "send", "pre_wait", "armed", "again", "fails")
"""What a group may say that is more than which cues are in it."""


def grouped(
    text: str, numbers: Sequence[str], number: str = "", name: str = "", mode: str = "sequence"
) -> str:
    """The file with cues of one list in a group, in the place of the first.

    It gets the number of the first, if no other is given, and they are numbered in it: 4 and 5 are 4.1 and
    4.2 of the group 4. A goto to the first leads to the group.
    """
    if mode not in ORDERS:
        raise EditError(f'mode: expected "sequence" or "together", not "{mode[:40]}"')
    tree = Tree(text)
    nodes = sorted(
        (tree.find(one) for one in dict.fromkeys(numbers)), key=lambda node: number_key(node.number)
    )
    if not nodes:
        raise EditError("cues: expected the numbers of the cues that are to be a group")
    first, home = nodes[0], tree.around(nodes[0])
    for node in nodes:
        if tree.around(node) is not home:
            raise EditError(f"cue {first.number} and cue {node.number} are not in the same list")
    if number and number != first.number:
        free(tree, number)
    group = written(
        {
            "number": number or first.number,
            "name": name or f"{first.says.get('name', 'Group')} ...",
            "kind": "group",
            "mode": mode,
        }
    )
    if home is tree.root and nodes[-1].says.get("follow", "manual") != "manual":
        group.set("follow", "done")
    gotos = [node for node in tree.root.family() if node is not tree.root and _goes_to(node, first.number)]
    tree.call(_numbered_in(tree, nodes, group.number))
    for node in gotos:
        node.set("to", group.number)
    at = home.parts.index(first)
    for node in nodes:
        tree.take(node)
        if mode == "together" or node.says.get("follow") == "manual":
            node.set("follow", None)
        tree.insert(len(group.parts), node, group)
    if number:
        tree.place(group, home)
    else:
        tree.insert(at, group, home)
    return tree.text()


def ungrouped(text: str, number: str) -> str:
    """The file with the cues of a group in the list (or group) that it was in, and at its place there.

    A group that does more than gather, such as send or wait, stays in front of them as a cue that does that.
    """
    tree = Tree(text)
    group = tree.find(number)
    if group.says.get("kind") != "group":
        raise EditError(f"cue {number} is no group")
    home, nodes = tree.around(group), tree.row(group)
    if not nodes:
        raise EditError(f"cue {number} has no cues")
    stays = any(group.has(key) for key in DOES)
    row = tree.row(home)
    nth = row.index(group)
    low: str | None = group.number if stays else row[nth - 1].number if nth else None
    high = row[nth + 1].number if nth + 1 < len(row) else None
    for node in nodes:  # each between what is around it there
        key = number_key(node.number)
        if (low is not None and key <= number_key(low)) or (high is not None and key >= number_key(high)):
            called(tree, node, between(low, high, tree.numbers(), begins(tree, home)))
        low = node.number
    _unfollow(group, nodes, str(home.says.get("mode")) if home is not tree.root else "")
    at = home.parts.index(group)
    for node in nodes:
        tree.take(node)
    if stays:
        at += 1
        group.set("mode", None)
        group.set("kind", "send" if group.has("send") else "memo")
    else:
        tree.call({number: nodes[0].number})
        tree.take(group)
    for node in reversed(nodes):
        tree.insert(at, node, home)
    return tree.text()


def _numbered_in(tree: Tree, nodes: Sequence[Node], number: str) -> dict[str, str]:
    """Old -> new numbers of cues that are to be in a group: 4.1, 4.2 ..., but for those that others have."""
    mine = {one.number for node in nodes for one in node.family()}
    taken = {one for one in tree.numbers() if one not in mine}
    inside = (f"{number}.{nth}" for nth in count(1) if f"{number}.{nth}" not in taken)
    names: dict[str, str] = {}
    for node in nodes:
        names |= along(node, next(inside))
    return names


def _goes_to(node: Node, number: str) -> bool:
    return node.says.get("kind") == "goto" and node.says.get("to") == number


def _unfollow(group: Node, nodes: Sequence[Node], home: str) -> None:
    """Write what the group said of who follows whom as the follow of each cue, for a list of this mode."""
    if home == "together":
        for node in (group, *nodes):
            node.set("follow", None)
    elif not home:
        *others, last = nodes
        for node in others:
            if "follow" not in node.says:
                node.set("follow", "done" if group.says.get("mode") == "sequence" else "continue")
        last.set("follow", group.says.get("follow"))
        group.set("follow", "continue")
