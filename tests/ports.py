"""Port numbers for shows that a test starts."""

import os
from itertools import cycle, islice

from server.bench import ports

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))

_numbers = islice(cycle(ports.OURS[WORKER::WORKERS]), os.getpid() % 1000, None)
"""Each worker has its own, and gives each once: what is free when a test asks is still free when its show
starts."""


def free_port() -> int:
    """A number at which nobody listens on loopback, over TCP or UDP, and that nobody else is given."""
    return ports.free_port(_numbers)
