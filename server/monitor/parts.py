"""The parts of a running show and whether each is well, in words for a tired technician. Pure.

What a server does not tell is passed over.
"""

from collections.abc import Iterable

from server.doctor.finding import Finding, Level
from server.monitor.ends import senders, tablets, targets
from server.monitor.facts import Facts
from server.monitor.ground import hardware, journal, show, wall_clock
from server.monitor.sights import networks, pictures, walls

ORDER = {Level.PROBLEM: 0, Level.NOTE: 1, Level.OK: 2}


def judge(facts: Facts) -> list[Finding]:
    """All parts, the worst first; within that in the order in which one would walk through the rig."""
    found = [
        *facts.others,
        *pictures(facts),
        *networks(facts.health["renderer"].get("networks", {})),
        *walls(facts),
        *tablets(facts),
        *targets(facts),
        *senders(facts),
        *show(facts),
        *journal(facts),
        *(hardware(facts.vitals) if facts.vitals else ()),
        *wall_clock(facts),
    ]
    return sorted(found, key=lambda finding: ORDER[finding.level])


def verdict(findings: Iterable[Finding]) -> dict[str, object]:
    """One glance: the level of the whole, and the sentence to read first."""
    worst = [finding for finding in findings if finding.level is not Level.OK]
    problems = [finding for finding in worst if finding.level is Level.PROBLEM]
    if problems:
        more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
        return {"state": "problem", "words": f"{problems[0].what}{more}", "do": problems[0].do}
    if worst:
        count = f"{len(worst)} things are worth a look." if len(worst) > 1 else worst[0].what
        return {
            "state": "note",
            "words": f"The show can go on. {count}",
            "do": worst[0].do if len(worst) == 1 else "",
        }
    return {"state": "ok", "words": "All is well.", "do": ""}


def to_plain(finding: Finding) -> dict[str, str]:
    return {"part": finding.topic, "state": finding.level.value, "words": finding.what, "do": finding.do}
