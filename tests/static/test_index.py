"""The front page: what runs, where to go, and lines that can be pasted."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

LAYOUTS = Path(__file__).parents[2] / "static/layouts"
SIZES = [(1024, 768), (390, 844), (844, 390), (1920, 1080)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_tells_what_runs_and_leads_to_the_pages(visit: Any, tmp_path: Path, width: int, height: int) -> None:
    page = visit("/", width, height)
    expect(page.locator("h1")).to_have_text("Dinner")
    expect(page.locator("#renderer")).to_have_text("picture running")
    expect(page.locator("#cue")).to_contain_text("On stage: 2")
    links = page.locator("#pages a").evaluate_all("all => all.map(e => e.getAttribute('href'))")
    assert links == ["/table", "/operator", "/editor", "/monitor", "/health", "/projector/main"]
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


def test_the_patches_for_pure_data_and_supercollider_are_there_to_take(visit: Any, tmp_path: Path) -> None:
    page = visit("/")
    for name in ("marrow.pd", "marrow-help.pd", "marrow.scd"):
        with page.expect_download() as waiting:
            page.locator(f'#patches a[href$="/{name}"]').click()
        assert waiting.value.suggested_filename == name
        waiting.value.save_as(tmp_path / name)
        shipped = Path(__file__).parents[2] / "static" / "patches" / name
        assert (tmp_path / name).read_bytes() == shipped.read_bytes()


def test_layouts_for_other_programs_can_be_downloaded(visit: Any, tmp_path: Path) -> None:
    page = visit("/", 390, 844)
    links = page.locator("#files a")
    expect(links).to_have_text(["Open Stage Control", "TouchOSC"])
    for link in links.all():
        assert min(link.evaluate("e => [e.offsetWidth, e.offsetHeight]")) >= 44
        with page.expect_download() as download:
            link.click()
        name = download.value.suggested_filename
        assert download.value.path().read_bytes() == (LAYOUTS / name).read_bytes()
    page.screenshot(path=tmp_path / "layouts.png", full_page=True)
