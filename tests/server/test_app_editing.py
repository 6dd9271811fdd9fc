"""The show file by the doors that pages have: commands over HTTP and WebSocket, and its draft."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.editing.editing import Editing
from server.editing.store import ShowStore
from show_control.errors import Problem, ShowFileError
from show_control.showfile import parse_show
from tests.server.test_app import SHOW, Venue, message, opened


@dataclass
class Editor:
    """A page, and the file on disk."""

    venue: Venue
    path: Path

    async def ask(self, name: str, **fields: object) -> dict[str, Any]:
        answer = await self.venue.http.post("/api/command", json={"name": name, **fields})
        return {"status": answer.status_code, **answer.json()}

    async def show(self) -> dict[str, Any]:
        answer = await self.venue.http.get("/api/show")
        assert answer.headers["cache-control"] == "no-store"
        show: dict[str, Any] = answer.json()
        return show


def judge(text: str) -> tuple[Problem, ...]:
    try:
        parse_show(text, "show.toml")
    except ShowFileError as error:
        return tuple(error.problems)
    return ()


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Editor]:
    path = tmp_path / "show.toml"
    path.write_text(SHOW)
    async with opened(tmp_path) as venue:
        venue.desk.editing = Editing(ShowStore(path), venue.desk.conductor, judge, print)
        yield Editor(venue, path)


async def test_an_edit_over_http_is_played_and_saved(editor: Editor) -> None:
    answer = await editor.ask("edit", cue="1", key="fade", value=5.0)
    assert (answer["status"], answer["ok"]) == (200, True)
    assert "fade = 5.0" in editor.path.read_text()
    assert (await editor.show())["show"]["cue"][0]["fade"] == 5.0


async def test_a_draft_is_shown_with_its_diff_committed_or_reverted(editor: Editor) -> None:
    await editor.ask("desk", mode="rehearsal")
    await editor.ask("edit", cue="1", key="fade", value=5.0)
    show = await editor.show()
    assert (show["file"], show["draft"], show["undo"]) == ("show.toml", True, "cue 1: fade")
    assert show["diff"]["words"] == ["Cue 1: fade was 3.0, and is 5.0."]
    assert {line["mark"] for line in show["diff"]["lines"]} == {" ", "-", "+"}
    assert (await editor.venue.http.get("/api/show/diff")).json() == show["diff"]
    assert (await editor.venue.http.get("/api/state")).json()["draft"] is True
    assert (await editor.ask("revert"))["ok"]
    show = await editor.show()
    assert (show["draft"], show["diff"], show["text"]) == (False, {"lines": [], "words": []}, SHOW)
    assert (await editor.ask("undo"))["ok"]
    assert (await editor.ask("commit"))["ok"]
    assert editor.path.read_text() == SHOW.replace("3.0", "5.0")
    assert (await editor.ask("commit"))["status"] == 409


async def test_a_go_is_answered_while_an_edit_waits_for_the_disk(editor: Editor) -> None:
    editing = editor.venue.desk.editing
    assert editing is not None
    async with editor.venue.socket("/ws/operator") as page:
        async with editing._lock:  # as one that waits for the disk
            for id, name, more in (("1", "edit", {"cue": "2", "key": "fade", "value": 5.0}), ("2", "go", {})):
                await page.send(json.dumps({"type": "command", "id": id, "name": name, **more}))
            assert (await message(page, "reply"))["id"] == "2"
        assert (await message(page, "reply"))["id"] == "1"


async def test_a_change_that_the_cue_list_does_not_tell_is_told_by_its_digest(editor: Editor) -> None:
    async with editor.venue.socket("/ws/editor") as page:
        state = await message(page, "state")
        assert state["digest"] == (await editor.show())["digest"]
        await editor.ask("edit", cue="1", key="look.psi", value=0.4, draft=True)
        while (news := await message(page, "state"))["digest"] == state["digest"]:
            pass
        assert news["digest"] == (await editor.show())["digest"]


async def test_over_a_websocket_every_change_is_answered_and_the_new_list_comes(editor: Editor) -> None:
    async with editor.venue.socket("/ws/operator") as page:
        await message(page, "cues")
        fields = {"cue": {"name": "New"}, "after": "1", "draft": True}
        await page.send(json.dumps({"type": "command", "id": "a", "name": "insert", **fields}))
        reply = await message(page, "reply")
        assert (reply["id"], reply["ok"]) == ("a", True)
        await page.send(json.dumps({"type": "command", "id": "b", "name": "delete", "cue": "7"}))
        reply = await message(page, "reply")
        assert (reply["id"], reply["ok"]) == ("b", False)
        assert 'DELETE refused: there is no cue "7"' in str(reply["reason"])
    async with editor.venue.socket("/ws/operator") as page:
        listed = (await message(page, "cues"))["cues"]
        assert isinstance(listed, list)
        assert [cue["number"] for cue in listed] == ["1", "1.5", "2"]
    assert editor.path.read_text() == SHOW


async def test_a_cue_is_recorded_from_the_stage_and_updated(editor: Editor) -> None:
    await editor.ask("goto", cue="1")
    await editor.ask("tweak", part="psi", value=0.25)
    assert (await editor.ask("record", number="1.5", title="Seen", draft=True))["ok"]
    show = await editor.show()
    assert show["show"]["cue"][1] == {"number": "1.5", "name": "Seen", "look": {"psi": 0.25}}
    assert show["scenes"]["1.5"]["psi"] == 0.25
    await editor.ask("stop")
    assert (await editor.ask("update", draft=True))["ok"]
    assert (await editor.show())["show"]["cue"][0]["look"] == {"psi": 0.25}


async def test_what_is_no_such_command_is_422_and_says_what_was_expected(editor: Editor) -> None:
    answer = await editor.venue.http.post("/api/command", json={"name": "move", "cue": "1"})
    assert answer.status_code == 422
    assert 'move: "after": expected a cue number' in answer.json()["detail"]


async def test_in_show_mode_nothing_is_changed(editor: Editor) -> None:
    await editor.ask("desk", mode="show")
    asked: dict[str, dict[str, object]] = {
        "delete": {"cue": "1"},
        "record": {},
        "undo": {},
        "group": {"cues": ["1"]},
    }
    for name, fields in asked.items():
        answer = await editor.ask(name, **fields)
        assert (answer["status"], "the desk is in show mode" in answer["reason"]) == (409, True)
    assert editor.path.read_text() == SHOW


async def test_without_a_file_to_save_to_the_show_is_still_shown(editor: Editor) -> None:
    editor.venue.desk.editing = None
    show = await editor.show()
    assert (show["text"], show["draft"], show["undo"]) == (SHOW, False, "")
    assert show["choices"]["kind"][:2] == ["look", "fade"]
