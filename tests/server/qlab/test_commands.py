"""What controllers do to the show, and what keeps them from doing it by mistake."""

import time

import pytest

from server.osc import encode
from server.osc.timetag import IMMEDIATELY, time_tag
from server.patch import PatchEntry
from show_control.events import Desk, DeskMode, Panic
from show_control.status import Mode
from tests.server.qlab.controllers import TEXT, Controller, Opened, Rig, bundle


async def test_go_starts_what_stands_by_and_a_second_one_at_once_does_nothing(
    rig: Rig, controller: Controller
) -> None:
    controller.send("/go")
    assert "only 0.0 s after the last one" in await controller.refusal("/workspace/dinner/go")
    assert (rig.status.current.number, rig.standby) == ("1", "2")
    assert rig.health.counted("qlab.refused") == 1


async def test_a_go_with_a_number_that_is_refused_leaves_the_playhead(
    rig: Rig, controller: Controller
) -> None:
    await controller.do("/go")
    before = rig.standby
    controller.send("/go", "12.10")
    assert "after the last one" in await controller.refusal("/workspace/dinner/go")
    assert rig.standby == before


async def test_go_with_a_number_starts_that_cue(rig: Rig, controller: Controller) -> None:
    await controller.do("/go", "12.10")
    assert (rig.status.current.number, rig.standby) == ("12.10", "")


@pytest.mark.parametrize("number", [12.5, 12, 2.0])
async def test_a_number_that_is_no_text_is_refused_with_the_reason(
    rig: Rig, controller: Controller, number: float
) -> None:
    said = await controller.refusal("/go", number)
    assert said.startswith('expected nothing, or a cue\'s number as text, such as "12.5", got')
    assert (rig.standby, rig.status.current) == ("1", None)
    assert rig.status.refused.reason == f"/go refused: {said}"


async def test_a_button_that_is_let_go_is_no_second_press(rig: Rig, controller: Controller) -> None:
    for address in ("/go", "/pause", "/cue/2/start", "/playhead/next", "/panic"):
        await controller.do(address, 0.0)
    assert (rig.standby, rig.status.current, rig.status.mode, rig.running) == ("1", None, Mode.RUNNING, [])
    await controller.do("/go", 1.0)
    await controller.do("/go", 0.0)
    assert (rig.status.current.number, rig.standby) == ("1", "2")
    await controller.do("/panicInTime", 0)
    assert rig.status.mode is Mode.PANIC


async def test_panic_pause_resume_stop_and_reset(rig: Rig, controller: Controller) -> None:
    await controller.do("/cue/12.11/start")
    await controller.do("/pause")
    assert rig.status.mode is Mode.HELD
    assert "the show is held" in await controller.refusal("/go")
    await controller.do("/resume")
    await controller.do("/panic")
    assert (rig.status.mode, rig.running) == (Mode.PANIC, [])
    await controller.do("/resume")
    await controller.do("/cue/12.11/start")
    await controller.do("/cue/2/start")
    await controller.do("/cue/2/stop")
    assert rig.running == ["12.11"]
    await controller.do("/hardStop")
    assert rig.running == []
    await controller.do("/playhead/12.10")
    await controller.do("/reset")
    assert rig.standby == "1"


async def test_all_that_runs_can_be_paused_and_stopped(rig: Rig, controller: Controller) -> None:
    await controller.do("/cue/12.11/start")
    for held in (True, False):
        await controller.do("/cue/active/togglePause")
        assert (rig.status.mode is Mode.HELD) == held
    await controller.do("/cue/active/stop")
    assert rig.running == []
    said = await controller.refusal("/cue/12.11/pause")
    assert said == "no cue is paused alone. /pause holds the whole show, /resume goes on"


