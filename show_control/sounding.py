"""A note of a sampler while it sounds."""

from collections.abc import Iterable

from show_control.actions import Note
from show_control.effects import Effect, Send


class Sounding:
    """On at its beginning; off when its time is up, or when it is ended by others."""

    def __init__(self, note: Note) -> None:
        self.over_at: float | None = None
        self.failure = ""
        self._note = note

    def begin(self, now: float) -> Iterable[Effect]:
        self.over_at = now + self._note.seconds
        return (Send(self._note.target, "/noteOn", (self._note.note, self._note.velocity)),)

    def deadline(self) -> float | None:
        return None

    def wake(self, now: float) -> Iterable[Effect]:
        return ()

    def take(self, now: float) -> None:
        self.over_at = now

    def close(self) -> Iterable[Effect]:
        return (Send(self._note.target, "/noteOff", (self._note.note,), always=True),)

    def shift(self, dt: float) -> None:
        self.over_at = None if self.over_at is None else self.over_at + dt
