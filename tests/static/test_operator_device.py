"""The operator's page on its tablet: locked, by keyboard, awake, and on the home screen."""

import json
import struct
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.static.doctored import asked, box, doctored, hold, ready, sheet
from tests.static.wire import came

# --- lock ---------------------------------------------------------------------------------------------------


def test_a_locked_page_watches_and_panics_and_nothing_else(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, dict, sent))
    expect(page.locator("#take")).to_be_visible()
    page.tap("#lock")
    expect(page.locator("#go b")).to_have_text("LOCKED")
    page.tap("#go")
    expect(page.locator("#refusal")).to_have_text("Locked. Hold UNLOCK down to command from this page.")
    for selector in ("#back", "#hold", "#blackout", "#take", "#master", "#cues button >> nth=2"):
        page.locator(selector).tap(force=True)
    for key in (" ", "b", "h", "t", "s", "n"):
        page.keyboard.press(key)
    expect(page.locator("#sheets")).to_be_hidden()
    assert sent == []
    page.tap("#panic")
    page.keyboard.press("Escape")
    assert asked(came(page, sent, 2)) == [{"name": "panic"}, {"name": "panic"}]


def test_it_is_unlocked_by_a_hold_and_stays_unlocked(visit: Any) -> None:
    page = ready(visit("/operator"))
    page.tap("#lock")
    page.tap("#lock")
    expect(page.locator("#go b")).to_have_text("LOCKED")
    hold(page, "#lock", lambda: ready(page))
    expect(page.locator("#lock")).to_have_text("LOCK")
    ready(page)


def test_who_holds_unlock_for_longer_does_not_lock_again(visit: Any) -> None:
    page = ready(visit("/operator", before=lambda page: page.clock.install()))
    page.tap("#lock")
    expect(page.locator("#lock")).to_have_text("UNLOCK")
    on = box(page.locator("#lock"))
    page.mouse.move(on["x"] + 20, on["y"] + 20)
    page.mouse.down()
    page.clock.run_for(1100)
    expect(page.locator("#lock")).to_have_text("LOCK")
    page.clock.run_for(1500)
    page.mouse.up()
    expect(page.locator("#lock")).to_have_text("LOCK")
    page.tap("#lock")
    expect(page.locator("#lock")).to_have_text("UNLOCK")


def test_enter_held_on_lock_locks_and_held_on_unlock_unlocks(visit: Any) -> None:
    page = ready(visit("/operator", before=lambda page: page.clock.install()))
    page.locator("#lock").focus()

    def hold_enter() -> None:
        page.keyboard.down("Enter")
        page.clock.run_for(1100)
        page.keyboard.down("Enter")  # as a key that is held repeats itself
        page.keyboard.up("Enter")

    hold_enter()
    expect(page.locator("#lock")).to_have_text("UNLOCK")
    hold_enter()
    expect(page.locator("#lock")).to_have_text("LOCK")
    page.keyboard.press("Enter")
    expect(page.locator("#lock")).to_have_text("UNLOCK")


def test_a_browser_that_keeps_nothing_commands_all_the_same(visit: Any, house: Any) -> None:
    def keeps_nothing(page: Page) -> None:
        page.add_init_script("""
            for (const name of ["localStorage", "sessionStorage"]) {
                Object.defineProperty(globalThis, name, { get() { throw new Error("blocked"); } });
            }
        """)

    page = ready(visit("/operator", before=keeps_nothing))
    page.tap("#lock")
    expect(page.locator("#go b")).to_have_text("LOCKED")
    hold(page, "#lock", lambda: ready(page))
    standby = house.state()["standby"]["number"]
    page.tap("#go")
    house.until(lambda state: state["current"]["number"] == standby)


def test_an_older_tablet_without_check_visibility_is_drawn(visit: Any) -> None:
    def older(page: Page) -> None:
        page.add_init_script("delete Element.prototype.checkVisibility;")

    page = sheet(ready(visit("/operator", before=older)), "DESK")
    expect(page.locator("#stops .row").first).to_contain_text("STOP")