async def test_the_playhead_moves(rig: Rig, controller: Controller) -> None:
    id = await controller.data("/cue/12.10/uniqueID")
    for address, standby in (
        ("/playhead/next", "2"),
        ("/select/next", "12.1"),
        ("/playhead/previous", "2"),
        (f"/playheadID/{id}", "12.10"),
        ("/select/1", "1"),
        ("/playbackPosition/12.10", "12.10"),
    ):
        await controller.do(address)
        assert rig.standby == standby
    assert await controller.refusal("/playhead/next") == "no cue comes after cue 12.10"
    assert await controller.data("/playheadID") == id
    assert "part of the group" in await controller.refusal("/playhead/12.11")
    assert rig.running == []


async def test_a_playhead_at_the_end_stands_nowhere_and_can_come_back(
    rig: Rig, controller: Controller
) -> None:
    await controller.do("/go", "12.10")
    assert await controller.data("/playheadID") == "none"
    assert await controller.data("/selectedCues") == []
    assert await controller.refusal("/cue/selected/name") == "no cue is in standby"
    assert await controller.refusal("/playhead/next") == "no cue comes after the last"
    await controller.do("/playhead/previous")
    assert rig.standby == "12.10"


async def test_our_own_addresses_stay_as_they_are(rig: Rig, controller: Controller) -> None:
    await controller.do("/cue/2/go", 0.0)
    assert rig.running == []
    await controller.do("/cue/2/go")
    await controller.do("/show/master", 0.5)
    assert (rig.running, rig.standby, rig.status.master) == (["2"], "12.1", 0.5)
    await controller.do("/show/standby", "1")
    assert rig.standby == "1"


async def test_a_cue_is_gone_to_by_number_by_id_and_where_the_playhead_stands(
    rig: Rig, controller: Controller
) -> None:
    id = await controller.data("/cue/12.1/uniqueID")
    for address, current in (
        ("/cue/selected/go", "1"),
        (f"/workspace/dinner/cue_id/{id}/go", "12.1"),
        ("/workspace/dinner/cue/12.10/go", "12.10"),
    ):
        await controller.do(address)
        assert rig.status.current.number == current
    assert "there is no cue '99'" in await controller.refusal("/cue/99/go")
    assert (await controller.refusal("/cue/*/go")).startswith("wildcards reach no cue here.")


async def test_what_the_rig_has_patched_is_its_own(opened: Opened) -> None:
    rig = await opened(entries=[PatchEntry("/reset", event="hold"), PatchEntry("/light/{seat}", control="a")])
    controller = await rig.stream()
    await controller.do("/reset", 1.0)
    assert rig.status.mode is Mode.HELD
    assert rig.health.counted("qlab.refused") == 0


@pytest.mark.parametrize(
    "address",
    ["/cue/*/start", "/cue/1?/start", "/cue/{1,2}/stop", "/playhead/*", "/workspace/dinner/cue/*/go"],
)
async def test_wildcards_reach_no_cue(rig: Rig, controller: Controller, address: str) -> None:
    assert (await controller.refusal(address)).startswith("wildcards reach no cue here.")
    assert (rig.running, rig.standby) == ([], "1")


async def test_wildcards_in_the_first_place_reach_sensors_at_most(rig: Rig, controller: Controller) -> None:
    await controller.do("/{go,panic}")
    await controller.do("/g*")
    assert (rig.status.mode, rig.status.current) == (Mode.RUNNING, None)
    assert rig.health.counted("osc.refused") == 2


async def test_a_bundle_acts_as_one(rig: Rig, controller: Controller) -> None:
    standby, go = encode("/playhead/12.10"), encode("/workspace/dinner/go")
    controller.send_packet(bundle(IMMEDIATELY, standby, go))
    await controller.do("/thump")
    assert rig.status.current.number == "12.10"


async def test_what_was_sent_for_later_dies_with_a_panic(rig: Rig, controller: Controller) -> None:
    soon = time_tag(time.time() + 0.3)
    go, note = encode("/workspace/dinner/go"), encode("/cue/2/start")
    controller.send_packet(bundle(soon, go, note, encode("/alwaysReply", [1])))
    await controller.do("/thump")
    rig.conductor.command(Panic(), "test")
    await controller.reply("/alwaysReply")  # it comes when the bundle is due
    assert (rig.status.current, rig.running) == (None, [])
    assert rig.health.counted("osc.outdated") == 2


