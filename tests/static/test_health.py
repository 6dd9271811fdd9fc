"""The page of health: one glance from two metres."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

SIZES = [(1024, 768), (390, 844)]
PARTS = [
    ("pictures", "30 of 30 pictures a second, by cudagraph on cuda, 2.1 GB of memory."),
    ("networks", "The network main is ready."),
    ("wall main", "Shown on 192.168.1.31, 30 pictures a second."),
    ("tablets", "FOH tablet (operator) is up to date, 40 ms behind."),
    ("OSC out", "sound (192.168.1.20, port 57120): 412 messages. UDP does not say whether anybody listens."),
    ("OSC in", "3120 messages in the last minute, and all of them mean something."),
    ("show process", "96 MB of memory, at worst 12 ms away, cues at most 3 ms late."),
    ("journal", "Everything is written down; its disk has 88.0 GB of room."),
    ("machine", "41 % of 8 cores are busy."),
    ("machine", "22.1 GB of 33.5 GB of memory are free."),
    ("clock", "It is Saturday 21 November 2026, 19:30:00, CET. Compare with your watch."),
]
WELL = {
    "verdict": {"state": "ok", "words": "All is well.", "do": ""},
    "parts": [{"part": part, "state": "ok", "words": words, "do": ""} for part, words in PARTS],
}
DARK = {
    "part": "wall main",
    "state": "problem",
    "words": "Nobody shows the wall main: no page of it is open.",
    "do": "On the machine of that wall, open /projector/main and press F.",
}
LOUD = {
    "part": "OSC in",
    "state": "note",
    "words": "Messages that mean nothing here in the last minute: 12. The last: osc 192.168.1.44: /lidar/7",
    "do": "On /monitor, touch it and learn it, or let it be silent.",
}
ILL = {
    "verdict": {"state": "problem", "words": DARK["words"], "do": DARK["do"]},
    "parts": [DARK, LOUD, *[part for part in WELL["parts"] if part["part"] not in ("wall main", "OSC in")]],
}


def telling(visit: Any, body: object, width: int, height: int) -> Page:
    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    page: Page = visit("/health", width, height, before=lambda page: page.route("**/api/health", answer))
    return page


def looked_at(page: Page, height: int) -> None:
    """Nothing is small, nothing sticks out, and the sentence is on the first screen."""
    sizes = page.evaluate(
        """() => [...document.querySelectorAll("p, h1, h2, small, a")]
            .filter((e) => e.checkVisibility() && e.textContent.trim())
            .map((e) => parseFloat(getComputedStyle(e).fontSize))"""
    )
    assert min(sizes) >= 14
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("#verdict").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height
    assert (
        page.evaluate("parseFloat(getComputedStyle(document.querySelector('#verdict .words')).fontSize)")
        >= 28
    )


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_all_is_well_at_a_glance(visit: Any, tmp_path: Path, width: int, height: int) -> None:
    page = telling(visit, WELL, width, height)
    expect(page.locator("#verdict .words")).to_have_text("All is well.")
    expect(page.locator("#verdict .shape")).to_have_attribute("data-shape", "disc")
    expect(page.locator("#parts li")).to_have_count(10)
    page.screenshot(path=tmp_path / "well.png")
    looked_at(page, height)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_one_thing_that_is_not_comes_first_with_what_to_do(
    visit: Any, tmp_path: Path, width: int, height: int
) -> None:
    page = telling(visit, ILL, width, height)
    expect(page.locator("#verdict .words")).to_have_text(DARK["words"])
    expect(page.locator("#verdict .do")).to_have_text(DARK["do"])
    expect(page.locator("#verdict .shape")).to_have_attribute("data-shape", "cross")
    expect(page.locator("#parts li").first).to_contain_text("PROBLEM")
    expect(page.locator("#parts li").nth(1)).to_contain_text("learn it")
    page.screenshot(path=tmp_path / "ill.png")
    looked_at(page, height)


def test_the_running_show_is_judged(visit: Any, tmp_path: Path) -> None:
    page = visit("/health")
    expect(page.locator("#parts")).to_contain_text("Nobody shows the wall main: no page of it is open.")
    expect(page.locator("#parts h2", has_text="machine").first).to_be_visible()
    page.screenshot(path=tmp_path / "running.png")
    wall = visit("/projector/main")
    expect(page.locator("#parts li[data-state=ok]", has_text="wall main")).to_be_visible()
    expect(page.locator("#parts")).not_to_contain_text("Nobody shows")
    wall.close()


def test_a_server_that_is_gone_is_said_at_once_and_what_was_known_is_old(visit: Any, house: Any) -> None:
    page = visit("/health", forgives="Failed to load resource")
    expect(page.locator("#parts li").first).to_be_visible()
    house.freeze()
    try:
        expect(page.locator("#verdict .words")).to_have_text("Not connected to Marrow.")
        expect(page.locator("#age")).to_contain_text("s old")
    finally:
        house.thaw()
    expect(page.locator("#verdict .words")).not_to_have_text("Not connected to Marrow.")
