"""Files that are being played in guests' ears."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from show_control.actions import EarItem
from show_control.effects import Effect, Play

EAR_TIMEOUT = 30.0
"""Seconds after which a player that has not answered is not waited for, where a cue says nothing else."""


@dataclass(slots=True)
class _Ear:
    """One guest's player: what is left for it, and until when it plays or is quiet."""

    left: deque[EarItem]
    playing: EarItem | None = None
    until: float | None = None


class Plays:
    """One file after another in an ear, all ears at the same time; each waits for its player's answer.

    A player that does not answer in time is named in `failure`, and its next file is played all the same.
    """

    def __init__(self, items: Iterable[EarItem], timeout: float) -> None:
        self.over_at: float | None = None
        self.failure = ""
        self._timeout = timeout
        self._ears: dict[str, _Ear] = {}
        for item in items:
            self._ears.setdefault(item.to, _Ear(deque())).left.append(item)

    def begin(self, now: float) -> Iterable[Effect]:
        return tuple(effect for role in self._ears for effect in self._next(role, now))

    def finished(self, role: str, file: str | None, now: float) -> bool:
        """The player says that its file is over, by name if it can. False where that was not waited for."""
        ear = self._ears.get(role)
        if ear is None or ear.playing is None or self.over_at is not None:
            return False
        if file is not None and file != ear.playing.file:
            return False
        self._rest(ear, now)
        self._end(now)
        return True

    def deadline(self) -> float | None:
        times = [ear.until for ear in self._ears.values() if ear.until is not None]
        return min(times, default=None) if self.over_at is None else None

    def wake(self, now: float) -> Iterable[Effect]:
        effects: list[Effect] = []
        for role, ear in self._ears.items():
            if ear.until is None or ear.until > now:
                continue
            if ear.playing is not None:
                lost = f"{role}'s player never answered to {ear.playing.file}"
                self.failure = f"{self.failure}; {lost}" if self.failure else lost
                self._rest(ear, now)
            if ear.until <= now:
                effects += self._next(role, now)
        self._end(now)
        return effects

    def take(self, now: float) -> None:
        if self.over_at is None:
            self.over_at = now

    def close(self) -> Iterable[Effect]:
        return ()

    def shift(self, dt: float) -> None:
        self.over_at = None if self.over_at is None else self.over_at + dt
        for ear in self._ears.values():
            ear.until = None if ear.until is None else ear.until + dt

    @property
    def playing(self) -> tuple[EarItem, ...]:
        """What plays now: the files whose players have not answered."""
        return tuple(ear.playing for ear in self._ears.values() if ear.playing is not None)

    def _next(self, role: str, now: float) -> Iterable[Effect]:
        ear = self._ears[role]
        if not ear.left:
            ear.until = None
            return ()
        ear.playing = ear.left.popleft()
        ear.until = now + self._timeout
        return (Play(role, ear.playing.file),)

    def _rest(self, ear: _Ear, now: float) -> None:
        assert ear.playing is not None
        ear.until = now + ear.playing.pause
        ear.playing = None

    def _end(self, now: float) -> None:
        if self.over_at is None and all(
            ear.until is None or (ear.playing is None and not ear.left and ear.until <= now)
            for ear in self._ears.values()
        ):
            self.over_at = now
