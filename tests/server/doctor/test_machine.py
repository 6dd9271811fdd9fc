"""Memory, cores and open files."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from server.doctor import machine
from server.doctor.finding import Level
from server.doctor.machine import Machine, judge, look

ROOT = Path(machine.__file__).parents[2]
GOOD = Machine(memory=16 * 10**9, free=9 * 10**9, cores=8, busy=0.5, busiest="firefox", files=1024)


def levels(machine: Machine, marrow_runs: bool = False) -> list[Level]:
    return [finding.level for finding in judge(machine, marrow_runs)]


def test_this_machine_has_memory_and_cores() -> None:
    found = look()
    assert 0 < found.free <= found.memory
    assert 0 <= found.busy <= found.cores


@pytest.mark.parametrize(("limit", "level"), [(64, Level.PROBLEM), (256, Level.NOTE), (4096, Level.OK)])
def test_a_limit_on_open_files_that_is_really_set(limit: int, level: Level) -> None:
    code = f"""
import json, resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))
from server.doctor.machine import judge, look
print(json.dumps([[f.level, f.what, f.do] for f in judge(look(), False)]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    [(found, what, do)] = [entry for entry in json.loads(done.stdout) if "files open" in entry[1]]
    assert found == level
    assert str(limit) in what
    assert "ulimit -n 4096" in do or level is Level.OK


def test_the_program_that_takes_the_cores_is_named() -> None:
    stopped = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        assert look().busy > 0.2
    finally:
        stopped.kill()
        stopped.wait()
    _, finding, _ = judge(replace(GOOD, busy=7.5), False)
    assert finding.level is Level.NOTE
    assert "most of it by firefox" in finding.what


def test_room_is_judged() -> None:
    assert levels(GOOD) == [Level.OK] * 3
    assert levels(replace(GOOD, free=2 * 10**9)) == [Level.NOTE, Level.OK, Level.OK]
    assert levels(replace(GOOD, free=10**8)) == [Level.PROBLEM, Level.OK, Level.OK]
    assert levels(replace(GOOD, files=None)) == [Level.OK] * 3


def test_what_a_running_show_takes_is_no_fault() -> None:
    assert levels(replace(GOOD, busy=7.5, free=10**8), marrow_runs=True) == [Level.NOTE, Level.OK, Level.OK]
