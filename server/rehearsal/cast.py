"""Who sits at the table in a rehearsal: guests who say their lines perfectly, as people do, or not at all."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import NamedTuple, Protocol

from show_control.actions import Guest
from show_control.effects import Prompt

REACTION = 0.6
"""Seconds until a guest begins who knows the line."""

FINAL_AFTER = 0.2
"""Seconds from the last word until a recogniser says that it was the last."""

FILE_SECONDS = 1.0
"""How long a file in an ear plays, where nobody knows."""

PERFECT_ANSWER = "tomato soup"

Length = Callable[[str], float | None]
"""Seconds of a file for an ear; None where it is not at hand."""


class Heard(NamedTuple):
    """What a recogniser makes of a guest, `after` seconds from the moment in which the words were shown."""

    after: float
    text: str
    final: bool


class Cast(Protocol):
    """Four guests and their players.

    lingers  seconds for which a recogniser may still be at the end of what was said, after the line is done
    """

    lingers: float

    def says(self, prompt: Prompt) -> Iterator[Heard]:
        """What the guest says to these words while they are shown, in the order of time."""
        ...

    def plays(self, file: str) -> float | None:
        """Seconds until the player says that the file is over; None where it never will."""
        ...

    def moves(self) -> float | None:
        """Seconds until somebody moves what a gate waits for; None where nobody does."""
        ...


def unknown_length(file: str) -> float | None:
    return None


def utterance(words: list[str], rate: float, begins: float = 0.0) -> Iterator[Heard]:
    """Words at `rate` a second, each heard when it is said, and then the end of it."""
    for place in range(1, len(words) + 1):
        yield Heard(begins + place / rate, " ".join(words[:place]), False)
    yield Heard(begins + len(words) / rate + FINAL_AFTER, " ".join(words), True)


class Perfect:
    """Says every line as it is written, at the guest's own rate. Every player answers."""

    lingers = 0.0

    def __init__(self, guests: Mapping[str, Guest], length: Length = unknown_length) -> None:
        self._guests, self._length = guests, length

    def says(self, prompt: Prompt) -> Iterator[Heard]:
        words = (PERFECT_ANSWER if prompt.kind == "open" else prompt.text).split()
        return utterance(words, self._guests.get(prompt.role, Guest()).rate, REACTION)

    def plays(self, file: str) -> float | None:
        return self._length(file) or FILE_SECONDS

    def moves(self) -> float | None:
        return REACTION


class Silent(Perfect):
    """Says nothing: speech comes from a recording. Players and plates do as they should."""

    def says(self, prompt: Prompt) -> Iterator[Heard]:
        return iter(())


ANSWERS = (
    "soup",
    "um I think it's chicken",
    "potatoes and something green",
    "we are having fish",
    "bread",
    "nobody knows",
)

SHY = 0.08
"""How often a guest says nothing for a while, or a player is dead."""

PATIENCE = 25.0
"""Seconds after which a shy guest speaks after all."""

AGAIN_AFTER = (2.0, 4.0)
TRIES = 4
SLIPS = {"lost": 0.06, "wrong": 0.08, "um": 0.05, "stops": 0.04}
"""How often a word is not heard, is heard with another ending, comes after a noise, or after a silence."""


class Simulated(Perfect):
    """Guests as they are: they hesitate, are misheard, keep silent. The same seed, the same guests.

    Who is not understood says it again, better each time, and without a fault in the end.
    """

    lingers = 1.0

    def __init__(self, guests: Mapping[str, Guest], seed: int, length: Length = unknown_length) -> None:
        super().__init__(guests, length)
        self._random = Random(seed)

    def says(self, prompt: Prompt) -> Iterator[Heard]:
        random = self._random
        rate = self._guests.get(prompt.role, Guest()).rate * random.uniform(0.7, 1.15)
        text = random.choice(ANSWERS) if prompt.kind == "open" else prompt.text
        begins = random.uniform(0.4, 2.5) + (PATIENCE if random.random() < SHY else 0.0)
        for attempt in range(TRIES):
            slips = 1.0 - attempt / (TRIES - 1)
            last = begins
            for heard in self._attempt(text.split(), rate, begins, slips):
                last = heard.after
                yield heard
            begins = last + random.uniform(*AGAIN_AFTER)

    def plays(self, file: str) -> float | None:
        return None if self._random.random() < SHY else super().plays(file)

    def moves(self) -> float | None:
        return self._random.uniform(1.0, 6.0)

    def _attempt(self, words: list[str], rate: float, at: float, slips: float) -> Iterator[Heard]:
        """One try; `slips` 0..1 says how many of a guest's slips happen."""
        random, said = self._random, list[str]()
        for word in words:
            if random.random() < SLIPS["stops"] * slips:
                at += random.uniform(1.0, 3.0)
            at += random.uniform(0.6, 1.4) / rate
            if random.random() < SLIPS["lost"] * slips:
                continue
            if random.random() < SLIPS["um"] * slips:
                said.append("um")
            if len(word) > 3 and random.random() < 0.2:  # heard in part, and corrected a moment later
                yield Heard(at - 0.2 / rate, " ".join([*said, word[: len(word) // 2]]), False)
            said.append(_misheard(word) if random.random() < SLIPS["wrong"] * slips else word)
            yield Heard(at, " ".join(said), False)
        if said:
            yield Heard(at + random.uniform(0.2, 0.8), " ".join(said), True)


def _misheard(word: str) -> str:
    """The word with another ending."""
    return word[:-1] if len(word) > 3 else f"{word}s"
