"""`marrow project`: a photograph into a saved point of a network's atlas."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from PIL import Image
from torch import Tensor

from models import atlas as atlases
from models import checkpoint
from models.atlas import Atlas, atlas_path, check_name
from models.directions.cloud import sample
from models.picture import read_square, to_pixels
from models.projection import Projection
from models.terminal import Refusal, progress_bar, said_plainly, save_picture, say

CLOUD = 2000
GLANCES = 5
"""Pictures on the way: the progress picture holds the original, these, and the best so far."""


def project(
    picture: Annotated[Path, typer.Argument(help="a photograph; its central square is taken")],
    network: Annotated[Path, typer.Option(help="the network, a .safetensors file")],
    name: Annotated[str, typer.Option(help="what the point is called: a look says @name")],
    steps: Annotated[int, typer.Option(min=10, max=100_000, help="more come closer, and take longer")] = 400,
    resume: Annotated[bool, typer.Option("--resume", help="go on from the saved point of this name")] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 0,
) -> None:
    """Find the point of a network that looks most like a picture, and save it as @name.

    Ctrl-C keeps what is reached. NETWORK.NAME.png shows how it goes: the original, the way, the best.
    """
    with said_plainly():
        name = check_name(name.lstrip("@"))
        start = _start(network, name, resume)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        built = checkpoint.build(network)[1].eval().requires_grad_(False).to(device)
        target = read_square(picture, built.size, built.img_channels)
        projection = Projection(built, target, sample(built, CLOUD, seed), steps, seed, start)
        sheet = network.with_name(f"{network.stem}.{name}.png")
        stopped = _run(projection, target, steps, sheet)
        best, began = projection.best, projection.start

        def with_point(atlas: Atlas) -> Atlas:
            return replace(atlas, points={**atlas.points, name: best.ws})

        atlases.update(network, with_point)
    if stopped:
        say(
            f"stopped after {projection.step_count} of {steps} steps; "
            "what is reached is kept, and --resume goes on from it"
        )
    say(f"distance {began.distance:.4f} at the start, {best.distance:.4f} now ({sheet} shows it)")
    say(f"{atlas_path(network)}: @{name} is saved; a look says @{name}")


def _start(network: Path, name: str, resume: bool) -> Tensor | None:
    atlas = atlases.load(network)
    points = atlas.points
    if name in atlas.latents:
        raise Refusal(f"@{name} is a point of Z, which clips begin or end at; choose another --name")
    if resume and name not in points:
        raise Refusal(f"there is no @{name} to go on from; it has {', '.join(points) or 'no points'}")
    if not resume and name in points:
        raise Refusal(
            f"there is a @{name} already: go on from it with --resume, choose another --name, "
            f'or first: marrow directions {network} --remove "@{name}"'
        )
    return points[name] if resume else None


def _run(projection: Projection, target: Tensor, steps: int, sheet: Path) -> bool:
    """All steps, with the progress picture rewritten as they go; True when it was stopped by Ctrl-C."""
    original = to_pixels(target)[0]
    way: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]] = []
    glances = {steps * index // GLANCES for index in range(GLANCES)}
    redraw = max(1, steps // 40)
    with progress_bar(f"from {projection.start.distance:.4f}") as progress:
        try:
            while not projection.done:
                if projection.step_count in glances:
                    way.append(to_pixels(projection.best.picture)[0])
                if projection.step_count % redraw == 0:
                    _save(sheet, [original, *way, to_pixels(projection.best.picture)[0]])
                projection.step()
                progress(projection.step_count / steps)
            return False
        except KeyboardInterrupt:
            return True
        finally:
            _save(sheet, [original, *way, to_pixels(projection.best.picture)[0]])


def _save(path: Path, pictures: "list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]") -> None:
    save_picture(Image.fromarray(np.concatenate(pictures, axis=1)), path)
