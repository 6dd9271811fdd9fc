"""The rounds: every topic in turn, each with a limit on its time, so that a disk or a driver that hangs is
found and stops nothing."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

from server.doctor.finding import Finding, problem


@dataclass(frozen=True, slots=True)
class Station:
    """One look, which may take `within` seconds. `what` is looked at, as in "the disk"."""

    topic: str
    what: str
    within: float
    examine: Callable[[], Iterable[Finding]]


def visit(station: Station) -> tuple[Finding, ...]:
    """What is found there. Where the look itself fails or hangs, that is the finding."""
    found: list[Finding] = []
    reasons: list[str] = []
    done = threading.Event()

    def examine() -> None:
        try:
            found.extend(station.examine())
            done.set()
        except (OSError, psutil.Error) as error:
            reasons.append(str(error))

    # A daemon: what hangs must not keep the process.
    looking = threading.Thread(target=examine, name=station.what, daemon=True)
    looking.start()
    looking.join(station.within)
    if done.is_set():
        return tuple(found)
    if looking.is_alive():
        return (
            problem(
                station.topic,
                f"Looking at {station.what} came to no end in {station.within:g} s.",
                "Something hangs: a network drive that is gone, a disk that fails. Unplug it or restart "
                "the machine.",
            ),
        )
    reason = reasons[0] if reasons else "the doctor itself made a mistake, and printed above what it was"
    return (
        problem(
            station.topic,
            f"The look at {station.what} did not succeed: {reason}.",
            "Look again as another user, or at that by hand.",
        ),
    )
