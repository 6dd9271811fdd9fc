"""The stage: what is fading where. It moves from scene to scene and takes snapshots; it knows no cues."""

from collections.abc import Callable, Collection

from show_control.look import AsWalk, Bend, Direction, LookChange, Scene, family
from show_control.mix import Mix, Place
from show_control.odometer import Odometer
from show_control.ramp import Curve, Glide, Ramp
from show_control.retained import renamed, succeed
from show_control.snapshot import Snapshot
from show_control.walk import Walk

Timing = Callable[[str], tuple[float, Curve]]
"""Part ("walk", "psi", "move", "drive" ...) -> seconds and curve of its fade."""

BLACKOUT_SECONDS = 0.3
MASTER_SECONDS = 0.1
SMOOTHING_FLOOR = 0.03
SMOOTHING_CEILING = 600.0


class Stage:
    """All ramps, mixes and glides. Every method takes `now` in seconds, which must not run backwards."""

    def __init__(
        self, scene: Scene, directions: tuple[Direction, ...], bends: tuple[Bend, ...], now: float
    ) -> None:
        self.held_at: float | None = None
        self._scene = scene
        self._pulls = scene.pulls()
        self._directions = directions
        self._bends = bends
        self._glides: dict[str, Glide] = {}
        self._walk: Mix
        self._style: Mix
        self._origins: dict[Walk, float] = {}
        self._parts: dict[str, Ramp] = {}
        self._gains: dict[tuple[str, str], Ramp] = {}
        self._grand = Ramp.constant(1.0)
        self._lit = Ramp.constant(1.0)
        self._odometer = Odometer(0.0, now, Ramp.constant(scene.speed))
        self.cut(scene, now)

    # scenes

    @property
    def scene(self) -> Scene:
        """What it fades to, or is in."""
        return self._scene

    def enter(
        self,
        scene: Scene,
        now: float,
        timing: Timing,
        named: Collection[str] = (),
        everything: bool = False,
    ) -> float:
        """Fade to a scene: the parts that differ from the last one, those `named`, or everything. Returns the
        seconds until the longest of these fades is over, and clips that begin with it.

        Parts that stay out of it keep the fade that they are in. A chain or clips that are named start from
        the beginning; any other walk goes on where it would have been, in whatever network.
        """
        self.release(now)
        self._forget_gone(now)
        longest = scene.walk.lasts if "walk" in named else 0.0

        def timed(part: str) -> tuple[float, Curve]:
            nonlocal longest
            seconds, curve = timing(part)
            longest = max(longest, seconds)
            return seconds, curve

        travel = self._odometer.travel(now)
        moved = everything or "network" in named or scene.network != self._scene.network
        if moved or "walk" in named or scene.walk != self._scene.walk:
            place = self._place(scene, scene.walk, now, travel, anew="walk" in named)
            self._walk = self._walk.retarget(place, now, *timed("walk"), travel)
        style = self._style_place(scene, now, travel, anew="style" in named)
        if everything or "style" in named or style != self._style.target:
            self._style = self._style.retarget(style, now, *timed("style"), travel)

        for part, target in (dict.fromkeys(self._parts, 0.0) | scene.targets()).items():
            ramp = self._parts.get(part, Ramp.constant(0.0))
            if everything or part in named or target != ramp.end:
                ramp = ramp.retarget(now, target, *timed(family(part)))
            self._parts[part] = ramp
        for key, target in (dict.fromkeys(self._gains, 0.0) | scene.gains()).items():
            gain = self._gains.get(key, Ramp.constant(0.0))
            if everything or "drives" in named or target != gain.end:
                gain = gain.retarget(now, target, *timed("drive"))
            self._gains[key] = gain
        self._settle(scene, now)
        return longest

    def retouch(self, change: LookChange, now: float, timing: Timing) -> float:
        """Fade the parts that a change names, and nothing else. Returns the longest of the seconds."""
        return self.enter(self._scene.changed(change), now, timing, change.named())

    def cut(self, scene: Scene, now: float) -> None:
        """Be in a scene at once: the one permitted jump."""
        self.release(now)
        travel = self._odometer.travel(now)
        self._walk = Mix.only(self._place(scene, scene.walk, now, travel))
        self._style = Mix.only(self._style_place(scene, now, travel))
        self._parts = {part: Ramp.constant(value) for part, value in scene.targets().items()}
        self._gains = {key: Ramp.constant(gain) for key, gain in scene.gains().items()}
        self._settle(scene, now)

    def come_from(self, before: "Stage", now: float, seconds: float) -> None:
        """Begin, at `now`, with the picture of another stage, and fade from it.

        Nothing else of that one stays: what its drives added is a part of where the fades begin.
        """
        before.release(now)
        self._directions, self._bends = before._directions, before._bends
        here = self._odometer.travel(now)
        back = before._odometer.travel(now) - here
        self._walk = before._walk.rewound(back).retarget(self._walk.target, now, seconds, Curve.SMOOTH, here)
        self._style = before._style.rewound(back).retarget(
            self._style.target, now, seconds, Curve.SMOOTH, here
        )
        values = before.snapshot("", 0, 0, (), 0).values(now)
        for part, target in (dict.fromkeys(values, 0.0) | self._scene.targets()).items():
            if part != "speed":
                self._parts[part] = Ramp(values.get(part, 0.0), target, now, seconds)
        self._grand = before._grand.retarget(now, self._grand.end, seconds)
        self._lit = before._lit.retarget(now, self._lit.end, seconds)

    def redefine(self, directions: tuple[Direction, ...], bends: tuple[Bend, ...], now: float) -> None:
        """From now on names stand for these. What is on stage under a name goes on as it was."""
        self._forget_gone(now)
        self._directions, moves = succeed(self._directions, directions, self._used("move"))
        self._bends, bent = succeed(self._bends, bends, self._used("bend"))
        called = {f"move.{old}": f"move.{new}" for old, new in moves.items()}
        called |= {f"bend.{old}": f"bend.{new}" for old, new in bent.items()}
        self._parts = {called.get(part, part): ramp for part, ramp in self._parts.items()}
        self._gains = {(name, called.get(part, part)): gain for (name, part), gain in self._gains.items()}
        self._scene = renamed(self._scene, called)

    def _used(self, table: str) -> set[str]:
        """The names of a table (move, bend) that have an amount, or are driven."""
        parts = [*self._parts, *(part for _, part in self._gains)]
        return {part.removeprefix(f"{table}.") for part in parts if family(part) == table}

    def _settle(self, scene: Scene, now: float) -> None:
        """Be on the way to a scene, or there, and let the odometer follow the new speed."""
        self._scene = scene
        self._pulls = scene.pulls()
        self._forget_gone(now)
        self._reanchor(now)

    def _forget_gone(self, now: float) -> None:
        """Forget what has faded out for good."""
        t = now if self.held_at is None else self.held_at
        parts, gains = self._scene.targets(), self._scene.gains()
        self._parts = {part: ramp for part, ramp in self._parts.items() if part in parts or not ramp.done(t)}
        self._gains = {key: gain for key, gain in self._gains.items() if key in gains or not gain.done(t)}

    def _place(self, scene: Scene, walk: Walk, now: float, travel: float, anew: bool = False) -> Place:
        if walk not in self._origins or (anew and walk.begins):
            self._origins[walk] = now if walk.timed else travel
        return Place(walk, self._origins[walk], scene.network)

    def _style_place(self, scene: Scene, now: float, travel: float, anew: bool = False) -> Place | None:
        style: Walk | AsWalk = scene.style
        return self._place(scene, style, now, travel, anew) if isinstance(style, Walk) else None

    # time

    def hold(self, now: float) -> None:
        """Freeze every fade, and clips; other walks keep the speed that they have."""
        self.held_at = now
        self._reanchor(now)

    def release(self, now: float) -> float:
        """End a hold, if there is one: fades and clips go on, later by the seconds returned."""
        if self.held_at is None:
            return 0.0
        held_for = now - self.held_at
        self.held_at = None
        self._walk = self._walk.shifted(held_for)
        self._style = self._style.shifted(held_for)
        self._origins = {
            walk: origin + held_for if walk.timed else origin for walk, origin in self._origins.items()
        }
        self._parts = {part: ramp.shifted(held_for) for part, ramp in self._parts.items()}
        self._gains = {key: gain.shifted(held_for) for key, gain in self._gains.items()}
        self._reanchor(now)
        return held_for

    def _reanchor(self, now: float) -> None:
        speed = self._parts["speed"]
        if self.held_at is not None:
            speed = Ramp.constant(speed.at(self.held_at))
        glides = self._glides
        heard = tuple([(gain, glides[name]) for name, gain in self._pulls.items() if name in glides])
        self._odometer = Odometer(self._odometer.travel(now), now, speed, heard)

    def fading(self, now: float) -> tuple[float, float] | None:
        """(seconds left, duration) of the fade that ends last, or None when all have arrived."""
        t = now if self.held_at is None else self.held_at
        ramps = [*self._parts.values(), *self._gains.values()]
        ramps += [mix.ramp for mix in (self._walk, self._style) if not mix.done(t)]
        remaining, duration = max(((ramp.remaining(t), ramp.duration) for ramp in ramps), default=(0.0, 0.0))
        return (remaining, duration) if remaining > 0.0 else None

    # controls and overlays

    def control(self, name: str, value: float, smoothing: float, now: float) -> None:
        glide = self._glides.get(name, Glide(0.0, 0.0, now, 1.0))
        tau = min(max(smoothing, SMOOTHING_FLOOR), SMOOTHING_CEILING)
        self._glides[name] = glide.retarget(now, value, tau)
        if name in self._pulls:
            self._reanchor(now)

    def forget(self, name: str) -> None:
        """Drop a control that nothing listens to."""
        self._glides.pop(name, None)

    def level(self, name: str) -> float:
        """What a control was set to last."""
        return self._glides[name].target if name in self._glides else 0.0

    def heard(self) -> frozenset[str]:
        """The controls that move what is on stage."""
        return frozenset((*self._pulls, *(name for name, _ in self._gains)))

    def control_at(self, name: str, now: float) -> float | None:
        """A control on its way to what it was set to last; None for one that was not heard of."""
        return self._glides[name].at(now) if name in self._glides else None

    def controls(self, now: float) -> dict[str, float]:
        return {name: glide.at(now) for name, glide in self._glides.items()}

    def blackout(self, on: bool, now: float) -> None:
        self._lit = self._lit.retarget(now, 0.0 if on else 1.0, BLACKOUT_SECONDS)

    def blacked_out(self) -> bool:
        return self._lit.end == 0.0

    def master(self, value: float, now: float) -> None:
        self._grand = self._grand.retarget(now, value, MASTER_SECONDS)

    def grand_master(self) -> float:
        return self._grand.end

    def overlay(self, now: float) -> float:
        """Grand master and blackout together, as they are at this moment: 0..1."""
        return self._grand.at(now) * self._lit.at(now)

    def networks(self, now: float) -> tuple[str, ...]:
        """The networks on stage, the one that it fades to first."""
        return self._walk.networks(now if self.held_at is None else self.held_at)

    def snapshot(self, cue: str, epoch: int, event: int, wanted: tuple[str, ...], asked: int) -> Snapshot:
        """Only what moves the picture: controls that nothing listens to are left out."""
        used = {control for control, _ in self._gains}
        moved = {part for _, part in self._gains} | set(self._parts)
        return Snapshot(
            cue=cue,
            epoch=epoch,
            event=event,
            wanted=wanted,
            asked=asked,
            held_at=self.held_at,
            walk=self._walk,
            style=self._style,
            parts=tuple(self._parts.items()),
            drives=tuple((control, part, gain) for (control, part), gain in self._gains.items()),
            glides=tuple((name, glide) for name, glide in self._glides.items() if name in used),
            directions=tuple(d for d in self._directions if f"move.{d.name}" in moved),
            bends=tuple(bend for bend in self._bends if f"bend.{bend.name}" in moved),
            odometer=self._odometer,
            grand=self._grand,
            lit=self._lit,
        )
