"""The networks: what is loaded when, what is told, and what makes room. Jobs run when the test says."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from models.checkpoint import CheckpointError
from server.renderer.networks import Generator, Networks, Progress, in_background
from show_control.look import Look
from tests.patience import PATIENCE


class Fake:
    size = 4
    device = "cpu"
    backend = "fake"
    why = "it is one"

    def warm_up(self, batch: int, bent_at: Sequence[str]) -> None: ...

    def synthesize(self, looks: Sequence[Look]) -> npt.NDArray[np.uint8]:
        return np.zeros((len(looks), 4, 4, 3), np.uint8)


class Loader:
    """Loads what is not in `broken`; `run` does the job that was started last."""

    def __init__(self) -> None:
        self.broken: dict[str, Exception] = {}
        self.loaded: list[str] = []
        self.said: list[tuple[object, ...]] = []
        self.jobs: list[Callable[[], None]] = []
        self.networks = Networks(self.load, self.jobs.append, self.say)
        self.networks.add("main", Fake())

    def load(self, name: str, progress: Progress) -> Generator:
        progress("reading", 0.4)
        if name in self.broken:
            raise self.broken[name]
        self.loaded.append(name)
        return Fake()

    def say(self, kind: str, **fields: object) -> None:
        assert kind == "network"
        self.said.append((fields["name"], fields["state"], fields["note"], fields["fraction"]))

    def attend(self, *wanted: str, asked: int = 0, shown: Sequence[str] = ()) -> set[str]:
        """Attend, run all jobs that this brings, and attend again; what is ready then."""
        self.networks.attend(wanted, asked, shown)
        while self.jobs:
            self.jobs.pop()()
            self.networks.attend(wanted, asked, shown)
        return set(self.networks.ready)


@pytest.fixture
def loader() -> Loader:
    return Loader()


def test_wanted_networks_are_loaded_one_after_another_the_urgent_first(loader: Loader) -> None:
    loader.networks.attend(("sea", "main", "fire"), 0)
    loader.networks.attend(("sea", "main", "fire"), 0)
    assert len(loader.jobs) == 1
    assert set(loader.networks.ready) == {"main"}
    assert loader.attend("sea", "main", "fire") == {"main", "sea", "fire"}
    assert loader.loaded == ["sea", "fire"]


def test_what_becomes_urgent_meanwhile_comes_next(loader: Loader) -> None:
    loader.networks.attend(("main", "fire", "ice"), 0)
    assert loader.attend("sea", "main", "ice") >= {"sea", "ice"}
    assert loader.loaded == ["fire", "sea", "ice"]


def test_each_step_is_told(loader: Loader) -> None:
    loader.attend("sea")
    assert loader.said[1:] == [
        ("sea", "loading", "waiting for the loader", 0.0),
        ("sea", "loading", "reading", 0.4),
        ("sea", "ready", "", 1.0),
    ]


def test_a_failure_is_told_once_and_the_others_are_loaded(loader: Loader) -> None:
    loader.broken["sea"] = CheckpointError("sea.safetensors: no such file")
    assert loader.attend("sea", "fire") == {"main", "fire"}
    assert loader.attend("sea", "fire") == {"main", "fire"}
    assert loader.said.count(("sea", "failed", "sea.safetensors: no such file", 0.0)) == 1


def test_an_error_that_nobody_thought_of_costs_one_network(loader: Loader) -> None:
    loader.broken["sea"] = ZeroDivisionError()
    assert loader.attend("sea", "fire") == {"main", "fire"}
    assert ("sea", "failed", "ZeroDivisionError", 0.0) in loader.said


@pytest.mark.parametrize("again", [("asked",), ("unwanted",)])
def test_what_has_failed_is_tried_again_when_it_is_asked_for_anew(
    loader: Loader, again: tuple[str, ...]
) -> None:
    loader.broken["sea"] = CheckpointError("damaged")
    loader.attend("sea")
    del loader.broken["sea"]
    assert loader.attend("sea") == {"main"}
    if again == ("asked",):
        assert loader.attend("sea", asked=1) == {"main", "sea"}
    else:
        loader.attend("main")
        assert loader.attend("sea") == {"main", "sea"}


class Small(Loader):
    """A machine with room for `room` networks."""

    room = 3

    def load(self, name: str, progress: Progress) -> Generator:
        if len(self.networks.ready) >= self.room:
            raise MemoryError(f"no room for {name}")
        return super().load(name, progress)


def test_where_memory_is_short_the_longest_unused_goes() -> None:
    loader = Small()
    loader.attend("main", "sea")
    loader.attend("main", "fire")
    assert loader.attend("main", "ice") == {"main", "fire", "ice"}
    assert ("sea", "dropped", "to make room for ice", 0.0) in loader.said


def test_what_is_wanted_or_shown_never_goes() -> None:
    loader = Small()
    loader.attend("main", "sea", "fire")
    assert loader.attend("main", "ice", shown=("sea", "fire")) == {"main", "sea", "fire"}
    assert ("ice", "failed", "no room for ice", 0.0) in loader.said
    assert loader.attend("sea", "fire", "ice", asked=1) == {"sea", "fire", "ice"}


def test_more_than_one_goes_if_it_must() -> None:
    loader = Small()
    loader.attend("main", "sea", "fire")
    loader.room = 2
    assert loader.attend("main", "ice") == {"main", "ice"}


def test_a_job_in_the_background_gives_way() -> None:
    import os
    import sys
    import threading

    done = threading.Event()
    seen: list[float] = []
    usual = sys.getswitchinterval()

    def job() -> None:
        seen.append(sys.getswitchinterval())
        if sys.platform == "linux":
            seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        done.set()

    before = os.getpriority(os.PRIO_PROCESS, 0)
    in_background(job)
    assert done.wait(PATIENCE)
    assert seen[0] < usual
    assert seen[1:] in ([], [10], [19])
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
