"""`marrow bench training`: how many pictures a second training takes in, beside the plain float32 loop."""

import platform
import time
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Annotated

import torch
import typer
from rich import box
from rich.table import Table

from models.bench.plain_trainer import PlainTrainer
from models.measures.judge import Judge, Measures
from models.measures.subject import Subject
from models.measures.tiers import features
from models.stylegan2_config import StyleGAN2Config
from models.terminal import console, progress_bar, said_plainly, say
from models.training.data import Pictures, held_out
from models.training.recipe import Recipe, usual_gamma
from models.training.trainer import R1_EVERY, Trainer
from models.training.world import join


def training(
    data: Annotated[Path, typer.Argument(help="A folder of square pictures, as prepare makes it.")],
    size: Annotated[int, typer.Option(help="Pixels.")] = 64,
    batch: Annotated[int, typer.Option(min=2)] = 16,
    channel_base: Annotated[int, typer.Option()] = 2048,
    channel_max: Annotated[int, typer.Option()] = 128,
    rounds: Annotated[
        int, typer.Option(min=1, help=f"Of {R1_EVERY} steps by each, in turn; the median counts.")
    ] = 3,
    kimg: Annotated[float, typer.Option(help="Then train both so far, and compare their KID.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Measure training on this machine; without --kimg no picture is learnt in earnest."""
    with said_plainly():
        world = join(device)
        config = StyleGAN2Config(size, channel_base=channel_base, channel_max=channel_max)
        pictures = Pictures.read(data, size, seed)
        recipe = Recipe(batch=batch, gamma=usual_gamma(size, batch), seed=seed)
        ours = Trainer(config, recipe, world)
        plain = PlainTrainer(config, replace(recipe, precision="float32"), world)
        seconds = _race(plain, ours, pictures, rounds)
        table = Table("", "pictures / s", "times", box=box.SIMPLE, title=_title(size, batch, world.device))
        slow, fast = (batch * R1_EVERY / median(of) for of in seconds)
        table.add_row("plain loop, float32", f"{slow:.1f}", "1")
        ratios = [one / other for one, other in zip(*seconds, strict=True)]
        table.add_row(f"trainer, {recipe.precision}", f"{fast:.1f}", f"{median(ratios):.2f}")
        console.print(table)
        say(f"in single rounds: {', '.join(f'{ratio:.2f}' for ratio in ratios)} times")
        if world.device.type == "cuda":
            say(f"most memory: {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB; {asdict(recipe)}")
        if kimg:
            unseen = held_out(data, size)
            judge = Judge(features("B", pictures.pixels, device=world.device), pictures.pixels, unseen)
            for name, trainer in (("plain loop", plain), ("trainer", ours)):
                found = _taught(name, trainer, pictures, kimg, judge)
                say(f"{name}, {kimg:g} kimg: KID {found.kid:.4f} +- {found.kid_deviation:.4f} ({found.tier})")


def _race(plain: Trainer, ours: Trainer, pictures: Pictures, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each round of each, taken in turn so that the machine's moods fall on both."""
    seconds: tuple[list[float], list[float]] = ([], [])
    with progress_bar("taking turns") as progress:
        for number in range(rounds + 1):
            for trainer, taken in zip((plain, ours), seconds, strict=True):
                began = time.perf_counter()
                for _ in range(R1_EVERY):
                    trainer.step(pictures)
                if number:  # the first is a warming up
                    taken.append(time.perf_counter() - began)
            progress((number + 1) / (rounds + 1))
    return seconds


def _taught(name: str, trainer: Trainer, pictures: Pictures, kimg: float, judge: Judge) -> Measures:
    began = trainer.images
    with progress_bar(name) as progress:
        while trainer.images < kimg * 1000:
            trainer.step(pictures)
            progress((trainer.images - began) / max(1, kimg * 1000 - began))
    return judge.judge(Subject(trainer.ema, trainer.recipe.seed).paint)


def _title(size: int, batch: int, device: torch.device) -> str:
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return f"training at {size} px, batches of {batch}, on {where}, {torch.get_num_threads()} threads"


if __name__ == "__main__":
    typer.run(training)
