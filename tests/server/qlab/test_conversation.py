"""What a controller says from its first word to a GO, as Bitfocus Companion's QLab module does over TCP."""

import json

from tests.server.qlab.controllers import Controller, Rig

KEYS = json.dumps(
    ["number", "uniqueID", "listName", "type", "colorName", "isRunning", "percentActionElapsed"]
)


async def test_a_controller_connects_learns_the_list_follows_it_and_says_go(rig: Rig) -> None:
    controller: Controller = await rig.stream()
    # It knocks, and learns with whom it speaks.
    assert await controller.data("/connect") == "ok:view|edit|control"
    assert int((await controller.data("/version")).split(".")[0]) == 5
    (workspace,) = await controller.data("/workspaces")
    top = f"/workspace/{workspace['uniqueID']}"
    await controller.data(f"{top}/connect")
    # It asks where the playhead stands, for updates, and for all cues.
    playhead = await controller.data(f"{top}/playheadID")
    assert await controller.data("/updates") is False
    controller.send("/updates", 1)
    (listed,) = await controller.data(f"{top}/cueLists")
    assert playhead == listed["cues"][0]["uniqueID"]
    assert [cue["uniqueID"] for cue in await controller.data("/selectedCues")] == [playhead]
    for address in ("alwaysAudition", "auditionMonitors", "overrideWindow", "liveFadePreview"):
        assert await controller.data(f"/{address}") is False
    assert await controller.data(f"{top}/showMode") is False
    assert await controller.data(f"{top}/settings/general/minGoTime") == 0.5
    assert await controller.data(f"{top}/cue/active/valuesForKeys", KEYS) == []
    # The operator presses GO; it is told what to ask for again.
    controller.send(f"{top}/go")
    position = f"/update{top}/cueList/{listed['uniqueID']}/playbackPosition"
    started = await controller.hear(f"/update{top}/cue_id/{playhead}")
    (following,) = await controller.hear(position)
    assert (started, following) == ((), listed["cues"][1]["uniqueID"])
    values = await controller.data(f"{top}/cue_id/{playhead}/valuesForKeys", KEYS)
    assert (values["number"], values["isRunning"]) == ("1", True)
    (active,) = await controller.data(f"{top}/cue/active/valuesForKeys", KEYS)
    assert active["uniqueID"] == playhead
    # It goes on while the cue runs, and leaves.
    rig.ahead += 1.0
    controller.send(f"{top}/cue/12.10/start")
    await controller.hear(f"/update{top}/cue_id/{rig.qlab.workspace.by_number['12.10'].id}")
    controller.send(f"{top}/panic")
    await controller.data(f"{top}/thump")
    assert rig.status.mode.value == "panic"
    controller.send("/updates", 0)
    controller.send(f"{top}/disconnect")
    assert await controller.data("/updates") is False
    assert rig.health.counted("qlab.refused") == rig.health.counted("qlab.unspoken") == 0


async def test_over_udp_with_a_passcode_each_command_follows_a_connect(rig: Rig) -> None:
    """As Companion does in its UDP mode: it connects anew before every command."""
    controller = await rig.datagrams()
    controller.send("/workspace/dinner/connect", "1234")
    controller.send("/workspace/dinner/go")
    assert await controller.data("/workspace/dinner/connect", "1234") == "ok:view|edit|control"
    assert rig.status.current.number == "1"
