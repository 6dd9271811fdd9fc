"""A film from beginning to end: what the rig says about networks and walls, the painter, and the encoder."""

from contextlib import suppress
from pathlib import Path

from models.checkpoint import CheckpointError, read_header
from models.terminal import progress_bar, say
from server.config import Projector, Rig
from server.rehearsal.encoder import CODECS, Encoder, FilmError
from server.rehearsal.film import Painter, Playing, length, pictures
from server.renderer.networks import Generator
from show_control.errors import suggest


def shoot(
    playing: Playing,
    until: float,
    out: Path,
    rig: Rig,
    fps: int | None = None,
    size: int | None = None,
    wall: str | None = None,
) -> int:
    """Paint a performance, until a time on its clock, into a film. Returns the number of its frames; where
    Ctrl-C has ended it early, what is painted is kept.

    Without `fps` and `size` it is as fast as the rig's walls, and as wide as its widest network. Raises
    FilmError.
    """
    if out.suffix not in CODECS:
        raise FilmError(f"{out}: expected a name that ends with {', '.join(CODECS)}")
    if not out.absolute().parent.is_dir():
        raise FilmError(f"{out}: there is no folder {out.parent}")
    ahead = _projector(rig, wall).ahead
    fps = fps or rig.generator.fps
    frames = 0
    try:
        painted = max(read_header(path).size for path in rig.generator.all_networks.values())
        with Encoder(out, painted, size or painted, fps) as encoder, suppress(KeyboardInterrupt):
            painter = Painter(lambda name: load(rig, name), painted, ahead, say)
            count = length(playing, fps, until)
            with progress_bar(out.name) as done:
                for pts, snapshot in pictures(playing, fps, until):
                    encoder.write(painter.paint(snapshot, pts))
                    frames += 1
                    done(frames / count)
    except (CheckpointError, ValueError, OSError, MemoryError) as error:
        raise FilmError(str(error) or type(error).__name__) from None
    return frames


def load(rig: Rig, name: str) -> Generator:
    """One of the rig's networks, as the renderer would load it. Torch takes seconds, so it is last."""
    path = rig.generator.all_networks.get(name)
    if path is None:
        raise ValueError(f'the rig has no network "{name}"; add it to [generator.networks]')
    from models.generator import Generator as TorchGenerator

    generator = rig.generator
    return TorchGenerator.load(
        path,
        device=generator.device,
        style_from=generator.style_from,
        psi_below=generator.psi_below,
        backend=generator.backend,
    )


def _projector(rig: Rig, wall: str | None) -> Projector:
    for projector in rig.projectors:
        if wall in (None, projector.name):
            return projector
    names = [projector.name for projector in rig.projectors]
    near = suggest(wall or "", names) or f" It has {', '.join(names)}."
    raise FilmError(f'the rig has no [[projector]] "{wall}".{near}')
