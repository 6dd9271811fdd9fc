"""The report of a night, from its journal: a page to read, and tables to calculate with."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from server.night.journalfile import read
from server.rehearsal.account import Account, account
from server.rehearsal.report_page import page

PAGE, CUES, INCIDENTS = "report.html", "cues.csv", "incidents.csv"
_CUES = ("number", "name", "kind", "planned_s", "true_s", "late_s", "planned_lasts_s", "lasts_s", "outcome")


def write(journal: Path, out: Path | None = None, night: int = 0) -> Path:
    """Write the report of a journal's last night, or of one that many before it. Gives the page.

    Without `out` it goes into the journal's own folder, by the time at which the night began. Raises OSError,
    and ReplayError where the night cannot be played again.
    """
    told = account(read(journal, night))
    began = datetime.fromtimestamp(told.began)
    folder = journal / "reports" / f"{began:%Y%m%d-%H%M%S}" if out is None else out
    folder.mkdir(parents=True, exist_ok=True)
    _table(folder / CUES, _CUES, _cues(told))
    rows = ((_seconds(incident.at), incident.kind, incident.words) for incident in told.incidents)
    _table(folder / INCIDENTS, ("at_s", "kind", "words"), rows)
    target = folder / PAGE
    target.write_text(page(told), encoding="utf-8")
    return target


def _cues(told: Account) -> Iterable[Sequence[str]]:
    for cue in told.cues:
        times = (cue.planned, cue.at, cue.late, cue.planned_lasts, cue.lasts)
        yield cue.number, cue.name, cue.kind, *map(_seconds, times), cue.outcome


def _table(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def _seconds(time: float | None) -> str:
    return "" if time is None else f"{time:.3f}"
