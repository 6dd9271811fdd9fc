"""The rounds of a running show: gathers what is known of each part, for /health."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.conductor import Conductor
from server.doctor.finding import Finding
from server.monitor.checkup import Checkup
from server.monitor.facts import Facts
from server.monitor.parts import judge, to_plain, verdict
from server.monitor.recent import Recent
from server.monitor.vitals import look
from server.rig import Rig
from show_control.events import DeskMode

Part = Callable[[], Iterable[Finding]]
"""A part that knows itself, such as MIDI or light."""

FRESH = 0.5
"""Seconds for which an answer is good: several pages ask, one looks."""


@dataclass(slots=True)
class Rounds:
    """`parts`: more that there is, where it is configured. `checkup` has to be kept going by somebody."""

    rig: Rig
    conductor: Conductor
    clock: Callable[[], float]
    parts: list[Part] = field(default_factory=list)
    checkup: Checkup = field(init=False)
    _recent: Recent = field(default_factory=Recent)
    _at: float = -FRESH
    _answer: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.checkup = Checkup(lambda: look(self.rig.journal), lambda: self.clock())

    def pass_by(self, counters: Mapping[str, int]) -> None:
        """To be called several times a minute, whether anybody asks or not: of what is not seen nobody can
        say whether it was lately."""
        self._recent.see(counters, self.clock())

    def visit(self, health: dict[str, Any]) -> dict[str, object]:
        """What /api/health tells of the parts: {"verdict": {...}, "parts": [...]}. `health` is the rest of
        it."""
        now = self.clock()
        if self._answer and now - self._at < FRESH:
            return self._answer
        wall = time.time()
        status = self.conductor.show.status(now)
        facts = Facts(
            health=health,
            vitals=self.checkup.last,
            recent=self._recent.see(health["counters"], now),
            asked=self.rig.generator.fps,
            walls=[projector.name for projector in self.rig.projectors],
            open=status.current is not None or status.desk is DeskMode.SHOW,
            journal=self.conductor.night.to_plain(),
            wall=wall,
            shown=time.strftime("%A %d %B %Y, %H:%M:%S, %Z", time.localtime(wall)),
            others=[
                *(finding for part in self.parts for finding in part()),
                *self.checkup.findings(now),
            ],
        )
        findings = judge(facts)
        self._at = now
        self._answer = {"verdict": verdict(findings), "parts": [to_plain(finding) for finding in findings]}
        return self._answer
