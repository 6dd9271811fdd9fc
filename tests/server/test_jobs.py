"""Jobs beside the show, when they break."""

import asyncio
import logging

import pytest

from server import jobs
from server.health import Health
from server.jobs import kept_up


async def test_a_job_that_breaks_is_told_and_begun_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs, "AGAIN_AFTER", 0.0)
    runs = []

    async def job() -> None:
        runs.append(len(runs))
        if len(runs) < 3:
            raise IndexError("list index out of range")

    health = Health()
    with caplog.at_level(logging.ERROR):
        await kept_up("light", job, health)
    assert runs == [0, 1, 2]
    assert health.counted("jobs.broken") == 2
    assert "light has broken" in caplog.text
    assert "IndexError" in caplog.text


async def test_a_job_that_is_cancelled_is_over() -> None:
    async def job() -> None:
        await asyncio.Event().wait()

    task = asyncio.ensure_future(kept_up("light", job, Health()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
