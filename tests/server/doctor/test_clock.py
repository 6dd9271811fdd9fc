"""The clock."""

import os
import time
from dataclasses import replace
from pathlib import Path

from server.doctor.clock import Clock, judge, look
from server.doctor.finding import Level

GOOD = Clock(
    1_800_000_000.0, "Friday", (1_790_000_000.0, "show.toml"), backward=False, late=0.001, source="tsc"
)


def levels(clock: Clock) -> list[Level]:
    return [finding.level for finding in judge(clock)]


def test_this_clock_runs_forward_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "show.toml").write_text("")
    found = look([tmp_path / "show.toml", tmp_path / "missing.toml"])
    assert not found.backward
    assert found.late >= 0
    assert found.newest is not None
    assert found.newest[1] == "show.toml"
    assert time.strftime("%Y") in found.shown


def test_a_file_from_the_future_shows_a_clock_that_is_behind(tmp_path: Path) -> None:
    path = tmp_path / "show.toml"
    path.write_text("")
    tomorrow = time.time() + 86_400
    os.utime(path, (tomorrow, tomorrow))
    finding, *_ = judge(look([path]))
    assert finding.level is Level.NOTE
    assert "show.toml is newer than that" in finding.what
    assert "Set the date" in finding.do


def test_what_is_told_is_judged() -> None:
    assert levels(GOOD) == [Level.OK]
    assert levels(replace(GOOD, wall=5.0, newest=None)) == [Level.NOTE]
    assert levels(replace(GOOD, backward=True)) == [Level.OK, Level.PROBLEM]
    assert levels(replace(GOOD, late=0.08)) == [Level.OK, Level.NOTE]
    assert levels(replace(GOOD, source="hpet")) == [Level.OK, Level.NOTE]


def test_the_kernel_says_where_it_reads_the_time(tmp_path: Path) -> None:
    place = tmp_path / "sys/devices/system/clocksource/clocksource0"
    place.mkdir(parents=True)
    (place / "current_clocksource").write_text("hpet\n")
    assert look([], tmp_path).source == "hpet"
