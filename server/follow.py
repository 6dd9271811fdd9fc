"""What lights and controllers may follow: the picture's energy, a control, or the grand master. Pure.

energy.PROJECTOR.motion                      how much moves in the picture, 0..1
energy.PROJECTOR.brightness                  how bright it is, 0..1
energy.PROJECTOR.left, .middle, .right       the mean colour of a third of it: three values, red, green, blue
energy.PROJECTOR.left.r                      one of the three
master                                       grand master and blackout together, 0..1
plate.mom                                    any other name is a control
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from show_control.errors import suggest
from show_control.lookfile import CONTROL

THIRDS = ("left", "middle", "right")
COLOURS = "rgb"
PARTS = ("motion", "brightness", *THIRDS, *(f"{third}.{colour}" for third in THIRDS for colour in COLOURS))
MASTER = "master"

_ENERGY = re.compile(rf"energy\.(?P<projector>.+?)\.(?P<part>{'|'.join(map(re.escape, reversed(PARTS)))})")


class Energy(Protocol):
    """What a picture shows, all 0..1: how much moves, how bright it is, and red, green and blue of its left,
    middle and right third."""

    @property
    def motion(self) -> float: ...
    @property
    def brightness(self) -> float: ...
    @property
    def thirds(self) -> tuple[tuple[float, float, float], ...]: ...


@dataclass(frozen=True, slots=True)
class Readings:
    """Where values come from, at the moment of asking. None where there is none yet, or none any more."""

    energy: Callable[[str], Energy | None]
    control: Callable[[str], float | None]
    master: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Source:
    """What is followed. `projector` and `part` of its picture; or a `control`; or, without any, the grand
    master."""

    projector: str = ""
    part: str = ""
    control: str = ""

    @property
    def width(self) -> int:
        """How many values it has: 3 for a colour, else 1."""
        return 3 if self.part in THIRDS else 1

    def read(self, readings: Readings) -> tuple[float, ...] | None:
        """Its values now, 0..1, or None."""
        if self.part:
            energy = readings.energy(self.projector)
            return None if energy is None else _clamped(_part(energy, self.part))
        value = readings.control(self.control) if self.control else readings.master()
        return None if value is None else _clamped((value,))


def source(text: str) -> Source:
    """What a config names. Raises ValueError, which says what was expected."""
    if text == MASTER:
        return Source()
    if found := _ENERGY.fullmatch(text):
        return Source(found["projector"], found["part"])
    if text.startswith("energy."):
        raise ValueError(
            "expected energy.PROJECTOR and one of motion, brightness, left, middle, right, left.r and so on, "
            'such as "energy.main.brightness"'
        )
    if not CONTROL.fullmatch(text):
        raise ValueError('expected "energy.main.brightness", "master", or a control such as "plate.mom"')
    return Source(control=text)


def lost(text: object, projectors: Sequence[str]) -> str:
    """Why a picture that is followed does not exist, or "" where all is well with it."""
    try:
        projector = source(text).projector if isinstance(text, str) else ""
    except ValueError:
        return ""  # told elsewhere
    if not projector or projector in projectors:
        return ""
    near = suggest(projector, projectors) or f" There are {', '.join(projectors)}."
    return f'no [[projector]] is named "{projector}".{near}'


class Follower:
    """Follows a source. What is silent keeps its last values; before the first they are the range's low end.
    What speaks again is taken at its word: it does not glide from what was before the silence.

    `smoothing` is a time constant in s, the same at any rate; `range` are the values for 0 and 1. `silent`:
    the source had no value at the last step.
    """

    def __init__(self, source: Source, range: tuple[float, float], smoothing: float) -> None:
        self._source = source
        self._range = range
        self._smoothing = smoothing
        self._levels: tuple[float, ...] | None = None
        self._at = 0.0
        self.silent = True

    def step(self, readings: Readings, now: float) -> tuple[float, ...]:
        """The values at `now`, in the range; as many as the source is wide."""
        wanted = self._source.read(readings)
        again, self.silent = self.silent, wanted is None
        if wanted is not None and again:
            self._levels = wanted
        elif wanted is not None and self._levels is not None:
            share = 1.0 if self._smoothing == 0.0 else 1.0 - math.exp((self._at - now) / self._smoothing)
            pairs = zip(self._levels, wanted, strict=True)
            self._levels = tuple(level + (goal - level) * share for level, goal in pairs)
        self._at = now
        lo, hi = self._range
        return tuple(lo + (hi - lo) * level for level in self._levels or (0.0,) * self._source.width)


def _part(energy: Energy, part: str) -> tuple[float, ...]:
    if part == "motion":
        return (energy.motion,)
    if part == "brightness":
        return (energy.brightness,)
    third, _, colour = part.partition(".")
    red_green_blue = energy.thirds[THIRDS.index(third)]
    return (red_green_blue[COLOURS.index(colour)],) if colour else red_green_blue


def _clamped(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(min(1.0, max(0.0, value)) for value in values)
