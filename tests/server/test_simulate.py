"""Four guests at dinner: the plan is a pure function of its seed, and the shell keeps its times."""

import socket
from collections import defaultdict
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer import Typer
from typer.testing import CliRunner

import server
from server.company import Company
from server.config import load_rig
from server.osc import OscMessage, decode
from server.patch import Patch
from server.simulate import SEATS, Step, dinner, gos, looking_at, perform, play, rising, simulate
from show_control.show import Show
from show_control.showfile import parse_show

NOWHERE = ("--port", "1")  # no pages answer there
RIG = load_rig(Path(server.__file__).parent.parent / "config.toml")
DINNER = parse_show(RIG.show.read_text(encoding="utf-8"), RIG.show.name)
seeds = st.integers(0, 10_000)
lengths = st.floats(1.0, 120.0)


def by_address(plan: list[Step]) -> dict[str, list[tuple[float, float]]]:
    sorted_out = defaultdict(list)
    for at, address, value in plan:
        sorted_out[address].append((at, value))
    return sorted_out


@settings(max_examples=25, deadline=None)
@given(seeds, lengths)
def test_the_same_seed_is_the_same_dinner_in_order_and_in_range(seed: int, seconds: float) -> None:
    plan = list(dinner(seed, seconds))
    assert plan == list(dinner(seed, seconds))
    times = [at for at, _, _ in plan]
    assert times == sorted(times)
    assert all(0.0 <= at <= seconds for at in times)
    assert all(0.0 <= value <= 1.0 for _, _, value in plan)


@settings(max_examples=25, deadline=None)
@given(seeds, lengths)
def test_everybody_sits_down_speaks_and_leaves(seed: int, seconds: float) -> None:
    sent = by_address(list(dinner(seed, seconds)))
    for seat in SEATS:
        assert [value for _, value in sent[f"/table/chair/{seat}"]] == [0, 1, 0]
        voice = sent[f"/table/voice/{seat}"]
        assert max(value for _, value in voice) > 0.3
        assert voice[-1][1] == 0.0
        assert voice[0][0] >= sent[f"/table/chair/{seat}"][1][0]


def test_a_minute_of_dinner_has_plates_glasses_and_turns() -> None:
    plan = list(dinner(0, 60.0))
    sent = by_address(plan)
    for seat in SEATS:
        plate, glass = sent[f"/table/plate/{seat}"], sent[f"/table/glass/{seat}"]
        assert max(value for _, value in plate) > 0.7
        assert max(value for _, value in glass) > 0.5
        assert plate[-1][1] == glass[-1][1] == 0.0
    spoken = [address for _, address, _ in plan if address.startswith("/table/voice/")]
    changes = sum(a != b for a, b in pairwise(spoken))
    assert 12 <= changes <= 40
    assert plan != list(dinner(1, 60.0))


def test_the_rig_that_ships_understands_all_of_it() -> None:
    patch = Patch(RIG.patch, RIG.seats)
    for at, address, value in [*dinner(3, 30.0), *gos(30.0)]:
        patch.resolve(address, (value,), at)
    assert RIG.seats == SEATS


@pytest.mark.parametrize(("seconds", "times"), [(4.0, []), (4.5, [4.0]), (60.0, [4.0, 24.0, 44.0])])
def test_gos(seconds: float, times: list[float]) -> None:
    assert [at for at, _, _ in gos(seconds)] == times


def test_play_keeps_times_from_one_anchor() -> None:
    now = 100.0
    sent = []

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds + 0.003  # a sleep is always a little late

    def send(address: str, value: float) -> None:
        nonlocal now
        sent.append((now, address))
        now += 0.5 if address == "/slow" else 0.0

    plan = [
        (0.0, "/a", 0.0),
        (1.0, "/slow", 0.0),
        (1.2, "/late", 0.0),
        *((n, "/b", 0.0) for n in range(2, 50)),
    ]
    assert play(plan, send, lambda: now, sleep) == len(plan)
    assert sent[:3] == [(100.0, "/a"), (pytest.approx(101.003), "/slow"), (pytest.approx(101.503), "/late")]
    assert sent[-1][0] == pytest.approx(149.003)


def test_the_command_sends_osc() -> None:
    app = Typer()
    app.command()(simulate)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        port = str(ear.getsockname()[1])
        result = CliRunner().invoke(app, ["--osc-port", port, *NOWHERE, "--seconds", "1", "--seed", "7"])
        assert result.exit_code == 0, result.output
        ear.setblocking(False)
        [first] = decode(ear.recv(65536))
    assert first.address.startswith("/table/chair/")
    assert "messages sent" in result.output
    assert "say nothing" in result.output


@pytest.mark.parametrize(("options", "pressed"), [([], [1.0]), (["--no-go"], [])])
def test_go_is_pressed_unless_told_not_to(
    options: list[str], pressed: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.simulate.FIRST_GO", 0.0)
    app = Typer()
    app.command()(simulate)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        port = str(ear.getsockname()[1])
        result = CliRunner().invoke(app, ["--osc-port", port, *NOWHERE, "--seconds", "1", *options])
        assert result.exit_code == 0, result.output
        ear.setblocking(False)
        heard = list[OscMessage]()
        with suppress(BlockingIOError):
            while True:
                heard += decode(ear.recv(65536))
    assert [args[0] for address, args in heard if address == "/show/go"] == pressed


def test_a_host_that_is_none_is_told_in_a_sentence() -> None:
    app = Typer()
    app.command()(simulate)
    result = CliRunner().invoke(app, ["--host", "no host", "--seconds", "1"])
    assert result.exit_code == 2
    assert "no address that can be reached" in " ".join(result.output.split())


def test_guests_who_have_lines_do_not_talk_of_their_own_accord() -> None:
    sent = by_address(list(dinner(0, 60.0, talk=False)))
    assert not any(address.startswith("/table/voice/") for address in sent)
    assert any(address.startswith("/table/glass/") for address in sent)


def test_who_rises_lets_go_of_everything() -> None:
    left = {address for _, address, value in rising() if value == 0.0}
    assert left >= {address for _, address, _ in dinner(0, 60.0)}


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.01)


def stage(**changes: Any) -> dict[str, Any]:
    """A state as the wire has it, as far as a company looks at it."""
    state = Show(DINNER, 0.0).status(0.0).to_plain()
    return {**state, "type": "state", **changes}


def test_a_performance_ends_in_time_and_keeps_the_plan() -> None:
    clock, sent = Clock(), list[tuple[float, str]]()
    plan = iter([(0.0, "/a", 1.0), (3.0, "/b", 1.0), (9.0, "/late", 1.0)])
    over = perform(
        Company(0, go=False),
        plan,
        lambda: stage(),
        lambda address, args: sent.append((clock.now - 50.0, address)),
        clock,
        clock.sleep,
        5.0,
    )
    assert over
    assert [address for _, address in sent] == ["/a", "/b"]
    assert sent[1][0] == pytest.approx(3.0, abs=0.02)
    assert clock.now == pytest.approx(55.0, abs=0.05)


def test_a_show_that_is_gone_is_left() -> None:
    clock = Clock()
    there = perform(
        Company(0, go=True), iter(()), lambda: None, lambda address, args: None, clock, clock.sleep, 600.0
    )
    assert not there
    assert clock.now < 50.0 + 40.0


def test_nobody_is_looked_at_where_nobody_answers() -> None:
    assert looking_at("http://127.0.0.1:1")() is None
