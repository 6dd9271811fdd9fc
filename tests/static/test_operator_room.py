"""The operator's page has room for long names, and for all that there may be to tell."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.static.doctored import doctored, ready

NAME = "The long slow procession of all who ever sat here, Donaudampfschifffahrtsgesellschaftskapitän"
NOTES = "Wait until the applause is over, look at mom, and press when she lifts her glass."
UPRIGHT_SIZES = [(1024, 768), (768, 1024), (390, 844)]


def long_names() -> dict[str, Any]:
    standby = {"number": "12.75", "name": NAME, "notes": NOTES}
    idle = {"running": [], "line": None, "ears": []}
    return {"standby": standby, "current": {**standby, "number": "12.5"}, **idle}


def within(page: Page, inner: str, outer: str) -> bool:
    """Whether what is drawn of one lies in the other."""
    script = """([inner, outer]) => {
        const [a, b] = [inner, outer].map((one) => document.querySelector(one).getBoundingClientRect());
        return a.left >= b.left && a.top >= b.top && a.right <= b.right && a.bottom <= b.bottom;
    }"""
    return bool(page.evaluate(script, [inner, outer]))


def test_a_long_name_leaves_room_for_the_notes(visit: Any, tmp_path: Path) -> None:
    page = ready(doctored(visit, long_names))
    expect(page.locator("#wait")).to_be_hidden()
    for width, height in UPRIGHT_SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=tmp_path / f"long-{width}.png")
        assert within(page, "#next .notes", "#next"), width
        assert page.locator("#next .cue").evaluate("e => e.scrollWidth <= e.clientWidth"), width


def test_the_ways_out_of_panic_hold_long_names(visit: Any, house: Any, tmp_path: Path) -> None:
    page = ready(doctored(visit, long_names))
    house.command("panic")
    expect(page.locator("#wayout")).to_be_visible()
    for width, height in (*UPRIGHT_SIZES, (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=tmp_path / f"wayout-{width}.png")
        for way in ("#resume-panic", "#goto-standby"):
            assert within(page, way, "#wayout"), width
            assert within(page, f"{way} span", way), width
    expect(page.locator("#goto-standby")).to_contain_text("On to 12.75 The long")


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"warnings": ["MASTER is at 0 %: nobody sees anything", "BYPASSED: /table/plate/mom is ignored"]},
        {"journal": {"ok": False, "words": "the disk is full: this night is not kept"}},
    ],
    ids=["draft", "warnings", "journal"],
)
def test_whatever_there_is_to_tell_the_status_stays_whole_on_a_phone(
    visit: Any, told: dict[str, Any], tmp_path: Path
) -> None:
    page = doctored(visit, lambda: {"draft": True, "desk": "rehearsal", **told})
    page.set_viewport_size({"width": 390, "height": 844})
    ready(page)
    page.screenshot(path=tmp_path / "status.png")
    expect(page.locator("#more.draft")).to_be_visible()
    if not told:
        expect(page.locator("#mode")).to_have_text("rehearsal, not saved")
    expect(page.locator("#figures")).to_be_hidden()
    for shown in ("#link", "#renderer", *(f"#{name}" for name in told or ["mode"])):
        expect(page.locator(shown)).to_be_visible()
        assert within(page, shown, "#status"), shown
