"""The wheel of the loop: how fast the walk goes, where on its way it is, and when it passes the start. Pure.

The walk is the one that the picture is, or fades to. `now` and all other times are seconds.
"""

import math

from show_control.mix import Place
from show_control.snapshot import Snapshot
from show_control.walk import WalkKind

ROUND = (WalkKind.LOOP, WalkKind.DRIFT)
"""Walks that come back to their start, and go on."""

HORIZON = 1.0
"""Seconds that are looked ahead for the next pass."""

STEP = 0.1
"""Seconds between two looks at the wheel within the horizon."""

SHARP = 1e-4
"""Seconds to which a pass is known."""


def speed(snapshot: Snapshot, now: float) -> float:
    """Seconds of travel in a second; below 0 where a control drives the walk backwards."""
    odometer = snapshot.odometer
    return odometer.speed.at(now) + sum(gain * glide.at(now) for gain, glide in odometer.pulls)


def position(snapshot: Snapshot, now: float) -> float:
    """Where on its way the walk is, 0..1: of a loop or drift within its turn, of a chain or clips from their
    beginning to their end; 0 where it stands still."""
    walk = _place(snapshot).walk
    turned = turns(snapshot, now)
    return turned % 1.0 if walk.kind in ROUND else min(max(turned, 0.0), 1.0)


def turns(snapshot: Snapshot, now: float) -> float:
    """How many times the whole way has been gone, with a fraction; 0 where there is none."""
    place = _place(snapshot)
    walk = place.walk
    match walk.kind:
        case WalkKind.STILL:
            return 0.0
        case WalkKind.CLIPS:
            held = now if snapshot.held_at is None else min(now, snapshot.held_at)
            return (held - place.origin) * walk.rate / sum(clip.steps for clip in walk.clips)
        case _:
            return (snapshot.odometer.travel(now) - place.origin) / walk.seconds


class Passes:
    """Says each time that the walk passes the start of its loop, forwards or backwards."""

    def __init__(self) -> None:
        self.deadline: float | None = None
        self._snapshot: Snapshot | None = None
        self._place: Place | None = None
        self._turn = 0

    def look(self, snapshot: Snapshot, now: float) -> int | None:
        """The turn that begins if the start was passed since the last look, else None.

        To be asked when `deadline` has come, which is the pass itself where one is within sight, and at every
        new snapshot. Another walk begins without a pass.
        """
        if snapshot is self._snapshot and self.deadline is not None and now < self.deadline:
            return None
        place = _place(snapshot)
        round_it_goes = place.walk.kind in ROUND
        turn = math.floor(turns(snapshot, now)) if round_it_goes else 0
        passed = round_it_goes and place == self._place and turn != self._turn
        self._snapshot, self._place, self._turn = snapshot, place, turn
        self.deadline = _pass_after(snapshot, now, turn) if round_it_goes else None
        return turn if passed else None


def _pass_after(snapshot: Snapshot, now: float, turn: int) -> float:
    """The next moment at which it is in another turn; the end of the horizon, if there is none before."""
    for step in range(1, round(HORIZON / STEP) + 1):
        after = now + step * STEP
        if math.floor(turns(snapshot, after)) != turn:
            before = after - STEP
            while after - before > SHARP:
                middle = (before + after) / 2
                if math.floor(turns(snapshot, middle)) == turn:
                    before = middle
                else:
                    after = middle
            return after
    return now + HORIZON


def _place(snapshot: Snapshot) -> Place:
    place = snapshot.walk.target
    assert place is not None, "only a style follows another walk"
    return place
