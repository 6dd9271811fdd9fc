"""`marrow bench crowd`: what many pages and much OSC do to a running show, as figures of one run."""

import asyncio
import json
import random
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console

from server.bench import report
from server.bench.child import (
    ANSWER_WITHIN,
    PICTURE_WITHIN,
    BenchError,
    Child,
    end_on_signals,
    playing,
)
from server.bench.clients import Watcher, watching
from server.bench.figures import Window, percentile
from server.bench.ports import HOST
from server.bench.report import Row, Target
from server.bench.tablet import held
from server.bench.venue import GOS
from server.bench.visitors import Crowd, Seen, visiting
from server.config import ConfigError, load_rig
from server.osc import encode

CROWD = Crowd(tablets=8, watchers=20)
STORM = Crowd(osc=2000)
ROUNDS = 4
TOUCHES_A_SECOND = 4
GO_EVERY = 0.8
"""Seconds: longer than what protects from two presses at once."""

RETURNS = 10
SETTLE = 1.0


@dataclass(frozen=True, slots=True)
class Pass:
    """The frame interval p99 of a watcher in milliseconds, and how much of a processor the show process used,
    0..1: that does not depend on what else the machine does."""

    p99_ms: float
    share: float


@dataclass(frozen=True, slots=True)
class Round:
    """One watcher by itself, and then beside the crowd."""

    alone: Pass
    beside: Pass
    crowd: Seen


@dataclass(frozen=True, slots=True)
class Figures:
    """`touches` and `crowded`: seconds from a command to its answer, alone with full rendering and beside the
    crowd. `gos`: seconds from a GO in the storm until two tablets show it. `returns`: seconds from connecting
    to a whole state, beside the crowd. `storm_share`: of a processor, used by the show process in the storm.
    `load`: processors that were busy in the minute before; where that is not next to none, others were
    measured as well."""

    touches: tuple[float, ...]
    crowded: tuple[float, ...]
    rounds: tuple[Round, ...]
    gos: tuple[float, ...]
    storm: Seen
    storm_share: float
    returns: tuple[float, ...]
    load: float

    def rows(self) -> list[Row]:
        change = (median(r.beside.p99_ms / r.alone.p99_ms for r in self.rounds) - 1) * 100
        alone = [r.alone.p99_ms for r in self.rounds]
        between = [abs(later / earlier - 1) * 100 for earlier, later in pairwise(alone)]
        seconds = sum(r.crowd.seconds for r in self.rounds)
        frames = sum(r.crowd.frames for r in self.rounds) / CROWD.watchers / seconds
        patches = sum(r.crowd.patches for r in self.rounds) / CROWD.tablets / seconds
        storm = self.storm
        return [
            Row("touch to answer p50", percentile(self.touches, 50) * 1000, "ms"),
            Row("touch to answer p95", percentile(self.touches, 95) * 1000, "ms", Target("<=", 50.0)),
            Row("  beside the crowd, p95", percentile(self.crowded, 95) * 1000, "ms"),
            Row("frame interval p99, one watcher", median(alone), "ms"),
            Row("  beside the crowd", median(r.beside.p99_ms for r in self.rounds), "ms"),
            Row("the crowd changes it by", change, "%", Target("<=", 10.0)),
            Row("  change between windows without it", median(between) if between else 0.0, "%"),
            Row("frames a second to each of the crowd", frames, "fps"),
            Row("messages a second to each tablet", patches, "/s"),
            Row("patches that were missing", sum(r.crowd.gaps for r in self.rounds), ""),
            Row("show process, one watcher", median(r.alone.share for r in self.rounds) * 100, "% core"),
            Row("  beside the crowd", median(r.beside.share for r in self.rounds) * 100, "% core"),
            Row("  in the storm", self.storm_share * 100, "% core"),
            Row("OSC in", storm.osc_sent / storm.seconds, "/s", Target(">=", 0.99 * STORM.osc)),
            Row("OSC out", storm.osc_heard / storm.seconds, "/s", Target(">=", 0.99 * STORM.osc / 2)),
            Row("GO in the storm to two tablets, p95", percentile(self.gos, 95) * 1000, "ms"),
            Row(f"  the latest of {len(self.gos)}", max(self.gos) * 1000, "ms", Target("<=", 100.0)),
            Row("a page comes back, the latest", max(self.returns) * 1000, "ms", Target("<=", 1000.0)),
            Row("load of the machine before", self.load, "cores"),
        ]


