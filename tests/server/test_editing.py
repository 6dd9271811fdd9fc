"""Edits, drafts, and a show file that somebody changes while it is played."""

import re
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.conductor import Conductor
from server.editing.commands import edit_from
from server.editing.editing import Editing, Played
from server.editing.store import ShowStore
from server.health import Health
from server.night.restore import digest
from server.osc import OscOut
from server.patch import Patch, Refused
from show_control.errors import Problem, ShowFileError
from show_control.events import Desk, DeskMode, Fire, Goto, Stop
from show_control.show import Reply, Show
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

    async def ask(self, name: str, **fields: object) -> Reply:
        """What a page asks of the show file."""
        job = edit_from(self.editing, name, fields, "page")
        assert job is not None
        return await job()

    async def edit(self, cue: str, key: str, value: object) -> Reply:
        return await self.ask("edit", cue=cue, key=key, value=value)

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
    assert (await rig.edit("1", "fade", 5.0)).ok
    assert rig.playing == rig.path.read_text() == LONGER
    assert not rig.editing.draft


async def test_in_rehearsal_it_is_a_draft_until_it_is_committed(rig: Rig) -> None:
    rig.desk(DeskMode.REHEARSAL)
    assert (await rig.edit("1", "fade", 5.0)).ok
    assert (rig.playing, rig.path.read_text(), rig.editing.draft) == (LONGER, TEXT, True)
    assert (await rig.ask("commit")).ok
    assert (rig.path.read_text(), rig.editing.draft) == (LONGER, False)


async def test_or_until_it_is_reverted(rig: Rig) -> None:
    rig.desk(DeskMode.REHEARSAL)
    await rig.edit("1", "fade", 5.0)
    assert (await rig.ask("revert")).ok
    assert (rig.playing, rig.path.read_text(), rig.editing.draft) == (TEXT, TEXT, False)


async def test_in_show_mode_it_is_refused(rig: Rig) -> None:
    rig.desk(DeskMode.SHOW)
    reply = await rig.edit("1", "fade", 5.0)
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
    reply = await rig.edit(cue, key, value)
    assert not reply.ok
    assert said in reply.reason
    assert rig.playing == rig.path.read_text() == TEXT


async def test_a_running_cue_is_not_edited(rig: Rig) -> None:
    rig.conductor.command(Goto("2"), "page")
    assert not (await rig.edit("2", "seconds", 5.0)).ok
    assert "cue 2 runs" in rig.refused


async def test_only_what_was_shown_is_committed(rig: Rig) -> None:
    rig.desk(DeskMode.REHEARSAL)
    await rig.edit("1", "fade", 5.0)
    shown = digest(rig.playing)
    await rig.edit("1", "fade", 6.0)  # from another page
    reply = await rig.ask("commit", digest=shown)
    assert reply.reason == (
        "COMMIT refused: the show file has changed since the difference was shown. Look at it again."
    )
    assert rig.path.read_text() == TEXT
    assert (await rig.ask("commit", digest=digest(rig.playing))).ok
    assert rig.path.read_text() == rig.playing


async def test_nothing_to_commit_is_said(rig: Rig) -> None:
    assert not (await rig.ask("commit")).ok
    assert "there is no draft" in rig.refused


