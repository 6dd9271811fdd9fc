"""The address space: methods at their addresses, containers above them, and both as the JSON of OSCQuery."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

from server.osc import Arg
from server.renderer.energy import Energy
from show_control.snapshot import Snapshot
from show_control.status import Status

Args = tuple[Arg, ...]
Plain = dict[str, Any]

ATTRIBUTES = (
    "FULL_PATH",
    "CONTENTS",
    "TYPE",
    "ACCESS",
    "VALUE",
    "RANGE",
    "DESCRIPTION",
    "CRITICAL",
    "OVERLOADS",
)
"""What a node may be asked for. Others that OSCQuery knows (UNIT, TAGS ...) we do not have."""


class Access(IntFlag):
    NONE = 0
    READ = 1
    WRITE = 2


def unseen(projector: str) -> None:
    """Where nobody looks at pictures, none has any energy."""


@dataclass(frozen=True, slots=True)
class Now:
    """What values are read from: the show's status, and the last arguments that each sensor has sent; at a
    time in seconds the picture as it is planned, and how it looks on each projector."""

    status: Status
    heard: Mapping[str, Args] = field(default_factory=dict)
    at: float = 0.0
    snapshot: Snapshot | None = None
    energy: Callable[[str], Energy | None] = unseen


@dataclass(frozen=True, slots=True)
class Span:
    """The values that an argument may have: from `low` to `high`, or one of `values`."""

    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()

    def to_plain(self) -> Plain:
        if self.values:
            return {"VALS": list(self.values)}
        ends = {"MIN": self.low, "MAX": self.high}
        return {name: end for name, end in ends.items() if end is not None}


@dataclass(frozen=True, slots=True)
class Method:
    """An address that can be sent to, or whose value can be had.

    type         OSC type tags of its arguments; "I" for a button, "T" for what is on or off
    description  short: clients write it on buttons and sliders
    read         the value now, None as long as there is none; without it, it cannot be had
    spans        of each argument; none where any value will do
    critical     clients should use a wire that loses nothing
    overloads    other type tags that are understood
    """

    address: str
    type: str
    description: str
    read: Callable[[Now], Args | None] | None = None
    writable: bool = True
    spans: tuple[Span, ...] = ()
    critical: bool = False
    overloads: tuple[str, ...] = ()

    @property
    def access(self) -> Access:
        return (Access.READ if self.read else Access.NONE) | (Access.WRITE if self.writable else Access.NONE)

    def value(self, now: Now) -> Args | None:
        return self.read(now) if self.read else None

    def to_plain(self, now: Now) -> Plain:
        plain: Plain = {"FULL_PATH": self.address, "TYPE": self.type, "ACCESS": int(self.access)}
        if (value := self.value(now)) is not None:
            plain["VALUE"] = list(value)
        if self.spans:
            plain["RANGE"] = [span.to_plain() for span in self.spans]
        plain["DESCRIPTION"] = self.description
        if self.critical:
            plain["CRITICAL"] = True
        if self.overloads:
            plain["OVERLOADS"] = [{"TYPE": type} for type in self.overloads]
        return plain


class Space:
    """All methods by their addresses. `containers` describes some of the paths above them."""

    def __init__(self, methods: Iterable[Method], containers: Mapping[str, str]) -> None:
        self.methods = {method.address: method for method in methods}
        self._containers = containers
        self._children: dict[str, dict[str, str]] = {"/": {}}
        for address in self.methods:
            above = "/"
            for name in address.split("/")[1:]:
                path = f"{above.rstrip('/')}/{name}"
                self._children.setdefault(above, {})[name] = path
                above = path

    def __contains__(self, path: str) -> bool:
        return path in self.methods or path in self._children

    def to_plain(self, path: str, now: Now) -> Plain:
        """A node, and all that is in it. The path has to be there."""
        method = self.methods.get(path)
        plain: Plain = method.to_plain(now) if method else {"FULL_PATH": path, "ACCESS": int(Access.NONE)}
        if method is None and path in self._containers:
            plain["DESCRIPTION"] = self._containers[path]
        if path in self._children:
            inside = self._children[path]
            plain["CONTENTS"] = {name: self.to_plain(child, now) for name, child in inside.items()}
        return plain

    def changed(self, other: "Space") -> str | None:
        """The lowest path that holds whatever differs in the other: what is there, or how it is described."""
        ours = {
            address: (method.type, method.description, method.spans)
            for address, method in self.methods.items()
        }
        theirs = {
            address: (method.type, method.description, method.spans)
            for address, method in other.methods.items()
        }
        differing = [address for address in ours | theirs if ours.get(address) != theirs.get(address)]
        if not differing:
            return None
        common: list[str] = []
        for names in zip(*(address.split("/")[1:-1] for address in differing), strict=False):
            if len(set(names)) > 1:
                break
            common.append(names[0])
        return "/" + "/".join(common)
