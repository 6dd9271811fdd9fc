"""What the show runs on: its process, journal, machine and clock, and whether each is well. Pure."""

from collections.abc import Iterator

from server.doctor import clock, machine
from server.doctor.disk import LEAST
from server.doctor.finding import Finding, megabytes, note, ok, problem
from server.doctor.power import LOW
from server.monitor.facts import Facts
from server.monitor.vitals import Vitals

BUSY, FULL = 0.85, 0.97
"""Shares of all cores: from here on there is little room, or none."""

WARM, HOT = 85.0, 95.0
"""Degrees Celsius: processors slow themselves down at about 100."""

STALLS = 3
"""How often the show process may stand still for a moment in a minute before that is worth a look."""

LATE = 0.1
"""Seconds after its time at which a cue's action is seen to be late."""


def show(facts: Facts) -> Iterator[Finding]:
    topic, health = "show process", facts.health
    memory = health.get("processes", {}).get("show_rss")
    late = health.get("due", {}).get("worst_ms", 0.0)
    stall = health.get("loop", {}).get("worst_stall_ms", 0.0)
    figures = f"{megabytes(memory)} of memory, at worst {stall:.0f} ms away, cues at most {late:.0f} ms late"
    if facts.recent.get("loop.stalls", 0) >= STALLS:
        yield note(
            topic,
            f"Times that the show stood still in the last minute: {facts.recent['loop.stalls']}, the last "
            f"for {health.get('details', {}).get('loop.stalls', '')}.",
            "Close other programs. If it goes on, restart the machine before doors.",
        )
    elif late > LATE * 1000:
        yield note(topic, f"A cue acted {late:.0f} ms late tonight.", "Close other programs.")
    else:
        yield ok(topic, f"{figures}.")


def journal(facts: Facts) -> Iterator[Finding]:
    topic, free = "journal", facts.vitals.disk if facts.vitals else None
    if not facts.journal.get("ok", True):
        yield problem(
            topic, str(facts.journal.get("words", "")), "Make room on its disk. The show plays on without."
        )
    elif facts.vitals is None:
        return
    elif free is None:
        yield note(
            topic,
            "No journal is kept: after a crash the show begins at its first cue.",
            'Write folder = "journal" under [journal] in the config, unless that is meant.',
        )
    elif free < LEAST:
        yield problem(
            topic,
            f"The journal's disk has only {megabytes(free)} left.",
            "Delete what is not needed on that disk.",
        )
    else:
        yield ok(topic, f"Everything is written down; its disk has {megabytes(free)} of room.")


def hardware(vitals: Vitals) -> Iterator[Finding]:
    topic = "machine"
    busy = f"{100 * vitals.busy:.0f} % of {vitals.cores} cores are busy"
    if vitals.busy > FULL:
        yield note(
            topic, f"{busy}: there is no room left.", "Close other programs; stop updates and backups."
        )
    elif vitals.busy > BUSY:
        yield note(topic, f"{busy}.", "Close what the show does not need.")
    else:
        yield ok(topic, f"{busy}.")
    for finding in machine.judge(_as_the_doctor(vitals), marrow_runs=True):
        if "memory" in finding.what:
            yield finding
    if vitals.hottest is not None:
        if vitals.hottest > HOT:
            yield problem(
                topic,
                f"This machine is {vitals.hottest:.0f} °C hot, and slows down.",
                "Give it air: open its case, point a fan at it.",
            )
        elif vitals.hottest > WARM:
            yield note(
                topic, f"This machine is {vitals.hottest:.0f} °C warm.", "See that its vents are free."
            )
        else:
            yield ok(topic, f"{vitals.hottest:.0f} °C.")
    if vitals.charge is not None and not vitals.plugged:
        tell = problem if vitals.charge < LOW else note
        yield tell(
            topic,
            f"This machine runs on its battery, which has {vitals.charge:.0f} %.",
            "Plug it in, and see that the socket is on.",
        )


def _as_the_doctor(vitals: Vitals) -> machine.Machine:
    return machine.Machine(
        vitals.memory, vitals.memory_free, vitals.cores, vitals.busy * vitals.cores, "", None
    )


def wall_clock(facts: Facts) -> Iterator[Finding]:
    yield from clock.judge(clock.Clock(facts.wall, facts.shown, None, False, 0.0))
