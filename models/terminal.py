"""How an offline command speaks: one sentence for an error, a bar for work, pictures written whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from models.checkpoint import CheckpointError

console = Console()


class Refusal(ValueError):
    """The command cannot do this; the message says why and what was expected."""


def say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def said_plainly() -> Iterator[None]:
    """Errors as one red sentence and status 2; Ctrl-C as one sentence and status 130."""
    try:
        yield
    except (CheckpointError, ValueError, OSError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        say("stopped; what was written before is whole, the rest is as it was")
        raise typer.Exit(130) from None


@contextmanager
def progress_bar(words: str) -> Iterator[Callable[[float], None]]:
    """A bar; call it with the share that is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, refresh_per_second=4) as progress:
        bar = progress.add_task(words, total=1.0)
        yield lambda done: progress.update(bar, completed=done)


def save_picture(picture: Image.Image, path: Path) -> None:
    """Write a PNG whole or not at all."""
    part = path.with_name(path.name + ".part")
    picture.save(part, format="PNG", optimize=True)
    part.replace(path)
