"""The operator's page as another machine has it: over plain http, where browsers give less."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.static.conftest import CHROMIUM
from tests.static.doctored import ready, sheet


@pytest.fixture(scope="module")
def venue_browser() -> Iterator[Browser]:
    """A browser to whom the house is another machine, so that its pages are no secure context."""
    flags = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP marrow.lan 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def from_afar(venue_browser: Browser, house: Any) -> Iterator[Page]:
    """The operator's page by the house's name, and nothing but the house to be reached."""
    context = venue_browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda one: complaints.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def only_here(route: Route) -> None:
        if urlsplit(route.request.url).hostname != "marrow.lan":
            complaints.append(f"asked for {route.request.url}")
        route.continue_()

    page.route("**/*", only_here)
    page.goto(f"http://marrow.lan:{urlsplit(house.url).port}/operator")
    yield page
    context.close()
    assert complaints == []


def test_it_works_over_plain_http_from_another_machine(from_afar: Page, house: Any) -> None:
    page = ready(from_afar)
    assert page.evaluate("isSecureContext") is False
    standby = house.state()["standby"]["number"]
    page.tap("#go")
    house.until(lambda state: state["current"]["number"] == standby)
    sheet(page, "CREW").tap("#take-baton")
    expect(page.locator("#baton")).to_contain_text("You have the baton")
    page.tap("#take-baton")
    expect(page.locator("#preview")).to_have_attribute("data-fresh", "true")


def test_without_a_wake_lock_a_film_runs_after_the_first_touch(from_afar: Page) -> None:
    page = ready(from_afar)
    sheet(page, "DESK")
    expect(page.locator("#awake")).to_contain_text("A silent film in the corner keeps this screen awake")
    film = page.locator("video.awake")
    assert film.evaluate("film => [film.loop, film.muted, film.paused]") == [True, False, False]
    page.wait_for_function("document.querySelector('video.awake').currentTime > 0.3")
    assert film.evaluate("film => film.webkitAudioDecodedByteCount") > 0
    expect(film).to_be_in_viewport(ratio=1)


def test_a_screen_that_may_go_to_sleep_is_told(venue_browser: Browser, house: Any) -> None:
    context = venue_browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.add_init_script(
        "HTMLMediaElement.prototype.play = async () => { throw new Error('no films here'); };"
    )
    page.goto(f"http://marrow.lan:{urlsplit(house.url).port}/operator")
    sheet(ready(page), "DESK")
    expect(page.locator("#awake")).to_contain_text("Set the tablet's own screen time to never")
    expect(page.locator("#awake")).to_have_attribute("data-awake", "false")
    context.close()
