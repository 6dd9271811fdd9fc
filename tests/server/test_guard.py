"""The guard's decisions, and its child's. That it brings a show back is seen from outside."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.guard import BACK_OFF, LEFT_ALONE, REFUSED, STABLE_AFTER, Decision
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]


def test_an_orderly_end_is_the_end() -> None:
    assert Decision().after(0, 3600.0, asked=False) is None


@pytest.mark.parametrize("status", [0, 1, -9, 2])
def test_who_was_told_to_end_is_not_started_again(status: int) -> None:
    assert Decision().after(status, 1.0, asked=True) is None


def test_what_cannot_start_is_not_tried_again() -> None:
    assert Decision().after(REFUSED, 0.5, asked=False) is None


def test_a_night_that_has_begun_is_not_ended_by_a_file_that_is_wrong_just_now() -> None:
    decision = Decision()
    assert decision.after(-9, 60.0, asked=False) == BACK_OFF[0]
    assert decision.after(REFUSED, 0.5, asked=False) == BACK_OFF[1]


def test_the_first_start_after_a_death_is_at_once_and_the_next_ones_wait_longer() -> None:
    decision = Decision()
    waits = [decision.after(-11, 1.0, asked=False) for _ in range(6)]
    assert waits == [0.0, 1.0, 2.0, 5.0, 5.0, 5.0]
    assert decision.after(1, STABLE_AFTER + 1.0, asked=False) == 0.0


RUN = "import sys, time\nfrom server.guard import {name}\n{call}\nprint('up', flush=True)\n"
RUN += "time.sleep({seconds})\n"


def test_a_child_ends_with_its_guard() -> None:
    code = RUN.format(name="end_with_guard", call="end_with_guard()", seconds=60)
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        child.stdin.close()
        assert child.wait(PATIENCE) == LEFT_ALONE


def test_a_child_may_end_before_its_guard_without_stumbling() -> None:
    code = RUN.format(name="end_with_guard", call="end_with_guard()", seconds=0)
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.wait(PATIENCE) == 0


HANGS = """
import asyncio, sys, time
from pathlib import Path
from server.guard import end_if_hung

async def main():
    task = asyncio.create_task(end_if_hung(Path(sys.argv[1]), 0.5))
    await asyncio.sleep(float(sys.argv[2]))
    time.sleep(float(sys.argv[3]))
    task.cancel()
    await asyncio.wait([task])

asyncio.run(main())
"""


def hangs(place: Path, lives: float, stands_still: float) -> int:
    command = [sys.executable, "-c", HANGS, str(place), str(lives), str(stands_still)]
    return subprocess.run(command, cwd=ROOT, timeout=PATIENCE, check=False).returncode


def test_a_show_that_hangs_ends_and_says_where_it_stood(tmp_path: Path) -> None:
    assert hangs(tmp_path / "hung.txt", 0.1, 50.0) == 1
    assert "in main" in (tmp_path / "hung.txt").read_text()


def test_a_show_that_is_busy_for_a_moment_goes_on_and_one_that_ends_is_not_ended(tmp_path: Path) -> None:
    assert hangs(tmp_path / "hung.txt", 1.0, 0.1) == 0
    assert (tmp_path / "hung.txt").read_text() == ""


def test_where_nothing_can_be_written_a_show_that_hangs_still_ends(tmp_path: Path) -> None:
    assert hangs(tmp_path / "none" / "hung.txt", 0.1, 50.0) == 1


def guarded(body: str) -> subprocess.Popen[str]:
    code = f"import sys\nfrom server.guard import Guard\nbody = {body!r}\n"
    code += "say = lambda words: print(words, flush=True)\n"
    code += "sys.exit(Guard((sys.executable, '-c', body), say, ['first']).run())"
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_what_dies_is_started_again_without_what_was_for_the_first_time() -> None:
    with guarded("import os, sys\nif 'first' in sys.argv: os.abort()\nprint('well', flush=True)") as guard:
        output, _ = guard.communicate(timeout=PATIENCE)
    assert guard.returncode == 0
    assert "The show process was killed by signal 6. It is started again." in output
    assert "well" in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_passed_on_and_its_answer_is_the_answer(number: signal.Signals) -> None:
    body = "import signal, sys, time\n"
    body += f"signal.signal({int(number)}, lambda *_: sys.exit(7))\nprint('up', flush=True)\ntime.sleep(60)"
    with guarded(body) as guard:
        assert guard.stdout is not None
        assert guard.stdout.readline() == "up\n"
        guard.send_signal(number)
        assert guard.wait(PATIENCE) == 7
