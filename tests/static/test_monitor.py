"""The crew's monitor, under fingers: what comes and goes, and a line of the patch learned from a sensor."""

import math
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from server.osc import encode

SIZES = [(1024, 768), (390, 844)]
PLATE = "/table/plate/mom"
KNOB = "/knob/mom"
DRAWN = "(document.querySelector('#curve .history path.out')?.getAttribute('d') ?? '').length > 300"


class Sensors:
    """Sensors that speak thirty times a second, for as long as they are there."""

    def __init__(self, port: int) -> None:
        self._where = ("127.0.0.1", port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._values: dict[str, float] = {}
        self._moving: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)
        self._thread.start()

    def rest(self, address: str, value: float) -> None:
        """It says this from now on."""
        self._moving.discard(address)
        self._values[address] = value

    def touch(self, address: str, most: float = 1.0) -> None:
        """Somebody moves it to and fro."""
        self._values[address] = most
        self._moving.add(address)

    def send(self, address: str, *args: object) -> None:
        self._socket.sendto(encode(address, args), self._where)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _speak(self) -> None:
        nth = 0
        while not self._over.wait(1 / 30):
            nth += 1
            swing = 0.5 - 0.5 * math.cos(nth / 5)
            for address, value in list(self._values.items()):
                self.send(address, value * swing if address in self._moving else value)


@pytest.fixture
def sensors(house: Any) -> Iterator[Sensors]:
    sensors = Sensors(house.osc_port)
    yield sensors
    sensors.close()


@pytest.fixture(autouse=True)
def as_it_was(house: Any) -> Iterator[None]:
    text = house.config.read_text()
    yield
    house.config.write_text(text)


def row(page: Page, address: str, source: str = "osc") -> Any:
    """Of what our sensors have sent: others, before, may have touched the same plate on a page."""
    rows = page.locator("#rows button", has=page.get_by_text(address, exact=True))
    return rows.filter(has_text=f"from {source}")


def live(page: Page) -> Page:
    expect(page.locator("#link")).to_contain_text("live")
    return page


def opened(page: Page, address: str) -> Page:
    row(live(page), address).first.tap()
    expect(page.locator("#one h2")).to_have_text(address)
    expect(page.locator("#line select")).to_be_visible()
    return page


def too_small(page: Page) -> list[str]:
    """Whatever a finger may miss."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input, .choice, nav a")]
            .filter((e) => e.checkVisibility() && !["radio", "checkbox"].includes(e.type))
            .map((e) => [e, e.getBoundingClientRect()])
            .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
            .map(([e, box]) => `${e.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""
    )
    return found


def too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def small_print(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
            .filter((e) => e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 14)
            .map((e) => e.outerHTML.slice(0, 80))"""
    )
    return found


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_message_stands_there_with_its_sender_and_meaning(
    visit: Any, sensors: Sensors, tmp_path: Path, width: int, height: int
) -> None:
    sensors.touch(PLATE)
    sensors.rest("/table/chair/dad", 1.0)
    sensors.rest("/lidar/7", 412.5)
    sensors.send("/show/master", "loud")
    page = live(visit("/monitor", width, height))
    plate = row(page, PLATE)
    expect(plate).to_contain_text("from osc 127.0.0.1")
    expect(plate).to_contain_text("plate.mom")
    expect(plate).to_contain_text(re.compile(r"\d+ a second"))
    expect(row(page, "/lidar/7")).to_contain_text("means nothing")
    expect(row(page, "/show/master").first).to_contain_text("refused: MASTER")
    expect(row(page, "/show/master").first).to_contain_text("expected a finite number, got 'loud'")
    page.screenshot(path=tmp_path / "list.png")
    assert too_small(page) == []
    assert small_print(page) == []
    assert not too_wide(page)


def test_the_filter_and_the_sides_choose_what_is_seen(visit: Any, house: Any, sensors: Sensors) -> None:
    sensors.rest(PLATE, 0.2)
    sensors.send("/show/master", "loud")
    page = live(visit("/monitor"))
    expect(row(page, "/show/master").first).to_be_visible()
    page.locator("#filter").fill("plate.mom")
    expect(row(page, PLATE).first).to_be_visible()
    expect(row(page, "/show/master")).to_have_count(0)
    page.locator("#filter").fill("no such thing anywhere")
    expect(page.locator("#nothing")).to_have_text("Nothing passes the filter.")
    page.locator("#filter").fill("")
    page.locator("[data-which=refused]").tap()
    expect(row(page, "/show/master").first).to_be_visible()
    expect(row(page, PLATE)).to_have_count(0)
    expect(page.locator("#lost")).to_contain_text("refused")


