"""The sheets of the operator's page: where they lie, and the desk and the crew on them."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.static.doctored import box, doctored, hold, ready, sheet

SIZES = [(1024, 768), (768, 1024), (390, 844), (844, 390), (1920, 1080)]
SHEETS = ["CUES", "NOTE", "LOOK", "CREW", "DESK"]

REACHED = """() => {
    const last = [...document.querySelectorAll(".sheet:not([hidden]) :is(button, input)")]
        .filter((one) => one.checkVisibility()).at(-1);
    last.scrollIntoView({ block: "nearest", behavior: "instant" });
    const { x, y, width, height } = last.getBoundingClientRect();
    const meets = (down) => last.contains(document.elementFromPoint(x + width / 2, y + down * height));
    return [0.1, 0.5, 0.9].every(meets);
}"""
"""Whether a finger comes to what is last on the open sheet; in one go: cues come and go there."""


def inside(page: Page, selector: str) -> list[list[Any]]:
    found: list[list[Any]] = page.locator(selector).evaluate_all(
        "all => all.map(e => [e.id || e.innerText, e.offsetWidth, e.offsetHeight])"
    )
    return found


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_lies_within_reach_and_leaves_panic_and_go(visit: Any, tmp_path: Path, name: str) -> None:
    page = sheet(ready(visit("/operator")), name)
    expect(page.locator("#more")).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=tmp_path / f"sheet-{width}.png")
        sheets = box(page.locator("#sheets"))
        for selector in ("#panic", "#blackout", "#go", "#back", "#hold", "#lock", "#more"):
            other = box(page.locator(selector))
            beside = other["x"] >= sheets["x"] + sheets["width"] or other["x"] + other["width"] <= sheets["x"]
            above = other["y"] + other["height"] <= sheets["y"]
            assert beside or above or other["y"] >= sheets["y"] + sheets["height"]
        for name_and_size in inside(page, "#sheets :is(button, input, textarea, [role=slider]):visible"):
            assert min(name_and_size[1:]) >= 44, name_and_size
        assert page.evaluate(REACHED)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.tap("#more")
    expect(page.locator("#sheets")).to_be_hidden()


def test_go_works_while_a_sheet_is_open(visit: Any, house: Any) -> None:
    page = sheet(ready(visit("/operator", 390, 844)), "DESK")
    standby = house.state()["standby"]["number"]
    page.tap("#go")
    house.until(lambda state: state["current"]["number"] == standby)


# --- the crew -----------------------------------------------------------------------------------------------


def test_who_is_there_and_the_baton_goes_from_hand_to_hand(visit: Any, house: Any) -> None:
    mine, other = ready(visit("/operator")), ready(visit("/operator", 390, 844))
    for page, name in ((mine, "FOH tablet"), (other, "Booth phone")):
        sheet(page, "CREW")
        page.locator("#called input").fill(name)
        page.get_by_role("button", name="NAME IT").tap()
    names = mine.locator("#members b")
    expect(names.filter(has_text="FOH tablet")).to_have_count(1)
    expect(names.filter(has_text="Booth phone")).to_have_count(1)
    expect(mine.locator("#company")).to_contain_text("2 pages")

    mine.tap("#take-baton")
    expect(mine.locator("#baton")).to_contain_text("You have the baton")
    expect(other.locator("#go b")).to_have_text("WATCHING")
    expect(other.locator("#go span")).to_have_text("FOH tablet has the baton")
    before = house.state()["current"]
    other.tap("#go")
    expect(other.locator("#refusal")).to_contain_text("FOH tablet has the baton")
    assert house.state()["current"] == before

    other.get_by_role("button", name="TAKE IT FROM FOH tablet").tap()
    expect(mine.locator("#go b")).to_have_text("WATCHING")
    ready(other)
    other.get_by_role("button", name="GIVE THE BATON BACK").tap()
    ready(mine)
    expect(mine.locator("#baton")).to_contain_text("Nobody has the baton")


def test_a_page_that_watches_can_panic(visit: Any, house: Any) -> None:
    mine, other = ready(visit("/operator")), ready(visit("/operator"))
    sheet(mine, "CREW").tap("#take-baton")
    expect(other.locator("#go b")).to_have_text("WATCHING")
    other.tap("#panic")
    expect(other.locator("#go b")).to_have_text("PANIC")
    assert house.state()["mode"] == "panic"
    mine.tap("#take-baton")
    expect(mine.locator("#baton")).to_contain_text("Nobody has the baton")


def test_how_far_behind_a_page_is_is_told_in_words_and_shape(visit: Any) -> None:
    member = {"role": "operator", "address": "192.168.1.20", "delay_ms": 40}
    crew = [
        {**member, "client": "a", "name": "FOH tablet"},
        {**member, "client": "b", "name": "Booth", "delay_ms": 2400},
        {**member, "client": "c", "name": "Table", "role": "table", "delay_ms": None},
    ]
    page = ready(doctored(visit, lambda: {"crew": crew, "baton": None}))
    sheet(page, "CREW")
    rows = page.locator("#members li")
    expect(rows.nth(0)).to_contain_text("192.168.1.20 · in time")
    expect(rows.nth(1)).to_contain_text("2.4 s behind")
    shapes = rows.locator(".shape").evaluate_all("all => all.map(e => e.dataset.shape)")
    assert shapes == ["disc", "triangle", "disc"]


# --- the desk -----------------------------------------------------------------------------------------------


def test_the_desk_mode_is_switched(visit: Any, house: Any) -> None:
    page = sheet(ready(visit("/operator")), "DESK")
    try:
        page.get_by_role("radio", name="SHOW").tap()
        expect(page.get_by_role("radio", name="SHOW")).to_be_checked()
        expect(page.locator("#mode")).to_have_text("show")
        assert house.state()["desk"] == "show"
    finally:
        house.command("desk", mode="edit")
    expect(page.get_by_role("radio", name="EDIT")).to_be_checked()


def test_one_cue_is_stopped_and_then_all(visit: Any, house: Any) -> None:
    house.command("goto", cue="4")
    page = sheet(ready(visit("/operator")), "DESK")
    page.get_by_role("button", name="STOP 4.1.1").tap()
    state = house.until(lambda state: all(run["number"] != "4.1.1" for run in state["running"]))
    assert state["running"]
    page.tap("#stop-all")
    house.until(lambda state: not state["running"])
    expect(page.locator("#stops button:enabled")).to_have_count(0)
    page.get_by_role("tab", name="NOTE").tap()
    page.get_by_role("tab", name="DESK").tap()
    expect(page.locator("#stops li")).to_have_count(0)


def test_reset_has_to_be_held_down(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = sheet(ready(doctored(visit, dict, sent)), "DESK")
    page.locator("#reset").scroll_into_view_if_needed()
    page.tap("#reset")
    page.mouse.move(box(page.locator("#reset"))["x"] + 20, box(page.locator("#reset"))["y"] + 20)
    page.mouse.down()
    page.wait_for_function("Number(document.querySelector('#reset').style.getPropertyValue('--held')) > 0.3")
    page.mouse.up()
    page.wait_for_function("document.querySelector('#reset').style.getPropertyValue('--held') === '0'")
    assert sent == []
    hold(page, "#reset", lambda: expect(page.locator("#refusal")).to_contain_text("Reset"))
    assert [one["name"] for one in sent] == ["reset"]
