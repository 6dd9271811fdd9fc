"""Ports: really held, by processes of their own."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

import server.guard
from server.doctor.finding import Level
from server.doctor.ports import Kind, Port, judge, look
from tests.patience import PATIENCE
from tests.ports import free_port

HOLD = """
import socket, sys, time
kind = socket.SOCK_STREAM if sys.argv[1] == "tcp" else socket.SOCK_DGRAM
with socket.socket(socket.AF_INET, kind) as held:
    held.bind(("127.0.0.1", int(sys.argv[2])))
    if sys.argv[1] == "tcp":
        held.listen()
    print(held.getsockname()[1], flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(kind: Kind) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, kind, "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("kind", ["tcp", "udp"])
def test_a_port_that_another_process_holds_is_a_problem_and_says_who(kind: Kind) -> None:
    with holder(kind) as (process, number):
        port = look("Pages", kind, "127.0.0.1", number, "web")
        [finding] = judge((port,), marrow_runs=False)
    assert finding.level is Level.PROBLEM
    assert f"{kind.upper()} port {number} is held by" in finding.what
    assert f"process {process.pid} (" in finding.what
    assert f"kill {process.pid}" in finding.do
    assert "web.port" in finding.do


@pytest.mark.parametrize("kind", ["tcp", "udp"])
def test_a_free_port_is_well_and_still_free_afterwards(kind: Kind) -> None:
    number = free_port()
    for _ in range(2):
        [finding] = judge((look("OSC", kind, "127.0.0.1", number, "osc"),), marrow_runs=False)
        assert finding.level is Level.OK


def test_what_the_marrow_that_runs_holds_is_no_problem() -> None:
    with holder("tcp") as (_, number):
        port = look("Pages", "tcp", "127.0.0.1", number, "web")
    assert [finding.level for finding in judge((port,), marrow_runs=True)] == [Level.OK]


def test_what_another_holds_beside_a_marrow_that_runs_is_a_problem() -> None:
    with holder("tcp") as (_, pages), holder("udp") as (other, osc):
        found = look("Pages", "tcp", "127.0.0.1", pages, "web"), look("OSC", "udp", "127.0.0.1", osc, "osc")
    first, second = judge(found, marrow_runs=True)
    assert first.level is Level.OK
    assert second.level is Level.PROBLEM
    assert f"process {other.pid}" in second.what


def test_two_that_want_the_same_port_are_a_problem_and_udp_is_another_than_tcp() -> None:
    ports = (
        Port("Pages", "tcp", "0.0.0.0", 8000, "web"),
        Port("OSC", "udp", "0.0.0.0", 8000, "osc"),
        Port("OSC", "tcp", "0.0.0.0", 8000, "osc"),
    )
    pages, udp, tcp = judge(ports, marrow_runs=False)
    assert (pages.level, udp.level, tcp.level) == (Level.OK, Level.OK, Level.PROBLEM)
    assert tcp.what == "Pages and OSC both want TCP port 8000."


def test_an_address_that_this_machine_does_not_have() -> None:
    port = look("Pages", "tcp", "203.0.113.7", free_port(), "web")
    [finding] = judge((port,), marrow_runs=False)
    assert finding.level is Level.PROBLEM
    assert "203.0.113.7 is no address of this machine" in finding.what
    assert 'web.host = "0.0.0.0"' in finding.do


GUARD = """
import sys
from server.guard import Guard
sys.exit(Guard((sys.executable, "-c", sys.argv[1], "tcp", sys.argv[2], "--guarded"), print).run())
"""


def test_the_advice_ends_a_process_that_a_guard_would_start_again() -> None:
    number = free_port()
    words = [sys.executable, "-c", GUARD, HOLD, str(number)]
    root = Path(server.guard.__file__).parents[1]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=root) as guard:
        try:
            assert guard.stdout is not None
            assert int(guard.stdout.readline()) == number
            [held] = look("Pages", "tcp", "127.0.0.1", number, "web").holders
            assert held.stop == guard.pid != held.pid
            shown = psutil.Process(held.pid)
            os.kill(held.stop, signal.SIGTERM)
            guard.wait(PATIENCE)
            shown.wait(PATIENCE)
        finally:
            guard.kill()
    assert look("Pages", "tcp", "127.0.0.1", number, "web").error == 0


def told(error: int | None) -> tuple[str, str]:
    [finding] = judge((Port("Pages", "tcp", "127.0.0.1", 80, "web", error),), marrow_runs=False)
    assert finding.level is Level.PROBLEM
    return finding.what, finding.do


def test_rights_hidden_holders_and_the_rest_are_told_apart() -> None:
    assert "rights" in told(errno.EACCES)[0]
    assert "above 1024" in told(errno.EACCES)[1]
    assert "does not show this user which" in told(errno.EADDRINUSE)[0]
    assert "EMFILE" in told(errno.EMFILE)[0]
    assert "is no address" in told(None)[0]
