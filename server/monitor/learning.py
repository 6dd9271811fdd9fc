"""Learning: somebody touches a sensor, and of all that is heard meanwhile the one that moves is meant.
Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.monitor.ledger import Direction, Row
from server.patch import BUILT_IN

MOST_HEARD = 1024
OFFERED = 5
NOTICEABLE = 0.02
"""Of a sensor's full scale: what moves less is noise."""

SCALES = (1.0, 10.0, 100.0, 127.0, 255.0, 1023.0, 4095.0, 65535.0)
"""Full scales that sensors have. Whoever has reached a value has at least the next of them."""


@dataclass(slots=True)
class Moved:
    """How far an address went while somebody was touching a sensor; `usual` is how far it goes by itself."""

    address: str
    low: float
    high: float
    usual: float
    count: int = 1

    @property
    def share(self) -> float:
        """Of its full scale, 0 to 1, beyond what it does by itself."""
        beyond = self.high - self.low - self.usual
        return min(1.0, max(0.0, beyond / scale(max(abs(self.low), abs(self.high)))))

    def to_plain(self) -> dict[str, object]:
        return {"address": self.address, "low": self.low, "high": self.high, "share": round(self.share, 3)}


class Learner:
    """Hears what comes in from now on. `rows` are what was known before."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._before = {
            row.address: (row.usual, _last(row))
            for row in rows
            if row.direction is Direction.IN and row.count
        }
        self._moved: dict[str, Moved] = {}

    def hear(self, address: str, value: float) -> None:
        """The number that a message brought; 1.0 for a pulse, which brings none."""
        moved = self._moved.get(address)
        if moved is None:
            _, _, path = address.partition("/")
            if len(self._moved) >= MOST_HEARD or not path or path.split("/", 1)[0] in BUILT_IN:
                return
            usual, last = self._before.get(address, (0.0, None))
            unseen = 0.0 if address in self._before else value
            began = unseen if last is None else last  # a switch sends one message, and has moved
            self._moved[address] = Moved(address, min(began, value), max(began, value), usual)
            return
        moved.low, moved.high = min(moved.low, value), max(moved.high, value)
        moved.count += 1

    def offers(self) -> list[Moved]:
        """What has moved, the most first. An address of which nobody knew counts though it has not moved yet,
        behind all others: a pulse has but one value."""
        moving = [moved for moved in self._moved.values() if moved.share >= NOTICEABLE]
        new = [
            moved
            for moved in self._moved.values()
            if moved.share < NOTICEABLE and moved.address not in self._before
        ]
        moving.sort(key=lambda moved: -moved.share)
        return [*moving, *new][:OFFERED]


def scale(value: float) -> float:
    """The full scale of a sensor that has reached a value."""
    return next((full for full in SCALES if value <= full * 1.001), value)


def _last(row: Row) -> float | None:
    value = row.args[0] if row.args else None
    return float(value) if isinstance(value, float | int) else None
