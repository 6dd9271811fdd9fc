"""What a second of rendering came to, as the operator reads it."""

import psutil

EVERY = 1.0
"""Seconds between two reports."""


class Figures:
    """What a second of rendering came to."""

    def __init__(self, now: float) -> None:
        self._since = now
        self._skipped = 0
        self._process = psutil.Process()
        self._clear()

    def _clear(self) -> None:
        self.ticks = 0
        self.generate = 0.0
        self.encode = 0.0
        self.refused = 0
        self.reason = ""

    def due(self, now: float) -> bool:
        return now - self._since >= EVERY

    def take(self, now: float, skipped: int) -> dict[str, object]:
        """The figures since the last time; `skipped` is the pacer's total. Times in milliseconds a tick."""
        ticks = max(self.ticks, 1)
        figures: dict[str, object] = {
            "fps": round(self.ticks / (now - self._since), 2),
            "generate_ms": round(self.generate / ticks * 1000, 2),
            "encode_ms": round(self.encode / ticks * 1000, 2),
            "skipped": skipped - self._skipped,
            "refused": self.refused,
            "reason": self.reason,
            "rss": self._process.memory_info().rss,
        }
        self._since, self._skipped = now, skipped
        self._clear()
        return figures
