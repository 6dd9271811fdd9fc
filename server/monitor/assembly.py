"""Joins a monitor to a running show: it hears what comes in and goes out, and tells what it changes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from server.monitor.service import Monitor
from server.osc import Inlet, OscOut
from server.patch import Patch, PatchEntry

if TYPE_CHECKING:
    from server.desk import Desk


def attach(
    desk: "Desk",
    patch: Patch,
    inlet: Inlet,
    urgent: Callable[[], Sequence[str]],
    osc_out: OscOut,
    config: Path | None,
) -> Monitor:
    """The desk's monitor from now on. `urgent` is how addresses begin that the inlet may not pass over;
    `config` is the rig's file, None where there is none to save to."""

    def rewired(entries: tuple[PatchEntry, ...]) -> None:
        inlet.rewire(urgent())
        desk.rig = desk.rig.model_copy(update={"patch": entries})

    monitor = Monitor(
        desk.conductor, patch, desk.health, desk.clock, desk.rig.seats, config, rewired, bool(desk.rig.qlab)
    )
    osc_out.tap(monitor.sent)
    desk.monitor = monitor
    desk.rounds.parts.append(monitor.findings)
    return monitor
