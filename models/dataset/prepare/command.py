"""`marrow prepare`: from a folder of photographs to a data set, and why a file is not in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from models.checkpoint import write_whole
from models.dataset.people.segmenter import SegmenterError
from models.dataset.prepare.crew import Crew, Hands
from models.dataset.prepare.explain import explanation
from models.dataset.prepare.folder import shown
from models.dataset.prepare.pipeline import Preparation
from models.dataset.prepare.prepared import HELD_OUT, Prepared
from models.dataset.prepare.recipe import Recipe, load, text_of
from models.dataset.prepare.report import report
from models.dataset.prepare.sheets import sheet
from models.dataset.prepare.split import Leak
from models.dataset.prepare.work import Finder
from models.terminal import Refusal, progress_bar, said_plainly, say


def _show(name: str | None) -> None:
    if name is not None:
        with said_plainly():
            typer.echo(text_of(name), nl=False)
        raise typer.Exit


def prepare(
    photos: Annotated[Path, typer.Argument(help="the folder of photographs; nothing in it is changed")],
    out: Annotated[Path, typer.Argument(help="the folder to write to; a second run goes on from a first")],
    recipe: Annotated[str, typer.Option(help="family, plain, aligned, or a TOML file")] = "family",
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="draws orders and what is held out")] = 0,
    workers: Annotated[int, typer.Option(min=0, help="processes; 0 means one a core")] = 0,
    explain: Annotated[str | None, typer.Option(help="only say what was decided on FILE, and why")] = None,
    show_recipe: Annotated[
        str | None,
        typer.Option(callback=_show, is_eager=True, help="only print a recipe, to start your own from"),
    ] = None,
) -> None:
    """Make a data set of photographs: read, take out copies, cut out people, compose, check, split, report.

    OUT/*.png are to be trained on, OUT/held-out/*.png never; report.html says what they are like.
    manifest/ has a line for each decision, sheets/ a contact sheet for each stage. Nothing is deleted, only
    set aside.
    """
    del show_recipe
    with said_plainly():
        if explain is not None:
            say(explanation(photos, out, explain))
            return
        chosen = load(recipe)
        try:
            with Crew(workers, chosen.read.seconds) as crew:
                prepared = run(photos, out, chosen, seed, crew)
        except SegmenterError as error:
            raise Refusal(f"{recipe}: people.segmenter: {error}") from None
        _sum_up(out, prepared)
        if prepared.refusal:
            raise Leak(f"{prepared.refusal}. {out / 'report.html'} shows what there is")


def run(
    photos: Path, out: Path, recipe: Recipe, seed: int, hands: Hands, finder: Finder | None = None
) -> Prepared:
    """All stages, the contact sheets and the report."""
    prepared = Preparation(photos, out, recipe, seed, hands, _bar, finder).run()
    write_pages(out, prepared, recipe, seed)
    return prepared


def write_pages(out: Path, prepared: Prepared, recipe: Recipe, seed: int) -> None:
    """The contact sheets and the report."""
    for stage, lines in prepared.lines.items():
        write_whole(out / f"sheets/{stage}.png", sheet(out, stage, lines))
    write_whole(out / "report.html", report(out, prepared, recipe, seed).encode())


@contextmanager
def _bar(stage: str) -> Iterator[Callable[[float], None]]:
    with progress_bar(f"{stage:9}") as progress:
        yield progress
        progress(1.0)


def _sum_up(out: Path, prepared: Prepared) -> None:
    for stage, lines in prepared.lines.items():
        say(f"{stage:9} {sum(1 for _ in lines.kept()):7} of {len(lines)}")
    if "split" in prepared.lines:
        made = prepared.lines["split"]
        held_out = sum(line["split"] == HELD_OUT for line in made)
        say(f"{len(made)} pictures in {shown(str(out))}, {held_out} of them held out; report.html shows them")
