"""`marrow train`: a folder of pictures, or the painter, to a generator.

It needs torch, numpy, pillow, safetensors, typer and rich alone, so it also runs as
`python -m models.training` on a machine that has no more.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import torch
import typer
from PIL.Image import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from models import checkpoint
from models.latent import z_of
from models.stylegan2_config import StyleGAN2Config
from models.training.data import DataError, Pictures
from models.training.sheet import contact_sheet
from models.training.state import load_state, read_tensors, save_state
from models.training.trainer import Diverged, Recipe, Trainer

SHEET_SEEDS = 32
SMALL_SET = 1000
About = Mapping[str, object]
console = Console()


def train(
    out: Annotated[Path, typer.Argument(help="the folder of the run; an existing run is continued")],
    data: Annotated[
        Path | None, typer.Option(help="a folder of square pictures; left alone, families are painted")
    ] = None,
    families: Annotated[int, typer.Option(min=1, help="how many to paint, each in four orders")] = 1700,
    size: Annotated[int, typer.Option(help="the side of the pictures, a power of two")] = 128,
    kimg: Annotated[float, typer.Option(help="how many thousand pictures to show in all")] = 300,
    batch: Annotated[int, typer.Option(min=2)] = 16,
    channel_base: Annotated[int, typer.Option(help="channels at a resolution: base / resolution")] = 2048,
    channel_max: Annotated[int, typer.Option(help="and no more than this")] = 256,
    grow: Annotated[
        Path | None, typer.Option(help="start from what a run at another size has learnt")
    ] = None,
    diffaugment: Annotated[
        bool | None, typer.Option(help=f"augment; left alone: for fewer than {SMALL_SET} pictures")
    ] = None,
    mirror: Annotated[bool, typer.Option(help="show every other picture mirrored")] = False,
    gamma: Annotated[
        float | None, typer.Option(help="strength of R1; left alone: 0.0002 x pixels / batch")
    ] = None,
    tick: Annotated[float, typer.Option(help="kimg between sheets, snapshots and saved states")] = 4,
    keep: Annotated[int, typer.Option(help="ticks between the snapshots that stay")] = 5,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Train a generator; stop it whenever you like, and start it again with the same line."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        config = StyleGAN2Config(size, channel_base=channel_base, channel_max=channel_max)
        data = data or _painted(out / "painted", families, size)
        pictures = Pictures.read(data, size, seed)
        recipe = Recipe(
            batch=batch, gamma=gamma, mirror=mirror, seed=seed,
            diffaugment=len(pictures) < SMALL_SET if diffaugment is None else diffaugment,
        )  # fmt: skip
        trainer = Trainer(config, recipe, device)
        state = out / "state.safetensors"
        if state.exists():
            load_state(trainer, state)
            console.print(f"continuing at {trainer.images / 1000:.1f} kimg")
        elif grow is not None:
            taken = trainer.start_from(read_tensors(grow / "state.safetensors"))
            console.print(f"{taken} tensors taken over from {grow}")
    except (DataError, ValueError, OSError) as error:
        console.print(f"[red]{error}")
        raise typer.Exit(2) from None
    about = {
        "data": f"{len(pictures)} pictures from {data.name}", "recipe": asdict(recipe),
        "grown from": None if grow is None else grow.name, "torch": torch.__version__,
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    try:
        run(trainer, pictures, out, kimg, tick, keep, about)
    except Diverged as error:
        console.print(f"[red]{error}; the last good state is {state}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print(
            f"stopped at {trainer.images / 1000:.1f} kimg; the same line continues from the last tick"
        )


def _painted(folder: Path, families: int, size: int) -> Path:
    """Composites from the painter; what is painted already is kept."""
    if not (folder / "people.jsonl").exists():
        from models.dataset.painter import paint_command

        paint_command(folder, count=families, size=size, composites=True)
    return folder


def run(
    trainer: Trainer, pictures: Pictures, out: Path, kimg: float, tick: float, keep: int, about: About
) -> None:
    """Ticks until `kimg`; each leaves a sheet, a log line, the network and a state to resume from."""
    columns = (
        BarColumn(), TextColumn("{task.completed:.1f} of {task.total:.0f} kimg"),
        TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[figures]}"),
    )  # fmt: skip
    with Progress(*columns, console=console, refresh_per_second=1) as progress:
        bar = progress.add_task("training", total=kimg, figures="")
        progress.update(bar, completed=trainer.images / 1000)
        ticks = round(trainer.images / 1000 / tick)
        began, began_at = time.perf_counter(), trainer.images
        while trainer.images < kimg * 1000:
            figures = trainer.step(pictures)
            progress.update(bar, completed=trainer.images / 1000, figures=_words(figures))
            if trainer.images < min((ticks + 1) * tick, kimg) * 1000:
                continue
            ticks += 1
            seconds = (time.perf_counter() - began) / ((trainer.images - began_at) / 1000)
            began, began_at = time.perf_counter(), trainer.images
            _leave(trainer, out, about, figures | {"s_per_kimg": seconds}, kept=ticks % keep == 0)


def _leave(trainer: Trainer, out: Path, about: About, figures: dict[str, float], *, kept: bool) -> None:
    name = f"{trainer.images // 1000:06d}"
    about = {**about, "kimg": trainer.images / 1000}
    config, weights = trainer.config.to_plain(), trainer.ema.state_dict()
    checkpoint.save(out / "network.safetensors", "stylegan2", config, weights, about)
    if kept:
        checkpoint.save(out / f"network-{name}.safetensors", "stylegan2", config, weights, about)
    _sheet(trainer).save(out / f"sheet-{name}.png")
    save_state(trainer, out / "state.safetensors")
    with (out / "log.jsonl").open("a") as log:
        log.write(json.dumps({"kimg": trainer.images / 1000, **figures}) + "\n")


def _sheet(trainer: Trainer) -> Image:
    """The same seeds at every tick, so that a person sees what changes."""
    z = torch.stack([torch.from_numpy(z_of(seed, trainer.config.z_dim)) for seed in range(SHEET_SEEDS)])
    rows = []
    with torch.no_grad():
        for part in torch.split(z.to(trainer.device), 8):
            ws = trainer.ema.mapping(part)[:, None].expand(-1, trainer.config.num_ws, -1)
            x = trainer.ema.synthesis(ws, torch.ones(len(part), device=trainer.device))
            rows.append(((x + 1) * 127.5).round().clamp(0, 255).to(torch.uint8))
    return contact_sheet(torch.cat(rows).permute(0, 2, 3, 1).cpu().numpy(), columns=8)


def _words(figures: dict[str, float]) -> str:
    return " ".join(f"{name} {value:.2f}" for name, value in figures.items())


app = typer.Typer(add_completion=False)
app.command()(train)

if __name__ == "__main__":
    app()
