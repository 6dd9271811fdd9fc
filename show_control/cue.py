"""Cues and their order: what the operator calls by number, and what each one does."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from show_control.look import LookChange
from show_control.ramp import Curve

NUMBER = re.compile(r"(0|[1-9]\d{0,5})(\.(0|[1-9]\d{0,5})){0,4}", re.ASCII)
DEFAULT_FADE = 2.0
FADE_FLOOR = dict.fromkeys(("walk", "style", "psi", "modes", "classes", "move", "drive"), 0.5)
"""No fade that moves the picture through latent space is shorter than this, in seconds."""


NOTHING = LookChange()


def number_key(number: object) -> tuple[int, ...]:
    """The sorting key of a cue number; raises ValueError with the reason for anything but a good one."""
    match number:
        case bool():
            pass
        case int():
            raise ValueError('write it in quotes, such as "12": a cue number is text')
        case float():
            raise ValueError(
                f'{number} is a decimal fraction; write the number in quotes, as text, such as "12.10". '
                "As fractions, 12.10 and 12.1 would be one cue, and come before 12.9"
            )
        case str() if NUMBER.fullmatch(number):
            return tuple(int(part) for part in number.split("."))
    raise ValueError(f'expected whole numbers with dots between, such as "12" or "12.5", not {number!r}')


@dataclass(frozen=True, slots=True)
class Follow:
    """What comes after a cue by itself: nothing (`after` None: manual), or the next cue.

    `after` counts from the moment the cue acts, in seconds; 0 continues at once.
    """

    after: float | None = None

    def to_plain(self) -> str | float:
        match self.after:
            case None:
                return "manual"
            case 0.0:
                return "continue"
            case seconds:
                return seconds


@dataclass(frozen=True, slots=True)
class Send:
    """A message to a named target, `delay` seconds after its cue acts.

    When panic, goto or back come sooner it dies, unless it is to be sent `always`: then it is sent at once.
    """

    target: str
    address: str
    args: tuple[int | float | str | bool, ...] = ()
    delay: float = 0.0
    always: bool = False


@dataclass(frozen=True, slots=True)
class Cue:
    """One moment of the show. `fades` and `curves` hold only the parts (or "default") that were given.

    While it is on stage, the networks that it names in `preload` are made ready.
    """

    number: str
    name: str
    notes: str = ""
    pre_wait: float = 0.0
    follow: Follow = Follow()
    change: LookChange = NOTHING
    fades: tuple[tuple[str, float], ...] = ()
    curves: tuple[tuple[str, Curve], ...] = ()
    sends: tuple[Send, ...] = ()
    preload: tuple[str, ...] = ()

    def timing(self, part: str) -> tuple[float, Curve]:
        """Seconds and curve of a part's fade; the seconds are never below the part's floor."""
        fades, curves = dict(self.fades), dict(self.curves)
        seconds = fades.get(part, fades.get("default", DEFAULT_FADE))
        return max(seconds, FADE_FLOOR.get(part, 0.0)), curves.get(part, curves.get("default", Curve.SMOOTH))

    def to_plain(self) -> dict[str, str | float]:
        """As a cue list shows it: number, name, notes, the longest fade that it gives, follow."""
        fade = max((seconds for _, seconds in self.fades), default=DEFAULT_FADE)
        return {
            "number": self.number,
            "name": self.name,
            "notes": self.notes,
            "fade": fade,
            "follow": self.follow.to_plain(),
        }


class CueList:
    """Cues in the order of their numbers. Raises ValueError for a bad number or one given twice."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        self._cues = tuple(sorted(cues, key=lambda cue: number_key(cue.number)))
        self._places = {cue.number: place for place, cue in enumerate(self._cues)}
        if len(self._places) < len(self._cues):
            raise ValueError("two cues have the same number")

    def __iter__(self) -> Iterator[Cue]:
        return iter(self._cues)

    def __len__(self) -> int:
        return len(self._cues)

    def get(self, number: str) -> Cue | None:
        place = self._places.get(number)
        return None if place is None else self._cues[place]

    def first(self) -> Cue | None:
        return self._cues[0] if self._cues else None

    def after(self, cue: Cue) -> Cue | None:
        place = self._places[cue.number] + 1
        return self._cues[place] if place < len(self._cues) else None

    def before(self, cue: Cue) -> Cue | None:
        place = self._places[cue.number] - 1
        return self._cues[place] if place >= 0 else None
