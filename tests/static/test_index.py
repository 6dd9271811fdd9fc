"""The front page: what runs, where to go, and lines that can be pasted."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

SIZES = [(1024, 768), (390, 844), (844, 390), (1920, 1080)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_tells_what_runs_and_leads_to_the_pages(visit: Any, tmp_path: Path, width: int, height: int) -> None:
    page = visit("/", width, height)
    expect(page.locator("h1")).to_have_text("Dinner")
    expect(page.locator("#renderer")).to_have_text("picture running")
    expect(page.locator("#cue")).to_contain_text("On stage: 2")
    links = page.locator("#pages a").evaluate_all("all => all.map(e => e.getAttribute('href'))")
    assert links == ["/table", "/operator", "/projector/main"]
    for box in page.locator("a, button").evaluate_all("all => all.map(e => [e.offsetWidth, e.offsetHeight])"):
        assert min(box) >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=tmp_path / "index.png", full_page=True)


def test_it_counts_as_nobody_at_a_desk(visit: Any, house: Any) -> None:
    page = visit("/")
    expect(page.locator("#renderer")).to_have_text("picture running")
    assert house.state()["clients"]["operator"] == 0


def test_it_says_when_the_show_is_gone(visit: Any) -> None:
    page = visit("/", forgives="Failed to load resource")
    expect(page.locator("#renderer")).to_have_text("picture running")
    page.route("**/api/state", lambda route: route.abort())
    expect(page.locator("#renderer")).to_have_text("not connected")
    page.unroute("**/api/state")
    expect(page.locator("#renderer")).to_have_text("picture running")


def test_osc_lines_can_be_pasted(visit: Any, house: Any) -> None:
    page = visit("/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row = page.locator("#osc tr", has=page.get_by_text("/table/plate/{seat}", exact=True))
    row.get_by_role("button").click()
    expect(row.get_by_role("button")).to_have_text("Copied")
    port = page.evaluate("fetch('/api/info').then(r => r.json()).then(i => i.osc.port)")
    line = page.evaluate("navigator.clipboard.readText()")
    assert line == f"oscsend 127.0.0.1 {port} /table/plate/mom f 0.8"
