"""Walks: paths through latent space, as weights of named latents and a function of time alone.

A key is a decimal seed ("7"), "mean" (w_avg) or a point that was saved in the network's atlas ("@grandma").
Whatever the phase, the weights sum to one, so a walk can be blended with any other and truncated by psi like
a single latent. Directions of the atlas are keys too ("+older"): offsets, which do not count in the sum; and
so is a step of a clip ("@apple.from~@apple.to:117/431").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import cos, pi, sin, sqrt
from typing import Any, Self

from show_control.clip import RATE, Clip, key_at
from show_control.ramp import Curve

Weights = tuple[tuple[str, float], ...]
"""(key, weight) pairs, each key once, sorted; a point of latent space where they sum to one."""

MEAN = "mean"


def weighted_sum(terms: Iterable[tuple[float, Weights]]) -> Weights:
    """Sum of factor x weights; keys whose weight vanishes (below 1e-12) are left out."""
    total: dict[str, float] = {}
    for factor, weights in terms:
        for key, weight in weights:
            total[key] = total.get(key, 0.0) + factor * weight
    return tuple(sorted((key, weight) for key, weight in total.items() if abs(weight) > 1e-12))


class WalkKind(StrEnum):
    STILL = "still"
    DRIFT = "drift"
    LOOP = "loop"
    CHAIN = "chain"
    CLIPS = "clips"


@dataclass(frozen=True, slots=True)
class Walk:
    """A path through `points`, each a `Weights` that sums to one.

    still   one point, for ever
    drift   about the first point c, along K others: c + radius sum_k h_k (p_k - mean). The h_k are
            orthogonal harmonics with sum h_k^2 = 1 on average, so the path is a smooth closed curve
            that stays about `radius` away from c. One turn takes `seconds`.
    loop    a closed Catmull-Rom spline through the points, `seconds` a turn
    chain   an open one, `seconds` in all, eased at both ends; then it stays at the last point
    clips   `clips` in the place of points, one after another, `rate` steps a second; then the last step stays
    """

    kind: WalkKind
    points: tuple[Weights, ...]
    radius: float = 0.0
    seconds: float = 1.0
    clips: tuple[Clip, ...] = ()
    rate: float = RATE

    @property
    def timed(self) -> bool:
        """Whether it moves by show time, whatever the speed. Any other moves by the odometer."""
        return self.kind is WalkKind.CLIPS

    @property
    def begins(self) -> bool:
        """Whether it starts anew when a cue names it. Any other goes on where it would have been."""
        return self.kind in (WalkKind.CHAIN, WalkKind.CLIPS)

    @property
    def lasts(self) -> float:
        """Seconds until clips have come to their last step; 0 for a walk whose time is not its own."""
        return sum(clip.steps for clip in self.clips) / self.rate

    def weights(self, phase: float) -> Weights:
        """Where the walk is after `phase` seconds of travel (`timed`: of time). The weights sum to one."""
        match self.kind:
            case WalkKind.STILL:
                return self.points[0]
            case WalkKind.DRIFT:
                return self._drift(2.0 * pi * phase / self.seconds)
            case WalkKind.LOOP:
                count = len(self.points)
                u = phase / self.seconds % 1.0 * count
                index = min(int(u), count - 1)
                around = [self.points[(index + offset) % count] for offset in (-1, 0, 1, 2)]
                return _catmull_rom(around, u - index)
            case WalkKind.CHAIN:
                last = len(self.points) - 1
                u = Curve.SMOOTH.at(phase / self.seconds) * last
                index = min(int(u), last - 1)
                around = [self.points[min(max(index + offset, 0), last)] for offset in (-1, 0, 1, 2)]
                return _catmull_rom(around, u - index)
            case WalkKind.CLIPS:
                return ((key_at(self.clips, self.rate, phase), 1.0),)

    def _drift(self, angle: float) -> Weights:
        centre, *directions = self.points
        scale = self.radius * sqrt(2.0 / len(directions))
        terms = [(1.0, centre)]
        for k, point in enumerate(directions):
            multiple = k // 2 + 1
            h = scale * (cos(multiple * angle) if k % 2 == 0 else sin(multiple * angle))
            terms += [(h, point), (-h, ((MEAN, 1.0),))]
        return weighted_sum(terms)

    def to_plain(self) -> dict[str, Any]:
        points = [weights_to_plain(point) for point in self.points]
        return {
            "kind": self.kind.value,
            "points": points,
            "radius": self.radius,
            "seconds": self.seconds,
            "clips": [clip.to_plain() for clip in self.clips],
            "rate": self.rate,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        points = tuple(weights_from_plain(point) for point in plain["points"])
        clips = tuple(Clip.from_plain(clip) for clip in plain["clips"])
        return cls(WalkKind(plain["kind"]), points, plain["radius"], plain["seconds"], clips, plain["rate"])


def still(weights: Weights) -> Walk:
    return Walk(WalkKind.STILL, (weights,))


def weights_to_plain(weights: Weights) -> list[list[Any]]:
    return [[key, weight] for key, weight in weights]


def weights_from_plain(plain: list[list[Any]]) -> Weights:
    return tuple((key, weight) for key, weight in plain)


def _catmull_rom(points: list[Weights], u: float) -> Weights:
    """The uniform Catmull-Rom spline between points[1] (u = 0) and points[2] (u = 1).

    Catmull and Rom, "A class of local interpolating splines", 1974. Its four coefficients sum to one.
    """
    a, b, c, d = points
    return weighted_sum(
        [
            ((-u + 2.0 * u**2 - u**3) / 2.0, a),
            ((2.0 - 5.0 * u**2 + 3.0 * u**3) / 2.0, b),
            ((u + 4.0 * u**2 - 3.0 * u**3) / 2.0, c),
            ((-(u**2) + u**3) / 2.0, d),
        ]
    )