def test_a_pause_holds_still_what_is_read(visit: Any, sensors: Sensors) -> None:
    sensors.rest(PLATE, 0.25)
    page = live(visit("/monitor"))
    expect(row(page, PLATE)).to_contain_text("0.25")
    page.locator("#pause").tap()
    sensors.rest(PLATE, 0.75)
    expect(page.locator("#link")).to_contain_text("paused")
    page.wait_for_timeout(400)
    expect(row(page, PLATE)).to_contain_text("0.25")
    page.locator("#pause").tap()
    expect(row(page, PLATE)).to_contain_text("0.75")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_sensor_is_learned_and_saved_with_all_comments_kept(
    visit: Any, house: Any, sensors: Sensors, tmp_path: Path, width: int, height: int
) -> None:
    before = house.config.read_text()
    address = f"{KNOB}/{width}"
    sensors.rest("/table/chair/dad", 0.3)
    page = live(visit("/monitor", width, height))
    page.locator("#learn").tap()
    expect(page.locator("#learning")).to_contain_text("Touch a sensor")
    sensors.touch(address, 800.0)
    offer = page.locator("#learning li button", has_text=address)
    expect(offer).to_contain_text("means nothing yet")
    page.screenshot(path=tmp_path / "learn.png")
    offer.tap()
    expect(page.locator("#one h2")).to_have_text(address)
    page.get_by_label(re.compile("a new line, for this one alone")).check()
    page.locator("#line select").select_option("plate.mom")
    page.locator("[data-seen]").tap()
    page.get_by_role("radio", name=re.compile("^square")).check()
    page.get_by_role("checkbox", name=re.compile("^Threshold")).check()
    page.get_by_role("slider", name="Hysteresis").fill("0.2")
    expect(page.locator("#curve .history .gate")).to_have_count(1)
    page.wait_for_function(DRAWN)
    page.wait_for_timeout(1500)
    page.screenshot(path=tmp_path / "line.png")
    assert too_small(page) == []
    assert small_print(page) == []
    assert not too_wide(page)
    page.get_by_role("button", name="Show the difference").tap()
    expect(page.locator("#difference .plus").first).to_be_visible()
    expect(page.locator("#difference .minus")).to_have_count(0)
    page.locator("#difference").scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "difference.png")
    assert house.config.read_text() == before
    page.locator("#save").tap()
    expect(page.locator("#said")).to_contain_text("Saved in config.toml")
    after = house.config.read_text()
    assert [line for line in after.splitlines() if line not in before.splitlines()][:2] == [
        f'address = "{address}"',
        'control = "plate.mom"',
    ]
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    house.until(lambda state: state["controls"].get("plate.mom", 0) > 0.5)
    expect(page.locator("#one .meaning")).to_contain_text("moves plate.mom")


def test_a_change_for_every_seat_is_one_line_of_the_file(visit: Any, house: Any, sensors: Sensors) -> None:
    before = house.config.read_text()
    sensors.touch(PLATE)
    page = opened(visit("/monitor"), PLATE)
    expect(page.get_by_label(re.compile("the line of every seat"))).to_be_checked()
    page.get_by_role("slider", name="Smoothing").fill("0.5")
    page.get_by_role("button", name="Show the difference").tap()
    expect(page.locator("#difference .minus")).to_have_text("-smoothing = 0.04\n")
    page.locator("#save").tap()
    expect(page.locator("#said")).to_contain_text("Saved")
    assert house.config.read_text() == before.replace("smoothing = 0.04", "smoothing = 0.5", 1)


def test_what_cannot_be_is_refused_with_the_key(visit: Any, sensors: Sensors) -> None:
    sensors.rest("/lidar/9", 1.0)
    page = opened(visit("/monitor"), "/lidar/9")
    page.locator("#line select").select_option("another name…")
    page.locator("[data-key=control]").fill("a name with spaces")
    expect(page.locator("#said")).to_contain_text("control: expected letters, digits")


