"""When reports are written: at the end of a run, and between two audiences."""

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from server.guard import ROOT


def report(journal: Path, console: Console) -> None:
    """At the end of a run: write its report, or say in a sentence why there is none."""
    from server.rehearsal.replay import ReplayError
    from server.rehearsal.report import write

    try:
        words = f"The night's report: {write(journal)}"
    except (OSError, ReplayError) as error:
        words = f"There is no report of the night: {error}"
    with suppress(OSError, SystemExit):  # a terminal that is gone; SystemExit is what rich makes of its pipe
        console.print(words, markup=False, highlight=False, soft_wrap=True)


def report_aside(journal: Path, failed: Callable[[str], None]) -> None:
    """Between audiences: let another process write the report of the one that has gone; this one has a show
    to run. Does not wait for it; `failed` is told, from a thread, why there is none."""
    command = (sys.executable, "-m", "server", "report", str(journal.absolute()), "--night", "1")

    def write() -> None:
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        except OSError as error:
            failed(str(error))
            return
        if done.returncode:
            failed(done.stderr.strip()[-300:] or done.stdout.strip()[-300:])

    threading.Thread(target=write, name="report", daemon=True).start()
