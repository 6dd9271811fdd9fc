"""What has happened lately: counters that only grow, and how much they grew in the last minute. Pure."""

from collections import deque
from collections.abc import Mapping

WINDOW = 60.0
EVERY = 2.0


class Recent:
    """Is shown the counters regularly, and remembers those of the last minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, dict[str, int]]] = deque()

    def see(self, counters: Mapping[str, int], now: float) -> dict[str, int]:
        """How much each has grown within WINDOW; those that have not are left out. What was before the first
        look of that time is not known, and not told."""
        while self._seen and now - self._seen[0][0] > WINDOW:
            self._seen.popleft()
        if not self._seen or now - self._seen[-1][0] >= EVERY:
            self._seen.append((now, dict(counters)))
        before = self._seen[0][1]
        return {
            key: count - before.get(key, 0) for key, count in counters.items() if count > before.get(key, 0)
        }
