"""A trial: one line of the patch tried on a sensor's messages, beside the show. Raw in, shaped out. Pure."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from server.monitor.ledger import number
from server.patch import Patch, PatchEntry, Refused
from show_control.events import Control
from show_control.ramp import Glide
from show_control.stage import SMOOTHING_CEILING, SMOOTHING_FLOOR

MOST_POINTS = 2048
SAMPLED = 0.05
"""Seconds between two points of a sensor that says nothing: what it drives may still be gliding."""


class Point(NamedTuple):
    """`raw`: the number that came, None between messages; `level`: 0 to 1 after range and curve, None
    likewise; `out`: where its control is, 0 to 1. `fired`: an event happened."""

    at: float
    raw: float | None
    level: float | None
    out: float
    fired: bool = False


class Trial:
    """The same patch that the show has, with this one line. `heard` counts the points so far."""

    def __init__(self, entry: PatchEntry, address: str, seats: Sequence[str] = ()) -> None:
        self.entry = entry
        self.address = address
        self.count = 0
        self._patch = Patch([entry], seats)
        self._glide = Glide(entry.idle, entry.idle, 0.0, SMOOTHING_FLOOR)
        self._points: deque[Point] = deque(maxlen=MOST_POINTS)

    def hear(self, args: Sequence[object], now: float) -> None:
        """A message of the sensor. One that the line cannot take changes nothing."""
        self._advance(now)
        try:
            events = self._patch.resolve(self.address, args, now)
        except Refused:
            return
        raw = number(args)
        level = None if raw is None else self.entry.shape(raw)
        out = self._glide.at(now)
        fired = self._follow(events, now)
        self._add(Point(now, raw, level, 1.0 if fired else out, fired))

    def look(self, now: float) -> None:
        """Lets time go on, where no message does."""
        self._advance(now)
        if not self._points or now - self._points[-1].at >= SAMPLED:
            self._add(Point(now, None, None, self._glide.at(now)))

    def points(self, since: int) -> list[Point]:
        """Those after the first `since` of all, as far as they are kept."""
        new = min(self.count - since, len(self._points))
        return list(self._points)[-new:] if new > 0 else []

    def _advance(self, now: float) -> None:
        while (due := self._patch.deadline()) is not None and due <= now:
            self._follow(self._patch.advance(due), due)

    def _follow(self, events: Sequence[object], now: float) -> bool:
        """Whether one was no control."""
        fired = False
        for event in events:
            match event:
                case Control(_, value, smoothing):
                    tau = min(max(smoothing, SMOOTHING_FLOOR), SMOOTHING_CEILING)
                    self._glide = self._glide.retarget(now, value, tau)
                case _:
                    fired = True
        return fired

    def _add(self, point: Point) -> None:
        self._points.append(point)
        self.count += 1
