"""A finding: one thing that was looked at, whether it is well, and what to do where it is not."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`NOTE` is worth a look and stops nothing; a `PROBLEM` would stop a show, or leave it without a net."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` it is and what to `do`, a sentence or two each; `do` is "" where all is well."""

    topic: str
    level: Level
    what: str
    do: str = ""


def ok(topic: str, what: str) -> Finding:
    return Finding(topic, Level.OK, what)


def note(topic: str, what: str, do: str) -> Finding:
    return Finding(topic, Level.NOTE, what, do)


def problem(topic: str, what: str, do: str) -> Finding:
    return Finding(topic, Level.PROBLEM, what, do)


def megabytes(size: float) -> str:
    """Bytes as people say them: "512 MB", "3.2 GB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
