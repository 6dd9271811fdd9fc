"""Numbers of cues: which are free at a place, and which go along when one changes. Pure."""

from collections.abc import Collection, Iterator

from server.editing.blocks import EditError
from show_control.cue import number_key

LONGEST = 5
"""Parts that a number may have."""

Key = tuple[int, ...]


def between(before: str | None, after: str | None, taken: Collection[str], group: str = "") -> str:
    """A number that sorts behind the cue `before` and in front of the cue `after` (None: there is none), as
    round as can be, and is not `taken` anywhere. In a `group` whose cues begin as it does, so does this one.
    Raises EditError.
    """
    low = number_key(before) if before is not None else None
    high = number_key(after) if after is not None else None
    used = {number_key(number) for number in taken}
    for key in _candidates(low, high, number_key(group) if group else ()):
        fits = (low is None or low < key) and (high is None or key < high)
        if fits and key not in used and len(key) <= LONGEST:
            return ".".join(map(str, key))
    place = f"behind cue {before}" if before is not None else f"in front of cue {after}"
    raise EditError(f"there is no number left {place}; renumber the cues around it first")


def _candidates(low: Key | None, high: Key | None, group: Key) -> Iterator[Key]:
    if low is None and high is None:
        yield from ((*group, nth) for nth in range(1, 100))
    elif low is None and high is not None:
        shared = len(group) if high[: len(group)] == group else 0
        for depth in range(shared + 1, len(high) + 1):
            if high[depth - 1] > 0:
                yield (*high[: depth - 1], high[depth - 1] - 1)
                yield from ((*high[: depth - 1], high[depth - 1] - 1, last) for last in (5, *range(1, 100)))
    elif low is not None:
        shared = len(group) if low[: len(group)] == group else 0
        yield from ((*low[: depth - 1], low[depth - 1] + 1) for depth in range(shared + 1, len(low) + 1))
        yield from ((*low, *([0] * zeros), last) for zeros in range(4) for last in (5, *range(1, 100)))


def moved_along(numbers: Collection[str], old: str, new: str) -> dict[str, str]:
    """Old -> new number of the cue `old` and of those of `numbers` that begin with it: 3.1 with 3."""
    begins = f"{old}."
    return {old: new} | {
        number: f"{new}.{number.removeprefix(begins)}" for number in numbers if number.startswith(begins)
    }
