"""What was found, as a table to read and as plain data for a file."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from server.doctor.finding import Finding, Level

_MARKS = {Level.OK: ("ok", "green"), Level.NOTE: ("note", "yellow"), Level.PROBLEM: ("PROBLEM", "bold red")}


def table(findings: Sequence[Finding]) -> Table:
    """What is well first, problems last: they stand where the eye is when it has run through."""
    drawn = Table(show_header=False, show_lines=False, pad_edge=False, box=None, padding=(0, 2, 0, 0))
    drawn.add_column(no_wrap=True)
    drawn.add_column(no_wrap=True)
    drawn.add_column()
    for finding in sorted(findings, key=lambda finding: list(Level).index(finding.level)):
        mark, style = _MARKS[finding.level]
        words = Text(finding.what)
        if finding.do:
            words.append(f"\n> {finding.do}", style="bold")
        drawn.add_row(Text(mark, style), Text(finding.topic, "dim"), words)
    return drawn


def verdict(findings: Sequence[Finding]) -> tuple[str, str]:
    """The last line, and its colour."""
    found = Counter(finding.level for finding in findings)
    problems, notes = found[Level.PROBLEM], found[Level.NOTE]
    also = f"; {_count(notes, 'note')} to read" if notes else ""
    if problems:
        return f"{_count(problems, 'problem')} to solve before doors{also}.", "bold red"
    return f"Ready for doors{also}.", "bold green"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def to_plain(findings: Sequence[Finding], **about: object) -> dict[str, object]:
    """`about` (date, config ...) first, then the counts, then every finding in the order of the rounds."""
    found = Counter(finding.level for finding in findings)
    return {
        "format": "marrow-doctor-1",
        **about,
        "problems": found[Level.PROBLEM],
        "notes": found[Level.NOTE],
        "findings": [
            {"topic": f.topic, "level": f.level.value, "what": f.what, "do": f.do} for f in findings
        ],
    }
