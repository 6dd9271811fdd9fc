"""`marrow train`: a folder of pictures, or the painter, to a generator.

With --data it needs torch, numpy, pillow, safetensors, typer and rich alone, so it also runs as
`python -m models.training` on a machine that has no more, and under torchrun with several GPUs.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from models.checkpoint import CheckpointError
from models.measures.judge import FAKES
from models.stylegan2_config import StyleGAN2Config
from models.training.data import HELD_OUT, DataError, Pictures, held_out
from models.training.recipe import (
    FEW,
    HANDFUL,
    Augment,
    Loss,
    Precision,
    from_another,
    recipe_for,
)
from models.training.run import Run
from models.training.run_folder import Line, RunFolder
from models.training.state import read_config
from models.training.trainer import Diverged, NoRoom, Trainer
from models.training.transfer import TransferError, begin_from, known_by
from models.training.watch import PORT, serve
from models.training.world import World, join

console = Console()
USUAL = StyleGAN2Config(128, channel_base=2048, channel_max=256)
"""The network where nothing is said of it, and there is nothing to begin from."""
PAINTED = "painted"
"""Inside a run: what it was trained on, where no data was named."""

PAINTED_ASIDE = 0.15
"""Families painted beside those that are trained on, as a share of them, and never shown."""
NETWORK, LEARNING, STEADY, LEAVING = "The network", "How it learns", "What keeps it steady", "What it leaves"


def train(
    out: Annotated[Path, typer.Argument(help="The folder of the run; an existing run is continued.")],
    data: Annotated[
        Path | None,
        typer.Option(help="A folder of square pictures, as prepare makes it; without, families are painted."),
    ] = None,
    families: Annotated[int, typer.Option(min=1, help="How many to paint, each in four orders.")] = 1700,
    classes: Annotated[
        Path | None, typer.Option(help="A CSV file of picture, class: the network learns to tell them apart.")
    ] = None,
    kimg: Annotated[float, typer.Option(help="How many thousand pictures to show in all.")] = 300,
    size: Annotated[
        int | None,
        typer.Option(help="The side of the pictures, a power of two; left alone 128, or as --from has it.",
                     rich_help_panel=NETWORK),
    ] = None,
    channel_base: Annotated[
        int | None,
        typer.Option(help="Channels at resolution r: base / r …; left alone 2048, or as --from has it.",
                     rich_help_panel=NETWORK),
    ] = None,
    channel_max: Annotated[
        int | None, typer.Option(help="… at most so many …; likewise 256 …", rich_help_panel=NETWORK)
    ] = None,
    channel_min: Annotated[
        int | None, typer.Option(help="… and at least so many; likewise 1.", rich_help_panel=NETWORK)
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Begin with what another run knows, of any size, or a network file.",
                     rich_help_panel=NETWORK),
    ] = None,
    freeze: Annotated[
        int, typer.Option(min=0, help="With --from: so many blocks of the discriminator stay as they are.",
                          rich_help_panel=NETWORK),
    ] = 0,
    batch: Annotated[int, typer.Option(min=2, rich_help_panel=LEARNING)] = 16,
    lr: Annotated[float, typer.Option(rich_help_panel=LEARNING)] = 0.0025,
    loss: Annotated[
        Loss, typer.Option(help="rpgan wants --gamma-fake as well.", rich_help_panel=LEARNING)
    ] = "logistic",
    precision: Annotated[Precision, typer.Option(rich_help_panel=LEARNING)] = "bfloat16",
    seed: Annotated[int, typer.Option(rich_help_panel=LEARNING)] = 0,
    ema_kimg: Annotated[
        float, typer.Option(min=0, help="kimg: half-life of the average that is shown.",
                            rich_help_panel=LEARNING),
    ] = 20,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.", rich_help_panel=LEARNING)] = "auto",
    gamma: Annotated[
        float | None, typer.Option(help="R1; left alone: 0.002 x pixels / batch.", rich_help_panel=STEADY)
    ] = None,
    gamma_fake: Annotated[float | None, typer.Option(help="R2.", rich_help_panel=STEADY)] = None,
    path_length: Annotated[
        float | None,
        typer.Option(help=f"Left alone: 2, and 0 for fewer than {FEW} pictures.", rich_help_panel=STEADY),
    ] = None,
    lecam: Annotated[
        float | None, typer.Option(help="LeCam; 0.0001 is usual.", rich_help_panel=STEADY)
    ] = None,
    augment: Annotated[
        Augment | None,
        typer.Option(help=f"Left alone: diffaugment for fewer than {HANDFUL} pictures, else ada.",
                     rich_help_panel=STEADY),
    ] = None,
    p: Annotated[
        float | None, typer.Option(help="A fixed probability for ada.", rich_help_panel=STEADY)
    ] = None,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Show every other picture mirrored.", rich_help_panel=STEADY)
    ] = False,
    noise: Annotated[
        bool, typer.Option("--noise/--no-noise", help="Noise for every pixel; paintings are cleaner without.",
                           rich_help_panel=LEARNING),
    ] = True,
    tick: Annotated[
        float, typer.Option(help="kimg between sheets and saved states.", rich_help_panel=LEAVING)
    ] = 4,
    keep: Annotated[
        int, typer.Option(min=1, help="Ticks between the snapshots that stay and are measured.",
                          rich_help_panel=LEAVING),
    ] = 5,
    fakes: Annotated[
        int, typer.Option(min=50, help="Pictures that are painted to measure one.", rich_help_panel=LEAVING)
    ] = FAKES,
    watch: Annotated[
        bool, typer.Option("--watch", help="Serve a page of the run.", rich_help_panel=LEAVING)
    ] = False,
    port: Annotated[int, typer.Option(help="Of that page.", rich_help_panel=LEAVING)] = PORT,
    host: Annotated[
        str, typer.Option(help="Where it listens; 0.0.0.0 lets a tablet look.", rich_help_panel=LEAVING)
    ] = "127.0.0.1",
) -> None:  # fmt: skip
    """Train a generator; stop it whenever you like, and start it again with the same line."""
    world = join(device)
    folder = RunFolder(out)
    try:
        resumes = folder.state.exists()
        known = None if source is None or resumes else known_by(source)
        if freeze and source is None:
            raise TransferError("--freeze keeps what a discriminator knows: say --from which it comes")
        config = read_config(folder.state) if resumes else known.config if known else USUAL
        said: dict[str, Any] = {
            "size": size,
            "channel_base": channel_base, "channel_max": channel_max, "channel_min": channel_min,
        }  # fmt: skip
        config = replace(config, **{name: value for name, value in said.items() if value is not None})
        if data is None and resumes and not (out / PAINTED).exists():
            raise DataError(f"{out} was trained on a folder of pictures: name it again, with --data")
        data = data or _painted(out / PAINTED, families, config.size, world)
        pictures = Pictures.read(data, config.size, seed, classes)
        config = replace(config, c_dim=len(pictures.class_names), img_channels=3)
        recipe = recipe_for(
            len(pictures),
            config.size,
            batch,
            lr=lr,
            loss=loss,
            gamma=gamma,
            gamma_fake=gamma_fake,
            p=p,
            path_length=path_length,
            lecam=lecam,
            augment=augment,
            mirror=mirror,
            noise=noise,
            freeze=freeze,
            precision=precision,
            seed=seed,
            ema_kimg=ema_kimg,
        )
        if source is not None:
            recipe = from_another(recipe)
        trainer = Trainer(config, recipe, world)
        if watch and world.leads:
            _say(world, f"the run can be watched at {serve(out, port, host).url}")
        never_shown = held_out(data, config.size)
        about = {
            "config": config.to_plain(), "recipe": asdict(recipe),
            "data": {"folder": data.name, "train": len(pictures), "held_out": len(never_shown)},
            "families": families if data == out / PAINTED else None,
            "classes": list(pictures.class_names), "classes_file": None if classes is None else classes.name,
            "from": None if source is None else source.name,
            "device": world.device.type, "processes": world.size, "torch": torch.__version__,
        }  # fmt: skip
        run = Run(trainer, pictures, never_shown, folder, about, tick=tick, keep=keep, fakes=fakes)
        if run.resume():
            _say(world, f"continuing at {run.kimg:.1f} kimg")
        elif known is not None:
            _say(world, f"{source}: {begin_from(trainer, known)}")
    except (CheckpointError, ValueError, OSError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    if world.leads:
        out.mkdir(parents=True, exist_ok=True)
        folder.write_about({**about, "target_kimg": kimg})
    try:
        with _bar(world, kimg) as progress:
            run.train(kimg, progress, lambda text: _say(world, text))
    except Diverged as error:  # of all processes
        _say(world, f"{error}; the last good state is {folder.state}")
        raise typer.Exit(1) from None
    except (NoRoom, torch.OutOfMemoryError) as error:  # of this one
        _say(replace(world, rank=0), f"{error}; the last good state is {folder.state}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _say(world, f"stopped at {run.kimg:.1f} kimg; the same line continues from the last tick")
    finally:
        world.close()


def _painted(folder: Path, families: int, size: int, world: World) -> Path:
    """Composites from the painter, and others of new families to measure by; what is painted is kept.

    Raises DataError where several processes would have to wait for one that paints.
    """
    for place, first, count in (
        (folder, 0, families),
        (folder / HELD_OUT, families, max(1, round(families * PAINTED_ASIDE))),
    ):
        if not (place / "people.jsonl").exists():
            if world.size > 1:
                raise DataError(
                    "several processes train on pictures that are there: paint some first, with "
                    "marrow paint, and name their folder with --data"
                )
            from models.dataset.painter import paint_command

            paint_command(place, count=count, size=size, seed=first, composites=True)
    return folder


def _say(world: World, text: str) -> None:
    if world.leads:
        console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _bar(world: World, kimg: float) -> Iterator[Callable[[float, Line], None]]:
    columns = (
        BarColumn(), TextColumn("{task.completed:.1f} of {task.total:g} kimg"),
        TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[figures]}"),
    )  # fmt: skip
    with Progress(*columns, console=console, refresh_per_second=1, disable=not world.leads) as progress:
        bar = progress.add_task("training", total=kimg, figures="")

        def step(done: float, line: dict[str, Any]) -> None:
            shown = " ".join(f"{name} {line[name]:.2f}" for name in ("G", "D", "sign", "p") if name in line)
            progress.update(bar, completed=done, figures=shown)

        yield step


app = typer.Typer(add_completion=False)
app.command()(train)

if __name__ == "__main__":
    app()
