"""`marrow bench generator`: every backend on one network, beside the plain formulation and the machine."""

import platform
import time
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from models import checkpoint
from models.bench import machine, measure
from models.bench.baseline import macs, unit_noise
from models.bench.measure import Row, Soak
from models.generator import Generator, cores, device_of
from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config

BASELINE = "baseline float32"


def generator(
    weights: Annotated[
        Path | None, typer.Option(help="A StyleGAN2 network; without one, random weights of the size below.")
    ] = None,
    size: Annotated[int, typer.Option(help="Pixels.")] = 512,
    base: Annotated[int, typer.Option(help="Channel base: channels at resolution r are base / r.")] = 8192,
    channels: Annotated[int, typer.Option(help="The most channels.")] = 128,
    w_dim: Annotated[int, typer.Option(help="Width of z and w.")] = 512,
    batch: Annotated[list[int] | None, typer.Option(help="Pictures a frame; may be given again.")] = None,
    backend: Annotated[list[str] | None, typer.Option(help="Only these; may be given again.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    seconds: Annotated[float, typer.Option(min=0.1, help="For each backend.")] = 3.0,
    soak: Annotated[int, typer.Option(help="Paint so many frames more and watch memory.")] = 0,
    report: Annotated[Path | None, typer.Option(help="Append the tables to this Markdown file.")] = None,
) -> None:
    """Measure how fast this machine paints, by every backend that can run here."""
    console = Console()
    console.width = max(console.width, 100)
    batches = batch or [1]
    try:
        chosen = device_of(device)
        network, named = _network(weights, size, base, channels, w_dim)
    except (ValueError, checkpoint.CheckpointError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    threads = torch.get_num_threads()
    command = _command(locals())
    with console.status("") as status:

        def say(note: str) -> None:
            status.update(note)

        say("the machine at its best")
        peaks = machine.peaks(chosen, min(seconds, 2.0))
        rows: list[Row] = []
        for pictures in batches:
            ready, refused = measure.contenders(network, chosen, pictures, backend or [], threads, say)
            rows += measure.race(ready, pictures, seconds, say) + refused
        soaked = None
        if soak:
            say(f"{soak} frames more")
            painter = Generator.of(network, chosen)
            painter.warm_up(1)
            soaked = measure.soak(painter, soak, _resident)
    operations = 2 * macs(network) / 1e9
    lines = _lines(rows, operations, peaks)
    table = Table(*lines[0], box=box.SIMPLE, title=f"{named} on {_machine(chosen)}")
    for line in lines[1:]:
        table.add_row(*line)
    console.print(table)
    notes = [f"{peak.name}: {peak.gflops:.0f} GFLOP/s" for peak in peaks] + _soaked(soaked)
    for note in notes:
        console.print(note, highlight=False)
    if report is not None:
        _append(report, named, chosen, command, lines, notes)


def _network(weights: Path | None, size: int, base: int, channels: int, w_dim: int) -> tuple[StyleGAN2, str]:
    if weights is not None:
        _, network = checkpoint.build(weights)
        if not isinstance(network, StyleGAN2) or network.config.architecture != "skip":
            raise ValueError(f"{weights}: the baseline is written for StyleGAN2 with skip connections only")
        return network, f"{weights.name}, {network.size} px"
    torch.manual_seed(0)
    config = StyleGAN2Config(size, w_dim, w_dim, 8, base, channels)
    network = StyleGAN2(config)
    unit_noise(network, 0.1)
    return network, f"{size} px, channel base {base}, at most {channels} channels, random weights"


def _lines(rows: list[Row], operations: float, peaks: list[machine.Peak]) -> list[list[str]]:
    """The table, its heading first. Ratios are against the baseline of the same batch in this run."""
    best = max(peak.gflops for peak in peaks)
    lines = [
        ["backend", "batch", "ms p50", "ms p99", "pictures/s", "x baseline", "PSNR dB", "GFLOP/s", "of peak"]
    ]
    for row in rows:
        if row.reason:
            lines.append([row.name, str(row.batch), row.reason, *[""] * 6])
            continue
        base = next(r for r in rows if r.name == BASELINE and r.batch == row.batch)
        rate = operations * row.fps
        lines.append(
            [
                row.name,
                str(row.batch),
                f"{row.p50 * 1000:.2f}",
                f"{row.p99 * 1000:.2f}",
                f"{row.fps:.1f}",
                f"{base.p50 / row.p50:.2f}",
                "exact" if row.psnr == float("inf") else f"{row.psnr:.1f}",
                f"{rate:.0f}",
                f"{rate / best:.0%}",
            ]
        )
    return lines


def _soaked(soaked: Soak | None) -> list[str]:
    if soaked is None:
        return []
    same = "the same" if soaked.equal else "NOT the same"
    return [
        f"{soaked.frames} frames: the process grew by {soaked.grown:.1f} MiB; equal looks gave {same} bytes"
    ]


def _append(
    path: Path, named: str, device: torch.device, command: str, lines: list[list[str]], notes: list[str]
) -> None:
    text = f"\n## {named}\n\n{time.strftime('%Y-%m-%d')}, {_machine(device)}, torch {torch.__version__}\n\n"
    text += f"    {command}\n\n"
    text += "| " + " | ".join(lines[0]) + " |\n|" + " --- |" * len(lines[0]) + "\n"
    text += "".join("| " + " | ".join(line) + " |\n" for line in lines[1:])
    text += "\n" + "".join(f"- {note}\n" for note in notes)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _command(given: dict[str, object]) -> str:
    """The command line that makes this table again."""
    words = ["marrow bench generator"]
    if given["weights"] is not None:
        words.append(f"--weights {given['weights']}")
    else:
        words += [
            f"--{name.replace('_', '-')} {given[name]}" for name in ("size", "base", "channels", "w_dim")
        ]
    for name in ("batch", "backend"):
        chosen = given[name]
        words += [f"--{name} {value}" for value in (chosen if isinstance(chosen, list) else [])]
    words += [f"--device {given['device']} --seconds {given['seconds']:g}"]
    return " ".join(words + ([f"--soak {given['soak']}"] if given["soak"] else []))


def _machine(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{cores()} cores, {platform.processor() or platform.machine()}"


def _resident() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 2**20
