"""`marrow convert`: a foreign checkpoint into a network file, by a child process that may fail safely."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from models import checkpoint
from models.checkpoint import discriminator_beside
from models.convert.errors import ConvertError
from models.convert.reading import Progress as Say

SECONDS = 900.0
SECONDS_PER_BYTE = 2 / 2**20

console = Console(stderr=True, soft_wrap=True)


def convert(
    file: Annotated[Path, typer.Argument(help="A .pkl or .pt of StyleGAN2, StyleGAN2-ADA or StyleGAN3.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Where to write; else beside FILE.", show_default=False)
    ] = None,
    discriminator: Annotated[
        bool, typer.Option("--discriminator", help="Its discriminator as well, for training that goes on.")
    ] = False,
) -> None:
    """Convert a foreign checkpoint to .safetensors. Nothing in the file is ever run."""
    target = out or file.with_suffix(".safetensors")
    try:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("starting", total=1.0)
            convert_file(
                file, target, lambda note, share: bar.update(task, description=note, completed=share),
                with_discriminator=discriminator,
            )  # fmt: skip
    except ConvertError as error:
        console.print(f"{file}: {error}", style="red", markup=False, highlight=False)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        console.print("stopped; nothing was written")
        raise typer.Exit(130) from None
    console.print(
        f"{target} is written; look at it with: marrow info {target}", markup=False, highlight=False
    )


def convert_file(
    file: Path, target: Path, say: Say = lambda note, share: None, seconds: float | None = None,
    *, with_discriminator: bool = False,
) -> None:  # fmt: skip
    """Write the network of `file` to `target`, whole and proved by a picture, or leave nothing behind.

    `seconds`: how long the reading may take; None: by the file's length. Raises ConvertError.
    """
    if target.suffix != ".safetensors":
        raise ConvertError(f"networks are written as .safetensors files, so it cannot become {target.name}")
    judge = discriminator_beside(target) if with_discriminator else None
    for taken in filter(None, (target, judge)):
        if taken.exists():
            raise ConvertError(f"{taken} exists already; remove it, or name another with -o")
    if not file.is_file():
        raise ConvertError("no such file")
    if seconds is None:
        seconds = SECONDS + file.stat().st_size * SECONDS_PER_BYTE
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the last step is a rename within one file system.
        folder = tempfile.TemporaryDirectory(prefix=".convert-", dir=target.parent)
    except OSError as error:
        raise ConvertError(f"{target.parent} cannot be written ({error.strerror})") from None
    with folder as name:
        part = Path(name) / "network.safetensors"
        judged = None if judge is None else discriminator_beside(part)
        _read_in_child(file, part, judged, say, seconds)
        say("proving it with a picture", 0.95)
        prove(part)
        if judge is not None and judged is not None:
            judged.replace(judge)
        part.replace(target)


def _read_in_child(file: Path, part: Path, judged: Path | None, say: Say, seconds: float) -> None:
    """Raises ConvertError for a refusal, a crash, and a child that runs out of time."""
    child = subprocess.Popen(
        [sys.executable, "-m", "models.convert.child",
         *(str(path.absolute()) for path in (file, part, judged) if path is not None)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        cwd=Path(__file__).resolve().parents[2], start_new_session=True,
        # Each thread of the linear algebra reserves memory, which the child's limit counts.
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    late = threading.Event()

    def give_up() -> None:
        late.set()
        child.kill()

    clock = threading.Timer(seconds, give_up)
    clock.start()
    try:
        for words in _lines(child):
            match words:
                case {"note": str(note), "share": float(share)}:
                    say(note, share)
                case {"refused": str(why)}:
                    raise ConvertError(why)
                case {"done": True}:
                    child.wait()
                    return
        if late.is_set():
            raise ConvertError(f"it was given up after {seconds:.0f} s")
        raise ConvertError(f"the process that read it died ({_how(child.wait())})")
    finally:
        clock.cancel()
        child.kill()
        child.wait()


def _lines(child: "subprocess.Popen[str]") -> Iterator[Any]:
    assert child.stdout is not None
    with contextlib.closing(child.stdout) as lines:
        for line in lines:
            with contextlib.suppress(ValueError):
                yield json.loads(line)


def _how(code: int) -> str:
    return f"signal {-code}: out of memory or time" if code < 0 else f"status {code}"


def prove(path: Path) -> None:
    """Build a network and make one picture with it. Raises ConvertError."""
    import torch

    try:
        header, network = checkpoint.build(path)
    except checkpoint.CheckpointError as error:
        raise ConvertError(
            f"what was read from it is no network: {str(error).removeprefix(f'{path}: ')}"
        ) from None
    with torch.inference_mode():
        ws = network.mapping.w_avg.expand(1, network.num_ws, -1)
        picture = network.synthesis(ws, torch.ones(1))
    if picture.shape != (1, network.img_channels, header.size, header.size) or not picture.isfinite().all():
        raise ConvertError("the picture of its mean latent is not made of finite numbers")
