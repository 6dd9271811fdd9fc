"""Whom of those that were found a recipe can use, and of each of the others why not, in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.dataset.people.segmenter import Box, Person
from models.dataset.prepare.work import rounded

SMALL, UNSURE, PIECES = "too small", "not sure enough", "in pieces"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person must come up to, in a picture as the segmenter saw it."""

    score: float
    """How sure the segmenter must be."""
    pixels: float
    """The shorter side of the box."""
    whole: float = 0.0
    """The share of the visible area that must hang together; 0 asks nothing."""
    scale: float = 1.0
    """Pixels of the photograph a pixel of that picture; what is said of sizes is in the photograph's."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A person who cannot be used."""

    person: Person
    kind: str
    """One of `SMALL`, `UNSURE` and `PIECES`: the first that holds."""
    reason: str

    def line(self, scale: float) -> dict[str, Any]:
        """As it stands in a manifest."""
        box = rounded([side * scale for side in self.person.box])
        return {"box": box, "score": round(float(self.person.score), 4), "reason": self.reason}


def usable(found: Sequence[Person], limits: Limits) -> tuple[list[Person], list[PassedOver]]:
    """Those within the limits, and the others; both from left to right."""
    kept, passed_over = [], []
    for person in sorted(found, key=lambda person: (person.box, -person.score)):
        why = _passed_over(person, limits)
        if why is None:
            kept.append(person)
        else:
            passed_over.append(why)
    return kept, passed_over


def _passed_over(person: Person, limits: Limits) -> PassedOver | None:
    if (side := shorter_side(person.box)) < limits.pixels:
        have, need = side * limits.scale, limits.pixels * limits.scale
        return PassedOver(person, SMALL, f"{SMALL}: {have:.0f} px, at least {need:.0f} needed")
    if person.score < limits.score:
        reason = f"{UNSURE}: {person.score:.3f}, at least {limits.score:g} needed"
        return PassedOver(person, UNSURE, reason)
    if limits.whole and (share := largest_piece(person)) < limits.whole:
        reason = f"{PIECES}: {share:.1%} of what is seen hangs together, at least {limits.whole:.1%} needed"
        return PassedOver(person, PIECES, reason)
    return None


def shorter_side(box: Box) -> int:
    return min(box[2] - box[0], box[3] - box[1])


def largest_piece(person: Person) -> float:
    """The share of what is seen of a person that hangs together: 1 where nobody stands in between."""
    import cv2

    x0, y0, x1, y1 = person.box
    solid = (person.mask[y0:y1, x0:x1] >= 0.5).astype(np.uint8)
    _, _, pieces, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    areas = pieces[1:, cv2.CC_STAT_AREA]
    return float(areas.max() / areas.sum()) if len(areas) else 0.0


def counted(found: int, passed_over: Sequence[PassedOver], limits: Limits) -> str:
    """As "7 found, 4 of them too small (under 115 px), 1 not sure enough (under 0.95)"."""
    if not found:
        return "nobody found"
    under = {
        SMALL: f"{limits.pixels * limits.scale:.0f} px",
        UNSURE: f"{limits.score:g}",
        PIECES: f"{limits.whole:.0%} hang together",
    }
    kinds = Counter(one.kind for one in passed_over)
    parts = [f"{kinds[kind]} {{}}{kind} (under {under[kind]})" for kind in under if kinds[kind]]
    return ", ".join([f"{found} found", *(p.format("" if n else "of them ") for n, p in enumerate(parts))])
