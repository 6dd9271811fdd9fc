"""What the audience or the operator would notice, counted, and a probe for when the loop stands still."""

import asyncio
import math
from collections import Counter

STALL = 0.05
"""Seconds the event loop may be away before it counts as a stall."""

PROBE_EVERY = 0.02


class Health:
    """Counters with the last detail of each. Used from the event loop alone."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._details: dict[str, str] = {}
        self.worst_stall = 0.0

    def count(self, key: str, n: int = 1, detail: str = "") -> None:
        """Add `n` to a counter, and remember what the last one was about."""
        self._counts[key] += n
        if detail:
            self._details[key] = detail[:200]

    def counted(self, key: str) -> int:
        return self._counts[key]

    def stalled(self, seconds: float) -> None:
        """The loop came back `seconds` late."""
        self.worst_stall = max(self.worst_stall, seconds)
        if seconds > STALL:
            self.count("loop.stalls", detail=f"{seconds * 1000:.0f} ms")

    def to_plain(self) -> dict[str, object]:
        """`counters` and `details` by key, and the loop's longest absence in milliseconds."""
        return {
            "counters": dict(sorted(self._counts.items())),
            "details": dict(sorted(self._details.items())),
            "loop": {"worst_stall_ms": math.ceil(self.worst_stall * 10_000) / 10},
        }


async def watch_loop(health: Health) -> None:
    """Measure for ever how late the loop wakes a sleeper."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + PROBE_EVERY
        await asyncio.sleep(PROBE_EVERY)
        health.stalled(clock() - due)
