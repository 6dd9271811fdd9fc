"""The picture as cues see it: which scene each of them leads to, and which networks are to be ready."""

from collections.abc import Collection, Iterable
from math import isfinite
from typing import Any

from show_control.actions import NewScene
from show_control.cue import Cue, Group
from show_control.errors import Refused, suggest
from show_control.look import NUMBERS, RANGES, LookChange, Scene
from show_control.ramp import Curve
from show_control.showfile import ShowFile
from show_control.snapshot import Snapshot
from show_control.stage import Stage
from show_control.status import LookNow

PANIC_SECONDS = 2.0
TWEAK_SECONDS = 0.5
MOST_STRANGERS = 64
"""Controls that nothing listens to are remembered, for the pages, up to this number: the last that moved."""


class Picture:
    """The stage of one show. Every method takes `now` in seconds, which must not run backwards."""

    def __init__(self, file: ShowFile, networks: Collection[str], now: float) -> None:
        self.stage = Stage(file.safe, file.directions, file.bends, now)
        self._networks = tuple(networks)
        self._strangers: dict[str, None] = {}  # from the one longest unheard to the newest
        self._preloads: dict[str, None] = {}  # asked for by hand, in that order
        self._asked = 0
        self._entered: Cue | None = None  # whose look it is
        self._read(file)

    def adopt(self, file: ShowFile, now: float) -> None:
        """Another show file. What is on stage stays, and with it what moves it, until it has gone."""
        self.stage.redefine(file.directions, file.bends, now)
        self._read(file)
        self._controls |= self.stage.heard()
        for name in self.stage.controls(now):
            self._file_under(name)

    def _read(self, file: ShowFile) -> None:
        self._file = file
        self._controls = file.controls
        every = file.cues.every.values()
        self._looking = frozenset(cue.number for cue in every if isinstance(cue.action, NewScene | Group))
        self._silent: frozenset[str] = frozenset()
        self._scenes = file.scenes()

    def arm(self, disarmed: Collection[str]) -> None:
        """The looks of cues that are disarmed are no part of those after them."""
        silent = self._looking.intersection(disarmed)
        if silent != self._silent:
            self._silent = silent
            self._scenes = self._file.scenes(silent)

    # scenes

    def enter(self, cue: Cue, now: float) -> float:
        """Fade to a cue's look. Returns the seconds until its longest fade is over."""
        scene = self._scenes[cue.number]
        self._ready(scene)
        self._entered = cue
        return self.stage.enter(scene, now, cue.timing, cue.change.named())

    def seek(self, cue: Cue, now: float) -> float:
        """Fade everything to what playing up to the cue would have given: before the first of a group."""
        scene = self._before(cue) if cue.cues else self._scenes[cue.number]
        self._ready(scene)
        self._entered = cue if isinstance(cue.action, NewScene) else None
        return self.stage.enter(scene, now, cue.timing, cue.change.named(), everything=True)

    def retouch(self, cue: Cue, now: float) -> float:
        """Fade what the cue names, and nothing else."""
        return self.stage.retouch(cue.change, now, cue.timing)

    def tweak(self, part: str, value: float, now: float) -> None:
        """Let a number of what is on stage glide to another. Raises Refused."""
        self.stage.retouch(self._tweaked(part, value), now, lambda _: (TWEAK_SECONDS, Curve.SMOOTH))

    def _tweaked(self, part: str, value: float) -> LookChange:
        kind, _, name = part.partition(".")
        known = [*NUMBERS, *(f"bend.{bend.name}" for bend in self._file.bends)]
        known += [f"move.{direction.name}" for direction in self._file.directions]
        if part not in known:
            raise Refused(f'TWEAK refused: a look has no "{part[:40]}".{suggest(part, known)}')
        low, high = RANGES[kind]
        if not low <= value <= high:
            raise Refused(f"TWEAK refused: {part} goes from {low:g} to {high:g}, not to {value:g}.")
        change: dict[str, Any] = {kind: ((name, value),) if name else value}
        return LookChange(**change)

    def look(self) -> LookNow:
        """What the operator sees of it."""
        scene, cue = self.stage.scene, self._entered
        driven = dict.fromkeys((part for drive in scene.drives if (part := drive.part)), 0.0)
        return LookNow(
            cue=cue.number if cue else "",
            parts=driven | scene.targets(),
            fades=dict(cue.fades) if cue else {},
            changed=cue is not None and scene != self._scene(cue),
        )

    def panic(self, now: float) -> None:
        self._entered = None
        self.stage.enter(self._file.safe, now, _panic_timing, everything=True)

    def cut(self, now: float) -> None:
        """Be in the safe look at once."""
        self._entered = None
        self.stage.cut(self._file.safe, now)

    def leave_panic(self, current: Cue | None, now: float) -> None:
        scene = self._scene(current) if current else self._file.safe
        self._entered = current if current and isinstance(current.action, NewScene) else None
        self.stage.enter(scene, now, _panic_timing, everything=True)

    def _scene(self, cue: Cue) -> Scene:
        """Of a cue that has left the list: what plays up to its place add up to."""
        return self._scenes.get(cue.number) or self._before(cue)

    def _before(self, cue: Cue) -> Scene:
        before = self._file.cues.before(cue)
        return self._scenes[before.number] if before else self._file.safe

    # controls

    def control(self, name: str, value: float, smoothing: float, now: float) -> float:
        """Move a control; returns its value, clipped to -1..1. Raises Refused."""
        if not (isfinite(value) and isfinite(smoothing)):
            raise Refused(f"control {name} refused: {value} is not a finite number.")
        value = min(max(value, -1.0), 1.0)
        self._file_under(name)
        self.stage.control(name, value, smoothing, now)
        return value

    def _file_under(self, name: str) -> None:
        """A control is one of the show's, or the newest of the strangers."""
        self._strangers.pop(name, None)
        if name in self._controls:
            return
        self._strangers[name] = None
        if len(self._strangers) > MOST_STRANGERS:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            self.stage.forget(oldest)

    # networks

    def preload(self, network: str) -> None:
        if network not in self._networks:
            near = suggest(network, self._networks) or f" It has {', '.join(self._networks)}."
            raise Refused(f'PRELOAD refused: the rig has no network "{network[:40]}".{near}')
        self._preloads[network] = None
        self._asked += 1

    def _ready(self, scene: Scene) -> None:
        self._preloads.pop(scene.network, None)
        self._asked += 1

    def snapshot(
        self, current: Cue | None, coming: Iterable[Cue], epoch: int, event: int, now: float
    ) -> Snapshot:
        """`coming` are the cues whose networks are to be ready, the most urgent first."""
        wanted = list(self.stage.networks(now))
        wanted += [self._scenes[part.number].network for cue in coming for part in cue.family()]
        for part in current.family() if current else ():
            wanted += part.preload
        names = tuple(dict.fromkeys((*wanted, *self._preloads, self._file.safe.network)))
        return self.stage.snapshot(current.number if current else "", epoch, event, names, self._asked)


def _panic_timing(part: str) -> tuple[float, Curve]:
    """Panic, and the way back from it, take the same time for every part."""
    return PANIC_SECONDS, Curve.SMOOTH
