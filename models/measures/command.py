"""`marrow evaluate`: measure a network against pictures, and write a report that shows what was compared."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from models import checkpoint
from models.checkpoint import write_whole
from models.float32 import keep_float32
from models.measures.evaluation import Evaluation, Stage
from models.measures.evaluation import evaluate as measure
from models.measures.features import SIDE as PIXELS
from models.measures.features import Pixels
from models.measures.gallery import SIDE, gallery, rows
from models.measures.judge import Judge
from models.measures.report import About, cautions, figures, report, verdict
from models.measures.subject import Subject
from models.measures.tiers import features
from models.terminal import Refusal, console, said_plainly, save_picture, say
from models.training import data as training_data
from models.training.sheet import contact_sheet

SHEET = 32
SHEET_SIDE = 128


class Tier(StrEnum):
    B = "B"
    C = "C"


def evaluate(
    network: Annotated[Path, typer.Argument(help="the network, a .safetensors file")],
    data: Annotated[Path, typer.Option(help="the folder it was trained on; held-out/ in it is compared to")],
    tier: Annotated[
        Tier | None,
        typer.Option("--features", help="B: random networks (the default); C: learnt from your pictures"),
    ] = None,
    side: Annotated[
        int, typer.Option(min=16, max=1024, help="pixels that tier B looks at; more sees finer detail")
    ] = PIXELS,
    inception: Annotated[
        Path | None, typer.Option(help="Inception v3 weights, .safetensors or .pth: features of tier A")
    ] = None,
    sha256: Annotated[
        str | None, typer.Option("--inception-sha256", help="refuse other weights than these")
    ] = None,
    fakes: Annotated[int, typer.Option(min=8, max=100_000, help="pictures to paint")] = 2000,
    paths: Annotated[int, typer.Option(min=0, max=100_000, help="paths to measure; 0 for none")] = 300,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 0,
) -> None:
    """Measure a network: KID, precision, recall, memorisation, path length and separability.

    Writes NETWORK.evaluation/ beside it: report.html, gallery.png and evaluation.json. Each figure holds
    under the features that it names; compare networks of one data set under one tier.
    """
    with said_plainly():
        if inception is not None and tier is not None:
            raise Refusal("--inception is tier A; leave --features out")
        if sha256 is not None and inception is None:
            raise Refusal("--inception-sha256 goes with --inception FILE")
        keep_float32()
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        header, built = checkpoint.build(network)
        subject = Subject(built.eval().requires_grad_(False).to(device), seed)
        train, held_out = _read(data, header.size)
        about = About(
            network.name, header.sha256, header.size, str(data), len(train), len(held_out),
            _trained_on(header.about.get("data")),
        )  # fmt: skip
        for caution in cautions(about):
            say(caution)
        with _stages() as stage:
            described = features(
                "A" if inception else (tier or Tier.B),
                train,
                side=side,
                inception=inception,
                sha256=sha256,
                cache=data / "features",
                seed=seed,
                device=device,
                progress=lambda done: stage("learning features", done),
            )
            judge = Judge(
                described,
                train,
                held_out,
                fakes=fakes,
                seed=seed,
                progress=lambda done: stage("describing real pictures", done),
            )
            found = measure(subject, judge, paths, stage)
        _show(found)
        out = network.with_suffix(".evaluation")
        _write(out, about, subject, found, train)
    say(f"{out / 'report.html'} shows it; {out / 'gallery.png'} is the last word on copies")


def _read(folder: Path, size: int) -> tuple[Pixels, Pixels]:
    """The training pictures and the held-out ones, resized to the network's size. Raises DataError."""
    if not folder.is_dir():
        raise Refusal(
            f"{folder}: no such folder; expected the pictures that the network was trained on, as "
            "marrow prepare or marrow paint writes them"
        )
    train = training_data.Pictures.read(folder, size, 0).pixels
    return train, training_data.held_out(folder, size)


def _trained_on(data: object) -> int | None:
    match data:
        case {"train": int(count)}:
            return count
    return None


@contextmanager
def _stages() -> Iterator[Stage]:
    """A bar for each stage of the work, as it begins."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, refresh_per_second=4) as progress:
        bars: dict[str, TaskID] = {}

        def stage(words: str, done: float) -> None:
            if words not in bars:
                bars[words] = progress.add_task(words, total=1.0)
            progress.update(bars[words], completed=done)

        yield stage


def _show(found: Evaluation) -> None:
    real = f"{found.real.pictures} held-out" if found.real else ""
    table = Table("", "this network", real, box=None, pad_edge=False)
    for figure in figures(found):
        table.add_row(figure.name, figure.value, figure.real)
    say(f"features {found.measures.tier}")
    console.print(table)
    say(verdict(found.measures.memorisation))


def _write(out: Path, about: About, subject: Subject, found: Evaluation, train: Pixels) -> None:
    shown = rows(found.measures.memorisation)
    neighbours = gallery(shown, subject.pictures(found.latents, [row.fake for row in shown], SIDE), train)
    count = min(SHEET, found.measures.fakes)
    sheet = contact_sheet(subject.pictures(found.latents, range(count), SHEET_SIDE), 8)
    plain = {
        "network": about.network,
        "sha256": about.sha256,
        "size": about.size,
        "data": {"folder": about.data, "train": about.train, "held_out": about.held_out},
        "seed": subject.seed,
        **found.to_plain(),
        "gallery": [
            {"fake": row.fake, "training": list(row.training), "distance": round(row.distance, 4)}
            for row in shown
        ],
    }
    out.mkdir(parents=True, exist_ok=True)
    save_picture(neighbours, out / "gallery.png")
    write_whole(out / "evaluation.json", (json.dumps(plain, indent=2) + "\n").encode())
    write_whole(out / "report.html", report(about, found, sheet, neighbours).encode())
