"""`marrow run`: what is to be played, and where it is heard; or in a sentence why not."""

import asyncio
import signal
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from rich.console import Console

from server.check import inspect, problems_of
from server.doors import CannotListen, Doors
from server.guard import end_with_guard
from server.monitor.wiring import unpatched
from server.night.journalfile import read
from server.night.reports import report
from server.night.restore import digest, playing
from server.renderer import Backend
from server.rig import Rig
from server.serve import serve
from show_control.errors import ShowFileError
from show_control.showfile import ShowFile, parse_show


def run(
    config: Path,
    host: str | None,
    port: int | None,
    osc_port: int | None,
    backend: Backend | None,
    console: Console,
    fresh: bool = False,
    guarded: bool = False,
) -> int:
    """Run the show until it is told to stop; returns the exit status. `host` is for pages and OSC alike.

    `fresh`: a night that was cut off is not gone on with. `guarded`: a guard watches over this process, and
    ends it by its own end.
    """
    if guarded:
        end_with_guard()
    verdict = inspect(config)
    rig, show_file = verdict.rig, None if verdict.problems else verdict.show_file
    if guarded and rig is not None and not fresh:
        show_file = on_stage(rig) or show_file
    if rig is None or show_file is None:
        for problem in verdict.problems:
            console.print(str(problem), style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    rig = rig.model_copy(
        update={
            "web": rig.web.model_copy(update=_given(host=host, port=port)),
            "osc": rig.osc.model_copy(update=_given(host=host, port=osc_port)),
            "generator": rig.generator.model_copy(update=_given(backend=backend)),
        }
    )
    try:
        doors = Doors.open(rig)
    except CannotListen as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    if hasattr(signal, "SIGHUP"):
        # The window that it was started from may be closed, or its connection lost: the show goes on.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with suppress(KeyboardInterrupt):
        known = digest(unpatched(config.read_text(encoding="utf-8")))
        judged = partial(problems_of, rig, verdict.networks)
        asyncio.run(
            serve(
                rig,
                show_file,
                doors,
                console,
                known,
                fresh,
                judge=judged,
                guarded=guarded,
                config_file=config,
            )
        )
        if rig.journal is not None:
            report(rig.journal, console)
    return 0


def on_stage(rig: Rig) -> ShowFile | None:
    """What was played when the show died a moment ago: a file that is another by now, or broken, does not end
    a night."""
    if rig.journal is None:
        return None
    try:
        text = playing(read(rig.journal), time.time())
        return None if text is None else parse_show(text, rig.show.name)
    except (OSError, ShowFileError):
        return None


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}
