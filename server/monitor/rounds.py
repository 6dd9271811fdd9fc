"""The rounds of a running show: gathers what is known of each part, for /health. Asked now and then."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from server.doctor.finding import Finding
from server.monitor import vitals
from server.monitor.facts import Facts
from server.monitor.parts import judge, to_plain, verdict
from server.monitor.recent import Recent

if TYPE_CHECKING:
    from server.desk import Desk

Part = Callable[[], Iterable[Finding]]
"""A part that knows itself, such as MIDI or light."""

FRESH = 0.5
"""Seconds for which an answer is good: several pages ask, one looks."""


@dataclass(slots=True)
class Rounds:
    """`parts`: more that there is, where it is configured."""

    parts: list[Part] = field(default_factory=list)
    _recent: Recent = field(default_factory=Recent)
    _at: float = -FRESH
    _answer: dict[str, object] = field(default_factory=dict)

    def visit(self, desk: "Desk", health: dict[str, Any]) -> dict[str, object]:
        """What /api/health tells of the parts: {"verdict": {...}, "parts": [...]}. `health` is the rest of
        it."""
        now = desk.clock()
        if self._answer and now - self._at < FRESH:
            return self._answer
        seen = vitals.look(desk.rig.journal)
        facts = Facts(
            health=health,
            vitals=seen,
            recent=self._recent.see(health["counters"], now),
            asked=desk.rig.generator.fps,
            walls=[projector.name for projector in desk.rig.projectors],
            journal=desk.conductor.night.to_plain(),
            shown=time.strftime("%A %d %B %Y, %H:%M:%S, %Z", time.localtime(seen.wall)),
            others=[finding for part in self.parts for finding in part()],
        )
        findings = judge(facts)
        self._at = now
        self._answer = {"verdict": verdict(findings), "parts": [to_plain(finding) for finding in findings]}
        return self._answer
