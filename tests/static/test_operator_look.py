"""A hand on the look that is on stage, from the operator's page: tweak, record, update, save, undo."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.static.doctored import asked, box, doctored, hold, ready, sheet
from tests.static.wire import came, until

PARTS = {"psi": 0.7, "modes": 0.0, "noise": 0.1, "shadows": 0.0, "speed": 1.0, "master": 1.0}
LOOK = {"cue": "2.1", "parts": {**PARTS, "bend.melt": 0.25}, "fades": {"default": 4.0}, "changed": False}


def drag(page: Page, name: str, by: float) -> None:
    """A finger on a fader goes along a part of its length."""
    fader = page.get_by_role("slider", name=name, exact=True)
    fader.hover()  # which waits until it stands still
    length = box(fader)["width"]
    x, y = box(fader)["x"] + length / 2, box(fader)["y"] + box(fader)["height"] / 2
    page.mouse.down()
    page.mouse.move(x + by * length, y, steps=3)
    page.mouse.up()


def look_sheet(visit: Any, sent: list[dict[str, Any]], **told: Any) -> Page:
    state = {"look": LOOK, "desk": "rehearsal", "running": [], **told}
    return sheet(ready(doctored(visit, lambda: state, sent)), "LOOK")


def test_the_picture_stays_beside_the_faders(visit: Any) -> None:
    page = sheet(ready(visit("/operator")), "LOOK")
    for width, height in [(1024, 768), (390, 844), (844, 390)]:
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator("#preview")).to_be_in_viewport(ratio=1)
        picture, sheets = box(page.locator("#preview")), box(page.locator("#sheets"))
        below = picture["y"] + picture["height"] <= sheets["y"]
        assert below or picture["x"] >= sheets["x"] + sheets["width"]
        assert min(picture["width"], picture["height"]) >= 80


def test_a_fader_tweaks_what_is_on_stage(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = look_sheet(visit, sent)
    expect(page.locator("#look-of")).to_have_text("Look of cue 2.1")
    names = page.locator("#faders [role=slider]").evaluate_all("all => all.map(e => e.ariaLabel)")
    assert names == [
        *("Psi", "Light", "Walk speed", "Noise", "Shadows", "Modes", "Bend melt", "Fade"),
    ]
    expect(page.get_by_role("slider", name="Bend melt")).to_have_attribute("aria-valuenow", "0.25")
    drag(page, "Bend melt", 0.5)
    last = {"name": "tweak", "part": "bend.melt", "value": 0.75}
    until(page, lambda: asked(sent)[-1:] == [last])
    assert asked(sent)[-1] == last
    assert {one["name"] for one in sent} == {"tweak"}


def test_a_tweak_is_seen_and_the_show_file_stays(visit: Any, house: Any) -> None:
    house.command("goto", cue="11")
    page = sheet(ready(visit("/operator")), "LOOK")
    expect(page.locator("#look-of")).to_have_text("Look of cue 11")
    drag(page, "Walk speed", 0.25)
    expect(page.locator("#look-of")).to_have_text("Look of cue 11: changed by hand")
    state = house.until(lambda state: state["look"]["parts"]["speed"] > 1.0)
    assert state["look"]["changed"]
    assert state["draft"] is False


def test_the_fade_of_the_cue_is_an_edit_once_the_hand_rests(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    fades = {"default": 4.0}
    page = look_sheet(visit, sent, look={**LOOK, "fades": fades})
    drag(page, "Fade", 0.2)
    assert asked(came(page, sent, 1)) == [{"name": "edit", "cue": "2.1", "key": "fade", "value": 10.0}]
    fades["default"] = 10.0
    expect(page.get_by_role("slider", name="Fade")).to_have_attribute("aria-valuetext", "10 s")


def test_a_fade_of_parts_keeps_those_parts(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = look_sheet(visit, sent, look={**LOOK, "fades": {"walk": 8.0, "default": 4.0}})
    drag(page, "Fade", 0.2)
    edit = {"name": "edit", "cue": "2.1", "key": "fade.default", "value": 10.0}
    assert asked(came(page, sent, 1)) == [edit]


def test_a_new_cue_is_recorded_from_what_is_on_stage(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = look_sheet(visit, sent)
    page.locator("#record input").fill("Softer")
    page.get_by_role("button", name="RECORD").tap()
    expect(page.locator("#refusal")).to_contain_text("Recorded")
    page.get_by_role("button", name="RECORD").tap()
    expect(page.locator("#record input")).to_have_value("")
    assert asked(came(page, sent, 2)) == [{"name": "record", "title": "Softer"}, {"name": "record"}]


def test_a_cue_is_updated_by_a_hold(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = look_sheet(visit, sent)
    expect(page.locator("#update")).to_have_text("UPDATE 2.1 hold")
    hold(page, "#update", lambda: expect(page.locator("#refusal")).to_contain_text("Updated: cue 2.1"))
    assert asked(sent) == [{"name": "update", "cue": "2.1"}]


def test_a_group_that_runs_is_stopped_before_its_cue_is_updated(visit: Any) -> None:
    run = {"number": "2", "name": "Dinner", "kind": "group", "phase": "acting"}
    running = [{**run, "remaining": None, "progress": None}]
    sent: list[dict[str, Any]] = []
    page = look_sheet(visit, sent, running=running)
    expect(page.locator("#update")).to_contain_text("hold: stops 2 first")
    hold(page, "#update", lambda: expect(page.locator("#refusal")).to_contain_text("Updated: cue 2.1"))
    assert asked(sent) == [{"name": "stop", "cue": "2"}, {"name": "update", "cue": "2.1"}]


def test_before_an_audience_no_look_is_touched(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = look_sheet(visit, sent, desk="show")
    for part in ("#faders", "#record", "#update"):
        expect(page.locator(part)).to_be_hidden()
    page.tap("#look-rehearse")
    assert asked(came(page, sent, 1)) == [{"name": "desk", "mode": "rehearsal"}]


def test_what_is_not_saved_is_saved_or_undone(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, lambda: {"draft": True, "desk": "rehearsal"}, sent))
    expect(page.locator("#mode")).to_have_text("rehearsal, not saved")
    sheet(page, "LOOK")
    page.tap("#commit")
    expect(page.locator("#refusal")).to_have_text("Saved.")
    page.tap("#revert")
    hold(page, "#revert", lambda: expect(page.locator("#refusal")).to_contain_text("Undone"))
    assert [one["name"] for one in sent] == ["commit", "revert"]


def test_nothing_is_said_of_a_draft_or_a_journal_that_are_well(visit: Any) -> None:
    page = ready(doctored(visit, lambda: {"draft": False, "journal": {"ok": True, "words": ""}}))
    sheet(page, "DESK")
    expect(page.locator("#draft")).to_be_hidden()
    expect(page.locator("#journal")).to_be_hidden()
