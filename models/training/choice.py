"""Which snapshot of a run is the one to keep, and why: pure rules over its measures.

The rule: the lowest KID of those that copy no training picture and whose recall holds. Copies have a lower
KID than new real pictures have, and a network that paints a few good pictures again and again may have a low
one too. Recall is asked only of networks that paint well: blots far from everything have wide surroundings,
and so reach many real pictures.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NEAR = 2.0
"""A KID is near the lowest of those that copy nothing while it is at most so many times as high, or within
both deviations of it."""
RECALL_HOLDS = 0.8
"""Recall holds while it is at least this share of the best among those whose KID is near …"""
RECALL_TELLS = 0.05
"""… if that best is at least this: less is a handful of pictures, which says nothing of any of them."""
KEPT = 3


class ChoiceError(ValueError):
    """No snapshot can be chosen; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A kept snapshot and what was measured. KID is lower for better; precision and recall are shares."""

    kimg: float
    kid: float
    deviation: float
    precision: float
    recall: float
    ratio: float
    share: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What was measured how. A KID compares with another only on the same terms."""

    tier: str
    against: str
    fakes: int


@dataclass(frozen=True, slots=True)
class Choice:
    """`kept`: the chosen one and the next two, best first; `snapshots`: all on the same terms, by kimg;
    `passed_over`: measures on other terms, or that could not be read."""

    chosen: Snapshot
    kept: tuple[Snapshot, ...]
    snapshots: tuple[Snapshot, ...]
    terms: Terms
    least_recall: float
    """What holds; 0 where recall says nothing."""
    passed_over: int
    gone: tuple[float, ...]
    """kimg of measured snapshots whose files are gone, and which would have been chosen otherwise."""

    def verdict(self, snapshot: Snapshot) -> str:
        """One phrase on a snapshot, as it stands in the table."""
        if snapshot == self.chosen:
            return "chosen"
        if not snapshot.passed:
            return "copies training pictures"
        if snapshot.recall < self.least_recall:
            return "too little variety"
        if snapshot.kimg in self.gone:
            return "file gone"
        return "kept" if snapshot in self.kept else ""


def choose(lines: Iterable[Mapping[str, Any]], on_disk: Sequence[int]) -> Choice:
    """Choose from the lines of measures.jsonl among the snapshots that are on disk (whole kimg each).

    Lines on other terms than the newest are passed over; of two of one kimg the later counts. Raises
    ChoiceError where nothing was measured, everything copies, or no file is left.
    """
    terms, snapshots, passed_over = _comparable(list(lines))
    honest = [each for each in snapshots if each.passed]
    if not honest:
        raise ChoiceError(
            f"none of the {len(snapshots)} measured snapshots passes the memorisation test: they copy "
            "training pictures; train anew with more pictures or with --augment, and keep earlier snapshots"
        )
    near = _near(honest)
    best = max(each.recall for each in near)
    least = RECALL_HOLDS * best if best >= RECALL_TELLS else 0.0
    held = {each for each in near if each.recall >= least}
    ranked = sorted(honest, key=lambda each: (each not in held, each.kid, each.kimg))
    here = [each for each in ranked if int(each.kimg) in on_disk]
    if not here:
        raise ChoiceError(
            f"the file of the best snapshot, at {ranked[0].kimg:g} kimg, is missing, and so are those of all "
            "others that may be chosen; copy them back, or train on until others are measured"
        )
    if here[0] not in held:
        raise ChoiceError(
            f"the file of the best snapshot, at {ranked[0].kimg:g} kimg, is missing, and no other is left "
            f"whose KID is near and whose recall holds ({least:.2f} or more); copy it back, or train on "
            "until others are measured"
        )
    gone = tuple(each.kimg for each in ranked[: ranked.index(here[0])])
    return Choice(here[0], tuple(here[:KEPT]), tuple(snapshots), terms, least, passed_over, gone)


def _near(honest: Sequence[Snapshot]) -> list[Snapshot]:
    lowest = min(honest, key=lambda each: each.kid)
    return [
        each
        for each in honest
        if each.kid - lowest.kid <= max((NEAR - 1) * lowest.kid, each.deviation + lowest.deviation)
    ]


def _comparable(lines: Sequence[Mapping[str, Any]]) -> tuple[Terms, list[Snapshot], int]:
    read = [(terms, each) for line in lines if (terms := _terms(line)) and (each := _snapshot(line))]
    if not read:
        raise ChoiceError(
            "no snapshot was measured yet (measures.jsonl has no line of use); train on until one is kept, "
            "or look at the sheets and choose by eye"
        )
    newest = read[-1][0]
    by_kimg = {int(each.kimg): each for terms, each in read if terms == newest}  # as their files are called
    alike = sum(terms == newest for terms, _ in read)
    return newest, [by_kimg[kimg] for kimg in sorted(by_kimg)], len(lines) - alike


