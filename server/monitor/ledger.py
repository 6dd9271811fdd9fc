"""The ledger: what every sender sends to every address, in numbers. Pure, bounded, and cheap for each
message.

Nothing is put into words here: that is done when somebody looks.
"""

import math
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

MOST_ROWS = 1024
MOST_WATCHED = 16  # addresses of which the raw messages are kept
MOST_RAW = 2048  # messages of each of those: ten seconds at 200 a second
MOST_NAMES = 1024  # senders whose short names are remembered
MOST_ARGS = 8
MOST_TEXT = 255  # characters of an address, a sender, a reason
MOST_ARG_TEXT = 80

SECOND = 1.0
FADES = 0.9
"""What a second takes off how much a sensor usually moves, so that one knock is not for ever."""


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Raw(NamedTuple):
    """One message of an address that is watched. `at` in seconds of the caller's clock."""

    at: float
    direction: Direction
    source: str
    args: tuple[object, ...]
    reason: str


@dataclass(slots=True)
class Row:
    """One address of one sender, or one address that one target is sent.

    `reason`: why the last one was refused or could not be sent, "" where it was taken. `low` and `high` are
    the least and the greatest first argument that was a number; `usual` is how far that goes in one second,
    of late. `serial` is that of the newest message: rows are in its order.
    """

    id: int
    direction: Direction
    source: str
    address: str
    since: float
    at: float
    serial: int = 0
    args: tuple[object, ...] = ()
    reason: str = ""
    count: int = 0
    refused: int = 0
    low: float = math.inf
    high: float = -math.inf
    usual: float = 0.0
    _second: float = 0.0  # when the second began that is being counted
    _counted: int = 0
    _rate: float = 0.0
    _low: float = math.inf
    _high: float = -math.inf

    def hear(self, args: tuple[object, ...], reason: str, now: float) -> None:
        elapsed = now - self._second
        if elapsed >= SECOND:
            self._rate = self._counted / elapsed
            spread = self._high - self._low if self._high > self._low else 0.0
            self.usual = max(spread, self.usual * FADES)
            self._second, self._counted = now, 0
            self._low, self._high = math.inf, -math.inf
        self._counted += 1
        self.count += 1
        self.at, self.args, self.reason = now, args, reason
        if reason:
            self.refused += 1
        if (value := number(args)) is not None:
            self._low, self._high = min(self._low, value), max(self._high, value)
            self.low, self.high = min(self.low, value), max(self.high, value)

    def rate(self, now: float) -> float:
        """Messages a second: of the last whole second, or of the time since, where that is longer or the
        first."""
        elapsed = now - self._second
        if elapsed >= SECOND or self._second == self.since:
            return self._counted / max(elapsed, SECOND)
        return self._rate


@dataclass(slots=True)
class Ledger:
    """All rows, by who sent or is sent what. No message makes it raise, or grow beyond its bounds: the row
    that was silent for longest makes room.

    `serial` counts messages, `forgotten` the rows that made room.
    """

    serial: int = 0
    forgotten: int = 0
    _rows: OrderedDict[tuple[Direction, str, str], Row] = field(default_factory=OrderedDict)
    _watched: dict[str, deque[Raw]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _ids: int = 0

    def __len__(self) -> int:
        return len(self._rows)

    def hear(
        self, direction: Direction, source: str, address: str, args: Sequence[object], reason: str, now: float
    ) -> Row:
        """A message. `source` is who sent it, or which target it is sent to; `reason` why it was refused."""
        source = self._names.get(source) or self._name(source)
        if len(address) > MOST_TEXT:
            address = address[:MOST_TEXT]
        key = direction, source, address
        row = self._rows.get(key)
        if row is None:
            row = self._open(key, now)
        else:
            self._rows.move_to_end(key)
        self.serial += 1
        row.serial = self.serial
        kept = (
            (args[0],) if len(args) == 1 and type(args[0]) is float else tuple(map(_kept, args[:MOST_ARGS]))
        )
        row.hear(kept, reason[:MOST_TEXT] if reason else "", now)
        if self._watched and (log := self._watched.get(address)) is not None:
            log.append(Raw(now, direction, source, kept, row.reason))
        return row

    def rows(self) -> Iterator[Row]:
        """All, the one that was silent for longest first."""
        yield from self._rows.values()

    def changed(self, since: int, most: int = MOST_ROWS) -> list[Row]:
        """The rows that were heard after the message `since`, in that order; the first so many of them."""
        found = []
        for row in reversed(self._rows.values()):
            if row.serial <= since:
                break
            found.append(row)
        return found[::-1][:most]

    def watch(self, address: str) -> bool:
        """Keep the raw messages of an address. False where too many are kept already."""
        if address not in self._watched and len(self._watched) >= MOST_WATCHED:
            return False
        self._watched.setdefault(address, deque(maxlen=MOST_RAW))
        return True

    def unwatch(self, address: str) -> None:
        self._watched.pop(address, None)

    def raw(self, address: str, since: float) -> list[Raw]:
        """What was sent to an address that is watched after a moment."""
        log = self._watched.get(address, ())
        return [each for each in log if each.at > since]

    def newest(self, address: str) -> Row | None:
        """What came in last for an address, whoever sent it."""
        mine = (
            row for row in self._rows.values() if row.address == address and row.direction is Direction.IN
        )
        return max(mine, key=lambda row: row.serial, default=None)

    def _open(self, key: tuple[Direction, str, str], now: float) -> Row:
        if len(self._rows) >= MOST_ROWS:
            self._rows.popitem(last=False)
            self.forgotten += 1
        self._ids += 1
        row = self._rows[key] = Row(self._ids, *key, since=now, at=now, _second=now)
        return row

    def _name(self, source: str) -> str:
        """A sender without its port: many a program takes another one for each message."""
        name, colon, port = source.rpartition(":")
        short = name if colon and port.isdigit() and " " in name else source
        if len(self._names) >= MOST_NAMES:
            self._names.clear()
        self._names[source[:MOST_TEXT]] = short[:MOST_TEXT]
        return short[:MOST_TEXT]


def number(args: Sequence[object]) -> float | None:
    """The first argument, where it is a finite number; None else."""
    if not args:
        return None
    value = args[0]
    if type(value) is not float:
        if not isinstance(value, int | float):
            return None
        try:
            value = float(value)
        except OverflowError:
            return None
    return value if math.isfinite(value) else None


def _kept(arg: object) -> object:
    """An argument that takes little room."""
    match arg:
        case bool() | float() | None:
            return arg
        case int():
            return arg if arg.bit_length() <= 64 else "a number of far too many digits"
        case str():
            return arg if len(arg) <= MOST_ARG_TEXT else arg[: MOST_ARG_TEXT - 1] + "…"
        case bytes():
            return f"{len(arg)} bytes"
    return type(arg).__name__[:MOST_ARG_TEXT]


def words(args: Sequence[object]) -> str:
    """Arguments as they are read: 0.42 "mom" true."""
    return " ".join(map(_word, args))


def _word(arg: object) -> str:
    match arg:
        case bool():
            return "true" if arg else "false"
        case float():
            return f"{arg:.4g}"
        case None:
            return "nothing"
        case str():
            return f'"{arg.encode(errors="replace").decode()}"'
    return str(arg)
