"""The pictures of a performance, painted offline: every frame at its exact time, as on the wall."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from models.checkpoint import CheckpointError
from server.rehearsal.encoder import Frame
from server.rehearsal.performance import Moment
from server.renderer.dissolve import blended, counted, fitted
from server.renderer.networks import Generator
from server.renderer.understudy import Part, Understudy
from show_control.look import MAIN
from show_control.show import Show
from show_control.snapshot import Snapshot


class Playing(Protocol):
    """A performance or a replay: its show, when it began on the show's clock, and what happens in it."""

    show: Show

    @property
    def began(self) -> float: ...
    def moments(self) -> Iterator[Moment]: ...


def pictures(playing: Playing, fps: int, until: float) -> Iterator[tuple[float, Snapshot]]:
    """(pts, snapshot) of each frame, from the beginning until a time.

    They are the ticks of the renderer's clock, which go through its zero; what happens at a tick is in it.
    """
    tick = math.ceil(playing.began * fps)
    snapshot = playing.show.snapshot()
    for moment in playing.moments():
        while (pts := tick / fps) < min(moment.at, math.nextafter(until, math.inf)):
            yield pts, snapshot
            tick += 1
        if moment.at > until:
            break
        snapshot = playing.show.snapshot()
    while (pts := tick / fps) <= until:
        yield pts, snapshot
        tick += 1


def length(playing: Playing, fps: int, until: float) -> int:
    """How many frames that will be."""
    return math.floor(until * fps) - math.ceil(playing.began * fps) + 1


class Painter:
    """Paints what a wall shows, at a `size` in pixels, its walk `ahead` seconds in front.

    A network is loaded when it is wanted, and the picture waits for it. `load` may raise CheckpointError,
    ValueError, OSError or MemoryError: without "main" there is no film; without another the show goes on, as
    it would on the night. `say` is told so, and of looks that are refused.
    """

    def __init__(
        self, load: Callable[[str], Generator], size: int, ahead: float, say: Callable[[str], None]
    ) -> None:
        self._load, self._size, self._ahead, self._say = load, size, ahead, say
        self._generators: dict[str, Generator] = {MAIN: load(MAIN)}
        self._lost: set[str] = set()
        self._understudy = Understudy()
        self._good: dict[str, Part] = {}
        self._refused = ""

    def paint(self, snapshot: Snapshot, pts: float) -> Frame:
        """One frame, (size, size, 3). A look that is refused leaves the one before. Raises ValueError where
        there is none."""
        parts = self.pass_over(snapshot, pts)
        try:
            frame = self._paint(parts)
        except ValueError as error:
            if not self._good:
                raise
            if str(error) != self._refused:
                self._refused = str(error)
                self._say(f"From {pts:.3f} s a look is refused: {error}")
            return self._paint(self._good)
        self._good = parts
        return frame

    def pass_over(self, snapshot: Snapshot, pts: float) -> dict[str, Part]:
        """What one frame would be painted of: for one that is there already."""
        self._have(snapshot.networks(pts))
        return self._understudy.parts(snapshot, pts, (self._ahead,), self._generators)

    def _paint(self, parts: dict[str, Part]) -> Frame:
        weights = counted({name: share for name, (share, _) in parts.items()})
        layers = [
            (weight, self._generators[name].synthesize(parts[name][1])) for name, weight in weights.items()
        ]
        if len(layers) == 1:
            frames = fitted(layers[0][1], self._size)
        else:
            frames = blended([(weight, fitted(frames, self._size)) for weight, frames in layers])
        frame: Frame = frames[0]
        return frame

    def _have(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._generators or name in self._lost:
                continue
            try:
                self._generators[name] = self._load(name)
            except (CheckpointError, ValueError, OSError, MemoryError) as error:
                self._lost.add(name)
                self._say(f"The network {name} is left out: {error}")
