"""A sensor that was heard: gates, buttons and silence."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from server.patch.builtin import BUTTONS
from server.patch.entry import EventName, PatchEntry
from show_control.events import Control, Event


@dataclass(slots=True)
class Sensor:
    """One address that was heard, and what has to be remembered of it."""

    entry: PatchEntry
    control: str  # its control's name with the placeholders filled in; "" for an event
    heard_at: float = -math.inf
    silent: bool = True
    on: bool = False  # the gate, or the event's button
    low: bool = True  # the level asks for the gate to fall; it may have to wait for `hold`
    risen_at: float = -math.inf
    last: Control | None = None  # what its control was set to; None: nobody knows

    def hear(self, level: float | None, now: float) -> Event | None:
        """Takes a level 0..1, or None for a message without arguments. Returns what follows from it."""
        event = self._heard(level, now)
        if isinstance(event, Control):
            self.last = event
        return event

    def _heard(self, level: float | None, now: float) -> Event | None:
        entry = self.entry
        self.heard_at, self.silent = now, False
        if entry.event is not None:
            return self._trigger(entry.event, level, now)
        assert level is not None  # only an event may come without a value
        if entry.threshold is None:
            return Control(self.control, level, entry.smoothing)
        was_on = self.on
        self.low = level < entry.threshold - (entry.hysteresis if was_on else 0.0)
        if not was_on and not self.low:
            self.on, self.risen_at = True, now
        elif was_on and self.low and now >= self.risen_at + entry.hold:
            self.on = False
        told = self.last is not None and self.last.value == float(self.on)
        return None if told else Control(self.control, float(self.on), entry.smoothing)

    def _trigger(self, event: EventName, level: float | None, now: float) -> Event | None:
        entry, was_on = self.entry, self.on
        threshold = 0.5 if entry.threshold is None else entry.threshold
        self.on = level is not None and level >= threshold - (entry.hysteresis if was_on else 0.0)
        rises = level is None or (self.on and not was_on)
        if not rises or now < self.risen_at + entry.hold:
            return None
        self.risen_at = now
        return BUTTONS[event]

    def deadline(self) -> float | None:
        """When something happens without a message: a gate falls after its hold, or silence begins."""
        times = []
        if self._falls_later():
            times.append(self.risen_at + self.entry.hold)
        if self.entry.silence is not None and not self.silent:
            times.append(self.heard_at + self.entry.silence)
        return min(times, default=None)

    def advance(self, now: float) -> Iterator[Event]:
        entry = self.entry
        if self._falls_later() and now >= self.risen_at + entry.hold:
            self.on = False
            self.last = Control(self.control, 0.0, entry.smoothing)
            yield self.last
        if entry.silence is not None and not self.silent and now >= self.heard_at + entry.silence:
            self.silent = True
            if entry.event is not None:
                self.on = False  # a button that never says when it is let go can be pressed again
                return
            self.on = entry.threshold is not None and entry.idle >= entry.threshold
            self.low, self.last = not self.on, None
            yield Control(self.control, entry.idle, entry.decay)

    def rest(self) -> Iterator[Event]:
        """What its control does when nobody moves it any more."""
        if self.entry.event is None:
            yield Control(self.control, self.entry.idle, self.entry.decay)

    def again(self) -> Iterator[Event]:
        """What its control is set to when somebody who stood in for it lets go."""
        if self.last is None or self.silent:
            yield from self.rest()
        else:
            yield self.last

    def _falls_later(self) -> bool:
        return self.entry.event is None and self.entry.threshold is not None and self.on and self.low
