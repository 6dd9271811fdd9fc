"""`marrow bench swap`: another network is loaded beside a running show, faded to and left again."""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from server.bench.child import ANSWER_WITHIN, PICTURE_WITHIN, BenchError, Child, playing
from server.bench.clients import Watcher, watching
from server.bench.figures import Arrival, Window, percentile
from server.config import ConfigError, load_rig

FADE = 2.0
LOADED_WITHIN = 200.0
LOOK_EVERY = 0.1
LIMIT = 1.5

SHOW = """
[show]
title = "Swap"

[safe]
walk = {{ drift = [4, 9, 12], radius = 0.3, seconds = 20 }}

[[cue]]
number = "1"
name = "as it was"
fade = {fade}
look = {{ psi = 0.7 }}

[[cue]]
number = "2"
name = "the other network"
fade = {fade}
look = {{ network = "other" }}

[[cue]]
number = "3"
name = "and back"
fade = {fade}
look = {{ network = "main" }}
"""


@dataclass(frozen=True, slots=True)
class Phase:
    """What one client saw of a part of it. Intervals in milliseconds; `skipped` ticks had no frame."""

    name: str
    seconds: float
    frames: int
    p50: float
    p99: float
    longest: float
    skipped: int

    @classmethod
    def of(cls, name: str, arrivals: Sequence[Arrival], begin: float, end: float) -> "Phase":
        window = Window.of(arrivals, begin, end)
        took = [seconds * 1000 for seconds in window.intervals()]
        ticks = [arrival.seq for arrival in arrivals if begin < arrival.at <= end]
        skipped = ticks[-1] - ticks[0] + 1 - len(ticks) if ticks else 0
        return cls(
            name, end - begin, len(ticks), percentile(took, 50), percentile(took, 99), max(took), skipped
        )


def swap(
    network: Annotated[Path, typer.Argument(help="The network to change to, .safetensors.")],
    config: Annotated[Path, typer.Option(help="The rig: its main network, size and frame rate.")] = Path(
        "config.toml"
    ),
    seconds: Annotated[float, typer.Option(min=1.0, help="How long each quiet part lasts.")] = 5.0,
) -> None:
    """Load another network beside a running show, fade to it and back; what does the wall see of it?"""
    console = Console()
    try:
        rig = load_rig(config)
        with tempfile.TemporaryDirectory() as folder, console.status("starting the show"):
            written = _write(Path(folder), rig.generator.weights, network, rig.generator.fps)
            with playing(written) as child:
                phases = asyncio.run(_watch(child, seconds))
    except (ConfigError, BenchError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    limit = LIMIT * 1000 / rig.generator.fps
    table = Table("", "s", "frames", "ms p50", "ms p99", "longest", "skipped", f"p99 < {limit:.0f}")
    for phase in phases:
        numbers = (phase.seconds, phase.p50, phase.p99, phase.longest)
        lasted, p50, p99, longest = (f"{number:.1f}" for number in numbers)
        good = "yes" if phase.p99 < limit and not phase.skipped else "NO"
        table.add_row(phase.name, lasted, str(phase.frames), p50, p99, longest, str(phase.skipped), good)
    console.print(table)


def _write(folder: Path, weights: Path, network: Path, fps: int) -> Path:
    (folder / "show.toml").write_text(SHOW.format(fade=FADE), encoding="utf-8")
    config = folder / "config.toml"
    main, other = (json.dumps(str(path.resolve())) for path in (weights, network))
    config.write_text(
        f'[show]\nfile = "show.toml"\n[generator]\nweights = {main}\nfps = {fps}\n'
        f"[generator.networks]\nother = {other}\n",
        encoding="utf-8",
    )
    return config


async def _watch(child: Child, seconds: float) -> list[Phase]:
    """The safe look; the other network loads (its cue stands by); the fade to it; the fade back."""
    await asyncio.to_thread(child.wait_for, "/api/state", ANSWER_WITHIN)
    await asyncio.to_thread(child.wait_for, "/frame.jpg", PICTURE_WITHIN)
    async with watching(child.port, "main", 1) as (watcher,):
        await asyncio.sleep(1.0)
        phases = [await _phase("a quiet show", watcher, asyncio.sleep(seconds))]
        begin = time.monotonic()
        await _command(child, {"name": "goto", "cue": "1"})
        phases.append(await _phase("loading beside it", watcher, _loaded(child)))
        for name, cue in (("the fade to it", "2"), ("the fade back", "3")):
            await _command(child, {"name": "goto", "cue": cue})
            phases.append(await _phase(name, watcher, asyncio.sleep(FADE + 0.5)))
            phases.append(await _phase("after it", watcher, asyncio.sleep(seconds)))
        return [*phases, Phase.of("all but the first", watcher.arrivals, begin, time.monotonic())]


async def _phase(name: str, watcher: Watcher, until: Awaitable[None]) -> Phase:
    begin = time.monotonic()
    await until
    return Phase.of(name, watcher.arrivals, begin, time.monotonic())


async def _loaded(child: Child) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < LOADED_WITHIN:
        state = await asyncio.to_thread(child.json, "/api/state")
        other = state["renderer"]["networks"].get("other", {})
        if other.get("state") == "ready":
            return
        if other.get("state") == "failed":
            raise BenchError(f"the network cannot be played: {other['note']}")
        await asyncio.sleep(LOOK_EVERY)
    raise BenchError(f"the network was not ready after {LOADED_WITHIN:g} s")


async def _command(child: Child, command: dict[str, object]) -> None:
    status, body = await asyncio.to_thread(child.ask, "/api/command", command)
    if status != 200:
        raise BenchError(f"the show refuses {command}: {body.decode(errors='replace')}")