def test_a_bypassed_sensor_is_ignored_and_said_in_red_words_everywhere(
    visit: Any, house: Any, sensors: Sensors, tmp_path: Path
) -> None:
    sensors.rest(PLATE, 0.9)
    house.until(lambda state: state["controls"].get("plate.mom", 0) > 0.8)
    page = opened(visit("/monitor"), PLATE)
    page.locator("#bypass").tap()
    expect(page.locator("#warnings")).to_contain_text(f"BYPASSED: {PLATE} is ignored")
    expect(row(page, PLATE).first).to_contain_text("bypassed")
    house.until(lambda state: state["controls"]["plate.mom"] < 0.1)
    assert f"BYPASSED: {PLATE} is ignored" in house.state()["warnings"]
    page.screenshot(path=tmp_path / "bypassed.png")
    health = visit("/health")
    expect(health.locator("#verdict")).to_contain_text(f"BYPASSED: what {PLATE} sends is ignored")
    # by hand it goes on
    page.locator("#simulate input").fill("0.6")
    house.until(lambda state: 0.5 < state["controls"]["plate.mom"] < 0.7)
    page.wait_for_timeout(1500)  # longer than the silence of a plate
    assert 0.5 < house.state()["controls"]["plate.mom"] < 0.7
    page.locator("#let-go").tap()
    house.until(lambda state: state["controls"]["plate.mom"] < 0.1)
    page.locator("#bypass").tap()
    expect(page.locator("#warnings")).to_be_hidden()
    house.until(lambda state: state["controls"]["plate.mom"] > 0.8)


def test_a_wobble_moves_the_control_until_it_is_stopped(visit: Any, house: Any, sensors: Sensors) -> None:
    sensors.send("/table/glass/mom", 0.0)
    page = opened(visit("/monitor"), "/table/glass/mom")
    page.locator("#wobble").tap()
    house.until(lambda state: state["controls"].get("glass.mom", 0) > 0.6)
    house.until(lambda state: state["controls"]["glass.mom"] < 0.3)
    page.locator("#let-go").tap()
    expect(page.locator("#wobble")).to_have_attribute("aria-pressed", "false")


def test_a_table_is_recorded_and_played_again_and_stopped(
    visit: Any, house: Any, sensors: Sensors, tmp_path: Path
) -> None:
    house.command("desk", mode="rehearsal")
    page = live(visit("/monitor"))
    page.locator("#tapes-open").tap()
    page.locator("#record").tap()
    expect(page.locator("#record")).to_contain_text("Stop")
    sensors.touch("/table/voice/sister")
    page.wait_for_timeout(2500)
    sensors.send("/show/go", "2")
    page.locator("#record").tap()
    expect(page.locator("#told")).to_contain_text("messages are in")
    sensors.rest("/table/voice/sister", 0.0)
    house.until(lambda state: state["controls"]["voice.sister"] < 0.05)
    on_stage = house.state()["current"]
    with next((house.config.parent / "recordings").iterdir()).open("a") as tape:
        tape.write('{"at": 600, "address": "/table/voice/sister", "args": [0]}\n')
    page.locator("#tapes li button").first.tap()
    expect(page.locator("#warnings")).to_contain_text("A RECORDING IS PLAYED")
    expect(row(page, "/table/voice/sister", "replay")).to_be_visible()
    page.screenshot(path=tmp_path / "replay.png")
    health = visit("/health")
    expect(
        health.locator("#parts [data-state=note]").filter(has_text="A recording is played")
    ).to_be_visible()
    page.locator("#tapes li button").first.tap()
    expect(page.locator("#warnings")).to_be_hidden()
    assert house.state()["current"] == on_stage
    house.command("desk", mode="show")
    page.locator("#tapes li button").first.tap()
    expect(page.locator("#told")).to_contain_text("in show mode nothing is played")
    house.command("desk", mode="edit")


