"""One started cue: in which phase it is, what it is doing, and what it still owes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from show_control.cue import Cue
from show_control.effects import Effect


class Phase(StrEnum):
    """waiting: its pre-wait; acting; after: complete, with a post-wait, a follow or sends to come; ended."""

    WAITING = "waiting"
    ACTING = "acting"
    AFTER = "after"
    ENDED = "ended"


class Doing(Protocol):
    """What a cue does that takes more than time. All methods take `now` and must not go back in it.

    over_at   when it is complete, once that is known; never later than it once was
    failure   what went wrong, in words; "" for nothing
    """

    over_at: float | None
    failure: str

    def begin(self, now: float) -> Iterable[Effect]: ...
    def deadline(self) -> float | None: ...
    def wake(self, now: float) -> Iterable[Effect]: ...
    def take(self, now: float) -> None: ...
    def close(self) -> Iterable[Effect]:
        """What has to go out when it is over, or is ended by others."""
        ...

    def shift(self, dt: float) -> None:
        """All its times are later by `dt`: the show was held."""
        ...


@dataclass(slots=True, eq=False)
class Run:
    """A cue that was started, by the list, beside it or by the group `parent`.

    aside   it was fired beside the list
    sought  it was gone to: everything on stage fades to its look, and it does not wait before
    began   when it was started, or acts; over_at: when its action is complete, once that is known
    owed    how many moments to come belong to it although it may be complete: sends, its follow
    led     it has had its follow
    place   (of a group) which of its cues comes next; open: how many have not ended
    """

    cue: Cue
    parent: "Run | None" = None
    sought: bool = False
    aside: bool = False
    began: float = 0.0
    phase: Phase = Phase.WAITING
    over_at: float | None = None
    doing: Doing | None = None
    wakes_at: float | None = None
    owed: int = 0
    led: bool = False
    place: int = 0
    open: int = 0

    def within(self, others: "Collection[Run]") -> bool:
        """Whether it is one of these, or in one of them."""
        return self in others or (self.parent is not None and self.parent.within(others))

    def shift(self, dt: float) -> None:
        self.began += dt
        self.over_at = None if self.over_at is None else self.over_at + dt
        self.wakes_at = None if self.wakes_at is None else self.wakes_at + dt
        if self.doing is not None:
            self.doing.shift(dt)
