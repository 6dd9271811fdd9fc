"""Which walks are on stage, in which networks and in what proportion.

Interrupting a fade makes a longer list, never a jump.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

from show_control.ramp import Curve, Ramp
from show_control.walk import Walk, Weights, still, weighted_sum

FAINTEST = 1e-6
MOST_PLACES = 16


@dataclass(frozen=True, slots=True)
class Place:
    """A walk in a network, and the reading of the odometer (of a timed walk: the time) at which it began."""

    walk: Walk
    origin: float
    network: str

    def weights(self, travel: float, t: float) -> Weights:
        """Where it is, the odometer reading `travel`, at the time `t` of the fades."""
        return self.walk.weights((t if self.walk.timed else travel) - self.origin)

    def shifted(self, dt: float) -> "Place":
        return replace(self, origin=self.origin + dt) if self.walk.timed else self

    def rewound(self, travel: float) -> "Place":
        """The same place by an odometer that reads less, by `travel`."""
        return self if self.walk.timed else replace(self, origin=self.origin - travel)

    def to_plain(self) -> dict[str, Any]:
        return {"walk": self.walk.to_plain(), "origin": self.origin, "network": self.network}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        return cls(Walk.from_plain(plain["walk"]), plain["origin"], plain["network"])


@dataclass(frozen=True, slots=True)
class Mix:
    """A fade from some places to one. None is a place too: "wherever the other mix is" (see style)."""

    leaving: tuple[tuple[Place | None, float], ...]
    target: Place | None
    ramp: Ramp

    @classmethod
    def only(cls, place: Place | None) -> Self:
        return cls((), place, Ramp.constant(1.0))

    def shares(self, t: float) -> tuple[tuple[Place | None, float], ...]:
        """(place, share) pairs: equal places merged, shares below 1e-6 dropped, the rest sums to one."""
        arrived = self.ramp.at(t)
        shares = {self.target: arrived}
        for place, share in self.leaving:
            shares[place] = shares.get(place, 0.0) + share * (1.0 - arrived)
        kept = [(place, share) for place, share in shares.items() if share > FAINTEST]
        whole = sum(share for _, share in kept)
        return tuple((place, share / whole) for place, share in kept)

    def retarget(
        self, place: Place | None, now: float, duration: float, curve: Curve, travel: float
    ) -> "Mix":
        """Fade to another place from wherever the fade is at `now`, the odometer reading `travel`.

        Where the picture stands already at the first step of a timed walk, nothing has to fade: the walk is
        seen as it is from that step on.
        """
        shares = self.shares(now)
        if place is not None and place.walk.timed and _stand_at(place, shares, now, travel):
            return Mix.only(place)
        return Mix(_thinned(shares, now, travel), place, Ramp(0.0, 1.0, now, duration, curve))

    def networks(self, t: float) -> tuple[str, ...]:
        """The networks that are seen at t or will be, the one it fades to first."""
        places = (self.target, *(place for place, _ in self.shares(t)))
        return tuple(dict.fromkeys(place.network for place in places if place is not None))

    def done(self, t: float) -> bool:
        return self.ramp.done(t) or all(place == self.target for place, _ in self.leaving)

    def shifted(self, dt: float) -> "Mix":
        """The same fade, and the walks of it that go by time, dt seconds later."""
        leaving = tuple((place and place.shifted(dt), share) for place, share in self.leaving)
        return Mix(leaving, self.target and self.target.shifted(dt), self.ramp.shifted(dt))

    def rewound(self, travel: float) -> "Mix":
        """The same by an odometer that reads less, by `travel`."""
        leaving = tuple((place and place.rewound(travel), share) for place, share in self.leaving)
        return replace(self, leaving=leaving, target=self.target and self.target.rewound(travel))

    def to_plain(self) -> dict[str, Any]:
        leaving = [[place and place.to_plain(), share] for place, share in self.leaving]
        return {
            "leaving": leaving,
            "target": self.target and self.target.to_plain(),
            "ramp": self.ramp.to_plain(),
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        leaving = tuple((place and Place.from_plain(place), share) for place, share in plain["leaving"])
        target = plain["target"]
        return cls(leaving, target and Place.from_plain(target), Ramp.from_plain(plain["ramp"]))


def _stand_at(
    target: Place, shares: tuple[tuple[Place | None, float], ...], now: float, travel: float
) -> bool:
    """Whether all that is seen is, in this moment, where `target` is."""
    places = [(place, share) for place, share in shares if place and place.network == target.network]
    here = [(share, place.weights(travel, now)) for place, share in places]
    return len(places) == len(shares) and not weighted_sum([*here, (-1.0, target.weights(travel, now))])


def _thinned(
    shares: tuple[tuple[Place | None, float], ...], now: float, travel: float
) -> tuple[tuple[Place | None, float], ...]:
    """Few: the faintest places are frozen, where they are, into a single still one for each network.

    So a hundred gotos in a second cost no more than a few, and still nothing jumps. MOST_PLACES stay, and
    one more for each network but the first.
    """
    if len(shares) <= MOST_PLACES:
        return shares
    ranked = sorted(shares, key=lambda entry: (entry[0] is None, entry[1]), reverse=True)
    kept, faint = ranked[: MOST_PLACES - 1], ranked[MOST_PLACES - 1 :]
    frozen: list[tuple[Place, float]] = []
    for network in sorted({place.network for place, _ in faint if place is not None}):
        mine = [(place, share) for place, share in faint if place is not None and place.network == network]
        whole = sum(share for _, share in mine)
        where = weighted_sum((share / whole, place.weights(travel, now)) for place, share in mine)
        frozen.append((Place(still(where), 0.0, network), whole))
    return (*kept, *frozen)
