"""`marrow augment`: a folder of pictures into a larger one, with its masks and boxes, and a sheet."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from models.checkpoint import write_whole
from models.dataset.augment.folder import (
    LIMITS,
    MANIFEST,
    PEOPLE,
    SETTINGS,
    SHEET,
    Job,
    Line,
    augment_picture,
    names_in,
    people_in,
)
from models.dataset.augment.recipe import MOST_COPIES, OPERATIONS, Recipe, load
from models.dataset.augment.sheet import sheet
from models.dataset.augment.warp import Fill
from models.dataset.prepare import manifest
from models.dataset.prepare.crew import Alone, Crew, Hands, Lost
from models.dataset.prepare.folder import shown
from models.dataset.prepare.photograph import decode, read_file
from models.terminal import Refusal, progress_bar, said_plainly, save_picture, say

STAGE, EARLIER = "augment", "earlier"


def augment(
    pictures: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of pictures.")],
    out: Annotated[Path, typer.Argument(file_okay=False, help="Folder to write to; made if missing.")],
    recipe: Annotated[Path | None, typer.Option(help="TOML file with the settings.")] = None,
    copies: Annotated[
        int | None, typer.Option(min=0, max=MOST_COPIES, help="Changed pictures of each, beside itself.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0)] = None,
    also: Annotated[
        list[str] | None, typer.Option("--with", help=f"Another operation: {', '.join(OPERATIONS)}.")
    ] = None,
    fill: Annotated[Fill | None, typer.Option(help="What lies outside a picture.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 means one a core.")] = 0,
) -> None:
    """Make more pictures of each picture.

    Without options: crops of at least 0.9, and a little light and colour. Mirroring, turning, noise and holes
    are for data that could show them; ask with --with flip, or in a recipe. Masks (masks/NAME.png) and boxes
    (people.jsonl) beside the pictures go with them. The same line goes on where it was stopped.
    """
    with said_plainly():
        settings = _settings(recipe, copies, seed, also or [], fill)
        with Crew(workers) as crew:
            lines = run(pictures, out, settings, Alone() if workers == 1 else crew)
        kept = [line for line in lines if line["decision"] == manifest.KEPT]
        for line in lines:
            if line["decision"] == manifest.ASIDE:
                say(f"aside: {shown(line['name'])}: {line['reason']}")
        made = sum(len(line["copies"]) for line in kept)
        say(f"{made} pictures of {len(kept)} in {out}; {len(lines) - len(kept)} aside; look at {out / SHEET}")


def _settings(
    path: Path | None, copies: int | None, seed: int | None, also: list[str], fill: Fill | None
) -> Recipe:
    """The recipe of the file, or the gentle one, with what the command line says instead."""
    recipe = (load(path) if path else Recipe()).with_operations(also)
    augmentation = recipe.augmentation if fill is None else replace(recipe.augmentation, fill=fill)
    return Recipe(
        recipe.copies if copies is None else copies, recipe.seed if seed is None else seed, augmentation
    )


def run(folder: Path, out: Path, recipe: Recipe, hands: Hands) -> list[Line]:
    """Augment every picture of `folder` itself; the lines of the manifest.

    Copies of a picture that is no longer there move to OUT/earlier: they would be trained on.
    Raises Refusal, FolderError or OSError before anything is written.
    """
    _fit(folder, out, recipe)
    stems, people = names_in(folder), people_in(folder)
    write_whole(out / SETTINGS, recipe.to_toml().encode())
    lines: list[Line] = []
    with manifest.Manifest(out / MANIFEST, STAGE) as done, progress_bar("augmenting") as progress:
        known = {line["name"]: line for line in manifest.earlier(out / MANIFEST, STAGE)}
        before = {f for line in manifest.earlier(out / MANIFEST, STAGE) for f in _files(line)}
        jobs = (Job(folder, out, n, stem, recipe, people.get(n), known.get(n)) for n, stem in stems.items())
        for job, line in hands.map(augment_picture, jobs):
            lines.append(_lost(job, line) if isinstance(line, Lost) else line)
            done.put(lines[-1])
            progress(len(lines) / len(stems))
    _set_aside(out, before - {file for line in lines for file in _files(line)})
    if people:
        write_whole(out / PEOPLE, b"".join(_people(lines, people)))
    first = next((line["name"] for line in lines if line["decision"] == manifest.KEPT), None)
    if first is not None:
        pixels = decode(read_file(folder / first, LIMITS), Path(first).suffix, LIMITS, LIMITS.longest).pixels
        save_picture(sheet(pixels, recipe), out / SHEET)
    return lines


def _fit(folder: Path, out: Path, recipe: Recipe) -> None:
    if out.resolve() == folder.resolve():
        raise Refusal(f"{out}: this is where the pictures come from; choose another folder to write to")
    settings = out / SETTINGS
    if settings.exists() and settings.read_text(encoding="utf-8") != recipe.to_toml():
        raise Refusal(
            f"{out}: made with other settings, and would end as a mixture; choose another folder, "
            f"or go on with --recipe {settings}"
        )


def _lost(job: Job, lost: Lost) -> Line:
    aside = {"decision": manifest.ASIDE, "reason": lost.reason, "parameters": {"digest": ""}}
    return {"file": job.name, "name": job.name, "sha256": ""} | aside | {"seed": job.recipe.seed}


def _files(line: Line) -> Iterable[str]:
    return (copy[what] for copy in line.get("copies", []) for what in ("file", "mask") if what in copy)


def _set_aside(out: Path, files: Iterable[str]) -> None:
    for file in files:
        if (out / file).exists():
            (out / EARLIER / file).parent.mkdir(parents=True, exist_ok=True)
            (out / file).replace(out / EARLIER / file)


def _people(lines: Iterable[Line], people: dict[str, Line]) -> Iterable[bytes]:
    """A line of people.jsonl for each copy whose picture had one, with its file and its boxes."""
    for line in lines:
        for copy in line.get("copies", []):
            if "people" in copy:
                moved = people[line["name"]] | {"file": copy["file"], "people": copy["people"]}
                yield json.dumps(moved).encode() + b"\n"
