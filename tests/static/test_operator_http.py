"""The operator's page as another machine has it: over plain http, where browsers give less."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.static.conftest import CHROMIUM, Visit, fingers
from tests.static.doctored import ready, sheet

NO_FILMS = "HTMLMediaElement.prototype.play = async () => { throw new Error('no films here'); };"


@pytest.fixture(scope="module")
def venue_browser() -> Iterator[Browser]:
    """A browser to whom the house is another machine, so that its pages are no secure context."""
    flags = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP marrow.lan 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def from_afar(venue_browser: Browser, house: Any) -> Iterator[Visit]:
    """from_afar("/operator") opens a page by the house's name, and nothing but the house is to be reached."""
    contexts = []
    complaints: list[str] = []

    def only_here(route: Route) -> None:
        if urlsplit(route.request.url).hostname != "marrow.lan":
            complaints.append(f"asked for {route.request.url}")
        route.continue_()

    def open_page(path: str, width: int = 1024, height: int = 768, script: str = "") -> Page:
        context = fingers(venue_browser, width, height)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda one: complaints.append(one.text) if one.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", only_here)
        page.add_init_script(script)
        page.goto(f"http://marrow.lan:{urlsplit(house.url).port}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def test_it_works_over_plain_http_from_another_machine(from_afar: Visit, house: Any) -> None:
    page = ready(from_afar("/operator"))
    assert page.evaluate("isSecureContext") is False
    standby = house.state()["standby"]["number"]
    page.tap("#go")
    house.until(lambda state: state["current"]["number"] == standby)
    sheet(page, "CREW").tap("#take-baton")
    expect(page.locator("#baton")).to_contain_text("You have the baton")
    page.tap("#take-baton")
    expect(page.locator("#preview")).to_have_attribute("data-fresh", "true")


def test_without_a_wake_lock_a_film_runs_after_the_first_touch(from_afar: Visit) -> None:
    page = ready(from_afar("/operator"))
    expect(page.locator("#warnings")).to_contain_text("This screen may go to sleep. Touch the page once")
    sheet(page, "DESK")
    expect(page.locator("#warnings")).to_be_hidden()
    expect(page.locator("#awake")).to_contain_text("A silent film in the corner keeps this screen awake")
    film = page.locator("video.awake")
    assert film.evaluate("film => [film.loop, film.muted, film.paused]") == [True, False, False]
    page.wait_for_function("document.querySelector('video.awake').currentTime > 0.3")
    assert film.evaluate("film => film.webkitAudioDecodedByteCount") > 0
    expect(film).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", ["/operator", "/table", "/health", "/projector/main"])
def test_the_film_is_in_sight_on_every_page_and_moves_nothing(from_afar: Visit, path: str) -> None:
    page = from_afar(path)
    page.touchscreen.tap(3, 3)
    page.wait_for_function("document.querySelector('video.awake')?.currentTime > 0.1")
    size, seen, fixed = page.locator("video.awake").evaluate(
        """film => {
            const box = film.getBoundingClientRect();
            film.style.pointerEvents = "auto";
            const seen = document.elementFromPoint(box.x + 1, box.y + 1) === film;
            return [[box.width, box.height], seen, getComputedStyle(film).position];
        }"""
    )
    assert (size, seen, fixed) == ([2, 2], True, "fixed")


def test_a_screen_that_may_go_to_sleep_is_told(from_afar: Visit, tmp_path: Path) -> None:
    page = ready(from_afar("/operator", 390, 844, NO_FILMS))
    expect(page.locator("#warnings")).to_contain_text("This screen may go to sleep: the browser will not")
    page.screenshot(path=tmp_path / "asleep.png")
    sheet(page, "DESK")
    expect(page.locator("#awake")).to_contain_text("Set the tablet's own screen time to never")
    expect(page.locator("#awake")).to_have_attribute("data-awake", "false")


def test_a_desk_that_may_go_to_sleep_says_so_where_one_looks_for_it(from_afar: Visit) -> None:
    desk = NO_FILMS + "window.matchMedia = () => ({ matches: false });"
    page = sheet(ready(from_afar("/operator", script=desk)), "DESK")
    expect(page.locator("#awake")).to_have_attribute("data-awake", "false")
    expect(page.locator("#warnings")).to_be_hidden()


def test_a_wall_that_may_go_to_sleep_says_so_in_its_title(from_afar: Visit) -> None:
    page = from_afar("/projector/main", script=NO_FILMS)
    expect(page).to_have_title("may go to sleep: main · Marrow")


def test_a_glance_that_may_go_to_sleep_says_so_below(from_afar: Visit) -> None:
    page = from_afar("/health", script=NO_FILMS)
    expect(page.locator("#parts li").first).to_be_visible()
    expect(page.locator("#age")).to_contain_text("This screen may go to sleep")