def crowd(
    config: Annotated[Path, typer.Option(help="The rig.")] = Path("config.toml"),
    seconds: Annotated[
        float, typer.Option(min=1.0, max=3600.0, help="How long each measurement lasts.")
    ] = 20.0,
    storm: Annotated[
        float | None,
        typer.Option(min=1.0, max=3600.0, help="How long the storm lasts, if not as long."),
    ] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", dir_okay=False, help="Write everything that was measured here.")
    ] = None,
) -> None:
    """Eight tablets, twenty watchers and a storm of OSC: what do the operator and the wall notice of them?"""
    console = Console()
    end_on_signals()
    raging = seconds if storm is None else storm
    try:
        projector = load_rig(config).projectors[0].name
        with console.status("measuring"), playing(config, 0.0, gos=round(raging / GO_EVERY) + 1) as child:
            figures = asyncio.run(_measure(child, projector, seconds, raging))
    except (ConfigError, BenchError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    title = f"{CROWD.tablets} tablets, {CROWD.watchers} watchers, {STORM.osc} OSC messages a second"
    console.print(report.drawn(figures.rows(), title))
    if json_out is not None:
        plain = {
            "machine": report.machine(),
            "seconds": seconds,
            "storm": raging,
            "figures": [row.to_plain() for row in figures.rows()],
            "measured": asdict(figures),
        }
        json_out.write_text(json.dumps(plain, indent=2, allow_nan=False) + "\n")


async def _measure(child: Child, projector: str, seconds: float, raging: float) -> Figures:
    await asyncio.to_thread(child.wait_for, "/api/state", ANSWER_WITHIN)
    await asyncio.to_thread(child.wait_for, "/frame.jpg", PICTURE_WITHIN)
    load = psutil.getloadavg()[0]
    async with watching(child.port, projector, 1) as (watcher,):
        await asyncio.sleep(SETTLE)
        touches = await _touch(child.port, seconds)
        rounds = [await _round(child, projector, watcher, seconds / ROUNDS) for _ in range(ROUNDS)]
        async with visiting(child.port, child.osc_port, projector, CROWD):
            crowded = await _touch(child.port, seconds / 2)
            returns = [await _come_back(child.port) for _ in range(RETURNS)]
        async with visiting(child.port, child.osc_port, projector, STORM) as storm:
            begun, worked = time.monotonic(), child.worked()
            gos = await _press_go(child, raging)
            share = (child.worked() - worked) / (time.monotonic() - begun)
    return Figures(
        tuple(touches), tuple(crowded), tuple(rounds), tuple(gos), storm.seen, share, tuple(returns), load
    )


async def _touch(port: int, seconds: float) -> list[float]:
    """A command that changes nothing, at any phase of everything else."""
    took = []
    async with held(port, "Touch") as tablet:
        for _ in range(max(round(seconds * TOUCHES_A_SECOND), 1)):
            await asyncio.sleep(random.uniform(0.5, 1.5) / TOUCHES_A_SECOND)
            took.append(await tablet.ask("blackout", on=False))
    return took


async def _round(child: Child, projector: str, watcher: Watcher, seconds: float) -> Round:
    alone = await _pass(child, watcher, seconds)
    async with visiting(child.port, child.osc_port, projector, CROWD) as crowd:
        await asyncio.sleep(SETTLE)
        beside = await _pass(child, watcher, seconds)
    await asyncio.sleep(SETTLE)
    return Round(alone, beside, crowd.seen)


async def _pass(child: Child, watcher: Watcher, seconds: float) -> Pass:
    begin, worked = time.monotonic(), child.worked()
    await asyncio.sleep(seconds)
    end, worked = time.monotonic(), child.worked() - worked
    intervals = Window.of(watcher.arrivals, begin, end).intervals()
    return Pass(percentile(intervals, 99) * 1000, worked / (end - begin))


async def _press_go(child: Child, seconds: float) -> list[float]:
    """GO by OSC, on the wire that the storm uses as well; seconds until two tablets show its cue."""
    took = []
    await asyncio.to_thread(child.ask, "/api/command", {"name": "standby", "cue": str(GOS)})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc:
        async with held(child.port, "Operator") as tablet, held(child.port, "Prompter") as other:
            for cue in map(str, range(GOS, GOS + max(round(seconds / GO_EVERY), 1))):
                await tablet.until(has("standby", cue))
                await asyncio.sleep(GO_EVERY)
                pressed = time.monotonic()
                osc.sendto(encode("/show/go", [cue]), (HOST, child.osc_port))
                shown = await asyncio.gather(*(one.until(has("current", cue)) for one in (tablet, other)))
                took.append(max(shown) - pressed)
    return took


def has(place: str, cue: str) -> Callable[[dict[str, Any]], bool]:
    """Whether this cue is "current" or "standby" in a state."""
    return lambda state: state[place] is not None and bool(state[place]["number"] == cue)


async def _come_back(port: int) -> float:
    begun = time.monotonic()
    async with held(port, "Away"):
        return time.monotonic() - begun
