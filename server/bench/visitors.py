"""A crowd in a process of its own, which steps back for the show: tablets, watchers, and OSC both ways.

`python -m server.bench.visitors PORT OSC_PORT PROJECTOR TABLETS WATCHERS OSC_A_SECOND` says "ready" when all
are there, and when its input ends what it has seen since, as a line of JSON.
"""

import asyncio
import json
import os
import random
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass

from server.bench.child import ROOT, BenchError
from server.bench.clients import watching
from server.bench.ports import HOST
from server.bench.tablet import Tablet, held
from server.osc import encode

NICENESS = 10
"""At a venue these are other machines: what they need may not be taken from the show."""

PRESS_EVERY = 0.5
STEP = 0.005
CONTROLS = 20
"""Addresses that are driven. One subscriber is told of each half as often as it is driven."""

SUBSCRIBE_EVERY = 20.0
READY_WITHIN = 60.0
RECEIVE_BUFFER = 4 << 20
"""Bytes. Who steps back must not lose what it is told meanwhile."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of `seconds`: states and patches at all tablets and how many were missing, frames at all watchers, and
    OSC messages sent and heard."""

    seconds: float
    patches: int
    gaps: int
    frames: int
    osc_sent: int
    osc_heard: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many of each there are, and OSC messages a second to the show."""

    tablets: int = 0
    watchers: int = 0
    osc: int = 0


class Visitors:
    """A crowd at work, seen from the process that measures. `seen` is there when it has gone."""

    seen: Seen


@asynccontextmanager
async def visiting(port: int, osc_port: int, projector: str, crowd: Crowd) -> AsyncIterator[Visitors]:
    """A crowd that is there while the block lasts. BenchError if it does not come or breaks."""
    numbers = (str(number) for number in (crowd.tablets, crowd.watchers, crowd.osc))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.bench.visitors", str(port), str(osc_port), projector, *numbers),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    visitors = Visitors()
    try:
        async with asyncio.timeout(READY_WITHIN):
            if await child.stdout.readline() != b"ready\n":
                raise BenchError("the crowd could not come; see above")
        yield visitors
        child.stdin.close()
        async with asyncio.timeout(READY_WITHIN):
            line = await child.stdout.readline()
            await child.wait()
        if not line:
            raise BenchError("the crowd broke up before its time; see above")
        visitors.seen = Seen(**json.loads(line))
    except TimeoutError:
        raise BenchError("the crowd does not come or go") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def press(tablet: Tablet) -> None:
    """Now and then a command that changes nothing."""
    while True:
        await asyncio.sleep(random.uniform(0.5, 1.5) * PRESS_EVERY)
        await tablet.ask("blackout", on=False)


class Storm:
    """OSC to the show, and what it tells a subscriber of it."""

    def __init__(self, osc_port: int, rate: int) -> None:
        self.sent = self.heard = 0
        self._where = HOST, osc_port
        self._rate = rate

    async def rage(self) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc:
            osc.setblocking(False)
            osc.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            osc.connect(self._where)
            loop.add_reader(osc, self._hear, osc)
            try:
                await self._send(osc)
            finally:
                loop.remove_reader(osc)

    async def _send(self, osc: socket.socket) -> None:
        begun = time.monotonic()
        subscribe_at = 0.0
        while True:
            now = time.monotonic() - begun
            if now >= subscribe_at:
                subscribe_at = now + SUBSCRIBE_EVERY
                osc.send(encode("/marrow/subscribe", ["/marrow/control/*", self._rate / CONTROLS / 2]))
            while self.sent < now * self._rate:
                osc.send(encode(f"/control/crowd{self.sent % CONTROLS}", [random.random()]))
                self.sent += 1
            await asyncio.sleep(STEP)

    def _hear(self, osc: socket.socket) -> None:
        with suppress(BlockingIOError):
            while True:
                osc.recv(65536)
                self.heard += 1


async def _visit(port: int, osc_port: int, projector: str, crowd: Crowd) -> Seen:
    storm = Storm(osc_port, crowd.osc)
    async with AsyncExitStack() as stack:
        watchers = await stack.enter_async_context(watching(port, projector, crowd.watchers))
        tablets = [
            await stack.enter_async_context(held(port, f"Tablet {n}")) for n in range(1, crowd.tablets + 1)
        ]
        jobs = [asyncio.create_task(press(tablet)) for tablet in tablets]
        if crowd.osc:
            jobs.append(asyncio.create_task(storm.rage()))

        def counts() -> tuple[int, ...]:
            return (
                sum(tablet.messages for tablet in tablets),
                sum(tablet.gaps for tablet in tablets),
                sum(len(watcher.arrivals) for watcher in watchers),
                storm.sent,
                storm.heard,
            )

        print("ready", flush=True)
        began, before = time.monotonic(), counts()
        over = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
        await asyncio.wait([over, *jobs], return_when=asyncio.FIRST_COMPLETED)
        lasted = time.monotonic() - began
        for job in jobs:
            job.cancel()
        for end in await asyncio.gather(*jobs, return_exceptions=True):
            if isinstance(end, Exception):
                raise end
        return Seen(lasted, *(now - then for now, then in zip(counts(), before, strict=True)))


if __name__ == "__main__":
    os.nice(NICENESS)
    where = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    print(json.dumps(asdict(asyncio.run(_visit(*where, Crowd(*map(int, sys.argv[4:])))))), flush=True)
