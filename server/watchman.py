"""The watchman: what happened around the show, in words for the night's report. Pure, but for the last
function."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from server.desk import Desk
from server.renderer.supervisor import State

LOOK_EVERY = 0.25
SECOND = 1.0
"""The renderer tells once a second how many ticks had no frame."""

SUM_UP_AFTER = 10.0
"""Seconds of slow frames that are one remark."""

Remark = tuple[str, str]
"""Its kind, and words."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The show from outside at one moment: whether pictures come, and if not, why; open pages by role; the
    ticks without a frame in the renderer's last second."""

    pictures: bool
    note: str
    pages: Mapping[str, int]
    skipped: int


class Watchman:
    """Compares what it sees with what it saw."""

    def __init__(self, now: float) -> None:
        self._pictures = False
        self._lost_at: float | None = None
        self._pages: Counter[str] = Counter()
        self._most: Counter[str] = Counter()
        self._counted_at = self._summed_at = now
        self._skipped = 0

    def look(self, sight: Sight, now: float) -> list[Remark]:
        """What is worth a remark since the last look."""
        return [*self._renderer(sight, now), *self._links(sight), *self._frames(sight, now)]

    def _renderer(self, sight: Sight, now: float) -> list[Remark]:
        was, self._pictures = self._pictures, sight.pictures
        if was and not sight.pictures:
            self._lost_at = now
            return [("renderer lost", sight.note)]
        if sight.pictures and self._lost_at is not None:
            lost_at, self._lost_at = self._lost_at, None
            return [("renderer back", f"after {now - lost_at:.1f} s")]
        return []

    def _links(self, sight: Sight) -> list[Remark]:
        """A page that is new is none that is back: there were never so many."""
        remarks = []
        for role, count in sight.pages.items():
            before = self._pages[role]
            there = f"{role}: {count} of {self._most[role]} open"
            if count < before:
                remarks.append(("page lost", there))
            elif before < count <= self._most[role]:
                remarks.append(("page back", there))
            self._pages[role] = count
            self._most[role] = max(self._most[role], count)
        return remarks

    def _frames(self, sight: Sight, now: float) -> list[Remark]:
        if now - self._counted_at >= SECOND and sight.pictures:
            self._counted_at = now
            self._skipped += sight.skipped
        if now - self._summed_at < SUM_UP_AFTER:
            return []
        skipped, seconds = self._skipped, now - self._summed_at
        self._skipped, self._summed_at = 0, now
        return [("slow frames", f"{skipped} ticks without a frame in {seconds:.0f} s")] if skipped else []


async def keep_watch(desk: Desk) -> None:
    """Look for ever, and write it down."""
    watchman = Watchman(desk.clock())
    with desk.rounds.checkup.going():
        while True:
            desk.rounds.pass_by(desk.health.counters())
            await asyncio.sleep(LOOK_EVERY)
            now = desk.clock()
            status = desk.supervisor.status(now)
            pictures = desk.supervisor.state is State.RUNNING
            sight = Sight(pictures, desk.supervisor.note, dict(desk.clients), int(str(status["skipped"])))
            for kind, words in watchman.look(sight, now):
                desk.conductor.night.remark(kind, words)