async def test_a_disk_that_takes_nothing_leaves_a_draft(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("server.wholefile.tempfile.mkstemp", lambda **options: full(options))
        reply = await rig.edit("1", "fade", 5.0)
    assert "No space left" in reply.reason
    assert (rig.playing, rig.path.read_text(), rig.editing.draft) == (LONGER, TEXT, True)
    assert (await rig.ask("commit")).ok


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
    assert "is not played yet" in (await rig.edit("1", "fade", 4.0)).reason
    await rig.editing.look()
    assert rig.playing == LONGER


async def test_a_draft_is_not_lost_to_what_somebody_changes_nor_that_to_the_draft(rig: Rig) -> None:
    rig.desk(DeskMode.REHEARSAL)
    await rig.edit("1", "fade", 5.0)
    rig.path.write_text(WAITS)
    for _ in range(2):
        await rig.editing.look()
    assert (rig.playing, rig.editing.draft) == (LONGER, True)
    assert len(rig.said) == 1
    assert "changed on disk by somebody else" in (await rig.ask("commit")).reason
    assert rig.path.read_text() == WAITS
    assert (await rig.ask("revert")).ok
    assert (rig.playing, rig.editing.draft) == (WAITS, False)


async def test_a_revert_that_is_refused_is_not_carried_out_later(rig: Rig) -> None:
    rig.desk(DeskMode.REHEARSAL)
    await rig.edit("1", "fade", 5.0)
    rig.conductor.command(Fire("2"), "page")
    rig.path.write_text(WAITS)
    assert "cue 2 runs, and would change" in (await rig.ask("revert")).reason
    rig.conductor.command(Stop("2"), "page")
    await rig.editing.look()
    assert (rig.playing, rig.editing.draft) == (LONGER, True)
    assert (await rig.edit("1", "name", "Ocean")).ok
    assert (await rig.ask("revert")).ok
    assert (rig.playing, rig.editing.draft) == (WAITS, False)


async def test_a_change_is_made_beside_the_loop(rig: Rig) -> None:
    """In a long show it takes a tenth of a second, and cues are due meanwhile."""
    made: list[int] = []

    def make(played: Played) -> str:
        made.append(threading.get_ident())
        return played.file.text.replace("3.0", "5.0")

    assert (await rig.editing.change("edit", "fade", make, "page")).ok
    assert made != [threading.get_ident()]
    assert rig.playing == LONGER


async def test_a_file_that_is_gone_is_said_and_the_show_goes_on(rig: Rig) -> None:
    rig.path.unlink()
    await rig.editing.look()
    assert "cannot read" in rig.refused
    assert rig.playing == TEXT


async def test_several_keys_are_one_edit(rig: Rig) -> None:
    keys = {"kind": "wait", "seconds": 5.0, "fade": None}
    assert not (await rig.edit("1", "kind", "wait")).ok
    assert (await rig.ask("edit", cue="1", set=keys)).ok
    assert rig.editing.undoes == "cue 1: kind, seconds, fade"
    assert rig.playing == TEXT.replace("fade = 3.0\n", 'kind = "wait"\nseconds = 5.0\n')


# undo


async def test_what_was_done_is_undone_and_done_again(rig: Rig) -> None:
    await rig.edit("1", "fade", 5.0)
    assert (await rig.ask("duplicate", cue="1")).ok
    longest = rig.playing
    assert rig.editing.undoes == "duplicate cue 1"
    assert (await rig.ask("undo")).ok
    assert (rig.playing, rig.path.read_text()) == (LONGER, LONGER)
    assert (await rig.ask("undo")).ok
    assert (rig.playing, rig.path.read_text(), rig.editing.redoes) == (TEXT, TEXT, "cue 1: fade")
    assert (await rig.ask("redo")).ok
    assert (await rig.ask("redo")).ok
    assert (rig.playing, rig.editing.redoes) == (longest, "")
    assert "there is nothing to redo" in (await rig.ask("redo")).reason


async def test_a_change_ends_what_could_be_done_again(rig: Rig) -> None:
    await rig.edit("1", "fade", 5.0)
    await rig.ask("undo")
    await rig.edit("1", "name", "Ocean")
    assert (rig.editing.undoes, rig.editing.redoes) == ("cue 1: name", "")


async def test_what_is_refused_is_nothing_to_undo(rig: Rig) -> None:
    await rig.edit("1", "fade", "long")
    assert rig.editing.undoes == ""
    assert "there is nothing to undo" in (await rig.ask("undo")).reason


async def test_what_came_from_disk_is_not_undone(rig: Rig) -> None:
    await rig.edit("1", "fade", 5.0)
    rig.path.write_text(WAITS)
    await rig.editing.look()
    assert not (await rig.ask("undo")).ok
    assert rig.path.read_text() == WAITS


async def test_a_draft_may_be_asked_for_in_edit_mode(rig: Rig) -> None:
    assert (await rig.ask("edit", cue="1", key="fade", value=5.0, draft=True)).ok
    assert (rig.playing, rig.path.read_text(), rig.editing.draft) == (LONGER, TEXT, True)
    assert (await rig.ask("undo", draft=True)).ok
    assert (rig.playing, rig.editing.draft) == (TEXT, False)
    await rig.ask("redo", draft=True)
    assert (await rig.ask("revert")).ok
    assert (await rig.ask("undo", draft=True)).ok
    assert rig.playing == LONGER


async def test_in_show_mode_nothing_is_undone(rig: Rig) -> None:
    await rig.edit("1", "fade", 5.0)
    rig.desk(DeskMode.SHOW)
    assert "the desk is in show mode" in (await rig.ask("undo")).reason
    assert rig.playing == LONGER


EVERY: tuple[tuple[str, dict[str, object]], ...] = (
    ("edit", {"cue": "1", "key": "name", "value": "Lake"}),
    ("insert", {"cue": {"name": "New"}, "after": "1"}),
    ("move", {"cue": "1", "after": "2"}),
    ("renumber", {"cue": "2", "number": "9"}),
    ("group", {"cues": ["9"], "title": "Both"}),
    ("duplicate", {"cue": "9"}),
    ("ungroup", {"cue": "9"}),
    ("renumber", {}),
    ("record", {"title": "Seen"}),
    ("update", {"cue": "2"}),
    ("delete", {"cue": "1"}),
)


async def test_when_everything_is_undone_the_file_is_what_it_was_to_the_byte(rig: Rig) -> None:
    texts = [rig.playing]
    for name, fields in EVERY:
        reply = await rig.ask(name, draft=True, **fields)
        assert reply.ok, (name, reply.reason)
        if rig.playing != texts[-1]:
            texts.append(rig.playing)
    assert len(texts) >= len(EVERY)
    while rig.editing.undoes:
        assert rig.playing == texts.pop()
        assert (await rig.ask("undo", draft=True)).ok
    assert rig.playing == TEXT == rig.path.read_text()


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("edit", {"key": 3}, 'edit: "key": expected a key such as "look.psi", got 3'),
        ("delete", {}, 'delete: "cue": expected a cue number such as "12.5", got None'),
        ("delete", {"cue": 1.5}, 'delete: "cue": expected a cue number as a string'),
        ("move", {"cue": "1"}, 'move: "after": expected a cue number, or "before" one, or "into" a group'),
        ("insert", {"cue": "1"}, 'insert: "cue": expected a table'),
        ("group", {"cues": []}, 'group: "cues": expected a list of cue numbers'),
        ("group", {"cues": [1.5]}, 'group: "cues": expected a cue number as a string'),
        ("renumber", {"number": "3"}, 'renumber: "cue": expected a cue number'),
        ("undo", {"draft": 1}, 'undo: "draft": expected true or false, got 1'),
        ("record", {"title": 3}, 'record: "title": expected text, got 3'),
        ("commit", {"digest": 5}, 'commit: "digest": expected text, got 5'),
        ("commit", {"cue": "1"}, "commit: expected digest, got 'cue'"),
    ],
)
async def test_what_is_no_command_is_refused_in_words(
    rig: Rig, name: str, fields: dict[str, object], said: str
) -> None:
    with pytest.raises(Refused, match=re.escape(said)):
        edit_from(rig.editing, name, fields, "page")
    assert edit_from(rig.editing, "go", {}, "page") is None
