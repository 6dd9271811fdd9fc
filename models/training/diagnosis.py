"""What is wrong with a training, in words: pure rules over the lines that a run writes.

A rule looks at every tick. Several in a row must show a fault before it is named, and several must be well
again before it is forgotten, so a single odd tick says nothing.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Line = Mapping[str, Any]

TICKS = 4
"""So many ticks in a row name a fault, and so many end it."""
MEASURES = 3
"""The same for KID, which comes more rarely."""

CERTAIN = 0.9
"""A mean sign of D beyond this: it tells nearly every picture rightly."""
LITTLE, MUCH = 0.25, 2.5
"""Losses. Who guesses has 0.7 as a generator and 1.4 as a logistic discriminator (0.7 as a relative one)."""
NOTHING_LEFT, HOPELESS = 0.1, 4.0
"""Losses that say the same without any sign, which is free to drift in a relative loss."""
FOOLED, AT_EASE = 1.5, 0.45
"""D's loss above this is worse than guessing; G's below this meets no resistance."""

WINDOW, SWING, SWINGS = 12, 0.6, 4
"""Oscillation: in so many ticks the generator's loss turns so often by more than this share of its median."""

ALIKE, LOST = 0.35, 0.5
"""Collapse: a spread below the first, and below this share of the best it had."""
PATIENCE = 12
"""Ticks after which pictures that never differed are a collapse too."""

WORSE = 0.1
"""KID is above its best by more than both deviations, and by this share of it."""


def words(log: Sequence[Line], measures: Sequence[Line]) -> tuple[str, ...]:
    """Sentences that name what is wrong now, the most urgent first; empty when nothing is.

    `log` and `measures` are the lines of log.jsonl and measures.jsonl so far, of one run. What a line does
    not have, or has as something else than a number, is passed over; lines that a resumed run writes again
    count once. Never raises.
    """
    ticks, judged = _ordered(log), _ordered(measures)
    found = (
        _collapse(ticks, judged), _discriminator(ticks), _generator(ticks), _oscillation(ticks),
        _memorising(judged), _past_its_best(judged),
    )  # fmt: skip
    return tuple(sentence for sentence in found if sentence)


def _collapse(ticks: Sequence[Line], measures: Sequence[Line]) -> str | None:
    """Where KID is at its lowest meanwhile, pictures that are alike get better, and will differ again."""
    spreads = [(line["kimg"], spread) for line in ticks if (spread := _number(line, "spread")) is not None]
    best, best_at, flags = 0.0, 0.0, []
    for index, (kimg, spread) in enumerate(spreads):
        if spread > best:
            best, best_at = spread, kimg
        flags.append(spread < ALIKE and (spread < LOST * best or index >= PATIENCE))
    if not _stands(flags, TICKS):
        return None
    since = _since([kimg for kimg, _ in spreads], flags)
    known = _on_the_terms_of_the_last(measures)
    kids = [kid for line in known if (kid := _number(line, "kid")) is not None]
    if len(kids) > 1 and kids[-1] == min(kids) and known[-1]["kimg"] >= since:
        return None
    now = spreads[-1][1]
    if best < ALIKE:
        return (
            f"Every seed gives nearly the same picture, and always has (spread {now:.2f}; the data has 1). "
            "The generator never got going: start anew with --lr halved and --gamma three times as high."
        )
    return (
        f"The generator has collapsed: its pictures are nearly all alike (spread {now:.2f}, after "
        f"{best:.2f} at {best_at:g} kimg). Stop, and start from a snapshot of before with --from, and --lr "
        "halved or --gamma three times as high; with few pictures also --augment ada."
    )


def _discriminator(ticks: Sequence[Line]) -> str | None:
    def away(line: Line) -> bool:
        d, g = _number(line, "D"), _number(line, "G")
        if d is None or g is None:
            return False
        sign, sign_fake = _number(line, "sign"), _number(line, "sign_fake")
        sure = sign is not None and sign_fake is not None and sign >= CERTAIN and sign_fake <= -CERTAIN
        return (sure and d <= LITTLE and g >= MUCH) or (d <= NOTHING_LEFT and g >= HOPELESS)

    if not _stands([away(line) for line in ticks], TICKS):
        return None
    return (
        "The discriminator has run away: it tells nearly every made picture from a real one "
        f"({_said(ticks, 'D', 'its loss')}, {_said(ticks, 'sign', 'r_t')}), and teaches nothing any more. "
        "Stop, and start from a snapshot of before with --from and --gamma three times as high; with few "
        "pictures also --augment ada, or --augment diffaugment for less than 100."
    )


def _generator(ticks: Sequence[Line]) -> str | None:
    def away(line: Line) -> bool:
        d, g = _number(line, "D"), _number(line, "G")
        return d is not None and g is not None and d >= FOOLED and g <= AT_EASE

    if not _stands([away(line) for line in ticks], TICKS):
        return None
    return (
        "The generator has run away: the discriminator does worse than guessing "
        f"({_said(ticks, 'D', 'its loss')}), so what it teaches is worth nothing. Stop, and start from a "
        "snapshot of before with --from and --gamma a third as high, or --lr halved."
    )


