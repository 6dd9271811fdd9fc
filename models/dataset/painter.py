"""The command that paints: families at dinner with their masks, or the composites that a generator learns."""

import json
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image
from rich.progress import track

from models.dataset.compose import family_composites
from models.dataset.traits import Role

SHEET_SIDE, SHEET_TILE = 8, 256


def _painting_files(out: Path, size: int, first: int, index: int) -> list[dict[str, Any]]:
    """Paints picture `index`, writes it and its mask, and returns its line for people.jsonl."""
    from models.dataset.painting import paint

    painting = paint(first + index, size)
    name = f"{index:05d}.png"
    Image.fromarray(painting.image).save(out / name)
    mask = np.zeros((size, size), np.uint8)
    for number, person in enumerate(painting.people, start=1):
        mask[person.mask] = number
    Image.fromarray(mask).save(out / "masks" / name)
    people = [
        {"role": str(p.role), "mask": number, "box": list(p.box), "head": list(p.head)}
        for number, p in enumerate(painting.people, start=1)
    ]
    return [{"file": name, "seed": first + index, "size": size, "people": people}]


def _composite_files(out: Path, size: int, first: int, index: int) -> list[dict[str, Any]]:
    """Paints the family `index`, writes its composites, and returns their lines for people.jsonl."""
    lines = []
    roles = list(Role)
    for number, picture in enumerate(family_composites(first + index, size)):
        name = f"{index * 4 + number:05d}.png"
        Image.fromarray(picture.image).save(out / name)
        people = [
            {"role": str(roles[who]), "box": list(box)} for who, box in zip(picture.order, picture.boxes,
                strict=True)
        ]
        lines.append({"file": name, "seed": picture.seed, "size": size, "people": people})
    return lines


def _write_sheet(out: Path, names: list[str]) -> None:
    """The first pictures as one contact sheet, at most eight by eight."""
    shown = names[: SHEET_SIDE**2]
    across = min(SHEET_SIDE, len(shown))
    down = -(-len(shown) // across)
    sheet = Image.new("RGB", (across * SHEET_TILE, down * SHEET_TILE))
    for i, name in enumerate(shown):
        with Image.open(out / name) as picture:
            tile = picture.resize((SHEET_TILE, SHEET_TILE), Image.Resampling.LANCZOS)
        sheet.paste(tile, (i % across * SHEET_TILE, i // across * SHEET_TILE))
    sheet.save(out / "sheet.png")


def paint_command(
    out: Annotated[Path, typer.Argument(file_okay=False, help="Folder to write to; made if it is missing.")],
    count: Annotated[int, typer.Option(min=1, max=25_000, help="How many families to paint.")] = 64,
    size: Annotated[int, typer.Option(min=32, max=4096, help="Side of a picture, in pixels.")] = 512,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the first family; the next ones count up.")] = 0,
    composites: Annotated[
        bool, typer.Option("--composites",
                           help="Figures side by side on black instead, four pictures a family.")
    ] = False,
    photographs: Annotated[
        bool, typer.Option("--photographs",
                           help="Photographs of dinners instead: four to seven people, never aligned.")
    ] = False,
    duplicates: Annotated[
        float, typer.Option(min=0, max=4, help="With --photographs: copies to add, as a share of --count.")
    ] = 0.0,
    workers: Annotated[int, typer.Option(min=0, help="Processes to paint with; 0 means one a core.")] = 0,
) -> None:
    """Paints families at dinner.

    Writes 00000.png and on, people.jsonl (a line a picture: file, seed, and each person's role and box as
    x0, y0, x1, y1) and sheet.png. Paintings come with masks/00000.png: 8-bit, 0 for what is nobody, else the
    person's number in people.jsonl (1 mom, 2 dad, 3 brother, 4 sister). Composites list their people from
    left to right. The bytes depend on the seed and the size alone.

    Photographs stand in for a scraped folder: files of several formats, sizes (--size is the longest side)
    and orientations, masks/NAME.png and truth.jsonl, a line a file: its people, and what it is a copy of.
    """
    if photographs and (composites or size < 64):
        raise typer.BadParameter("--photographs needs a --size of 64 at least and goes without --composites")
    if duplicates and not photographs:
        raise typer.BadParameter("--duplicates goes with --photographs: paintings have no copies")
    try:
        import skia  # noqa: F401
    except ImportError as error:
        typer.secho(
            f"The painter cannot load skia ({error}): install skia-python and the system libraries "
            "libGL.so.1 and libEGL.so.1 (on Debian: apt install libgl1 libegl1).",
            err=True,
        )
        raise typer.Exit(1) from error
    out.mkdir(parents=True, exist_ok=True)
    if photographs:
        from models.dataset.photographs_folder import orders, write_photographs

        total = len(orders(count, seed, duplicates))
        done = write_photographs(out, count, size, seed, duplicates, workers or os.cpu_count() or 1)
        for _ in track(done, description="Painting", total=total):
            pass
        return
    if not composites:
        (out / "masks").mkdir(exist_ok=True)
    job: Callable[[int], list[dict[str, Any]]] = partial(
        _composite_files if composites else _painting_files, out, size, seed
    )
    lines: list[dict[str, Any]] = []
    with ProcessPoolExecutor(workers or os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for result in track(pool.map(job, range(count)), description="Painting", total=count):
            lines.extend(result)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (out / "people.jsonl").write_text(text, encoding="utf-8")
    _write_sheet(out, [line["file"] for line in lines])


if __name__ == "__main__":
    typer.run(paint_command)
