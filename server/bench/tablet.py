"""An operator's page without a page: it takes what it is told, commands, and notes how long that takes."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from server.bench.child import BenchError
from server.bench.ports import HOST

SEEN_EVERY = 1.0
WITHIN = 30.0
"""Seconds after which an answer or a state will not come any more."""


class Tablet:
    """`messages` are the states and patches that it got, `gaps` the patches that did not follow the one
    before."""

    def __init__(self, page: ClientConnection) -> None:
        self.state: dict[str, Any] = {}
        self.messages = self.gaps = 0
        self._page = page
        self._ids = count(1)
        self._answered: dict[str, asyncio.Future[float]] = {}
        self._changed = asyncio.Event()

    async def read(self) -> None:
        """Take messages until the connection ends."""
        told = 0.0
        async for text in self._page:
            now = time.monotonic()
            message = json.loads(text)
            match message["type"]:
                case "state":
                    self._take(message)
                case "patch":
                    self.gaps += message["serial"] != self.state["serial"] + 1
                    self._take({**self.state, **message["set"], "serial": message["serial"]})
                case "reply":
                    self._answered.pop(message["id"]).set_result(now)
            if self.messages and now - told >= SEEN_EVERY:
                told = now
                await self._send(type="seen", serial=self.state["serial"])

    async def ask(self, name: str, **fields: object) -> float:
        """Command; seconds until it was answered. BenchError if it never is."""
        id = str(next(self._ids))
        answer = self._answered[id] = asyncio.get_running_loop().create_future()
        asked = time.monotonic()
        await self._send(type="command", id=id, name=name, **fields)
        try:
            async with asyncio.timeout(WITHIN):
                answered: float = await answer
                return answered - asked
        except TimeoutError:
            raise BenchError(f"{name.upper()} was not answered within {WITHIN:g} s") from None

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> float:
        """When it was told a state for which this holds, host monotonic. BenchError if it never is."""
        try:
            async with asyncio.timeout(WITHIN):
                while not (self.state and holds(self.state)):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise BenchError(f"a tablet was not told within {WITHIN:g} s of what was done") from None
        return time.monotonic()

    def _take(self, state: dict[str, Any]) -> None:
        self.state = state
        self.messages += 1
        self._changed.set()

    async def _send(self, **message: object) -> None:
        await self._page.send(json.dumps(message))


@asynccontextmanager
async def held(port: int, name: str) -> AsyncIterator[Tablet]:
    """A tablet that has its first state."""
    # Our own connection: what the environment says about proxies does not apply to loopback.
    own = socket.create_connection((HOST, port))
    async with connect(f"ws://{HOST}:{port}/ws/operator", sock=own, compression=None) as page:
        tablet = Tablet(page)
        reading = asyncio.create_task(tablet.read())
        await page.send(json.dumps({"type": "hello", "client": name.replace(" ", "-"), "name": name}))
        try:
            await tablet.until(bool)
            yield tablet
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
