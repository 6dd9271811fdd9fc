"""What the show refuses, in words that a tired technician can act on.

ShowError
|-- ShowFileError      the show file is wrong; carries every Problem found, not only the first
`-- Refused            a command came at the wrong moment; `Show.receive` turns it into a `Reply`
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `where` (file and key path, or cue) and what to do about it."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class ShowError(Exception):
    """Anything that this package refuses by raising."""


class ShowFileError(ShowError):
    """The show file cannot be played; `problems` holds all of it, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Refused(ShowError):
    """A command that cannot be followed now. The text says which, why, and what to do."""


def suggest(word: str, choices: Iterable[str]) -> str:
    """A near miss as a sentence that can be appended: ' Did you mean "fade"?', or '' without one."""
    close = get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""
