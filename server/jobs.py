"""Jobs beside the show: what breaks in one of them is told and begun again, and no cue waits for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from server.health import Health

AGAIN_AFTER = 1.0
"""Seconds."""


async def kept_up(what: str, job: Callable[[], Awaitable[None]], health: Health) -> None:
    """Run a job, and again whenever it breaks, until it ends by itself or is cancelled."""
    while True:
        try:
            return await job()
        except Exception as error:
            # Whatever it is: the show has to go on. Its traceback goes to the log.
            logging.getLogger(__name__).exception("%s has broken, and begins again", what)
            health.count("jobs.broken", detail=f"{what}: {error!r}")
        await asyncio.sleep(AGAIN_AFTER)
