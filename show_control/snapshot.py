"""The whole picture as plain, immutable data and a pure function of time: what the renderer is sent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

from show_control.look import RANGES, Bend, Direction, Look, family
from show_control.mix import Mix
from show_control.odometer import Odometer
from show_control.ramp import Glide, Ramp
from show_control.walk import Weights, weighted_sum, weights_from_plain, weights_to_plain


class Spot(NamedTuple):
    """Where one network's picture is in latent space, and its share of the whole picture."""

    network: str
    share: float
    latents: Weights
    style: Weights


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The stage from now until the next event. Times are seconds on the host's monotonic clock.

    cue         number of the current cue, "" before the first
    epoch       raised by panic and goto
    event       id of the newest event that is included
    wanted      the networks that are to be ready, the most urgent first
    asked       rises whenever networks are asked for: what has failed is then tried again
    held_at     when the fades were frozen, or None; walks, controls and overlays go on
    walk        where the latents are; style: where the fine layers are (a place None: as the walk)
    parts       part -> ramp: psi, modes, noise, shadows, speed, master, "classes.<index>",
                "bend.<name>", "move.<direction>"
    drives      (control, part, gain), each gain a ramp; speed is driven inside the odometer
    glides      control -> its value in time
    directions  those that `parts` and `drives` move along
    bends       those that `parts` and `drives` set, in the order in which they act
    grand, lit  the overlays: grand master, and 1 or 0 for blackout
    """

    cue: str
    epoch: int
    event: int
    wanted: tuple[str, ...]
    asked: int
    held_at: float | None
    walk: Mix
    style: Mix
    parts: tuple[tuple[str, Ramp], ...]
    drives: tuple[tuple[str, str, Ramp], ...]
    glides: tuple[tuple[str, Glide], ...]
    directions: tuple[Direction, ...]
    bends: tuple[Bend, ...]
    odometer: Odometer
    grand: Ramp
    lit: Ramp

    def looks(self, t: float, ahead: float = 0.0) -> tuple[tuple[float, Look], ...]:
        """(share, look) for each network on stage at time t, by name; the shares sum to one. Pure.

        Places of one network are blended as latents; what is between networks is a cross-fade of frames.
        `ahead` moves the walks on by that many seconds of travel; clips, which go by time, it does not move.
        """
        return self.dressed(t, self.spots(t, self.odometer.travel(t) + ahead))

    def at(self, t: float, ahead: float = 0.0) -> Look:
        """The look of the network with the largest share: the only one, unless networks cross-fade."""
        return max(self.looks(t, ahead), key=lambda entry: entry[0])[1]

    def spots(self, t: float, travel: float) -> tuple[Spot, ...]:
        """Where the networks on stage are, by name, the odometer reading `travel`.

        A style acts in the network that it was meant for; in any other it counts as "as the walk".
        """
        frozen = self._frozen(t)
        places = [(place, share) for place, share in self.walk.shares(frozen) if place is not None]
        styles = self.style.shares(frozen)
        spots = []
        for network in sorted({place.network for place, _ in places}):
            mine = [(place, share) for place, share in places if place.network == network]
            whole = sum(share for _, share in mine)
            latents = weighted_sum((share / whole, place.weights(travel, frozen)) for place, share in mine)
            style = weighted_sum(
                (share, place.weights(travel, frozen) if place and place.network == network else latents)
                for place, share in styles
            )
            spots.append(Spot(network, whole, latents, style))
        return tuple(spots)

    def dressed(self, t: float, spots: Iterable[Spot]) -> tuple[tuple[float, Look], ...]:
        """The looks at these spots, with all that is not a place as it is at time t."""
        values = self.values(t)
        moves: list[tuple[float, Weights]] = []
        for direction in self.directions:
            amount = values.get(f"move.{direction.name}", 0.0)
            moves += [(amount, direction.towards), (-amount, direction.away)]
        classes = _classes(values)
        amounts = [(bend, values.get(f"bend.{bend.name}", 0.0)) for bend in self.bends]
        bends = tuple(replace(bend, amount=amount) for bend, amount in amounts if amount > 0.0)
        master = values["master"] * self.grand.at(t) * self.lit.at(t)
        return tuple(
            (
                spot.share,
                Look(
                    network=spot.network,
                    latents=weighted_sum([(1.0, spot.latents), *moves]),
                    style=weighted_sum([(1.0, spot.style), *moves]),
                    classes=classes,
                    psi=values["psi"],
                    modes=values["modes"],
                    noise=values["noise"],
                    shadows=values["shadows"],
                    bends=bends,
                    master=master,
                ),
            )
            for spot in spots
        )

    def networks(self, t: float) -> tuple[str, ...]:
        """The networks that are on stage at t, or coming."""
        return self.walk.networks(self._frozen(t))

    def _frozen(self, t: float) -> float:
        """The time of the fades, which a hold stops."""
        return t if self.held_at is None else min(t, self.held_at)

    def values(self, t: float) -> dict[str, float]:
        """Part -> what it is at time t, with all that drives add to it, in its range."""
        frozen = self._frozen(t)
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
            "wanted": list(self.wanted),
            "asked": self.asked,
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
            "bends": [bend.to_plain() for bend in self.bends],
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
            wanted=tuple(plain["wanted"]),
            asked=plain["asked"],
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
            bends=tuple(Bend.from_plain(bend) for bend in plain["bends"]),
            odometer=Odometer.from_plain(plain["odometer"]),
            grand=Ramp.from_plain(plain["grand"]),
            lit=Ramp.from_plain(plain["lit"]),
        )


def _classes(values: dict[str, float]) -> tuple[tuple[int, float], ...]:
    """(index, weight) of the classes above 0. What they lack to one is class 0: none jumps in."""
    named = {part: value for part, value in values.items() if family(part) == "classes" and value > 0.0}
    if not named:
        return ()
    weights = {int(part.partition(".")[2]): value for part, value in named.items()}
    weights[0] = weights.get(0, 0.0) + max(0.0, 1.0 - sum(weights.values()))
    return tuple(sorted((index, weight) for index, weight in weights.items() if weight > 0.0))