async def test_show_mode_is_the_desk_s(rig: Rig, controller: Controller) -> None:
    await controller.do("/showMode", 1)
    assert (rig.status.desk, await controller.data("/showMode")) == (DeskMode.SHOW, True)
    await controller.do("/showMode", 0)
    assert rig.status.desk is DeskMode.EDIT


# the show file


async def test_names_notes_and_waits_are_written_with_comments_kept(rig: Rig, controller: Controller) -> None:
    controller.send("/alwaysReply", 1)
    for address, args in (
        ("/cue/1/name", ("The hall",)),
        ("/cue/1/notes", ("open the doors",)),
        ("/cue/1/preWait", (2.0,)),
        ("/cue/1/preWait/+", (1.5,)),
        ("/cue/1/preWait/-", (0.5,)),
        ("/cue/12.10/postWait", (4,)),
        ("/cue/1/continueMode", (2,)),
        ("/cue/1/armed", (0,)),
    ):
        found = await controller.ask(address, *args)
        assert found["status"] == "ok", found
    cue = rig.conductor.show.file.cues.get("1")
    assert cue is not None
    assert (cue.name, cue.notes, cue.pre_wait, cue.follow.done, cue.armed) == (
        "The hall",
        "open the doors",
        3.0,
        True,
        False,
    )
    assert rig.path.read_text() == rig.conductor.show.file.text
    assert rig.path.read_text().startswith("# our show\n")
    for _ in range(8):
        assert (await controller.ask("/undo"))["status"] == "ok"
    assert rig.path.read_text() == TEXT


async def test_many_steps_at_once_are_each_done_once(rig: Rig, controller: Controller) -> None:
    controller.send("/alwaysReply", 1)
    for _ in range(5):
        controller.send("/cue/2/preWait/+", 1.0)
    for _ in range(5):
        assert (await controller.reply("/cue/2/preWait/+"))["status"] == "ok"
    assert await controller.data("/cue/2/preWait") == 35.0


async def test_a_cue_is_renumbered_by_text_alone(rig: Rig, controller: Controller) -> None:
    assert "got 7.5" in await controller.refusal("/cue/2/number", 7.5)
    controller.send("/alwaysReply", 1)
    assert (await controller.ask("/cue/2/number", "7.5"))["status"] == "ok"
    assert await controller.data("/cue/7.5/name") == "Wait"


async def test_what_the_file_does_not_take_is_refused_in_words(rig: Rig, controller: Controller) -> None:
    assert "pre_wait" in await controller.refusal("/cue/1/preWait", -1.0)
    assert "expected text" in await controller.refusal("/cue/1/name", 5)
    assert "cannot be set" in await controller.refusal("/cue/1/duration", 5)
    assert "0 (do not continue)" in await controller.refusal("/cue/1/continueMode", 3)
    assert rig.path.read_text() == TEXT


async def test_in_show_mode_nothing_is_written(rig: Rig, controller: Controller) -> None:
    rig.conductor.command(Desk(DeskMode.SHOW), "test")
    assert "the desk is in show mode" in await controller.refusal("/cue/1/name", "x")
    assert rig.path.read_text() == TEXT


async def test_without_an_editor_it_is_refused(rig: Rig, controller: Controller) -> None:
    rig.qlab.writing.editing = None
    assert await controller.refusal("/cue/1/name", "x") == "nothing can be edited here"


async def test_no_more_changes_wait_than_fit(rig: Rig) -> None:
    controller = await rig.stream()
    name = encode("/cue/1/name", ["x"])
    controller.send_packet(bundle(IMMEDIATELY, *[name] * 40))
    said = [(await controller.reply("/cue/1/name"))["data"] for _ in range(24)]
    assert set(said) == {"16 changes wait already"}
