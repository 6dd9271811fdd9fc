"""The facts of a running show that its parts are judged by: what /api/health tells, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.doctor.finding import Finding
from server.monitor.vitals import Vitals

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """`health` is the body of /api/health, with its renderer, counters, details, pages and targets. `recent`:
    how much counters have grown in the last minute. `asked`: frames a second that the rig asks for. `walls`:
    the rig's projectors. `open`: the show has begun or is about to, so that a wall that nobody shows is
    missed. `journal`: what the night says of it. `vitals`: None where they are not known yet. `wall`: seconds
    since 1970, `shown` as people say it. `others`: findings of parts that know themselves.
    """

    health: Plain
    vitals: Vitals | None
    recent: Mapping[str, int]
    asked: int
    walls: Sequence[str]
    open: bool
    journal: Plain
    wall: float
    shown: str = ""
    others: Sequence[Finding] = field(default=())