def test_a_lock_outlives_a_reload(visit: Any) -> None:
    page = ready(visit("/operator"))
    page.tap("#lock")
    page.reload()
    expect(page.locator("#go b")).to_have_text("LOCKED")
    hold(page, "#lock", lambda: ready(page))


# --- keys ---------------------------------------------------------------------------------------------------


def test_keys_command(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, dict, sent))
    expect(page.locator("#wait")).to_be_visible()
    expect(page.locator("#wait")).to_have_attribute("data-seen", "true")
    for key in (" ", "b", "H", "t", "s", "Escape"):
        page.keyboard.press(key)
    names = [one["name"] for one in came(page, sent, 6)]
    assert names == ["go", "back", "hold", "take", "skip", "panic"]


def test_the_keys_are_listed_behind_a_question_mark(visit: Any) -> None:
    page = ready(visit("/operator"))
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys dl")).to_contain_text("Space")
    expect(page.locator("#keys dd").first).to_have_text("GO")
    page.keyboard.press("?")
    expect(page.locator("#sheets")).to_be_hidden()
    sheet(page, "DESK").tap("#show-keys")
    expect(page.locator("#keys")).to_be_visible()


def test_keys_lead_into_fields_and_escape_out_of_them(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, dict, sent))
    page.keyboard.press("/")
    expect(page.locator("#seek input")).to_be_focused()
    page.keyboard.type("b h t ? 3")
    expect(page.locator("#seek input")).to_have_value("b h t ? 3")
    page.keyboard.press("Escape")
    expect(page.locator("#seek input")).not_to_be_focused()
    assert sent == []
    page.keyboard.press("n")
    expect(page.locator("#note textarea")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert asked(came(page, sent, 1)) == [{"name": "panic"}]


def test_space_is_go_whatever_is_in_focus(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, dict, sent))
    page.locator("#back").focus()
    page.keyboard.press(" ")
    assert [one["name"] for one in came(page, sent, 1)] == ["go"]


def test_tabs_and_faders_are_moved_by_arrows(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = sheet(ready(doctored(visit, lambda: {"desk": "rehearsal"}, sent)), "NOTE")
    page.get_by_role("tab", name="NOTE").press("ArrowRight")
    expect(page.locator("#look")).to_be_visible()
    fader = page.get_by_role("slider", name="Psi", exact=True)
    before = float(fader.get_attribute("aria-valuenow") or "nan")
    fader.press("ArrowRight")
    tweak = {"name": "tweak", "part": "psi", "value": pytest.approx(before + 0.075, abs=0.01)}
    assert asked(came(page, sent, 1)) == [tweak]


# --- the screen and the home screen -------------------------------------------------------------------------


def test_where_there_is_a_wake_lock_it_is_taken(visit: Any) -> None:
    page = sheet(ready(visit("/operator")), "DESK")
    expect(page.locator("#awake")).to_have_text("The browser keeps this screen awake.")
    expect(page.locator("video.awake")).to_have_count(0)


def test_it_can_be_put_on_the_home_screen(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    href = page.locator("link[rel=manifest]").get_attribute("href")
    with urllib.request.urlopen(house.url + href) as answer:
        assert answer.headers["Content-Type"].startswith("application/manifest+json")
        manifest = json.load(answer)
    assert (manifest["start_url"], manifest["display"]) == ("/operator", "fullscreen")
    for icon in manifest["icons"]:
        with urllib.request.urlopen(house.url + icon["src"]) as answer:
            data = answer.read()
        if icon["type"] == "image/png":
            assert "{}x{}".format(*struct.unpack(">II", data[16:24])) == icon["sizes"]
    touch = page.locator("link[rel=apple-touch-icon]").get_attribute("href")
    with urllib.request.urlopen(house.url + touch) as answer:
        assert answer.status == 200
