"""The command line of `marrow bench`: start a show, measure it from outside, stop it, tell what was found."""

import asyncio
import json
import shlex
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from server.bench import measure, report
from server.bench.child import BenchError, Child, end_on_signals, playing
from server.bench.figures import Due, EventToFrame, Figures, Served, Stall
from server.bench.measure import Step
from server.bench.probe import Probe, choose
from server.check import inspect
from server.rig import Rig
from show_control.showfile import ShowFile


def bench(
    config: Annotated[Path, typer.Option(help="The rig.")] = Path("config.toml"),
    seconds: Annotated[
        float, typer.Option(min=0.1, max=600.0, help="How long each measurement lasts.")
    ] = 10.0,
    json_out: Annotated[
        Path | None, typer.Option("--json", dir_okay=False, help="Write everything that was measured here.")
    ] = None,
) -> None:
    """Measure a show of this rig on this machine: frames, latency, memory. Takes some minutes."""
    console = Console()
    if json_out is not None and not json_out.parent.is_dir():
        _complain(console, f"--json: there is no folder {json_out.parent}; make it first")
        raise typer.Exit(2)
    verdict = inspect(config)
    if verdict.problems or verdict.rig is None or verdict.show_file is None:
        for problem in verdict.problems:
            _complain(console, str(problem))
        raise typer.Exit(2)
    end_on_signals()
    command = f"marrow bench --config {shlex.quote(str(config))} --seconds {seconds:g}"
    about: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "seconds": seconds,
        "machine": report.machine(),
    }
    try:
        figures, generator = _measure(config, verdict.rig, verdict.show_file, seconds, console)
    except BenchError as error:
        _complain(console, str(error))
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _complain(console, "interrupted; the show was stopped")
        raise typer.Exit(130) from None
    about["machine"] |= {"torch": figures.alone.torch, "torch_threads": figures.alone.torch_threads}
    about["generator"] = generator
    title = "{size} px, {backend} on {device}, {fps} fps asked for".format(**generator)
    console.print(report.drawn(report.rows(figures), title))
    if json_out is not None:
        json_out.write_text(json.dumps(report.to_plain(figures, **about), indent=2, allow_nan=False) + "\n")
        console.print(f"written to {json_out}", markup=False, highlight=False, soft_wrap=True)


def _measure(
    config: Path, rig: Rig, show_file: ShowFile, seconds: float, console: Console
) -> tuple[Figures, dict[str, object]]:
    """All the figures, and what they were measured with."""
    probe = choose(rig, show_file)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, refresh_per_second=2, disable=not console.is_terminal
    ) as bar:
        line = bar.add_task("", total=measure.STEPS)
        done = count()

        def step(note: str) -> None:
            bar.update(line, completed=next(done), description=note)

        with playing(config, seconds) as child:
            start = measure.starting(child, probe.cue, step)
            served, event, stalled, due = asyncio.run(_watch(child, rig, probe, seconds, step))
            memory, status = measure.memory(child), measure.renderer(child)
        alone = measure.alone(config, probe.cue, seconds, step)
    generator: dict[str, object] = {
        "weights": rig.generator.weights.name,
        **{key: status[key] for key in ("size", "backend", "device")},
        "fps": rig.generator.fps,
        "jpeg_quality": rig.generator.jpeg_quality,
        "cue": probe.cue,
    }
    return Figures(start, served, event, stalled, due, memory, status["restarts"], alone), generator


async def _watch(
    child: Child, rig: Rig, probe: Probe, seconds: float, step: Step
) -> tuple[tuple[Served, ...], EventToFrame, Stall, Due]:
    """What is measured at projector clients, those of the first projector."""
    projector, fps = rig.projectors[0].name, rig.generator.fps
    return (
        await measure.serving(child, projector, fps, seconds, step),
        await measure.event_to_frame(child, projector, probe, fps, seconds, step),
        await measure.stalling(child, projector, seconds, step),
        await measure.due(child, projector, seconds, step),
    )


def _complain(console: Console, text: str) -> None:
    console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
