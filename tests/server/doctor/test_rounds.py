"""The rounds go on, whatever a look does."""

import threading
from collections.abc import Iterator

import pytest

from server.doctor.finding import Finding, Level, ok
from server.doctor.rounds import Station, visit


def test_what_is_found_is_handed_on() -> None:
    assert visit(Station("disk", "the disk", 10.0, lambda: [ok("disk", "It is round.")])) == (
        ok("disk", "It is round."),
    )


def test_a_look_that_hangs_is_a_finding() -> None:
    never = threading.Event()

    def hang() -> Iterator[Finding]:
        yield ok("disk", "It is round.")
        never.wait()

    [finding] = visit(Station("disk", "the disk", 0.1, hang))
    never.set()
    assert finding.level is Level.PROBLEM
    assert finding.what == "Looking at the disk came to no end in 0.1 s."


def test_a_look_that_the_system_refuses_is_a_finding() -> None:
    def refused() -> list[Finding]:
        raise PermissionError(13, "Permission denied", "/journal")

    [finding] = visit(Station("disk", "the disk", 10.0, refused))
    assert finding.level is Level.PROBLEM
    assert "Permission denied" in finding.what


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_ours_is_a_finding() -> None:
    def mistake() -> list[Finding]:
        raise KeyError("a mistake")

    [finding] = visit(Station("disk", "the disk", 10.0, mistake))
    assert finding.level is Level.PROBLEM
    assert "the doctor itself" in finding.what
