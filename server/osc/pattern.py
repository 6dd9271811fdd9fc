"""Address patterns of OSC 1.0: * ? [a-z] [!a-z] {one,two}. Matched without backtracking, whatever the
pattern.

Where in the text a part of the pattern may end is a set of places, held as the bits of one number. Each token
turns such a set into the next, so the work is the length of the pattern times that of the text, over the
width of a machine word. A star stays within its segment: no pattern crosses a slash.
"""

from dataclasses import dataclass

WILDCARDS = frozenset("*?[]{}")
_OPENING = "*?[{"
MAX_PATTERN = 255  # characters


class BadPattern(Exception):
    """A pattern without an end to its brackets or braces, or too long. Says so."""


def is_pattern(address: str) -> bool:
    """Whether an address holds any character that is a wildcard."""
    return not WILDCARDS.isdisjoint(address)


@dataclass(frozen=True, slots=True)
class _Star:
    """Any run of characters, or none."""


@dataclass(frozen=True, slots=True)
class _OneOf:
    """One character of a set, or with `negated` one that is not in it. Nothing, negated: any character."""

    characters: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of some words, taken letter by letter."""

    words: tuple[str, ...]


_Token = _Star | _OneOf | _Choice


class Pattern:
    """A pattern that was read once, to be matched against many addresses. Raises BadPattern."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MAX_PATTERN:
            raise BadPattern(f"expected a pattern of at most {MAX_PATTERN} characters, got {len(pattern)}")
        self._segments = tuple(_tokens(segment) for segment in pattern.split("/"))

    def matches(self, address: str) -> bool:
        segments = address.split("/")
        return len(segments) == len(self._segments) and all(
            _matches(tokens, segment) for tokens, segment in zip(self._segments, segments, strict=True)
        )


def _tokens(segment: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    at = 0
    while at < len(segment):
        match segment[at]:
            case "*":
                tokens.append(_Star())
            case "?":
                tokens.append(_OneOf(frozenset(), negated=True))
            case "[":
                end = _end(segment, at, "]")
                tokens.append(_one_of(segment[at + 1 : end]))
                at = end
            case "{":
                end = _end(segment, at, "}")
                tokens.append(_Choice(tuple(segment[at + 1 : end].split(","))))
                at = end
            case _:
                end = next((i for i in range(at, len(segment)) if segment[i] in _OPENING), len(segment)) - 1
                tokens.append(_Choice((segment[at : end + 1],)))
                at = end
        at += 1
    return tuple(tokens)


def _end(segment: str, at: int, closing: str) -> int:
    end = segment.find(closing, at + 1)
    if end < 0:
        raise BadPattern(f'a pattern with "{segment[at]}" and no "{closing}" in the same segment')
    return end


def _one_of(inside: str) -> _OneOf:
    """The inside of brackets. A minus first or last, and an exclamation mark that is not first, are
    themselves."""
    negated = inside.startswith("!")
    inside = inside[1:] if negated else inside
    characters: set[str] = set()
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            first, last = sorted((ord(inside[at]), ord(inside[at + 2])))
            characters.update(map(chr, range(first, min(last, 0x7F) + 1)))  # OSC addresses are ASCII
            at += 3
        else:
            characters.add(inside[at])
            at += 1
    return _OneOf(frozenset(characters), negated)


def _matches(tokens: tuple[_Token, ...], text: str) -> bool:
    everywhere = (1 << len(text)) - 1  # bit i: before character i
    where: dict[str, int] = {}
    for index, character in enumerate(text):
        where[character] = where.get(character, 0) | 1 << index
    places = 1
    for token in tokens:
        match token:
            case _Star():  # from the first place on
                places = (everywhere << 1 | 1) & -(places & -places)
            case _OneOf(characters, negated):
                fitting = sum(bits for character, bits in where.items() if character in characters)
                places = (places & (everywhere ^ fitting if negated else fitting)) << 1
            case _Choice(words):
                places = _choose(words, where, places)
        if not places:
            return False
    return bool(places >> len(text) & 1)


def _choose(words: tuple[str, ...], where: dict[str, int], places: int) -> int:
    reached = 0
    for word in words:
        ends = places
        for character in word:
            ends = (ends & where.get(character, 0)) << 1
            if not ends:
                break
        reached |= ends
    return reached