def _terms(line: Mapping[str, Any]) -> Terms | None:
    match line:
        case {"tier": str(tier), "fakes": int(fakes)}:
            return Terms(tier, str(line.get("against", "held-out")), fakes)
    return None


def _snapshot(line: Mapping[str, Any]) -> Snapshot | None:
    memorisation = line.get("memorisation")
    if not isinstance(memorisation, Mapping) or not isinstance(memorisation.get("passed"), bool):
        return None
    numbers = [line.get(key) for key in ("kimg", "kid", "kid_deviation", "precision", "recall")]
    numbers += [memorisation.get("ratio"), memorisation.get("share")]
    if not all(isinstance(each, int | float) and math.isfinite(each) for each in numbers):
        return None
    kimg, kid, deviation, *others = (float(each) for each in numbers if each is not None)
    precision, recall, ratio, share = others
    return Snapshot(kimg, kid, deviation, precision, recall, ratio, share, memorisation["passed"])


def why(choice: Choice) -> str:
    """The choice as a paragraph, for a person who trained the network."""
    chosen, terms = choice.chosen, choice.terms
    honest = [each for each in choice.snapshots if each.passed]
    copies = len(choice.snapshots) - len(honest)
    little = [each for each in honest if each.recall < choice.least_recall]
    held = _count(len(honest) - len(little), "snapshot")
    recall = (
        f" and whose recall holds: {chosen.recall:.2f}, and {choice.least_recall:.2f} is needed, "
        f"{percent(RECALL_HOLDS)} of the best of those whose KID is near the lowest."
        if choice.least_recall
        else f". Recall, {chosen.recall:.2f}, is too low in all that paint well to tell them apart."
    )
    said = [
        f"The snapshot at {chosen.kimg:g} kimg is chosen. Its KID, {_plain(chosen.kid)} ± "
        f"{_plain(chosen.deviation)}, is the lowest of {held} that copy nothing{recall}",
        f"Its pictures are {chosen.ratio:.2f} times as far from the training pictures as new real ones are "
        f"(copies are at 0, and below 0.6 the memorisation test fails); {percent(chosen.share)} of them are "
        "like copies, where up to 5 % are so by chance.",
    ]
    if copies:
        said.append(
            f"{_count(copies, 'snapshot')} failed that test and could not be chosen, whatever the KID."
        )
    lower = [each for each in little if each.kid < chosen.kid]
    if lower:
        which = _kimgs(lower) if len(lower) <= KEPT else _count(len(lower), "snapshot")
        said.append(f"{which} had a lower KID, but paint too little of the variety.")
    if choice.gone:
        gone = ", ".join(f"{kimg:g}" for kimg in choice.gone)
        said.append(f"What was measured better, at {gone} kimg, is no longer on disk.")
    said.append(_before_and_after(choice))
    said += [_next(choice)] if len(choice.kept) > 1 else []
    if terms.against != "held-out":
        said.append(
            "Too few pictures were held out, so KID was taken to the training pictures themselves, which "
            "flatters a network that learns them by heart."
        )
    said.append(f"Measured with {terms.fakes} painted pictures; features {terms.tier}.")
    return " ".join(each for each in said if each)


def _before_and_after(choice: Choice) -> str:
    chosen, last = choice.chosen, choice.snapshots[-1]
    if chosen == last:
        if len(choice.snapshots) == 1:
            return ""
        falls = chosen.kid == min(each.kid for each in choice.snapshots)
        return "It is the newest" + (
            ", and KID was still falling: more training may bring more." if falls else "."
        )
    now = f"{_plain(last.kid)} at {last.kimg:g} kimg"
    clearly = last.deviation + chosen.deviation
    if last.kid - chosen.kid > clearly:
        return f"After it KID rose to {now}: the training is past its best."
    if chosen.kid - last.kid > clearly:
        return f"After it KID fell to {now}, but that one could not be chosen: {choice.verdict(last)}."
    return f"Since then KID has hardly changed ({now})."


def _next(choice: Choice) -> str:
    chosen, after = choice.chosen, choice.kept[1]
    kept = _kimgs(choice.kept[1:])
    if after.recall >= choice.least_recall and after.kid - chosen.kid <= max(
        chosen.deviation, after.deviation
    ):
        return (
            f"Kept beside it: {kept}. {after.kimg:g} kimg lies within one deviation, so by this measure the "
            "two are alike: let your eye decide between their sheets."
        )
    return f"Kept beside it: {kept}."


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _kimgs(snapshots: Sequence[Snapshot]) -> str:
    return " and ".join(f"{each.kimg:g}" for each in snapshots) + " kimg"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _plain(value: float) -> str:
    return f"{value:.4f}"
