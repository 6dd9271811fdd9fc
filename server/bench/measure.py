"""The measurements, one function each, most of them on a running show. Each names its steps as they begin."""

import asyncio
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from server.bench.child import ANSWER_WITHIN, PICTURE_WITHIN, ROOT, BenchError, Child
from server.bench.clients import StalledPage, Watcher, watching
from server.bench.figures import Alone, Due, EventToFrame, Memory, Round, Sent, Served, Stall, Start, Window
from server.bench.ports import HOST
from server.bench.probe import Probe
from server.bench.venue import FIRST
from server.osc import encode

CLIENTS = (1, 2, 4)
EVENTS_A_SECOND = 12
FEWEST_EVENTS = 3
EVENTS_FOR = 6.0
"""How many times as long as planned the events may take on a slow machine, before the rest is left out."""

LOST_AFTER = 30.0
"""Seconds: long enough for a renderer to be replaced, which is then part of the latency."""

LOST_IN_A_ROW = 3
FIGURES_EVERY = 1.0
ROUNDS = 4
MIB = 2**20
STALL_FOR = 8.0
"""Seconds, at most: the show drops a client that owes an acknowledgement for 10."""

STEPS = 1 + len(CLIENTS) + 1 + 2 * ROUNDS + 1 + 1
"""How many steps all of this names."""

Step = Callable[[str], None]


def starting(child: Child, cue: str | None, step: Step) -> Start:
    """Watch it start; then enter `cue` and wait until the renderer has told its first figures."""
    step("starting the show")
    start = Start(child.wait_for("/api/state", ANSWER_WITHIN), child.wait_for("/frame.jpg", PICTURE_WITHIN))
    if cue is not None:
        child.ask("/api/command", {"name": "goto", "cue": cue})
    begun = time.monotonic()
    while renderer(child)["generate_ms"] is None:
        if time.monotonic() - begun > ANSWER_WITHIN:
            raise BenchError("the renderer tells no figures")
        time.sleep(FIGURES_EVERY / 4)
    return start


def memory(child: Child) -> Memory:
    processes = child.json("/api/health")["processes"]
    return Memory(processes["show_rss"] / MIB, processes["renderer_rss"] / MIB)


def alone(config: Path, cue: str | None, seconds: float, step: Step) -> Alone:
    """The generator and the encoder in a process of their own; no show may be running."""
    step("the generator alone")
    command = [sys.executable, "-m", "server.bench.alone", str(config.resolve()), cue or "", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise BenchError(f"the generator alone ended with status {done.returncode}")
    return Alone(**json.loads(done.stdout.splitlines()[-1]))


def renderer(child: Child) -> dict[str, Any]:
    """The renderer's own figures over its last second."""
    figures: dict[str, Any] = child.json("/api/state")["renderer"]
    return figures


async def serving(child: Child, projector: str, fps: int, seconds: float, step: Step) -> tuple[Served, ...]:
    """Frames at one and at several clients of the same projector."""
    served = []
    for count in CLIENTS:
        step(f"frames to {count} client{'s' if count > 1 else ''}")
        async with watching(child.port, projector, count) as watchers:
            begin, end = await _pass(seconds)
            served.append(Served.of([Window.of(w.arrivals, begin, end) for w in watchers], fps))
    return tuple(served)


async def event_to_frame(
    child: Child, projector: str, probe: Probe, fps: int, seconds: float, step: Step
) -> EventToFrame:
    """Sensor values over OSC, one under way at a time, at any phase of the frame clock."""
    step("event to frame")
    sent: list[Sent] = []
    told: list[dict[str, Any]] = []
    lost = 0
    phase = random.Random(0)
    begun = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc:
        async with watching(child.port, projector, 1) as (watcher,):
            for number in range(max(round(EVENTS_A_SECOND * seconds), FEWEST_EVENTS)):
                if number >= FEWEST_EVENTS and time.monotonic() - begun > EVENTS_FOR * seconds:
                    break
                await asyncio.sleep(phase.uniform(0, 4 / fps))
                # Not by the frames: a sensor that fell silent may have made an event that is on none yet.
                state = await asyncio.to_thread(child.json, "/api/state")
                told.append(state["renderer"])
                sent.append(Sent(time.monotonic(), state["event"]))
                osc.sendto(encode(probe.address, [probe.values[number % 2]]), (HOST, child.osc_port))
                lost = 0 if await _shown(watcher, sent[-1]) else lost + 1
                if lost == LOST_IN_A_ROW:
                    raise BenchError(f"{lost} OSC messages in a row reached no frame within {LOST_AFTER:g} s")
    generate_ms, encode_ms = (median(f[key] for f in told) for key in ("generate_ms", "encode_ms"))
    return EventToFrame.of(probe.address, sent, watcher.arrivals, fps, generate_ms, encode_ms)


async def due(child: Child, projector: str, seconds: float, step: Step) -> Due:
    """Cues that follow each other by themselves, under full rendering to two clients."""
    step("cues that are due")
    async with watching(child.port, projector, 2):
        await asyncio.to_thread(child.ask, "/api/command", {"name": "goto", "cue": FIRST})
        await asyncio.sleep(seconds)
        health = await asyncio.to_thread(child.json, "/api/health")
    return Due(**health["due"])


async def stalling(child: Child, projector: str, seconds: float, step: Step) -> Stall:
    """One healthy client throughout; a stalled one beside it in every other window."""
    rounds = []
    async with watching(child.port, projector, 1) as (watcher,):
        for number in range(1, ROUNDS + 1):
            step(f"a healthy client alone ({number} of {ROUNDS})")
            alone = await _pass(min(seconds, STALL_FOR))
            step(f"beside a stalled one ({number} of {ROUNDS})")
            page = StalledPage()
            try:
                await page.open(child.port, projector)
                beside = await _pass(min(seconds, STALL_FOR))
            finally:
                stalled_frames = page.close()
            rounds.append(
                Round.of(
                    Window.of(watcher.arrivals, *alone), Window.of(watcher.arrivals, *beside), stalled_frames
                )
            )
    return Stall.of(rounds)


async def _pass(seconds: float) -> tuple[float, float]:
    """Let time pass; when it began and ended."""
    begin = time.monotonic()
    await asyncio.sleep(seconds)
    return begin, time.monotonic()


async def _shown(watcher: Watcher, event: Sent) -> bool:
    """Wait until a frame includes the event; False if that takes too long."""
    try:
        async with asyncio.timeout(LOST_AFTER):
            while watcher.newest_event <= event.seen:
                await watcher.next()
    except TimeoutError:
        return False
    return True
