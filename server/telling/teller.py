"""Who is told what, and when: pure, `now` is an argument (seconds).

Time is cut into slots of 1 / rate. In each, an address is told once at most, and only if it has changed or if
nobody has heard of it for REPEAT: who starts late, or has lost a datagram, learns it too. Addresses of one
rate share their slots, so that all of them cost one look.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from server.oscquery.space import Args
from server.patch import Refused
from server.telling.facts import LOOP, Fact
from server.telling.wishes import Wish

REPEAT = 1.0
"""Seconds after which what has not changed is told again."""

KEPT = 60.0
"""Seconds for which a subscription lasts that nobody renews."""

MOST = 16
"""Subscribers, and patterns of each."""

SHORTEST = 0.01
"""Seconds between two looks at what has changed: to read the state of a show costs more than a message."""

_ROUNDING = 1e-6  # of a slot: a timer that comes on time is not to come too early


class Told(NamedTuple):
    """A message: to whom, what."""

    to: str
    address: str
    args: Args


@dataclass(slots=True)
class _Line:
    """One address, as one hearer is told of it. `slot` is that of the last message."""

    fact: Fact
    rate: float
    slot: int = -1
    args: Args | None = None
    again: float = -math.inf


@dataclass(slots=True)
class _Hearer:
    name: str
    wishes: dict[str, Wish] = field(default_factory=dict)
    until: float = math.inf
    lines: list[_Line] = field(default_factory=list)
    looped: bool = False


class Teller:
    """Knows all facts, and of each hearer what it was told last.

    A hearer is a listed target, or a subscriber, who is forgotten after KEPT.
    """

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._facts = tuple(facts)
        self._hearers: dict[str, _Hearer] = {}
        self._looked_at = -math.inf
        self._next: float | None = None

    @property
    def busy(self) -> bool:
        """Whether anybody wants to hear anything."""
        return bool(self._hearers)

    @property
    def hearers(self) -> tuple[str, ...]:
        return tuple(self._hearers)

    @property
    def deadline(self) -> float | None:
        """When to look again, if nothing happens meanwhile."""
        return self._next if self._hearers else None

    @property
    def soonest(self) -> float:
        """When to look again at the soonest, whatever happens."""
        return self._looked_at + SHORTEST

    def know(self, facts: Sequence[Fact]) -> None:
        """From now on there are these facts. What was told of one that stays is not told again."""
        self._facts = tuple(facts)
        for hearer in self._hearers.values():
            self._fit(hearer)

    def enlist(self, name: str, wishes: Iterable[Wish]) -> None:
        """A target of the config, which is told for ever."""
        self._hearers[name] = hearer = _Hearer(name, {wish.pattern: wish for wish in wishes})
        self._fit(hearer)

    def subscribe(self, name: str, wish: Wish, now: float) -> int:
        """Until KEPT is over, or MOST others came later: who still listens subscribes again, and who went
        without a word makes room. Gives how many addresses the wish reaches by now; raises Refused where
        there is no room for another pattern."""
        hearer = self._hearers.get(name)
        if hearer is None:
            hearer = _Hearer(name)
        if wish.pattern not in hearer.wishes and len(hearer.wishes) >= MOST:
            raise Refused(f'{MOST} patterns are subscribed to already; "*" is a pattern for everything')
        renewed = hearer.wishes.get(wish.pattern) == wish
        hearer.wishes[wish.pattern], hearer.until = wish, now + KEPT
        if name not in self._hearers:
            self._make_room()
        self._hearers[name] = hearer
        if not renewed:
            self._fit(hearer)
        return sum(wish.reaches(fact.address) for fact in self._facts)

    def _make_room(self) -> None:
        temporary = [hearer for hearer in self._hearers.values() if hearer.until < math.inf]
        if len(temporary) >= MOST:
            del self._hearers[min(temporary, key=lambda hearer: hearer.until).name]

    def unsubscribe(self, name: str, pattern: str | None) -> None:
        """No more of a pattern, or of anything. Raises Refused where nothing like it was subscribed to."""
        hearer = self._hearers.get(name)
        if hearer is None or hearer.until == math.inf or (pattern and pattern not in hearer.wishes):
            raise Refused("there is no such subscription; it may have been forgotten")
        if pattern:
            del hearer.wishes[pattern]
        if not pattern or not hearer.wishes:
            del self._hearers[name]
        else:
            self._fit(hearer)

    def forget(self, now: float) -> tuple[str, ...]:
        """Lets go of the subscriptions that nobody has renewed; says whose."""
        over = tuple(name for name, hearer in self._hearers.items() if hearer.until <= now)
        for name in over:
            del self._hearers[name]
        return over

    def look(self, now: float, read: Callable[[Fact], Args | None]) -> list[Told]:
        """All that is to be told now, and the next `deadline`. Each fact is read once at most."""
        self._looked_at = now
        values: dict[str, Args | None] = {}
        told: list[Told] = []
        due = math.inf
        for hearer in self._hearers.values():
            for line in hearer.lines:
                fact, slot = line.fact, math.floor(now * line.rate + _ROUNDING)
                if slot > line.slot:
                    address = fact.address
                    if address not in values:
                        values[address] = read(fact)
                    args = values[address]
                    if args is not None and (args != line.args or now >= line.again):
                        told.append(Told(hearer.name, address, args))
                        line.slot, line.args, line.again = slot, args, now + REPEAT
                    elif not fact.moves:  # nothing will change by itself
                        due = min(due, line.again if args is not None else now + REPEAT)
                        continue
                due = min(due, (slot + 1) / line.rate)
        self._next = due if due < math.inf else None
        return told

    def passing(self, turn: int) -> list[Told]:
        """To whom it is told that the walk passes the start of its loop, which waits for no slot."""
        return [Told(hearer.name, LOOP, (turn,)) for hearer in self._hearers.values() if hearer.looped]

    def _fit(self, hearer: _Hearer) -> None:
        """The lines that a hearer's wishes come to; of several rates the highest counts."""
        known = {line.fact.address: line for line in hearer.lines}
        hearer.lines, hearer.looped = [], False
        for fact in self._facts:
            rates = [wish.rate or fact.rate for wish in hearer.wishes.values() if wish.reaches(fact.address)]
            if rates and fact.address == LOOP:
                hearer.looped = True
            elif rates:
                line = known.get(fact.address)
                hearer.lines.append(line if line and line.rate == max(rates) else _Line(fact, max(rates)))
