import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

import server
from models import checkpoint
from models.stylegan2 import StyleGAN2, StyleGAN2Config
from server.bench.figures import (
    Alone,
    Arrival,
    Due,
    EventToFrame,
    Figures,
    Memory,
    Round,
    Sent,
    Served,
    Stall,
    Start,
    Window,
    latencies,
    percentile,
)
from server.bench.probe import NOBODY, Probe, choose
from server.bench.report import Row, Target, machine, rows, to_plain
from server.bench.swap import Phase
from server.config import load_rig
from server.window import IN_FLIGHT
from show_control.showfile import parse_show
from tests.patience import PATIENCE

ROOT = Path(server.__file__).parent.parent
SHOW = """
[show]
title = "Bench"
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Loud"
send = [ { to = "sound", address = "/noteOn", args = [62] } ]
[[cue]]
number = "2"
name = "Restless"
follow = 5.0
[[cue]]
number = "3"
name = "Quiet"
[[cue]]
number = "4"
name = "Touched"
drive = { "chair.dad" = { psi = 0.2 }, "plate.dad" = { psi = 0.3 } }
"""
PATCH = """
[[patch]]
address = "/table/chair/{seat}"
control = "chair.{seat}"
threshold = 0.5
[[patch]]
address = "/table/plate/{seat}"
control = "plate.{seat}"
range = [10, 2]
"""


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7.0], 50, 7.0),
        ([7.0], 99, 7.0),
        ([1.0, 2.0, 3.0, 4.0], 50, 2.0),
        ([4.0, 1.0, 3.0, 2.0], 95, 4.0),
        ([float(n) for n in range(1, 101)], 0, 1.0),
        ([float(n) for n in range(1, 101)], 95, 95.0),
        ([float(n) for n in range(1, 101)], 99, 99.0),
        ([float(n) for n in range(1, 101)], 100, 100.0),
    ],
)
def test_percentile_is_a_value_that_occurred(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == expected


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def frames(*arrivals: tuple[float, int]) -> list[Arrival]:
    return [Arrival(at, event) for at, event in arrivals]


def test_an_event_is_paired_with_the_first_frame_that_includes_it() -> None:
    arrivals = frames((0.0, 3), (1.0, 3), (2.0, 4), (3.0, 4), (4.0, 6), (5.0, 6))
    assert latencies([Sent(0.5, 3), Sent(3.25, 4)], arrivals) == [1.5, 0.75]


def test_a_frame_from_before_the_event_never_counts() -> None:
    assert latencies([Sent(1.0, 3)], frames((1.0, 4), (2.0, 4))) == [1.0]


def test_a_lost_event_does_not_take_the_frame_of_the_next() -> None:
    arrivals = frames((0.0, 0), (6.0, 1))
    assert latencies([Sent(0.5, 0), Sent(5.5, 0)], arrivals) == [0.5]
    assert latencies([Sent(0.5, 0)], frames((1.0, 0))) == []


def test_a_window_counts_its_own_frames_and_the_gap_into_it() -> None:
    arrivals = frames((0.5, 0), (1.0, 0), (1.5, 0), (3.0, 0), (3.5, 0))
    window = Window.of(arrivals, begin=1.0, end=3.0)
    assert window.fps == 1.0
    assert window.intervals() == [0.5, 1.5]


def test_a_window_without_frames_is_one_long_interval() -> None:
    window = Window.of(frames((0.5, 0), (9.0, 0)), begin=1.0, end=3.0)
    assert window.fps == 0.0
    assert window.intervals() == [2.0]


def test_the_slowest_client_sets_the_frame_rate() -> None:
    quick = Window.of(frames(*((n / 4, 0) for n in range(9))), 0.0, 2.0)
    slow = Window.of(frames((0.0, 0), (1.0, 0), (2.0, 0)), 0.0, 2.0)
    served = Served.of([quick, slow], target_fps=4)
    assert (served.clients, served.fps) == (2, 1.0)
    assert served.interval_p50_ms == 250.0
    assert served.interval_p99_ms == 1000.0
    assert served.interval_p99_over_target == 4.0


def event_to_frame(worst: float = 0.09) -> EventToFrame:
    sent = [Sent(float(n), n) for n in range(100)]
    took = [0.04] * 90 + [worst] * 9
    arrivals = [Arrival(n + seconds, n + 1) for n, seconds in enumerate(took)]
    return EventToFrame.of("/table/plate/mom", sent, arrivals, target_fps=40, generate_ms=30.0, encode_ms=5.0)


def test_the_floors_stand_beside_the_percentiles() -> None:
    event = event_to_frame()
    assert (event.events, event.lost) == (100, 1)
    assert (event.tick_ms, event.floor_ms, event.worst_floor_ms) == (25.0, 47.5, 60.0)
    assert event.p50_ms == pytest.approx(40.0)
    assert event.p95_ms == event.p99_ms == pytest.approx(90.0)
    assert event.p95_over_worst_floor == pytest.approx(1.5)
    assert len(event.samples_ms) == 99


def test_the_change_by_a_stalled_client_is_the_median_over_the_rounds() -> None:
    stall = Stall.of([Round(50.0, 55.0, 300, 2), Round(40.0, 40.0, 290, 2), Round(50.0, 100.0, 310, 3)])
    assert stall.change_percent == pytest.approx(10.0)
    assert stall.noise_percent == pytest.approx((20.0 + 25.0) / 2)
    assert (stall.healthy_frames, stall.stalled_frames) == (300, 2)


def test_a_round_compares_two_windows_of_the_same_client() -> None:
    arrivals = frames((0.0, 0), (1.0, 0), (2.0, 0), (4.0, 0), (6.0, 0))
    compared = Round.of(Window.of(arrivals, 0.0, 2.0), Window.of(arrivals, 2.0, 6.0), stalled_frames=2)
    assert compared == Round(1000.0, 2000.0, healthy_frames=2, stalled_frames=2)


@pytest.mark.parametrize(
    ("target", "value", "reached"),
    [
        (Target(">=", 24.0), 24.0, True),
        (Target(">=", 24.0), 23.9, False),
        (Target("<=", 2.0), 2.0, True),
        (Target("<=", 2.0), 2.1, False),
        (Target("+-", 10.0), -9.9, True),
        (Target("+-", 10.0), -10.0, False),
        (Target("+-", 10.0), 10.0, False),
    ],
)
def test_a_target_is_reached_or_not(target: Target, value: float, reached: bool) -> None:
    assert target.reached(value) is reached
    assert Row("figure", value, "s", target).to_plain()["reached"] is reached


def some_figures() -> Figures:
    windows = [Window.of(frames(*((n / 30, 0) for n in range(61))), 0.0, 2.0)]
    return Figures(
        start=Start(1.2, 6.5),
        served=tuple(Served.of(windows * clients, 30) for clients in (1, 2, 4)),
        event_to_frame=event_to_frame(worst=0.0925),
        stalled=Stall.of([Round(50.0, 52.0, 300, 2)]),
        due=Due(200, 0.6, 5.3, 9.0),
        memory=Memory(60.0, 400.0),
        restarts=0,
        alone=Alone(40.0, 25.0, 0.8, 9000.0, "2.13.0", 2, "cpu"),
    )


def test_every_target_of_the_project_is_in_the_table() -> None:
    reached = {row["name"]: row["reached"] for row in (row.to_plain() for row in rows(some_figures()))}
    assert {name: value for name, value in reached.items() if value is not None} == {
        "web answers after": True,
        "first picture after": True,
        "frames a second to 2 clients": True,
        "event to frame p95": False,
        "stalled client changes healthy p99": True,
        "a due cue acts after, p99": False,
    }


def test_the_report_is_json_and_begins_with_what_it_is_about() -> None:
    plain = to_plain(some_figures(), date="2026-11-21T03:00:00+00:00", machine=machine())
    assert json.loads(json.dumps(plain, allow_nan=False))
    assert list(plain) == ["format", "date", "machine", "figures", "measured"]
    assert set(machine()) == {"cpu", "cores", "memory_gib", "load", "system", "python"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A rig with a network of 32 px with random weights."""
    shape = StyleGAN2Config(32, z_dim=16, w_dim=16, mapping_layers=2, channel_base=256, channel_max=16)
    network = StyleGAN2(shape)
    checkpoint.save(
        tmp_path / "tiny.safetensors", "stylegan2", shape.to_plain(), network.state_dict(), {"kimg": 0}
    )
    (tmp_path / "show.toml").write_text(SHOW)
    rig = tmp_path / "rig.toml"
    rig.write_text(
        '[show]\nfile = "show.toml"\n[generator]\nweights = "tiny.safetensors"\nfps = 20\n'
        f'[[osc.target]]\nname = "sound"\nport = 57120\n{PATCH}'
    )
    return rig


def chosen(config: Path, cues: int, patch: str = PATCH) -> Probe:
    """With so many of the show's cues."""
    cut = SHOW.split("[[cue]]")[: cues + 1]
    config.write_text(config.read_text().removesuffix(PATCH) + patch)
    return choose(load_rig(config), parse_show("[[cue]]".join(cut), "show.toml"))


def test_no_cue_that_sends_or_moves_on_is_measured(config: Path) -> None:
    assert chosen(config, 2) == Probe(None, NOBODY)
    assert chosen(config, 3) == Probe("3", NOBODY)


def test_the_messages_are_those_of_a_sensor_that_changes_the_picture(config: Path) -> None:
    assert chosen(config, 4) == Probe("4", "/table/plate/dad", (10.0, 2.0))
    assert chosen(config, 4, patch="") == Probe("4", "/control/chair.dad")


def test_the_rig_as_it_ships_is_measured_at_a_plate() -> None:
    rig = load_rig(ROOT / "config.toml")
    show_file = parse_show(rig.show.read_text(), rig.show.name)
    probe = choose(rig, show_file)
    assert probe.cue is None or probe.cue in show_file.cues.every
    assert probe.address.startswith("/table/")


def bench(*options: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "server", "bench", *map(str, options)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def numbers(value: object) -> Iterator[float]:
    match value:
        case bool() | str() | None:
            pass
        case int() | float():
            yield value
        case dict():
            for entry in value.values():
                yield from numbers(entry)
        case list():
            for entry in value:
                yield from numbers(entry)


@pytest.mark.slow
def test_a_small_run_measures_everything(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    process = bench("--config", config, "--seconds", 0.3, "--json", out)
    text, _ = process.communicate(timeout=2 * PATIENCE)
    assert process.returncode == 0, text
    assert "event to frame p95" in text
    found: dict[str, Any] = json.loads(out.read_text())
    assert set(found) == {
        "format", "date", "command", "seconds", "machine", "generator", "figures", "measured",
    }  # fmt: skip
    assert found["command"] == f"marrow bench --config {config} --seconds 0.3"
    assert found["machine"]["torch"] == torch.__version__
    assert (found["generator"]["size"], found["generator"]["cue"]) == (32, "4")
    assert all(math.isfinite(number) for number in numbers(found))
    measured = found["measured"]
    assert set(measured) == {
        "start", "served", "event_to_frame", "stalled", "due", "memory", "restarts", "alone",
    }  # fmt: skip
    # A change may be downwards; nothing else is less than zero.
    change = measured["stalled"].pop("change_percent")
    assert change > -100.0
    assert min(numbers(measured)) >= 0.0
    assert measured["start"]["first_answer_s"] <= measured["start"]["first_picture_s"]
    assert [served["clients"] for served in measured["served"]] == [1, 2, 4]
    event = measured["event_to_frame"]
    assert event["address"] == "/table/plate/dad"
    assert 0 < event["p50_ms"] <= event["p95_ms"] <= event["p99_ms"]
    assert len(event["samples_ms"]) == event["events"] - event["lost"]
    # The client of the bench really stalls: it was sent what may go unacknowledged.
    assert all(round["stalled_frames"] <= IN_FLIGHT for round in measured["stalled"]["rounds"])
    assert min(measured["memory"].values()) > 1.0
    assert measured["due"]["acted"] > 5
    assert not (tmp_path / "journal").exists()
    assert measured["alone"]["generator_fps"] > 0.0


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_whoever_ends_the_bench_ends_the_show(config: Path, ended_by: signal.Signals) -> None:
    process = bench("--config", config)
    family: list[psutil.Process] = []
    deadline = time.monotonic() + PATIENCE
    while len(family) < 2 and process.poll() is None and time.monotonic() < deadline:
        family = psutil.Process(process.pid).children(recursive=True)
        time.sleep(0.02)
    process.send_signal(ended_by)
    text, _ = process.communicate(timeout=PATIENCE)
    assert len(family) >= 2, f"the show and its renderer never started: {text}"
    assert process.returncode == 130, text
    assert "interrupted" in text
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert not alive


def test_a_bad_config_is_told_and_nothing_starts(tmp_path: Path) -> None:
    process = bench("--config", tmp_path / "none.toml")
    text, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert "none.toml: cannot be read" in text


def test_a_report_that_could_not_be_written_is_told_before_anything_is_measured(config: Path) -> None:
    process = bench("--config", config, "--json", config.parent / "nowhere" / "bench.json")
    text, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert "there is no folder" in text


def test_a_phase_of_a_swap_counts_the_ticks_that_had_no_frame() -> None:
    arrivals = [Arrival(at / 10, 0, seq) for at, seq in enumerate((1, 2, 3, 5, 6, 7))]
    phase = Phase.of("the fade to it", arrivals, 0.05, 0.45)
    assert (phase.frames, phase.skipped) == (4, 1)
    assert phase.p50 == pytest.approx(100.0)
    assert phase.longest == pytest.approx(100.0)
