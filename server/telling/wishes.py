"""Wishes: which addresses somebody wants to be told, and how often. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from server.osc.pattern import MAX_PATTERN, BadPattern, Pattern
from server.patch import Refused, finite, shown
from server.telling.facts import FAMILIES
from show_control.errors import suggest

ROOT = "/marrow/"
STATE = ("current", "standby", "mode", "progress")
"""What a target is told with state = true."""

RATES = (0.1, 100.0)
"""The lowest and the highest rate, in messages a second of each address."""


@dataclass(frozen=True, slots=True)
class Wish:
    """`pattern` names addresses, with the wildcards of OSC; a last "*" reaches all that is below as well.
    `rate` is in Hz; None: as often as each address is told by itself."""

    pattern: str
    rate: float | None = None

    def reaches(self, address: str) -> bool:
        *path, last = self.pattern.split("/")
        if last != "*":
            return Pattern(self.pattern).matches(address)
        start = address.split("/")[: len(path)]
        return start != address.split("/") and Pattern("/".join(path)).matches("/".join(start))


class Ask(NamedTuple):
    """/marrow/subscribe: what is wished for, and the port if the answers are to go to another."""

    wish: Wish
    port: int | None


def subscription(args: Sequence[object]) -> Ask:
    """/marrow/subscribe [pattern] [rate, 0: each address's own] [port]. Raises Refused."""
    match args:
        case []:
            return Ask(Wish(whole("*")), None)
        case [pattern]:
            return Ask(Wish(whole(pattern)), None)
        case [pattern, rate]:
            return Ask(Wish(whole(pattern), _rate(rate)), None)
        case [pattern, rate, port]:
            return Ask(Wish(whole(pattern), _rate(rate)), _port(port))
    raise Refused(f"expected a pattern, a rate and a port at most, got {len(args)} arguments")


def farewell(args: Sequence[object]) -> tuple[str | None, int | None]:
    """/marrow/unsubscribe [pattern] [port]: no pattern means all of them. Raises Refused."""
    match args:
        case []:
            return None, None
        case [pattern]:
            return whole(pattern), None
        case [pattern, port]:
            return whole(pattern), _port(port)
    raise Refused(f"expected a pattern and a port at most, got {len(args)} arguments")


def whole(pattern: object) -> str:
    """A pattern as it is meant, from the root on: "energy/*" -> "/marrow/energy/*". Raises Refused."""
    example = 'expected a pattern such as "current" or "energy/*"'
    if not isinstance(pattern, str) or not pattern or not pattern.isascii():
        raise Refused(f"{example}, got {shown(pattern)}")
    full = pattern if pattern.startswith("/") else ROOT + pattern
    if not full.startswith(ROOT) or len(full) > MAX_PATTERN:
        raise Refused(f"{example}, below {ROOT.rstrip('/')} and at most {MAX_PATTERN} characters long")
    try:
        Pattern(full)
    except BadPattern as error:
        raise Refused(f"{shown(pattern)}: {error}") from None
    first = full.removeprefix(ROOT).split("/")[0]
    if not any(Pattern(first).matches(family) for family in FAMILIES):
        near = suggest(first, FAMILIES).strip() or f"There are {', '.join(FAMILIES)}."
        raise Refused(f"{near} Nothing is told at {shown(full)}")
    return full


def told_to(state: bool, tell: Sequence[str], rate: float | None) -> tuple[Wish, ...]:
    """What a target of the config is told; `state` means STATE, each at its own rate."""
    patterns = tuple(Wish(whole(pattern), rate) for pattern in tell)
    return (*(Wish(ROOT + name) for name in STATE if state), *patterns)


def _rate(value: object) -> float | None:
    rate, (low, high) = finite(value), RATES
    if rate == 0.0:
        return None
    if not low <= rate <= high:
        raise Refused(f"expected a rate from {low:g} to {high:g} a second, or 0, got {rate:g}")
    return rate


def _port(value: object) -> int:
    port = finite(value)
    if not (port.is_integer() and 1 <= port <= 65535):
        raise Refused(f"expected a port from 1 to 65535, got {shown(value)}")
    return int(port)
