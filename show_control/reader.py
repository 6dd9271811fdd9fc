"""Reading a table strictly: every key known, every value of its type and range, every problem collected."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

from show_control.errors import Problem, suggest

T = TypeVar("T")

LONGEST = 3600.0
"""Seconds that any wait, fade or delay may take."""

NONE: Mapping[str, str] = {}


class Reader:
    """One table of the file, at `where`.

    A bad value is noted as a problem and read as missing, so that reading goes on and finds the
    next one. Call `finish` when every known key was asked for.
    """

    def __init__(self, where: str, value: object, problems: list[Problem]) -> None:
        self.where = where
        self.problems = problems
        self.table: Mapping[str, object] = value if isinstance(value, dict) else {}
        self._known: dict[str, None] = {}
        if not isinstance(value, dict):
            self.problem(f"expected a table, not {kind_of(value)}")

    def problem(self, message: str, key: str = "") -> None:
        self.problems.append(Problem(self.path(key) if key else self.where, message))

    def path(self, key: str) -> str:
        return join(self.where, key)

    def get(self, key: str, read: Callable[[str, object], T | None]) -> T | None:
        """What `read(where, value)` makes of the key, or None where the key is missing."""
        self._known[key] = None
        return read(self.path(key), self.table[key]) if key in self.table else None

    def require(self, key: str, read: Callable[[str, object], T | None], expected: str) -> T | None:
        """The same for a key that must be there."""
        if key not in self.table:
            self.problem(f"missing; expected {expected}", key)
        return self.get(key, read)

    def number(self, key: str, low: float, high: float) -> float | None:
        return self.get(key, lambda where, value: number(where, value, low, high, self.problems))

    def whole(self, key: str, low: int, high: int) -> int | None:
        return self.get(key, lambda where, value: whole(where, value, low, high, self.problems))

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; nothing where the key is missing."""
        read = (text(where, value, self.problems) for where, value in self.entries(key))
        return tuple(word for word in read if word is not None)

    def text(self, key: str) -> str | None:
        return self.get(key, lambda where, value: text(where, value, self.problems))

    def flag(self, key: str) -> bool | None:
        return self.get(key, lambda where, value: flag(where, value, self.problems))

    def entries(self, key: str) -> Iterator[tuple[str, object]]:
        """(where, value) of each entry of a list; nothing where the key is missing."""
        return iter(self.get(key, lambda where, value: entries(where, value, self.problems)) or [])

    def finish(self, retired: Mapping[str, str] = NONE) -> None:
        """Every key that was never asked for is a problem, with the near miss if there is one.

        `retired` are keys that there were once, and what is written now.
        """
        for key in self.table:
            if key in retired:
                self.problem(retired[key], key)
            elif key not in self._known:
                near = suggest(key, self._known) or f" Known here: {', '.join(self._known)}."
                self.problem(f"unknown key.{near}", key)


def join(where: str, key: str) -> str:
    """A dot joins keys; a colon follows the name of the file, the cue or the entry."""
    last = where.rpartition(": ")[2]
    top = last == where or last.startswith(("cue ", "cue[", "entry "))
    return f"{where}: {key}" if top else f"{where}.{key}"


def kind_of(value: object) -> str:
    """A value as a person would call it, for "expected a number, not ..."."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'the text "{value[:40]}"'
        case int() if value.bit_length() > 64:
            return "a number of far too many digits"
        case int() | float():
            return str(value)
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "a table"
    return f"a {type(value).__name__}"


def number(where: str, value: object, low: float, high: float, problems: list[Problem]) -> float | None:
    """A finite number in low..high as a float; anything else is a problem, and None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems.append(Problem(where, f"expected a number from {low:g} to {high:g}, not {kind_of(value)}"))
        return None
    if not low <= value <= high:  # which is how NaN fails, too
        problems.append(Problem(where, f"{kind_of(value)} is out of range; expected {low:g} to {high:g}"))
        return None
    return float(value)


def whole(where: str, value: object, low: int, high: int, problems: list[Problem]) -> int | None:
    """A whole number in low..high."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    problems.append(Problem(where, f"expected a whole number from {low} to {high}, not {kind_of(value)}"))
    return None


def text(where: str, value: object, problems: list[Problem]) -> str | None:
    if isinstance(value, str):
        return value
    problems.append(Problem(where, f"expected text in quotes, not {kind_of(value)}"))
    return None


def flag(where: str, value: object, problems: list[Problem]) -> bool | None:
    if isinstance(value, bool):
        return value
    problems.append(Problem(where, f"expected true or false, not {kind_of(value)}"))
    return None


def entries(where: str, value: object, problems: list[Problem]) -> list[tuple[str, object]]:
    """(where, value) of each entry, counted from 1."""
    if isinstance(value, list):
        return [(f"{where}[{place}]", entry) for place, entry in enumerate(value, 1)]
    problems.append(Problem(where, f"expected a list, not {kind_of(value)}"))
    return []


def choice(where: str, value: object, choices: Collection[str], problems: list[Problem]) -> str | None:
    """One of some words; anything else is a problem, with the near miss, and None."""
    if isinstance(value, str) and value in choices:
        return value
    near = suggest(value, choices) if isinstance(value, str) else ""
    expected = ", ".join(f'"{word}"' for word in choices)
    problems.append(Problem(where, f"expected one of {expected}, not {kind_of(value)}.{near}"))
    return None
