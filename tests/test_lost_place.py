"""The show process dies, and the place in the show is not lost: processes, sockets and signals as on the
night."""

import asyncio
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from server.night.journalfile import read
from show_control.events import Go, Speech
from tests.patience import PATIENCE
from tests.test_end_to_end import Night, frame, night

"""Seconds. A machine that is free is back in two."""
QUESTION = """
[[cue]]
number = "7"
name = "What is for dinner"
kind = "line"
speaker = "mom"
open = true
save = "food"
instead = "bread"
[[cue]]
number = "8"
name = "After"
fade = 0.5
look = { walk = { still = 8 }, psi = 0.9 }
[guests]
mom = {}
"""
GUARDED = ("tests.toy_show", "CONFIG", "guarded")


def show_process(toy: Night) -> psutil.Process:
    (child,) = psutil.Process(toy.process.pid).children()
    return child


async def until(toy: Night, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first state for which this holds; there may be no show for a while."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                state: dict[str, Any] = (await toy.http.get("/api/state")).json()
                if holds(state):
                    return state
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def command(toy: Night, **fields: object) -> None:
    answer = await toy.http.post("/api/command", json=fields)
    assert answer.status_code == 200, answer.text


async def test_killed_it_is_back_held_where_it_was(tmp_path: Path) -> None:
    async with night(tmp_path, *GUARDED, more=QUESTION) as toy:
        await command(toy, name="goto", cue="7")
        toy.osc("/speech", "mom", "we are eating soup")
        await until(toy, lambda state: state["answers"] == {"food": "soup"})
        await command(toy, name="goto", cue="8")
        await command(toy, name="standby", cue="2")
        await command(toy, name="master", value=0.5)
        before = await until(toy, lambda state: state["renderer"]["state"] == "running")
        show = show_process(toy)
        renderer = show.children()[0]
        show.kill()
        await asyncio.to_thread(renderer.wait, PATIENCE)
        after = await until(toy, lambda state: state["restored"] is not None)
        assert show_process(toy).pid != show.pid
        assert after["mode"] == "held"
        for key in ("current", "standby", "answers", "master", "epoch", "desk"):
            assert after[key] == before[key]
        assert after["restored"]["why"] == "The show process died without having been stopped."
        assert after["restored"]["seconds_lost"] < PATIENCE
        async with toy.wall() as wall:
            assert (await frame(wall, lambda frame: True)).cue == "8"
        await command(toy, name="resume")
        state = await until(toy, lambda state: state["restored"] is None)
        assert (state["mode"], state["current"]["number"]) == ("running", "8")


async def test_every_command_that_was_answered_is_in_the_journal(tmp_path: Path) -> None:
    async with night(tmp_path, *GUARDED) as toy:
        await command(toy, name="go")
        show_process(toy).kill()
        await until(toy, lambda state: state["restored"] is not None)
        await command(toy, name="resume")
        await command(toy, name="goto", cue="2")
        show_process(toy).kill()
        state = await until(toy, lambda state: state["restored"] is not None)
        assert state["current"]["number"] == "2"
        sessions = read(tmp_path / "journal").sessions
        assert len(sessions) == 3
        assert Go() in [entry.event for entry in sessions[0].entries]


async def test_three_deaths_in_two_minutes_and_it_starts_at_its_first_cue(tmp_path: Path) -> None:
    async with night(tmp_path, *GUARDED) as toy:
        await command(toy, name="goto", cue="2")
        for _ in range(2):
            show_process(toy).kill()
            await until(toy, lambda state: state["restored"] is not None)
        show_process(toy).kill()
        state = await until(toy, lambda state: state["refused"] is not None)
        assert state["refused"]["reason"] == (
            "The show process died 3 times within 2 minutes. The show starts at its first cue."
        )
        assert (state["mode"], state["current"], state["restored"]) == ("running", None, None)
        await command(toy, name="go")


async def test_told_to_end_the_guard_ends_the_show_and_the_night_is_over(tmp_path: Path) -> None:
    async with night(tmp_path, *GUARDED) as toy:
        await command(toy, name="go")
        show = show_process(toy)
        toy.process.send_signal(signal.SIGINT)
        output, _ = await asyncio.wait_for(toy.process.communicate(), PATIENCE)
        assert (toy.process.returncode, show.is_running()) == (0, False)
        assert "rror" not in output.decode()
    assert read(tmp_path / "journal").ended
    assert (tmp_path / "journal" / "starts.json").read_text() == "[]"


async def test_without_its_guard_the_show_ends_at_once_and_its_ports_are_free(tmp_path: Path) -> None:
    async with night(tmp_path, *GUARDED) as toy:
        await command(toy, name="go")
        show = show_process(toy)
        toy.process.kill()
        await asyncio.to_thread(show.wait, PATIENCE)
        with socket.create_server(("127.0.0.1", toy.web)):
            pass
    assert not read(tmp_path / "journal").ended


async def test_between_audiences_the_next_one_has_a_journal_of_its_own(tmp_path: Path) -> None:
    async with night(tmp_path, *GUARDED, more=QUESTION) as toy:
        await command(toy, name="goto", cue="7")
        toy.osc("/speech", "mom", "we are eating soup")
        await until(toy, lambda state: state["answers"] == {"food": "soup"})
        await command(toy, name="desk", mode="show")
        await command(toy, name="reset")
        state = await until(toy, lambda state: state["answers"] == {})
        assert (state["current"], state["standby"]["number"]) == (None, "1")
        await command(toy, name="go")
        show_process(toy).kill()
        state = await until(toy, lambda state: state["restored"] is not None)
        assert (state["current"]["number"], state["desk"], state["answers"]) == ("1", "show", {})
    reading = read(tmp_path / "journal")
    events = [entry.event for session in reading.sessions for entry in session.entries]
    assert Go() in events
    assert not any(isinstance(event, Speech) for event in events)


@pytest.mark.parametrize("damage", ["config", "show"])
async def test_with_other_files_it_starts_at_its_first_cue_and_says_so(tmp_path: Path, damage: str) -> None:
    async with night(tmp_path, *GUARDED) as toy:
        await command(toy, name="goto", cue="2")
        path = tmp_path / f"{damage}.toml"
        path.write_text(path.read_text() + "# changed\n")
        show_process(toy).kill()
        state = await until(toy, lambda state: state["refused"] is not None)
        assert f"the {damage}" in state["refused"]["reason"]
        assert state["current"] is None


async def test_the_report_of_an_audience_is_there_before_the_next_comes_in(tmp_path: Path) -> None:
    async with night(tmp_path, *GUARDED) as toy:
        await command(toy, name="go")
        await command(toy, name="note", text="the dog barked")
        await command(toy, name="reset")
        await command(toy, name="go")
        reports = tmp_path / "journal" / "reports"
        await until(toy, lambda state: any(reports.glob("*/report.html")))
        (page,) = reports.glob("*/report.html")
        assert "the dog barked" in page.read_text()
