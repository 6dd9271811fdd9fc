"""What stands on stage while a network that should is not ready: the picture that was there, and goes on.

When the network comes, late as it may be, it dissolves in; nothing jumps and nothing goes black. Pure.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from show_control.look import MAIN, Look
from show_control.mix import Mix, Place
from show_control.ramp import Ramp
from show_control.snapshot import Snapshot, Spot
from show_control.walk import MEAN, Weights, still, weighted_sum

LATE_SECONDS = 1.0
"""What comes late takes this long to come in."""

MOST_ROLES = 4
"""Dissolves that interrupt each other: the faintest beyond these are left out."""

Part = tuple[float, tuple[Look, ...]]
"""A network's share of the picture, and its look for each stream."""


@dataclass(frozen=True, slots=True)
class Role:
    """The places of a snapshot, but for those in networks that were not ready when it was cast."""

    snapshot: Snapshot
    missing: frozenset[str]

    def spots(self, t: float, travel: float) -> tuple[Spot, ...]:
        """Where it is; the shares sum to one."""
        spots = [spot for spot in self.snapshot.spots(t, travel) if spot.network not in self.missing]
        whole = sum(spot.share for spot in spots)
        if not spots:  # the target has no share yet, and nothing else can be shown
            arrived = replace(self.snapshot, walk=Mix.only(self.snapshot.walk.target))
            return arrived.spots(t, travel)
        return tuple(spot._replace(share=spot.share / whole) for spot in spots)


class Understudy:
    """Decides what is painted for a snapshot with the networks that are ready. One for a renderer's life."""

    def __init__(self) -> None:
        self._role: Role | None = None
        self._leaving: tuple[tuple[Role, float], ...] = ()
        self._ramp = Ramp.constant(1.0)
        self._waiting = False

    def parts(
        self, snapshot: Snapshot, t: float, aheads: Sequence[float], ready: Collection[str]
    ) -> dict[str, Part]:
        """Network -> share and looks, of networks that are ready, at time t; the shares sum to one.

        A snapshot whose target is not ready changes everything but the places: master, psi, bends and the
        speed of the walk are the new cue's, the walk and the network the old one's. `MAIN` has to be ready
        before the first call.
        """
        self._cast(snapshot, t, ready)
        looks = [self._looks(snapshot, t, ahead) for ahead in aheads]
        return {
            first.network: (share, tuple(stream[index][1] for stream in looks))
            for index, (share, first) in enumerate(looks[0])
        }

    def _cast(self, snapshot: Snapshot, t: float, ready: Collection[str]) -> None:
        networks = snapshot.networks(t)
        role = Role(snapshot, frozenset(networks) - frozenset(ready))
        late = self._role is not None and bool(self._role.missing & frozenset(networks) - role.missing)
        if networks[0] in role.missing:
            self._waiting = True
            self._role = self._role or Role(_tamed(snapshot), frozenset())
        else:
            if (self._waiting or late) and self._role is not None:
                self._leaving = self._shares(t)
                self._ramp = Ramp(0.0, 1.0, t, LATE_SECONDS)
            self._waiting = False
            self._role = role
        if self._ramp.done(t):
            self._leaving = ()

    def _shares(self, t: float) -> tuple[tuple[Role, float], ...]:
        """(role, share), the newest first; the shares sum to one."""
        assert self._role is not None
        arrived = self._ramp.at(t) if self._leaving else 1.0
        leaving = [(role, share * (1.0 - arrived)) for role, share in self._leaving]
        shares = [(self._role, arrived), *sorted(leaving, key=lambda entry: -entry[1])][:MOST_ROLES]
        whole = sum(share for _, share in shares)
        return tuple((role, share / whole) for role, share in shares)

    def _looks(self, snapshot: Snapshot, t: float, ahead: float) -> tuple[tuple[float, Look], ...]:
        travel = snapshot.odometer.travel(t) + ahead
        spots = [
            spot._replace(share=share * spot.share)
            for role, share in self._shares(t)
            for spot in role.spots(t, travel)
            if share > 0.0
        ]
        return snapshot.dressed(
            t, [_merged(network, spots) for network in sorted({s.network for s in spots})]
        )


def _merged(network: str, spots: Sequence[Spot]) -> Spot:
    """One spot for all of a network's."""
    mine = [spot for spot in spots if spot.network == network]
    whole = sum(spot.share for spot in mine)
    latents = weighted_sum((spot.share / whole, spot.latents) for spot in mine)
    style = weighted_sum((spot.share / whole, spot.style) for spot in mine)
    return Spot(network, whole, latents, style)


def _tamed(snapshot: Snapshot) -> Snapshot:
    """The same walks in the main network, for a renderer that starts in the middle of a show."""
    return replace(snapshot, walk=_tamed_mix(snapshot.walk), style=_tamed_mix(snapshot.style))


def _tamed_mix(mix: Mix) -> Mix:
    leaving = tuple((place and _tamed_place(place), share) for place, share in mix.leaving)
    return replace(mix, leaving=leaving, target=mix.target and _tamed_place(mix.target))


def _tamed_place(place: Place) -> Place:
    """Seeds mean something in every network, points of an atlas only in their own."""
    points = tuple(_without_points(weights) for weights in place.walk.points)
    walk = replace(place.walk, points=points)
    if any("@" in end for clip in walk.clips for end in (clip.start, clip.end)):
        walk = still(((MEAN, 1.0),))
    return replace(place, walk=walk, network=MAIN)


def _without_points(weights: Weights) -> Weights:
    return weighted_sum((weight, ((MEAN if "@" in key else key, 1.0),)) for key, weight in weights)
