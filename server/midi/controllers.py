"""Control changes that follow the picture, a control or the grand master. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from server.follow import Follower, Readings, source
from server.midi.config import MidiOut

EVERY = 1 / 30
"""Seconds between steps: a cable carries about a thousand messages a second."""


class Controllers:
    """All that the outputs have. False where there is none."""

    def __init__(self, outs: Sequence[MidiOut]) -> None:
        self._followers = {
            (out.name, each.number): Follower(source(each.follow), each.range, each.smoothing)
            for out in outs
            for each in out.cc
        }
        self._last: dict[tuple[str, int], tuple[str, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._followers)

    def step(
        self, readings: Readings, plugged: Mapping[str, str], now: float
    ) -> Iterator[tuple[str, int, int]]:
        """Output, number and value 0..127 of those that have changed, or whose output has come back.

        `plugged` is what each output is at the moment, "" while it is none.
        """
        for (name, number), follower in self._followers.items():
            value = round(follower.step(readings, now)[0])
            at = plugged.get(name, ""), value
            if self._last.get((name, number)) != at:
                self._last[name, number] = at
                if at[0]:
                    yield name, number, value