def test_what_is_counted_meanwhile_moves_nothing_under_a_finger(
    visit: Any, house: Any, sensors: Sensors
) -> None:
    house.command("desk", mode="rehearsal")
    sensors.touch("/nobody/knows")
    page = live(visit("/monitor"))
    page.locator("[data-which=refused]").tap()
    page.locator("#tapes-open").tap()
    lost = page.locator("#lost li", has_text="mean nothing")

    def counts_on(many: int = 10) -> None:
        """Until so many more mean nothing: the facts were drawn again in between."""
        before = int(lost.locator("b").inner_text())
        page.wait_for_function(
            """least => [...document.querySelectorAll("#lost li")]
                .some(({ innerText: text }) => text.includes("mean nothing") && parseInt(text) >= least)""",
            arg=before + many,
        )

    page.locator("#record").tap()
    counts_on()
    page.locator("#record").tap()
    expect(page.locator("#told")).to_contain_text("messages are in")
    newest = max((house.config.parent / "recordings").iterdir())
    with newest.open("a") as tape:
        tape.write('{"at": 600, "address": "/table/voice/sister", "args": [0]}\n')
    button = page.locator("#tapes li", has_text=newest.name).locator("button")
    for word, then in (("Play", "Stop"), ("Stop", "Play")):
        expect(button).to_have_text(word)
        button.hover()
        page.mouse.down()
        counts_on()
        page.mouse.up()
        expect(button).to_have_text(then)
        expect(button).to_be_focused()
    button.press("Enter")
    expect(page.locator("#warnings")).to_contain_text("A RECORDING IS PLAYED")
    page.evaluate(
        """() => {
            const warnings = document.querySelector("#warnings");
            const element = ({ target }) => target.closest ? target : target.parentElement;
            window.again = 0;
            new MutationObserver((records) => {
                window.again += records.filter((record) => !element(record).closest("[aria-hidden]")).length;
            }).observe(warnings, { subtree: true, childList: true, characterData: true });
        }"""
    )
    expect(page.locator("#warnings")).to_contain_text(re.compile(r"[2-9] of 600 s"))
    assert page.evaluate("again") == 0
    expect(button).to_be_focused()
    button.press("Enter")
    expect(button).to_have_text("Play")
    expect(button).to_be_focused()
    house.command("desk", mode="edit")


def test_it_works_by_keyboard(visit: Any, sensors: Sensors) -> None:
    sensors.rest(PLATE, 0.4)
    page = live(visit("/monitor"))
    expect(row(page, PLATE).first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("plate/mom")
    expect(page.locator("#filter")).to_have_value("plate/mom")
    row(page, PLATE).first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#one h2")).to_have_text(PLATE)
    expect(page.locator("#close")).to_be_focused()
    page.get_by_role("slider", name="Smoothing").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("output[data-of=smoothing]")).to_have_text("0.05 s")
    page.keyboard.press("Escape")
    expect(page.locator("#one")).to_be_hidden()


def test_it_comes_back_by_itself_and_shows_the_same_sensor(visit: Any, house: Any, sensors: Sensors) -> None:
    sensors.touch(PLATE)
    page = opened(visit("/monitor", forgives="WebSocket"), PLATE)
    page.wait_for_function(DRAWN)
    house.freeze()
    expect(page.locator("#link")).to_contain_text("not connected")
    house.thaw()
    expect(page.locator("#link")).to_contain_text("live")
    page.wait_for_function(DRAWN)
    expect(page.locator("#one h2")).to_have_text(PLATE)


def test_it_goes_on_learning_after_a_gap(visit: Any, house: Any, sensors: Sensors) -> None:
    page = live(visit("/monitor", forgives="WebSocket"))
    page.locator("#learn").tap()
    expect(page.locator("#learning")).to_be_visible()
    house.freeze()
    expect(page.locator("#link")).to_contain_text("not connected")
    expect(page.locator("#learning")).to_be_visible()
    page.locator("#told").wait_for(state="hidden")
    house.thaw()
    expect(page.locator("#link")).to_contain_text("live")
    sensors.touch("/knob/after/the/gap", 800.0)
    expect(page.locator("#learning li button", has_text="/knob/after/the/gap")).to_be_visible()


def test_nobody_learns_without_a_connection_and_it_says_so_in_sight(visit: Any, house: Any) -> None:
    page = live(visit("/monitor", forgives="WebSocket"))
    house.freeze()
    expect(page.locator("#link")).to_contain_text("not connected")
    page.locator("#learn").tap()
    expect(page.locator("#told")).to_be_visible()
    expect(page.locator("#told")).to_contain_text("Not connected")
    expect(page.locator("#learning")).to_be_hidden()
    house.thaw()
    expect(page.locator("#link")).to_contain_text("live")
