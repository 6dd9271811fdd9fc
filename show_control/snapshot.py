"""The whole picture as plain, immutable data and a pure function of time: what the renderer is sent."""

from dataclasses import dataclass
from typing import Any, Self

from show_control.look import RANGES, Bend, BendKind, Direction, Look, family
from show_control.mix import Mix
from show_control.odometer import Odometer
from show_control.ramp import Glide, Ramp
from show_control.walk import Weights, weighted_sum, weights_from_plain, weights_to_plain


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The stage from now until the next event. Times are seconds on the host's monotonic clock.

    cue         number of the current cue, "" before the first
    epoch       raised by panic and goto
    event       id of the newest event that is included
    held_at     when the fades were frozen, or None; walks, controls and overlays go on
    walk        where the latents are; style: where the fine layers are (a place None: as the walk)
    parts       part -> ramp: psi, noise, shadows, speed, master, "move.<direction>", "bend.<kind>.<at>"
    drives      (control, part, gain), each gain a ramp; speed is driven inside the odometer
    glides      control -> its value in time
    directions  those that `parts` and `drives` move along
    grand, lit  the overlays: grand master, and 1 or 0 for blackout
    """

    cue: str
    epoch: int
    event: int
    held_at: float | None
    walk: Mix
    style: Mix
    parts: tuple[tuple[str, Ramp], ...]
    drives: tuple[tuple[str, str, Ramp], ...]
    glides: tuple[tuple[str, Glide], ...]
    directions: tuple[Direction, ...]
    odometer: Odometer
    grand: Ramp
    lit: Ramp

    def at(self, t: float, ahead: float = 0.0) -> Look:
        """The look at time t. Pure. `ahead` moves the walks on by that many seconds of travel."""
        frozen = t if self.held_at is None else min(t, self.held_at)
        values = self._values(t, frozen)
        travel = self.odometer.travel(t) + ahead
        latents = weighted_sum(
            (share, place.weights(travel)) for place, share in self.walk.shares(frozen) if place is not None
        )
        style = weighted_sum(
            (share, latents if place is None else place.weights(travel))
            for place, share in self.style.shares(frozen)
        )
        moves: list[tuple[float, Weights]] = []
        for direction in self.directions:
            amount = values.get(f"move.{direction.name}", 0.0)
            moves += [(amount, direction.towards), (-amount, direction.away)]
        return Look(
            latents=weighted_sum([(1.0, latents), *moves]),
            style=weighted_sum([(1.0, style), *moves]),
            psi=values["psi"],
            noise=values["noise"],
            shadows=values["shadows"],
            bends=tuple(_bends(values)),
            master=values["master"] * self.grand.at(t) * self.lit.at(t),
        )

    def _values(self, t: float, frozen: float) -> dict[str, float]:
        values = {part: ramp.at(frozen) for part, ramp in self.parts}
        controls = {name: glide.at(t) for name, glide in self.glides}
        for control, part, gain in self.drives:
            values[part] = values.get(part, 0.0) + gain.at(frozen) * controls.get(control, 0.0)
        for part, value in values.items():
            low, high = RANGES[family(part)]
            values[part] = min(max(value, low), high)
        return values

    def to_plain(self) -> dict[str, Any]:
        """Only dicts, lists, strings, numbers and None: `from_plain` gives an equal snapshot back."""
        return {
            "cue": self.cue,
            "epoch": self.epoch,
            "event": self.event,
            "held_at": self.held_at,
            "walk": self.walk.to_plain(),
            "style": self.style.to_plain(),
            "parts": [[part, ramp.to_plain()] for part, ramp in self.parts],
            "drives": [[control, part, gain.to_plain()] for control, part, gain in self.drives],
            "glides": [[name, glide.to_plain()] for name, glide in self.glides],
            "directions": [
                [direction.name, weights_to_plain(direction.away), weights_to_plain(direction.towards)]
                for direction in self.directions
            ],
            "odometer": self.odometer.to_plain(),
            "grand": self.grand.to_plain(),
            "lit": self.lit.to_plain(),
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError for anything that `to_plain` does not give."""
        return cls(
            cue=plain["cue"],
            epoch=plain["epoch"],
            event=plain["event"],
            held_at=plain["held_at"],
            walk=Mix.from_plain(plain["walk"]),
            style=Mix.from_plain(plain["style"]),
            parts=tuple((part, Ramp.from_plain(ramp)) for part, ramp in plain["parts"]),
            drives=tuple((control, part, Ramp.from_plain(gain)) for control, part, gain in plain["drives"]),
            glides=tuple((name, Glide.from_plain(glide)) for name, glide in plain["glides"]),
            directions=tuple(
                Direction(name, weights_from_plain(away), weights_from_plain(towards))
                for name, away, towards in plain["directions"]
            ),
            odometer=Odometer.from_plain(plain["odometer"]),
            grand=Ramp.from_plain(plain["grand"]),
            lit=Ramp.from_plain(plain["lit"]),
        )


def _bends(values: dict[str, float]) -> list[Bend]:
    bends = []
    for part, amount in sorted(values.items()):
        if family(part) == "glitch" and amount > 0.0:
            _, kind, at = part.split(".")
            bends.append(Bend(BendKind(kind), int(at), amount))
    return bends
