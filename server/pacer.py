"""The frame clock: which tick to make a picture for next. Pure; the caller reads the clock and sleeps."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    """Tick `number` of the clock, and the moment (`pts`, seconds) its picture is to be made for."""

    number: int
    pts: float


class Pacer:
    """Hands out ticks of `fps` a second, anchored at the clock's zero, each at most once.

    On time, the next tick lies ahead and the caller sleeps until its pts. Late, ticks that have passed are
    skipped and never made up for: the tick that is running is due at once, and its pts is now, so a picture
    that was begun late still shows the right moment. `number` is floor(pts * fps), up to rounding.
    """

    def __init__(self, fps: int) -> None:
        self.fps = fps
        self.skipped = 0
        self._last: int | None = None

    def next(self, now: float) -> Tick:
        """The tick to work on; `now` in seconds. Counts in `skipped` what was passed over."""
        running = math.floor(now * self.fps)
        last = running - 1 if self._last is None else self._last
        if running > last:
            self.skipped += running - last - 1
            self._last = running
            return Tick(running, now)
        self._last = last + 1
        return Tick(last + 1, (last + 1) / self.fps)
