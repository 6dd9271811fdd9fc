"""What can be asked, over both wires: discovery, cues, what runs."""

import json
from typing import Any

import pytest

from show_control.events import Adopt
from tests.server.qlab.controllers import FIRST, Controller, Rig

KEYS = (
    '["number", "uniqueID", "listName", "type", "mode", "isPaused", "duration", "actionElapsed", "preWait", '
    '"postWait", "parent", "flagged", "notes", "autoLoad", "colorName", "isRunning", "isAuditioning", '
    '"isLoaded", "armed", "isBroken", "continueMode", "percentActionElapsed", "infiniteLoop", '
    '"holdLastFrame", "nothing"]'
)


async def test_a_workspace_is_found(controller: Controller) -> None:
    assert (await controller.data("/version")).startswith("5.")
    (found,) = await controller.data("/workspaces")
    assert (found["displayName"], found["hasPasscode"], found["port"]) == ("dinner", False, 53000)
    assert await controller.data(f"/workspace/{found['uniqueID']}/connect") == "ok:view|edit|control"
    assert await controller.data(f"/workspace/{found['uniqueID']}/thump") == "thump"
    assert await controller.data("/workspace/dinner/thump") == "thump"
    said = await controller.refusal("/workspace/supper/thump")
    assert said == "there is no workspace 'supper'; /workspaces lists it"


async def test_a_reply_names_workspace_address_and_status(controller: Controller) -> None:
    (workspace,) = await controller.data("/workspaces")
    found = await controller.ask("/workspace/dinner/thump")
    assert found == {
        "workspace_id": workspace["uniqueID"],
        "address": "/workspace/dinner/thump",
        "status": "ok",
        "data": "thump",
    }


async def test_the_cues_are_listed_with_what_is_in_groups(controller: Controller) -> None:
    (listed,) = await controller.data("/cueLists")
    assert (listed["type"], listed["name"], listed["number"]) == ("Cue List", "The Dinner", "")
    cues = listed["cues"]
    assert tuple(cue["number"] for cue in cues) == FIRST
    assert [cue["type"] for cue in cues] == ["Video", "Wait", "Group", "Video"]
    assert [cue["number"] for cue in cues[2]["cues"]] == ["12.11"]
    assert {type(cue[key]) for cue in cues for key in ("listName", "type", "colorName", "number")} == {str}
    children = await controller.data(f"/cue_id/{listed['uniqueID']}/children")
    assert children == cues
    assert [cue["uniqueID"] for cue in await controller.data("/cue/12.1/children/uniqueIDs")] == [
        cues[2]["cues"][0]["uniqueID"]
    ]
    shallow = await controller.data("/cueLists/shallow")
    assert "cues" not in shallow[0]
    ids = await controller.data("/cueLists/uniqueIDs")
    assert [cue["uniqueID"] for cue in ids[0]["cues"]] == [cue["uniqueID"] for cue in cues]
    assert await controller.data("/cueLists/uniqueIDs/shallow") == [{"uniqueID": listed["uniqueID"]}]


async def test_a_cue_tells_what_controllers_ask_of_it(controller: Controller) -> None:
    found = await controller.data("/cue/2/valuesForKeys", KEYS)
    assert found["listName"] == "Wait"
    assert (found["number"], found["type"], found["duration"], found["preWait"]) == ("2", "Wait", 100.0, 30.0)
    assert found.keys() == set(json.loads(KEYS)) - {"nothing"}
    assert await controller.data(f"/cue_id/{found['uniqueID']}/valuesForKeys", KEYS) == found


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("/cue/1/name", "Hall"),
        ("/cue/1/notes", "doors"),
        ("/cue/1/number", "1"),
        ("/cue/1/type", "Video"),
        ("/cue/1/armed", True),
        ("/cue/1/flagged", False),
        ("/cue/1/duration", 2.0),
        ("/cue/1/isLoaded", True),
        ("/cue/2/isLoaded", False),
        ("/cue/2/preWait", 30.0),
        ("/cue/12.10/postWait", 2.0),
        ("/cue/12.10/continueMode", 2),
        ("/cue/1/continueMode", 0),
        ("/cue/12.1/mode", 3),
        ("/cue/selected/number", "1"),
        ("/cue/playhead/name", "Hall"),
        ("/playhead", "1"),
        ("/runningCues", []),
        ("/runningOrPausedCues", []),
        ("/showMode", False),
        ("/alwaysAudition", False),
        ("/settings/general/minGoTime", 0.5),
        ("/doubleGoWindowRemaining", 0.0),
        ("/alwaysReply", False),
        ("/updates", False),
        ("/forgetMeNot", False),
    ],
)
async def test_a_question_has_an_answer(controller: Controller, address: str, value: Any) -> None:
    assert await controller.data(address) == value
    assert await controller.data(f"/workspace/dinner{address}") == value


