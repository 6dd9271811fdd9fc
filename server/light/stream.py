"""The stream of one universe: which levels its channels have now, and whether that is worth a packet. Pure.

A change goes out at once. What does not change is sent three times, and then kept alive: 0.8 to 1.0 s apart
(E1.31 6.6.2; Art-Net 4, ArtDmx), so that no receiver takes the silence for the end of the source.
"""

from collections.abc import Mapping
from typing import Protocol

from server.follow import Follower, Readings, source
from server.light.config import SLOTS, Channel

REPEATS = 3
KEEP_ALIVE = 0.8  # s


class Wire(Protocol):
    """How a universe is written."""

    def packet(self, levels: bytes) -> bytes: ...
    def farewell(self, levels: bytes) -> list[bytes]: ...


class Stream:
    """Asked at the light's rate, it answers with a packet or with None."""

    def __init__(self, channels: tuple[Channel, ...], wire: Wire) -> None:
        self._wire = wire
        self._fixed: Mapping[int, float] = {
            each.channel: each.value for each in channels if each.value is not None
        }
        self._followers = {
            each.channel: Follower(source(each.follow), each.range, each.smoothing)
            for each in channels
            if each.follow is not None
        }
        self._mastered = {each.channel for each in channels if each.master}
        self._pictured = {each.channel for each in channels if (each.follow or "").startswith("energy.")}
        self._seen_under: dict[int, float] = {}  # channel -> the master when its picture was last seen
        self.levels = bytes(SLOTS)
        self._sent = 0  # times that these levels were sent
        self._sent_at = 0.0

    def step(self, readings: Readings, now: float) -> bytes | None:
        """The packet that is due, if one is."""
        levels = self._levels(readings, now)
        if levels != self.levels:
            self.levels, self._sent = levels, 0
        if self._sent >= REPEATS and now < self._sent_at + KEEP_ALIVE:
            return None
        self._sent, self._sent_at = self._sent + 1, now
        return self._wire.packet(levels)

    def end(self) -> list[bytes]:
        """What is sent at the end. The lights stay as they are: nobody should stand in the dark."""
        return self._wire.farewell(self.levels)

    def _levels(self, readings: Readings, now: float) -> bytes:
        master = readings.master()
        slots = bytearray(SLOTS)
        values: dict[int, tuple[float, ...]] = {channel: (value,) for channel, value in self._fixed.items()}
        values |= {channel: follower.step(readings, now) for channel, follower in self._followers.items()}
        for channel, each in values.items():
            scale = self._scale(channel, master) if channel in self._mastered else 1.0
            slots[channel - 1 : channel - 1 + len(each)] = bytes(round(value * scale) for value in each)
        return bytes(slots)

    def _scale(self, channel: int, master: float) -> float:
        """What follows the picture is as dark as the picture, which the master dims. Where none comes any
        more the last one stays as bright as it was, and the master dims it from there. A blackout is dark,
        whatever the range."""
        if channel not in self._pictured or master == 0.0:
            return master
        if not self._followers[channel].silent:
            self._seen_under[channel] = master
        return min(1.0, master / self._seen_under.get(channel, 1.0))
