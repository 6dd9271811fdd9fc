"""The show file: TOML text in, a `ShowFile` out, or every problem that it has at once."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from show_control.cue import Cue, CueList
from show_control.cuefile import read_cue
from show_control.errors import Problem, ShowFileError
from show_control.look import Bend, Direction, Scene, fold
from show_control.lookfile import LookReader
from show_control.reader import Reader
from show_control.walk import Weights

SHORTEST_ROUND = 1.0
"""Seconds that a show which loops by itself must take."""


@dataclass(frozen=True, slots=True)
class ShowFile:
    """A show that can be played. `safe` is what panic fades to, and what stands before the first GO.

    Its drives act in both, and cues keep them, like all else, until one names drives of its own.
    """

    title: str
    loop: bool
    safe: Scene
    points: dict[str, Weights]
    directions: tuple[Direction, ...]
    bends: tuple[Bend, ...]
    cues: CueList

    @property
    def controls(self) -> frozenset[str]:
        """The names of the controls that drives listen to."""
        cues = (drive for cue in self.cues for drive in cue.change.drives or ())
        return frozenset(drive.control for drive in (*self.safe.drives, *cues))

    @property
    def targets(self) -> frozenset[str]:
        """The names of the targets that cues send to."""
        return frozenset(send.target for cue in self.cues for send in cue.sends)

    @property
    def networks(self) -> frozenset[str]:
        """The names of the networks that looks and preloads ask for."""
        scenes = (self.safe, *self.scenes().values())
        preloads = (network for cue in self.cues for network in cue.preload)
        return frozenset((*(scene.network for scene in scenes), *preloads))

    def scenes(self) -> dict[str, Scene]:
        """Cue number -> what playing every cue up to it adds up to, from the safe look."""
        scenes: dict[str, Scene] = {}
        scene = self.safe
        for cue in self.cues:
            scene = fold(scene, [cue.change])
            scenes[cue.number] = scene
        return scenes


def parse_show(text: str, name: str) -> ShowFile:
    """Read a show; `name` (the file's) opens every message. Raises `ShowFileError` with every problem."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of too many digits is a plain ValueError
        raise ShowFileError([Problem(name, f"this is not TOML: {error}")]) from error

    problems: list[Problem] = []
    reader = Reader(name, table, problems)
    looks = LookReader(problems)
    show = reader.get("show", lambda where, value: Reader(where, value, problems)) or Reader(
        name, {}, problems
    )
    title, loop = show.text("title"), show.flag("loop")
    show.finish()
    reader.get("points", looks.read_points)
    reader.get("directions", looks.read_directions)
    reader.get("bends", looks.read_bends)
    safe = reader.require("safe", looks.safe, "the look that panic fades to")
    cues = [
        cue
        for place, (_, entry) in enumerate(reader.entries("cue"), 1)
        if (cue := read_cue(name, place, entry, looks, problems)) is not None
    ]
    if not table.get("cue"):
        reader.problem("missing; a show needs at least one [[cue]]", "cue")
    problems += _repeated(cues, name)
    if loop:
        problems += _endless(cues, name)
    reader.finish()
    if problems or safe is None:
        raise ShowFileError(problems)
    return ShowFile(
        title=title or name,
        loop=loop or False,
        safe=safe,
        points=looks.points,
        directions=tuple(looks.directions.values()),
        bends=tuple(looks.bends.values()),
        cues=CueList(cues),
    )


def _repeated(cues: Iterable[Cue], name: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for cue in cues:
        if cue.number in seen:
            yield Problem(f"{name}: cue {cue.number}", "two cues have this number")
        seen.add(cue.number)


def _endless(cues: list[Cue], name: str) -> Iterator[Problem]:
    waits = [cue.pre_wait + cue.follow.after for cue in cues if cue.follow.after is not None]
    if cues and len(waits) == len(cues) and sum(waits) < SHORTEST_ROUND:
        message = f"with loop = true and every cue following by itself, a round takes {sum(waits):g} s"
        yield Problem(f"{name}: show.loop", f"{message}; expected at least {SHORTEST_ROUND:g} s")
