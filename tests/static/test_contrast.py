"""Every page under axe: contrast, names, roles and reach by keyboard; and words large enough for the dark."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from models.training.watch import serve
from tests.static.conftest import fingers
from tests.static.doctored import ready, sheet
from tests.toy_run import write_run

SIZES = [(1024, 768), (390, 844)]
SMALLEST_TEXT = 14  # px

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]},
    "resultTypes": ["violations"],
}

Prepare = Callable[[Page, Any], object]


def as_it_is(page: Page, house: Any) -> None:
    page.wait_for_load_state("load")
    page.wait_for_function("document.body.innerText.trim() || document.querySelector('canvas')")


def front(page: Page, house: Any) -> None:
    expect(page.locator("h1")).not_to_be_empty()


def operator(page: Page, house: Any) -> None:
    ready(page)
    expect(page.locator("#wait")).to_be_visible()


def on_sheet(name: str) -> Prepare:
    return lambda page, house: sheet(ready(page), name)


def panicking(page: Page, house: Any) -> None:
    house.command("panic")
    expect(page.locator("#go b")).to_have_text("PANIC")


def held(page: Page, house: Any) -> None:
    house.command("hold")
    expect(page.locator("#go b")).to_have_text("HELD")


def dark(page: Page, house: Any) -> None:
    house.command("blackout", on=True)
    expect(page.locator("#blackout")).to_have_attribute("aria-pressed", "true")


def locked(page: Page, house: Any) -> None:
    ready(page)
    page.tap("#lock")
    expect(page.locator("#go b")).to_have_text("LOCKED")


def chosen(page: Page, house: Any) -> None:
    sheet(ready(page), "CUES")
    page.locator("#results button").first.tap()


def keys(page: Page, house: Any) -> None:
    ready(page)
    page.keyboard.press("?")


def offline(page: Page, house: Any) -> None:
    ready(page)
    house.freeze()
    try:
        expect(page.locator("#go b")).to_have_text("NOT CONNECTED")
        page.tap("#go")
        expect(page.locator("#refusal")).to_be_visible()
    except BaseException:
        house.thaw()
        raise


def monitored(page: Page, house: Any) -> None:
    house.event("/table/plate/mom", [0.4])
    house.event("/nobody", [1])
    expect(page.locator("#rows li").nth(1)).to_be_visible()
    page.tap("#learn")
    page.tap("#tapes-open")
    expect(page.locator("#learning")).to_be_visible()


def a_line(page: Page, house: Any) -> None:
    house.event("/table/plate/mom", [0.4])
    page.locator("#rows button", has_text="/table/plate/mom").first.tap()
    page.get_by_role("slider", name="Smoothing").fill("0.5")
    page.get_by_role("button", name="Show the difference").tap()
    expect(page.locator("#difference")).to_be_visible()


def judged(page: Page, house: Any) -> None:
    expect(page.locator("#parts li").first).to_be_visible()


def a_cue(page: Page, house: Any) -> None:
    page.locator('#list li[data-number="2"] .fold').tap()
    page.locator('#list li[data-number="2.1"] .name').tap()
    expect(page.locator(".slide").first).to_be_visible()


def a_difference(page: Page, house: Any) -> None:
    house.command("stop")
    assert house.command("edit", cue="12", key="notes", value="Open the doors.", draft=True)
    page.tap("#changes")
    expect(page.locator("#diff .lines li").first).to_be_visible()
    assert house.command("revert")


PAGES: dict[str, tuple[str, Prepare]] = {
    "index": ("/", front),
    "editor": ("/editor", lambda page, house: expect(page.locator("#list li").first).to_be_visible()),
    "editor, one cue": ("/editor", a_cue),
    "editor, what has changed": ("/editor", a_difference),
    "health": ("/health", judged),
    "monitor": ("/monitor", monitored),
    "monitor, one address": ("/monitor", a_line),
    "table": ("/table", as_it_is),
    "projector": ("/projector/main", as_it_is),
    "operator": ("/operator", operator),
    "operator: CUES": ("/operator", on_sheet("CUES")),
    "operator: CUES, one chosen": ("/operator", chosen),
    "operator: NOTE": ("/operator", on_sheet("NOTE")),
    "operator: LOOK": ("/operator", on_sheet("LOOK")),
    "operator: CREW": ("/operator", on_sheet("CREW")),
    "operator: DESK": ("/operator", on_sheet("DESK")),
    "operator: KEYS": ("/operator", keys),
    "operator, in panic": ("/operator", panicking),
    "operator, held": ("/operator", held),
    "operator, black": ("/operator", dark),
    "operator, locked": ("/operator", locked),
    "operator, not connected": ("/operator", offline),
}
"""Name -> address, and what brings the page into the state that is looked at. A new page is one more line."""


def wrongs(page: Page) -> list[str]:
    """What axe finds, a line for each element."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['target']}: {node['failureSummary']}" for one in found for node in one["nodes"]
    ]


def small(page: Page) -> list[str]:
    """Words that are seen, and smaller than SMALLEST_TEXT."""
    texts: list[list[Any]] = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((e) => e.checkVisibility() && !e.closest("svg"))
            .filter((e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
            .map((e) => [e.textContent.trim().slice(0, 40), parseFloat(getComputedStyle(e).fontSize)])"""
    )
    return [f"{size:g} px: {words}" for words, size in texts if size < SMALLEST_TEXT]


def reach(page: Page) -> list[str]:
    """What a finger can press, and Tab cannot reach."""
    missed: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, a[href], input, textarea, select, [role=slider]")]
            .filter((e) => e.checkVisibility() && !e.disabled && !e.closest("[inert]"))
            .filter((e) => e.tabIndex < 0 && e.getAttribute("role") !== "tab")
            .map((e) => e.outerHTML.slice(0, 80))"""
    )
    return missed


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_and_worked_by_everybody(visit: Any, house: Any, name: str) -> None:
    path, prepare = PAGES[name]
    page = visit(path)
    prepare(page, house)
    try:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert wrongs(page) == []
            assert small(page) == []
            assert reach(page) == []
    finally:
        if prepare is offline:
            house.thaw()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_page_of_a_run_is_read_by_everybody(
    chromium: Browser, tmp_path: Path, width: int, height: int
) -> None:
    """It has a server of its own, without a show."""
    server = serve(write_run(tmp_path / "dinners"), 0)
    context = fingers(chromium, width, height)
    try:
        page = context.new_page()
        page.goto(server.url)
        page.wait_for_function("document.body.dataset.late === 'false'")
        assert wrongs(page) == []
        assert small(page) == []
        assert reach(page) == []
    finally:
        context.close()
        server.close()
