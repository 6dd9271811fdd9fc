"""What a guest is in the middle of saying, and what of it was over before a line was theirs.

A recogniser tells an utterance again and again, longer each time, and once more when it is final. By then the
line that it belonged to may be past: its end is no answer to the next.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher

_ALIKE = 0.5
"""How much alike two beginnings are, 0..1, if one is the other as the recogniser heard it a moment ago."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An utterance as it was heard when a line began, of which the first `past` words belong to what was
    before."""

    words: tuple[str, ...] = ()
    past: int = 0

    def after(self, text: str) -> str | None:
        """What of `text` was said since; None where it is another utterance."""
        words = text.split()
        count = min(len(words), len(self.words))
        if not self.past or (words and not _alike(words[:count], self.words[:count])):
            return None
        return " ".join(words[self.past :])


class Utterances:
    """Of each guest, the utterance that has no end yet."""

    def __init__(self) -> None:
        self._running: dict[str, Begun] = {}

    def hear(self, role: str, text: str, final: bool) -> None:
        begun = self._running.get(role, Begun())
        if final or not text.strip():
            self._running.pop(role, None)
        else:
            known = begun.after(text) is not None
            self._running[role] = Begun(tuple(text.split()), begun.past if known else 0)

    def over(self, role: str, words_left: int) -> None:
        """A guest's line is over, and `words_left` of its words are still on their way."""
        if (begun := self._running.get(role)) is not None:
            self._running[role] = Begun(begun.words, len(begun.words) + words_left)

    def begun(self, role: str) -> Begun:
        """To be asked when a line of this guest begins."""
        begun = self._running.get(role, Begun())
        return Begun(begun.words, max(begun.past, len(begun.words)))


def _alike(one: list[str], other: tuple[str, ...]) -> bool:
    return SequenceMatcher(None, " ".join(one).lower(), " ".join(other).lower()).ratio() >= _ALIKE
