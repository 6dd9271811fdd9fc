"""What the audience or the operator would notice, counted, and a probe for when the loop stands still."""

import asyncio
import math
from collections import Counter

STALL = 0.05
"""Seconds the event loop may be away before it counts as a stall."""

PROBE_EVERY = 0.02

STEP = 0.0001
STEPS = 1000
"""Of the histogram of how late due moments are acted on: 0.1 ms each, up to 100 ms and what is over."""


class Lateness:
    """How late what was due has been acted on: a histogram, whatever the length of the night."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._counts = [0] * (STEPS + 1)

    def add(self, seconds: float) -> None:
        self.worst = max(self.worst, seconds)
        self._counts[min(int(seconds / STEP), STEPS)] += 1

    def percentile(self, percent: float) -> float:
        """Seconds that `percent` of them do not exceed, to STEP; the worst for what is over. 0 for none."""
        wanted = sum(self._counts) * percent / 100
        passed = 0
        for step, count in enumerate(self._counts[:STEPS]):
            passed += count
            if passed >= wanted:
                return min((step + 1) * STEP, self.worst)
        return self.worst

    def to_plain(self) -> dict[str, object]:
        """`acted`: how many; the rest in milliseconds."""
        return {
            "acted": sum(self._counts),
            "p50_ms": round(self.percentile(50) * 1000, 1),
            "p99_ms": round(self.percentile(99) * 1000, 1),
            "worst_ms": round(self.worst * 1000, 1),
        }


class Health:
    """Counters with the last detail of each. Used from the event loop alone."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._details: dict[str, str] = {}
        self._late = Lateness()
        self.worst_stall = 0.0

    def acted(self, late: float) -> None:
        """What was due is acted on, `late` seconds after its time."""
        self._late.add(late)

    def count(self, key: str, n: int = 1, detail: str = "") -> None:
        """Add `n` to a counter, and remember what the last one was about."""
        self._counts[key] += n
        if detail:
            self._details[key] = detail[:200]

    def counted(self, key: str) -> int:
        return self._counts[key]

    def counters(self) -> dict[str, int]:
        """All of them, by key."""
        return dict(sorted(self._counts.items()))

    def stalled(self, seconds: float) -> None:
        """The loop came back `seconds` late."""
        self.worst_stall = max(self.worst_stall, seconds)
        if seconds > STALL:
            self.count("loop.stalls", detail=f"{seconds * 1000:.0f} ms")

    def to_plain(self) -> dict[str, object]:
        """`counters` and `details` by key, the loop's longest absence in milliseconds, and how late cues
        act."""
        return {
            "counters": self.counters(),
            "details": dict(sorted(self._details.items())),
            "loop": {"worst_stall_ms": math.ceil(self.worst_stall * 10_000) / 10},
            "due": self._late.to_plain(),
        }


async def watch_loop(health: Health) -> None:
    """Measure for ever how late the loop wakes a sleeper."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + PROBE_EVERY
        await asyncio.sleep(PROBE_EVERY)
        health.stalled(clock() - due)