def _oscillation(ticks: Sequence[Line]) -> str | None:
    losses = [g for line in ticks if (g := _number(line, "G")) is not None]
    flags = [_swings(losses[max(0, end - WINDOW) : end]) >= SWINGS for end in range(1, len(losses) + 1)]
    if not _stands(flags, TICKS):
        return None
    last = losses[-WINDOW:]
    return (
        f"The training oscillates: in {len(last)} ticks the generator's loss went up and down between "
        f"{min(last):.2g} and {max(last):.2g}. Each side wins in turn, and the pictures change but get no "
        "better. Stop, and go on from here with --lr halved; if that is not enough, with --gamma twice as "
        "high."
    )


def _swings(values: Sequence[float]) -> int:
    """How often values turn by more than SWING of their median: a zigzag, blind to what is smaller."""
    if len(values) < 2:
        return 0
    least = SWING * abs(sorted(values)[len(values) // 2])
    low = high = values[0]
    turns, direction = 0, 0
    for value in values[1:]:
        low, high = min(low, value), max(high, value)
        if direction <= 0 and value - low > least:
            turns, direction, high = turns + 1, 1, value
        elif direction >= 0 and high - value > least:
            turns, direction, low = turns + 1, -1, value
    return turns


def _memorising(measures: Sequence[Line]) -> str | None:
    verdicts = [(line["kimg"], passed) for line in measures if (passed := _passed(line)) is not None]
    flags = [not passed for _, passed in verdicts]
    if not _stands(flags, 2):
        return None
    since = _since([kimg for kimg, _ in verdicts], flags)
    before = [kimg for kimg, passed in verdicts if passed and kimg < since]
    take = (
        f"take the snapshot of {before[-1]:g} kimg or one before it (marrow choose does)"
        if before
        else "start anew"
    )
    return (
        f"The generator has copied training pictures since {since:g} kimg. Stop, and {take}. "
        "More pictures put this off, and so does --augment ada, or --augment diffaugment for less than 100."
    )


def _past_its_best(measures: Sequence[Line]) -> str | None:
    known = [
        (line["kimg"], kid, abs(_number(line, "kid_deviation") or 0.0))
        for line in _on_the_terms_of_the_last(measures)
        if (kid := _number(line, "kid")) is not None
    ]
    if not known:
        return None
    best = min(range(len(known)), key=lambda index: known[index][1])
    kimg, kid, deviation = known[best]
    worse = [now - kid > max(deviation + also, WORSE * abs(kid)) for _, now, also in known[best:]]
    if not _stands(worse, MEASURES):
        return None
    return (
        f"The best is behind: KID has risen since {kimg:g} kimg, from {kid:.3g} to {known[-1][1]:.3g}. "
        "Going on makes it worse. Stop, and take the best with marrow choose; next time end sooner with "
        "--kimg, and for a better one bring more pictures or another --augment."
    )


def _on_the_terms_of_the_last(measures: Sequence[Line]) -> list[Line]:
    """A KID compares with another by the same features, against the same pictures, of as many fakes."""
    terms = ("tier", "against", "fakes")
    return [line for line in measures if all(line.get(key) == measures[-1].get(key) for key in terms)]


def _stands(flags: Iterable[bool], times: int) -> bool:
    """Whether a fault stands at the end: `times` in a row begin it, `times` without in a row end it."""
    stands, against = False, 0
    for flag in flags:
        against = against + 1 if flag != stands else 0
        if against >= times:
            stands, against = not stands, 0
    return stands


def _since(kimgs: Sequence[float], flags: Sequence[bool]) -> float:
    """Where the last unbroken row of faults began."""
    last = max(index for index, flag in enumerate(flags) if flag)
    first = last
    while first > 0 and flags[first - 1]:
        first -= 1
    return kimgs[first]


def _ordered(lines: Sequence[Line]) -> list[Line]:
    """Lines in order of kimg; where a run was resumed and wrote some again, the newer ones."""
    kept: list[Line] = []
    for line in lines:
        kimg = _number(line, "kimg")
        if kimg is None:
            continue
        while kept and kept[-1]["kimg"] >= kimg:
            kept.pop()
        kept.append(line)
    return kept


def _number(line: Line, key: str) -> float | None:
    value = line.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _passed(line: Line) -> bool | None:
    memorisation = line.get("memorisation")
    passed = memorisation.get("passed") if isinstance(memorisation, Mapping) else None
    return passed if isinstance(passed, bool) else None


def _said(ticks: Sequence[Line], key: str, name: str) -> str:
    value = _number(ticks[-1], key)
    return f"{name} unknown" if value is None else f"{name} {value:.2g}"
