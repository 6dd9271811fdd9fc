"""A film from beginning to end: what the rig says about networks and walls, the painter, and the encoder."""

from contextlib import suppress
from pathlib import Path

from models.checkpoint import CheckpointError, read_header
from models.terminal import progress_bar, say
from server.rehearsal.encoder import CODECS, Encoder, FilmError, program
from server.rehearsal.film import Painter, Playing, length, pictures
from server.rehearsal.reels import Reels, reels
from server.renderer.networks import Generator
from server.rig import Projector, Rig
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
    """Paint a performance, until a time on its clock, into a film. Returns the number of its frames.

    Where Ctrl-C has ended it early, the film is as long as it has got, and the next call goes on from there,
    with its reels in the folder OUT.reels; so it does after a crash.

    Without `fps` and `size` it is as fast as the rig's walls, and as wide as its widest network. Raises
    FilmError.
    """
    if out.suffix not in CODECS:
        raise FilmError(f"{out}: expected a name that ends with {', '.join(CODECS)}")
    if not out.absolute().parent.is_dir():
        raise FilmError(f"{out}: there is no folder {out.parent}")
    program()
    ahead = _projector(rig, wall).ahead
    fps = fps or rig.generator.fps
    frames = 0
    try:
        painted = max(read_header(path).size for path in rig.generator.all_networks.values())
        painter = Painter(lambda name: load(rig, name), painted, ahead, say)
        count = length(playing, fps, until)
        shelf = Reels(out)
        with suppress(KeyboardInterrupt), progress_bar(out.name) as done:
            for reel in reels(pictures(playing, fps, until), fps, _settings(rig, size or painted, ahead)):
                if shelf.has(reel):
                    for pts, snapshot in reel.stills:
                        painter.pass_over(snapshot, pts)
                    frames += len(reel.stills)
                    continue
                with Encoder(shelf.draft, painted, size or painted, fps) as encoder:
                    for pts, snapshot in reel.stills:
                        encoder.write(painter.paint(snapshot, pts))
                        frames += 1
                        done(frames / count)
                shelf.done(reel)
        shelf.cut(whole=frames == count)
    except (CheckpointError, ValueError, OSError, MemoryError) as error:
        raise FilmError(str(error) or type(error).__name__) from None
    if frames < count:
        say(f"{out}: {frames} of {count} frames. The same command goes on from there.")
    return frames


def _settings(rig: Rig, size: int, ahead: float) -> str:
    """What, beside the show, decides how a frame looks."""
    generator = rig.generator
    networks = {
        name: (str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns)
        for name, path in generator.all_networks.items()
    }
    facts = (networks, generator.backend, generator.style_from, generator.psi_below, size, ahead)
    return repr(facts)


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
