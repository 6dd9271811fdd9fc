"""The show file: TOML text in, a `ShowFile` out, or every problem that it has at once."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache

from show_control.actions import Gate, Guest, NewScene
from show_control.cue import Cue, CueList
from show_control.cuefile import read_cue
from show_control.errors import Problem, ShowFileError
from show_control.links import judge_links
from show_control.look import Bend, Direction, Scene
from show_control.lookfile import LookReader
from show_control.reader import Reader
from show_control.scriptfile import read_guests
from show_control.walk import Weights


@dataclass(frozen=True)
class ShowFile:
    """A show that can be played, and the `name` and `text` of the file that it was read from.

    `safe` is what panic fades to, and what stands before the first GO.

    `guests` are who speaks lines, by role; what holds a word of `never_show` comes on no wall.

    Its drives act in both, and cues keep them, like all else, until one names drives of its own.
    """

    name: str
    text: str
    title: str
    loop: bool
    safe: Scene
    points: dict[str, Weights]
    directions: tuple[Direction, ...]
    bends: tuple[Bend, ...]
    cues: CueList
    guests: dict[str, Guest]
    never_show: tuple[str, ...]

    @property
    def controls(self) -> frozenset[str]:
        """The names of the controls that drives and gates listen to."""
        cues = (drive for cue in self.cues.every.values() for drive in cue.change.drives or ())
        return frozenset(drive.control for drive in (*self.safe.drives, *cues)) | self.gated

    @cached_property
    def gated(self) -> frozenset[str]:
        """The names of the controls that gates wait for."""
        actions = (cue.action for cue in self.cues.every.values())
        return frozenset(action.control for action in actions if isinstance(action, Gate))

    @property
    def targets(self) -> frozenset[str]:
        """The names of the targets that cues send to."""
        return frozenset(target for cue in self.cues.every.values() for _, target in cue.targets)

    @property
    def networks(self) -> frozenset[str]:
        """The names of the networks that looks and preloads ask for."""
        scenes = (self.safe, *self.scenes().values())
        preloads = (network for cue in self.cues.every.values() for network in cue.preload)
        return frozenset((*(scene.network for scene in scenes), *preloads))

    def scenes(self, disarmed: Collection[str] = ()) -> dict[str, Scene]:
        """Cue number -> what playing every cue up to it adds up to, from the safe look.

        Of a group, what all of its cues add up to. Cues that are `disarmed` add nothing; what stands in a
        group that is, has the scene that it would have.
        """
        scenes: dict[str, Scene] = {}
        scene = self.safe
        for cue in self.cues:
            scene = _folded(scene, cue, disarmed, scenes)
        return scenes


def _folded(scene: Scene, cue: Cue, disarmed: Collection[str], scenes: dict[str, Scene]) -> Scene:
    played = scene.changed(cue.change) if isinstance(cue.action, NewScene) else scene
    for part in cue.cues:
        played = _folded(played, part, disarmed, scenes)
    scenes[cue.number] = scene if cue.number in disarmed else played
    return scenes[cue.number]


def parse_show(text: str, name: str) -> ShowFile:
    """Read a show; `name` (the file's) opens every message. Raises `ShowFileError` with every problem."""
    return _parsed(text, name)


@lru_cache(maxsize=4)  # a show that is played adopts what was checked elsewhere, and need not read it again
def _parsed(text: str, name: str) -> ShowFile:
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
    never_show = show.words("never_show")
    show.finish()
    guests = reader.get("guests", lambda where, value: read_guests(where, value, problems))
    reader.get("points", looks.read_points)
    reader.get("clips", looks.read_clips)
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
    problems += judge_links(name, cues, guests, loop or False)
    reader.finish()
    if problems or safe is None:
        raise ShowFileError(problems)
    return ShowFile(
        name=name,
        text=text,
        title=title or name,
        loop=loop or False,
        safe=safe,
        points=looks.points,
        directions=tuple(looks.directions.values()),
        bends=tuple(looks.bends.values()),
        cues=CueList(cues),
        guests=guests or {},
        never_show=never_show,
    )
