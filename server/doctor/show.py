"""The files that the show is made of: config, show file, networks and their digests, as `marrow check` reads
them."""

from collections.abc import Iterator
from pathlib import Path

from server.check import Verdict
from server.doctor.finding import Finding, note, ok, problem

TOPIC = "show"


def judge(config: Path, verdict: Verdict) -> Iterator[Finding]:
    for fault in verdict.problems:
        yield problem(TOPIC, str(fault), f"Mend it, then look again with: marrow check --config {config}")
    for remark in verdict.notes:
        yield note(TOPIC, remark, "If that is meant, leave it; else mend the show file.")
    if verdict.show_file is not None and verdict.rig is not None:
        count = len(verdict.show_file.cues.every)
        yield ok(TOPIC, f"{verdict.rig.show.name} can be read: {verdict.show_file.title}, {count} cues.")
    for name, header in verdict.networks.items():
        yield ok(TOPIC, f"Network {name}: {header.path.name}, {header.size} pixels, whole and undamaged.")
