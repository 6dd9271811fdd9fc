"""Edits, drafts, and a show file that somebody changes while it is played."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.conductor import Conductor
from server.editing import Editing
from server.health import Health
from server.osc import OscOut
from server.patch import Patch
from server.showstore import ShowStore
from show_control.errors import Problem, ShowFileError
from show_control.events import Desk, DeskMode, Goto, Stop
from show_control.show import Show
from show_control.showfile import parse_show

TEXT = """# our show
[show]
title = "Toy"
[safe]
walk = { still = 4 }
[[cue]]
number = "1"
name = "Sea"  # the first
fade = 3.0
[[cue]]
number = "2"
name = "Wait"
kind = "wait"
seconds = 100.0
"""
LONGER = TEXT.replace("fade = 3.0", "fade = 5.0")
WAITS = TEXT.replace("100.0", "200.0")


class Rig:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "show.toml"
        self.path.write_text(TEXT)
        self.said: list[str] = []
        health = Health()
        self.conductor = Conductor(
            Show(parse_show(TEXT, "show.toml"), time.monotonic()),
            Patch(),
            time.monotonic,
            lambda snapshot: None,
            OscOut((), health),
            health,
        )
        self.editing = Editing(ShowStore(self.path), self.conductor, self.judge, self.said.append)

    @staticmethod
    def judge(text: str) -> tuple[Problem, ...]:
        try:
            parse_show(text, "show.toml")
        except ShowFileError as error:
            return tuple(error.problems)
        return (Problem("show.toml: cue 1", "no such network"),) * 2 if "nowhere" in text else ()

    def desk(self, mode: DeskMode) -> None:
        self.conductor.command(Desk(mode), "page")

    @property
    def playing(self) -> str:
        return self.conductor.show.file.text

    @property
    def refused(self) -> str:
        refused = self.conductor.show.status(0.0).refused
        return refused.reason if refused else ""


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.conductor.close()


async def test_in_edit_mode_an_edit_is_played_and_saved(rig: Rig) -> None:
    assert (await rig.editing.edit("1", "fade", 5.0, "page")).ok
    assert rig.playing == rig.path.read_text() == LONGER
    assert not rig.editing.draft


async def test_in_rehearsal_it_is_a_draft_until_it_is_committed(rig: Rig) -> None:
    rig.desk(DeskMode.REHEARSAL)
    assert (await rig.editing.edit("1", "fade", 5.0, "page")).ok
    assert (rig.playing, rig.path.read_text(), rig.editing.draft) == (LONGER, TEXT, True)
    assert (await rig.editing.commit("page")).ok
    assert (rig.path.read_text(), rig.editing.draft) == (LONGER, False)


async def test_or_until_it_is_reverted(rig: Rig) -> None:
    rig.desk(DeskMode.REHEARSAL)
    await rig.editing.edit("1", "fade", 5.0, "page")
    assert (await rig.editing.revert("page")).ok
    assert (rig.playing, rig.path.read_text(), rig.editing.draft) == (TEXT, TEXT, False)


async def test_in_show_mode_it_is_refused(rig: Rig) -> None:
    rig.desk(DeskMode.SHOW)
    reply = await rig.editing.edit("1", "fade", 5.0, "page")
    assert reply.reason == "EDIT refused: the desk is in show mode. Put it in edit or rehearsal first."
    assert (rig.playing, rig.refused) == (TEXT, reply.reason)


@pytest.mark.parametrize(
    ("cue", "key", "value", "said"),
    [
        ("9", "fade", 5.0, 'EDIT refused: there is no cue "9"'),
        ("1", "fade", "long", "EDIT refused: show.toml: cue 1"),
        ("1", "notes", "nowhere", "no such network. Of 2 problems this is the first."),
    ],
)
async def test_an_edit_that_is_none_changes_nothing(
    rig: Rig, cue: str, key: str, value: object, said: str
) -> None:
    reply = await rig.editing.edit(cue, key, value, "page")
    assert not reply.ok
    assert said in reply.reason
    assert rig.playing == rig.path.read_text() == TEXT


async def test_a_running_cue_is_not_edited(rig: Rig) -> None:
    rig.conductor.command(Goto("2"), "page")
    assert not (await rig.editing.edit("2", "seconds", 5.0, "page")).ok
    assert "cue 2 runs" in rig.refused


async def test_nothing_to_commit_is_said(rig: Rig) -> None:
    assert not (await rig.editing.commit("page")).ok
    assert "there is no draft" in rig.refused


async def test_a_disk_that_takes_nothing_leaves_a_draft(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("server.showstore.tempfile.mkstemp", lambda **options: full(options))
        reply = await rig.editing.edit("1", "fade", 5.0, "page")
    assert "No space left" in reply.reason
    assert (rig.playing, rig.path.read_text(), rig.editing.draft) == (LONGER, TEXT, True)
    assert (await rig.editing.commit("page")).ok


async def test_what_somebody_changes_on_disk_is_played(rig: Rig) -> None:
    await rig.editing.look()
    assert rig.playing == TEXT
    rig.path.write_text(LONGER)
    await rig.editing.look()
    assert (rig.playing, rig.editing.draft, rig.said) == (LONGER, False, [])


async def test_what_is_wrong_there_is_told_once_and_changes_nothing(rig: Rig) -> None:
    rig.path.write_text(TEXT.replace("fade", "fadee"))
    for _ in range(3):
        await rig.editing.look()
    assert rig.playing == TEXT
    assert rig.refused.startswith("The show file has changed on disk and is not played: show.toml: cue 1")
    assert len(rig.said) == 2
    rig.path.write_text(LONGER)
    await rig.editing.look()
    assert rig.playing == LONGER


async def test_a_running_cue_is_waited_for(rig: Rig) -> None:
    rig.conductor.command(Goto("2"), "page")
    rig.path.write_text(WAITS)
    for _ in range(3):
        await rig.editing.look()
    assert rig.playing == TEXT
    assert "cue 2 runs" in rig.refused
    assert len(rig.said) == 1
    rig.conductor.command(Stop(), "page")
    await rig.editing.look()
    assert rig.playing == WAITS


async def test_show_mode_is_waited_for(rig: Rig) -> None:
    rig.desk(DeskMode.SHOW)
    rig.path.write_text(LONGER)
    await rig.editing.look()
    assert (rig.playing, "show mode" in rig.refused) == (TEXT, True)
    rig.desk(DeskMode.EDIT)
    assert "is not played yet" in (await rig.editing.edit("1", "fade", 4.0, "page")).reason
    await rig.editing.look()
    assert rig.playing == LONGER


async def test_a_draft_is_not_lost_to_what_somebody_changes_nor_that_to_the_draft(rig: Rig) -> None:
    rig.desk(DeskMode.REHEARSAL)
    await rig.editing.edit("1", "fade", 5.0, "page")
    rig.path.write_text(WAITS)
    for _ in range(2):
        await rig.editing.look()
    assert (rig.playing, rig.editing.draft) == (LONGER, True)
    assert len(rig.said) == 1
    assert "changed on disk by somebody else" in (await rig.editing.commit("page")).reason
    assert rig.path.read_text() == WAITS
    assert (await rig.editing.revert("page")).ok
    assert (rig.playing, rig.editing.draft) == (WAITS, False)


async def test_a_file_that_is_gone_is_said_and_the_show_goes_on(rig: Rig) -> None:
    rig.path.unlink()
    await rig.editing.look()
    assert "cannot read" in rig.refused
    assert rig.playing == TEXT
