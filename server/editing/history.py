"""What was done to a show file, so that it can be undone and done again. Pure."""

from dataclasses import dataclass

KEPT = 200
"""Changes that can be undone."""


@dataclass(frozen=True, slots=True)
class Change:
    """From one text to another, and what was done, in words."""

    before: str
    after: str
    words: str


class History:
    """Changes in their order. One can be undone, or done again, only while what it led to, or came from, is
    played: what was read from disk in between ends it."""

    def __init__(self) -> None:
        self._done: list[Change] = []
        self._undone: list[Change] = []

    def did(self, before: str, after: str, words: str) -> None:
        if before != after:
            self._done = [*self._done, Change(before, after, words)][-KEPT:]
            self._undone.clear()

    def last(self, playing: str) -> Change | None:
        """What `undid` would take back, or None."""
        return self._done[-1] if self._done and self._done[-1].after == playing else None

    def next(self, playing: str) -> Change | None:
        """What `redid` would do again, or None."""
        return self._undone[-1] if self._undone and self._undone[-1].before == playing else None

    def undid(self) -> None:
        self._undone.append(self._done.pop())

    def redid(self) -> None:
        self._done.append(self._undone.pop())
