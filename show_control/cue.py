"""Cues and their order: what the operator calls by number, and what each one does."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from show_control.actions import LOOK, Action, InEar, Line, Note
from show_control.effects import Send
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

    `after` counts from the moment the cue acts, in seconds; 0 continues at once. With `done` the next comes
    when the cue is complete and its post-wait is over.
    """

    after: float | None = None
    done: bool = False

    @property
    def by_itself(self) -> bool:
        return self.done or self.after is not None

    def to_plain(self) -> str | float:
        match self:
            case Follow(done=True):
                return "done"
            case Follow(after=None):
                return "manual"
            case Follow(after=0.0):
                return "continue"
        return self.after or 0.0


class Again(StrEnum):
    """What a second start does to a cue that still runs."""

    RESTART = "restart"
    IGNORE = "ignore"


class Fails(StrEnum):
    """What happens when a cue cannot do what it should: its time is kept, or the show is held."""

    GO_ON = "go on"
    HOLD = "hold"


class Order(StrEnum):
    TOGETHER = "together"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Group:
    """Cues that are one cue of the list. Complete when all of them are.

    together  all start at once, each after its own pre-wait
    sequence  each starts when the one before says so by its follow; "done" where it says nothing
    """

    order: Order
    cues: "tuple[Cue, ...]"
    kind: ClassVar[str] = "group"


@dataclass(frozen=True, slots=True)
class Cue:
    """One moment of the show: what every cue has, and one action. Times are seconds.

    armed      whether it does anything but keep its times; cues can change that
    post_wait  from when it is complete to what "done" follows it with
    change     (with `fades`, `curves`, `preload`) what of the picture moves, for kinds that move it; `fades`
               and `curves` hold only the parts (or "default") that were given, and while the cue is on stage
               the networks in `preload` are made ready
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
    action: Action | Group = LOOK
    armed: bool = True
    post_wait: float = 0.0
    again: Again = Again.RESTART
    fails: Fails = Fails.GO_ON

    @property
    def cues(self) -> "tuple[Cue, ...]":
        """The cues of a group; none of any other."""
        return self.action.cues if isinstance(self.action, Group) else ()

    def family(self) -> "Iterator[Cue]":
        """The cue, and all that are in it."""
        yield self
        for cue in self.cues:
            yield from cue.family()

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        """(key, name) of the targets that it sends to."""
        notes = (("to", self.action.target),) if isinstance(self.action, Note) else ()
        return (*((f"send[{nth}].to", send.target) for nth, send in enumerate(self.sends, 1)), *notes)

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """(key, name) of the files that it plays in ears."""
        match self.action:
            case Line(prompt=items):
                key = "prompt"
            case InEar(plays=items):
                key = "plays"
            case _:
                return ()
        return tuple((f"{key}[{nth}].file", item.file) for nth, item in enumerate(items, 1))

    @property
    def roles(self) -> tuple[tuple[str, str], ...]:
        """(key, role) for every guest whom it names."""
        match self.action:
            case Line(speaker=speaker, prompt=prompt):
                return (("speaker", speaker), *(("prompt", item.to) for item in prompt))
            case InEar(plays=plays):
                return tuple(("plays", item.to) for item in plays)
        return ()

    @property
    def words(self) -> str:
        """What is said in it, or spoken into ears; "" for most."""
        match self.action:
            case Line(text=text):
                return text
            case InEar(plays=plays):
                return " ".join(dict.fromkeys(item.text for item in plays if item.text))
        return ""

    def timing(self, part: str) -> tuple[float, Curve]:
        """Seconds and curve of a part's fade; the seconds are never below the part's floor."""
        fades, curves = dict(self.fades), dict(self.curves)
        seconds = fades.get(part, fades.get("default", DEFAULT_FADE))
        return max(seconds, FADE_FLOOR.get(part, 0.0)), curves.get(part, curves.get("default", Curve.SMOOTH))

    def to_plain(self) -> dict[str, object]:
        """As a cue list shows it: number, name, notes, kind, the longest fade that it gives, follow, who
        speaks or hears in it, and what."""
        fade = max((seconds for _, seconds in self.fades), default=DEFAULT_FADE)
        return {
            "number": self.number,
            "name": self.name,
            "notes": self.notes,
            "kind": self.action.kind,
            "armed": self.armed,
            "fade": fade,
            "follow": self.follow.to_plain(),
            "who": list(dict.fromkeys(role for _, role in self.roles)),
            "words": self.words,
        }


class CueList:
    """Cues in the order of their numbers. Raises ValueError for a bad number or one given twice.

    Going through the list meets a group as one cue; `every` has what is in groups as well.
    """

    def __init__(self, cues: Iterable[Cue]) -> None:
        self._cues = tuple(sorted(cues, key=lambda cue: number_key(cue.number)))
        self._keys = [number_key(cue.number) for cue in self._cues]
        self._listed = {cue.number: cue for cue in self._cues}
        self._every = {part.number: part for cue in self._cues for part in cue.family()}
        if len(self._every) < sum(1 for cue in self._cues for _ in cue.family()):
            raise ValueError("two cues have the same number")

    def __iter__(self) -> Iterator[Cue]:
        return iter(self._cues)

    def __len__(self) -> int:
        return len(self._cues)

    def get(self, number: str) -> Cue | None:
        return self._listed.get(number)

    @property
    def every(self) -> Mapping[str, Cue]:
        """Number -> cue, those in groups after their group."""
        return self._every

    def first(self) -> Cue | None:
        return self._cues[0] if self._cues else None

    def after(self, cue: Cue) -> Cue | None:
        """The next by number; the cue itself may have left the list."""
        place = bisect_right(self._keys, number_key(cue.number))
        return self._cues[place] if place < len(self._cues) else None

    def before(self, cue: Cue) -> Cue | None:
        """The one before by number; the cue itself may have left the list."""
        place = bisect_left(self._keys, number_key(cue.number))
        return self._cues[place - 1] if place > 0 else None