async def test_numbers_are_text_and_ids_are_the_same_each_night(rig: Rig, controller: Controller) -> None:
    ids = [await controller.data(f"/cue/{number}/uniqueID") for number in ("12.1", "12.10")]
    assert ids == ["723DE00E-99C0-53D6-BA14-A398B5487B14", "B3C32681-2D2D-5F64-9E3A-E8DC0A107821"]
    assert await controller.data(f"/cue_id/{ids[1]}/number") == "12.10"


async def test_what_runs_is_told_and_what_is_held_is_paused(rig: Rig, controller: Controller) -> None:
    controller.send("/cue/12.11/start")
    assert [cue["number"] for cue in await controller.data("/runningCues")] == ["12.11"]
    rig.ahead += 10.0
    assert await controller.data("/cue/12.11/percentActionElapsed") == pytest.approx(0.2, abs=0.05)
    assert await controller.data("/cue/12.11/actionElapsed") == pytest.approx(10.0, abs=3.0)
    assert await controller.data("/cue/12.11/duration") == pytest.approx(50.0, abs=0.1)
    (values,) = await controller.data("/cue/active/valuesForKeys", '["number", "isRunning"]')
    assert values == {"number": "12.11", "isRunning": True}
    controller.send("/pause")
    assert await controller.data("/runningCues") == []
    assert [cue["number"] for cue in await controller.data("/runningOrPausedCues")] == ["12.11"]
    assert (await controller.data("/cue/12.11/isPaused"), await controller.data("/cue/12.11/isRunning")) == (
        True,
        False,
    )
    (listed,) = await controller.data("/cueLists/shallow")
    wanted = '["isPaused", "isRunning", "type", "playheadID"]'
    found = await controller.data(f"/cue_id/{listed['uniqueID']}/valuesForKeys", wanted)
    assert found["isPaused"] is True
    assert found["type"] == "Cue List"
    assert found["playheadID"] == await controller.data("/playheadID")


async def test_a_wait_before_is_told(rig: Rig, controller: Controller) -> None:
    await controller.do("/cue/2/start")
    rig.ahead += 15.0
    assert await controller.data("/cue/2/percentPreWaitElapsed") == pytest.approx(0.5, abs=0.1)
    assert await controller.data("/cue/2/preWaitElapsed") == pytest.approx(15.0, abs=3.0)
    assert await controller.data("/cue/2/percentActionElapsed") == 0.0


@pytest.mark.parametrize(
    ("address", "args", "said"),
    [
        ("/cue/7/name", (), "there is no cue '7'."),
        ("/cue/A1/start", (), "there is no cue 'A1'"),
        ("/cue_id/nobody/name", (), "there is no cue with the id 'nobody'"),
        ("/cue/1/opacity", (), "/cue/1/opacity is nothing that can be asked or done here"),
        ("/overrides/oscOutputEnabled", (), "is nothing that can be asked or done here"),
        ("/new", ("audio",), "is nothing that can be asked or done here"),
        ("/cue/1/valuesForKeys", ("name",), "expected at most 64 keys as JSON"),
        ("/cue/1/valuesForKeys", ("[" * 3000,), "expected at most 64 keys as JSON"),
        ("/cue/1/valuesForKeys", (), "expected one argument, got 0"),
        ("/cue/1/isRunning", (1,), "isRunning cannot be set from here"),
        ("/udpReplyPort", (70000,), "expected a port from 1 to 65535, got 70000"),
        ("/updates", ("yes",), "expected a finite number"),
        ("/playhead", ("1",), "which cue belongs in the address"),
        ("/cue", (), "is nothing that can be asked or done here"),
        ("/workspace", (), "there is no workspace"),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_words_and_counted(
    rig: Rig, controller: Controller, address: str, args: tuple[object, ...], said: str
) -> None:
    assert said in await controller.refusal(address, *args)
    assert rig.health.counted("qlab.refused") + rig.health.counted("qlab.unspoken") == 1


async def test_an_answer_that_no_datagram_holds_is_refused_in_words(rig: Rig) -> None:
    text = "".join(
        f'[[cue]]\nnumber = "{number}"\nname = "{"x" * 200}"\nkind = "memo"\n' for number in range(100, 400)
    )

    assert rig.conductor.command(Adopt(f"{rig.path.read_text()}\n{text}"), "test").ok
    datagrams, stream = await rig.datagrams(), await rig.stream()
    assert await datagrams.refusal("/cueLists") == (
        "more than a datagram holds. Ask over TCP, or for less: /uniqueIDs, /shallow"
    )
    (listed,) = await stream.data("/cueLists")
    assert len(listed["cues"]) == 304
