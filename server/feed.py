"""The feed: the state of the show as a snapshot and numbered patches, made and written once for all pages.

Pure: states go in and messages come out as JSON text; `now` is an argument (seconds, host monotonic).
"""

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

KEPT = 32
"""Patches that are kept, a second of a storm of changes: who is further behind gets a snapshot."""

TIMED = 1024
"""Serials of which it is known when they were made."""


def encoded(message: Mapping[str, object]) -> str:
    """A message as it goes over the wire. ValueError for a number that JSON does not have."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False)


class Feed:
    """The newest state, and the patches that led to it. A patch sets whole values of top-level keys::

        {"type": "state", "serial": 7, "now": 12.5, ...all of it}
        {"type": "patch", "serial": 8, "now": 12.6, "set": {"mode": "held"}}

    `serial` rises by one with each patch, and each is for the state with the serial before it.
    """

    def __init__(self) -> None:
        self.serial = 0
        self._state: dict[str, Any] = {}
        self._snapshot: str | None = None
        self._patches: deque[str] = deque(maxlen=KEPT)
        self._times: deque[float] = deque(maxlen=TIMED)

    def tell(self, state: Mapping[str, object], now: float) -> None:
        """Take the state as it is `now`, with all its keys at every time. A state in which only "now" is
        another makes an empty patch, a sign of life."""
        changes = {
            key: value
            for key, value in state.items()
            if key not in ("type", "now") and (key not in self._state or self._state[key] != value)
        }
        self.serial += 1
        self._state = dict(state)
        self._snapshot = None
        patch = {"type": "patch", "serial": self.serial, "now": state["now"], "set": changes}
        self._patches.append(encoded(patch))
        self._times.append(now)

    def since(self, serial: int | None) -> tuple[str, ...]:
        """The messages that bring a page from this serial to the newest: patches, none, or a snapshot where
        patches are missing, or where it knows nothing (None). Nothing before the first state."""
        if self.serial == 0:
            return ()
        behind = None if serial is None else self.serial - serial
        if behind is None or not 0 <= behind <= len(self._patches):
            return (self._whole(),)
        return tuple(self._patches)[len(self._patches) - behind :]

    def age(self, serial: int, now: float) -> float | None:
        """Seconds since this serial was made, or at least that long ago; None for one that never was."""
        if not 0 < serial <= self.serial:
            return None
        place = max(len(self._times) - 1 - (self.serial - serial), 0)
        return now - self._times[place]

    def _whole(self) -> str:
        if self._snapshot is None:
            self._snapshot = encoded({**self._state, "type": "state", "serial": self.serial})
        return self._snapshot
