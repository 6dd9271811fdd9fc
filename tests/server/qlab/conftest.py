"""Rigs that are opened for a test, and closed behind it."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from server.patch import PatchEntry
from server.qlab.settings import Qlab
from tests.server.qlab.controllers import Controller, Opened, Rig


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    """Opens a rig with these settings and this patch."""
    rigs: list[Rig] = []

    async def open_rig(settings: Qlab = Qlab(), entries: Sequence[PatchEntry] = ()) -> Rig:  # noqa: B008
        rigs.append(Rig(tmp_path, settings, entries))
        await rigs[-1].open()
        return rigs[-1]

    yield open_rig
    for rig in rigs:
        await rig.close()


@pytest.fixture
async def rig(opened: Opened) -> Rig:
    return await opened()


@pytest.fixture(params=["udp", "tcp"])
async def controller(rig: Rig, request: pytest.FixtureRequest) -> Controller:
    return await rig.datagrams() if request.param == "udp" else await rig.stream()
