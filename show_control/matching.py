"""Whether a line was said, and how far its speaker has come: what a recogniser heard against what is written.

Words of the line and words heard are paired where they are the same, sound the same, or nearly so. A chain of
pairs, in order on both sides, is worth the weight of the words it pairs; words of the line that it passes
over cost a little, and words heard in between, which a different line would have there, cost more. What was
said before the chain, or after it, costs nothing. Long words weigh more than short ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from show_control.answers import allowed, cleaned
from show_control.phonetics import sound
from show_control.spoken import LANGUAGES, normalised

__all__ = [
    "LANGUAGES",
    "THRESHOLD",
    "Heard",
    "allowed",
    "cleaned",
    "heard",
    "normalised",
    "pause_after",
]

THRESHOLD = 0.8
"""The score from which a line counts as said. Chosen on the corpus in tests/show_control/speech."""

RATE = 2.8
"""Words a second, where a guest has no rate of their own."""

_SKIPPED = 0.125  # cost of a word of the line that was not heard, as a share of its weight
_STRANGE = 0.5  # cost of a word heard between two of the line
_SOUNDS_LIKE = 0.95  # worth of a word that sounds the same, as a share of its weight
_NEARLY = 0.55  # the least similarity of two sounds that are paired
_JOINED = 0.75  # the same where two words stand for one
_PIECES = 3  # words, at most, that one word of the line is heard as
_REACHED = 0.5  # a chain has come as far as it has earned this share of the line's weight up to there
_HEAVIEST = 6  # letters that count for a word's weight


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a line.

    `score` and `progress` lie in 0..1; `progress` is the share of the line's words that is past, `words_left`
    the number that is not. Neither falls as words are added to what was said.
    """

    score: float
    progress: float
    words_left: int
    matched: bool


def heard(
    said: str, line: str, *, language: str = "en", threshold: float = THRESHOLD, open: bool = False
) -> Heard:
    """How `said`, all that the speaker has said since the line is theirs, compares to `line`.

    An `open` line, or one without words, is matched by any word. Raises ValueError for a language that is
    not in LANGUAGES.
    """
    goal = _goal(line, language)
    words = normalised(said, language)
    count = len(goal.words)
    if open or not count:
        return Heard(1.0, 1.0, 0, True) if words else Heard(0.0, 0.0, count, False)
    score, reached = _follow(goal, words)
    return Heard(score, reached / count, count - reached, score >= threshold)


def pause_after(words_left: int, rate: float = RATE) -> float:
    """Seconds until the rest of a line is said, at `rate` words a second."""
    return words_left / rate


@dataclass(frozen=True, slots=True, eq=False)
class _Goal:
    """A line made ready: its words, and what to find them by."""

    words: tuple[str, ...]
    language: str
    passed: tuple[float, ...]
    """The weight of the first i words, for i from 0."""
    sounds: tuple[str, ...]
    """Of each word, then of each two words together, as recognisers may hear two as one."""

    def span(self, place: int) -> tuple[int, int]:
        """The words, from and before, that the sound at `place` stands for."""
        count = len(self.words)
        return (place, place + 1) if place < count else (place - count, place - count + 2)


@lru_cache(maxsize=512)
def _goal(line: str, language: str) -> _Goal:
    words = normalised(line, language)
    pairs = (first + second for first, second in pairwise(words))
    return _Goal(
        words,
        language,
        tuple(accumulate(map(_weight, words), initial=0.0)),
        tuple(sound(word, language) for word in (*words, *pairs)),
    )


def _weight(word: str) -> float:
    return float(min(len(word), _HEAVIEST))


@lru_cache(maxsize=20_000)
def _places(goal: _Goal, word: str) -> tuple[tuple[int, int, float], ...]:
    """Where `word` may stand in the line: (from, before, likeness above 0 to 1)."""
    found = process.extract(
        sound(word, goal.language),
        goal.sounds,
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=_NEARLY,
        limit=None,
    )
    places = []
    for _, likeness, place in found:
        begin, end = goal.span(place)
        if "".join(goal.words[begin:end]) == word:
            places.append((begin, end, 1.0))
        elif end == begin + 1 or likeness >= _JOINED:
            places.append((begin, end, likeness * _SOUNDS_LIKE))
    return tuple(places)


def _pairs(goal: _Goal, words: tuple[str, ...], at: int) -> Iterator[tuple[int, int, int, float]]:
    """Pairs that begin with the word heard `at`: (from, before) in the line, before in `words`, likeness."""
    for begin, end, likeness in _places(goal, words[at]):
        yield begin, end, at + 1, likeness
    for until in range(at + 2, min(at + _PIECES, len(words)) + 1):  # one word of the line heard as several
        for begin, end, likeness in _places(goal, "".join(words[at:until])):
            if end == begin + 1 and likeness >= _JOINED * _SOUNDS_LIKE:
                yield begin, end, until, likeness


def _follow(goal: _Goal, words: tuple[str, ...]) -> tuple[float, int]:
    """The worth of the best chain, 0..1 of the line's weight, and the number of words that were reached."""
    passed, count = goal.passed, len(goal.words)
    strange = tuple(accumulate((_STRANGE * _weight(word) for word in words), initial=0.0))
    # best[i] is the worth of the best chain so far that has passed i words, plus what all that was heard and
    # passed up to its end would cost as gaps: so that the gap after it costs the same wherever it begins.
    best = [float("-inf")] * (count + 1)
    arriving: list[list[tuple[int, float]]] = [[] for _ in range(len(words) + 1)]
    top, reached = 0.0, 0
    for at in range(len(words)):
        for end, worth in arriving[at]:
            best[end] = max(best[end], worth)
        for begin, end, until, likeness in _pairs(goal, words, at):
            joined = max(0.0, max(best[: begin + 1]) - strange[at])
            worth = joined - _SKIPPED * passed[begin] + likeness * (passed[end] - passed[begin])
            if worth <= 0.0:
                continue
            arriving[until].append((end, worth + strange[until] + _SKIPPED * passed[end]))
            top = max(top, worth)
            if end > reached and worth >= _REACHED * passed[end]:
                reached = end
    return min(top / passed[count], 1.0), reached
