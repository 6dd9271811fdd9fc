"""The operator's page: what it shows, what it sends, and what it never sends."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, WebSocket, expect

from server.desk import LATE_AFTER
from show_control.actions import Line
from show_control.showfile import parse_show
from tests.static.doctored import doctored, ready
from tests.static.wire import came

SIZES = [(1024, 768), (768, 1024), (390, 844), (844, 390), (1920, 1080)]
ROOT = Path(__file__).parent.parent.parent
SHOW = parse_show((ROOT / "show_control/shows/dinner.toml").read_text(), "dinner.toml")
CUES = tuple(SHOW.cues)
SECOND, THIRD, FOURTH = CUES[1:4]
LINES = [cue.action for cue in SECOND.cues if isinstance(cue.action, Line)]


def press_twice(page: Page) -> None:
    """Two fingers at once: sooner after each other than taps from here can be."""
    page.evaluate(
        """() => {
            const go = document.querySelector("#go");
            const press = () => go.dispatchEvent(new PointerEvent("pointerdown", { button: 0 }));
            press();
            press();
        }"""
    )


def on_stage(page: Page, number: str) -> None:
    expect(page.locator("#now .cue b")).to_have_text(number)


def test_go_is_a_third_of_the_screen_and_nothing_is_too_small(visit: Any, tmp_path: Path) -> None:
    page = ready(visit("/operator"))
    expect(page.locator("#wait .words")).to_have_text(LINES[0].text)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=tmp_path / f"operator-{width}.png")
        go = page.locator("#go").bounding_box()
        assert go["width"] * go["height"] >= width * height / 3
        for box in page.locator("button:visible, [role=slider]").evaluate_all(
            "all => all.map(e => [e.id || e.innerText, e.offsetWidth, e.offsetHeight])"
        ):
            assert min(box[1:]) >= 44, box
        for name in ("#take", "#skip", "#more"):
            box = page.locator(name).bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
            assert 0 <= box["y"] <= box["y"] + box["height"] <= height
        panic = page.locator("#panic").bounding_box()
        assert go["y"] - (panic["y"] + panic["height"]) > height / 4
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_shows_the_show(visit: Any) -> None:
    page = ready(visit("/operator"))
    on_stage(page, SECOND.number)
    expect(page.locator("#now .cue span")).to_have_text(SECOND.name)
    expect(page.locator("#next .cue")).to_have_text(f"{THIRD.number} {THIRD.name}")
    expect(page.locator("#next .notes")).to_have_text(THIRD.notes)
    first = page.locator("#cues [role=listitem]").first
    expect(first).to_have_attribute("aria-setsize", str(len(CUES)))
    expect(page.locator("#cues [aria-current=step] .name")).to_have_text(SECOND.name)
    expect(page.locator("#cues [data-state=standby] .mark")).to_have_text("STANDBY")
    expect(page.locator("#renderer")).to_have_text("picture running")
    expect(page.locator("#figures")).to_have_text(re.compile(r"frames a second · last frame \d+\.\d s ago"))
    expect(page.locator("#preview")).to_have_attribute("data-fresh", "true")


def test_go_moves_on_and_the_fade_counts_down(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    page.tap("#go")
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    house.command("goto", cue=THIRD.number)
    on_stage(page, THIRD.number)
    expect(page.locator("#now > .bar p")).to_have_text(re.compile(r"fade: \d+(\.\d)? s of \d+(\.\d)? s left"))


def test_go_names_the_cue_that_it_shows_and_its_moment(visit: Any, house: Any) -> None:
    sent: list[dict[str, Any]] = []

    def listen(socket: WebSocket) -> None:
        if socket.url.endswith("/ws/operator"):
            socket.on("framesent", lambda text: sent.append(json.loads(text)))

    page = visit("/operator", before=lambda page: page.on("websocket", listen))
    ready(page)
    before = house.state()["now"]
    page.keyboard.press(" ")
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    (message,) = [one for one in sent if one["type"] == "command"]
    at = message.pop("at")
    assert before - LATE_AFTER < at <= house.state()["now"]
    assert {**message, "id": ""} == {"type": "command", "id": "", "name": "go", "standby": THIRD.number}


def test_two_quick_gos_are_one_and_a_sentence(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    press_twice(page)
    expect(page.locator("#refusal")).to_contain_text("Pressed twice: one GO went out")
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    assert house.state()["standby"]["number"] == FOURTH.number
    assert house.state()["refused"] is None


def test_the_ring_opens_with_a_go_and_closes_when_the_next_is_armed(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    go = page.locator("#go")
    expect(go).to_have_attribute("data-armed", "true")
    page.evaluate(
        """() => {
            const go = document.querySelector("#go");
            window.rings = [];
            new MutationObserver(() => rings.push(Number(go.style.getPropertyValue("--closed"))))
                .observe(go, { attributes: true, attributeFilter: ["style"] });
            go.dispatchEvent(new PointerEvent("pointerdown", { button: 0 }));
        }"""
    )
    page.wait_for_function("rings.at(-1) === 1 && rings.length > 1")
    closed = page.evaluate("rings")
    assert closed[0] < 0.5
    expect(go).to_have_attribute("data-armed", "true")
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)


def test_a_go_from_elsewhere_opens_the_ring_as_well(visit: Any) -> None:
    """The state as it is right after a GO of another page."""
    later: list[dict[str, Any]] = []
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, lambda: later[-1] if later else {}, sent))
    later.append({"armed_at": 1e9})
    expect(page.locator("#go")).to_have_attribute("data-armed", "false")
    page.tap("#go")
    expect(page.locator("#refusal")).to_contain_text("Pressed twice")
    assert sent == []


def test_after_a_refusal_the_next_press_counts(visit: Any) -> None:
    sent: list[dict[str, Any]] = []
    page = ready(doctored(visit, lambda: {"armed_at": None}, sent, answer=lambda one: "GO refused: not yet."))
    page.tap("#go")
    expect(page.locator("#refusal")).to_have_text("GO refused: not yet.")
    expect(page.locator("#go")).to_have_attribute("data-armed", "true")
    page.tap("#go")
    assert [one["name"] for one in came(page, sent, 2)] == ["go", "go"]


def test_a_refusal_from_elsewhere_is_seen(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    assert not house.command("go", standby="99")
    expect(page.locator("#refusal")).to_contain_text("99")


def test_a_go_pressed_offline_is_never_sent(visit: Any, house: Any, tmp_path: Path) -> None:
    page = ready(visit("/operator", 390, 844))
    before = house.state()
    house.freeze()
    try:
        expect(page.locator("#go b")).to_have_text("NOT CONNECTED")
        expect(page.locator("#link")).to_contain_text("NOT CONNECTED")
        assert page.locator("#go").evaluate("e => e.scrollWidth <= e.clientWidth")
        grey = page.locator("#go").evaluate("e => getComputedStyle(e).backgroundColor")
        page.tap("#go")
        page.keyboard.press(" ")
        expect(page.locator("#refusal")).to_contain_text("will not be sent later")
        page.screenshot(path=tmp_path / "not-connected.png")
    finally:
        house.thaw()
    ready(page)
    assert page.locator("#go").evaluate("e => getComputedStyle(e).backgroundColor") != grey
    # Whatever was queued came before this.
    page.locator("#cues [role=listitem]", has_text=FOURTH.name).locator("button").tap()
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    after = house.state()
    assert after["current"] == before["current"]
    assert after["event"] == before["event"] + 1


def test_a_go_that_a_stalled_network_delivers_late_is_refused(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    before = house.state()
    house.freeze()
    try:
        page.tap("#go")  # the page cannot know yet: it goes out
        expect(page.locator("#refusal")).to_contain_text("No answer to GO")
        expect(page.locator("#go b")).to_have_text("NOT CONNECTED")
        page.wait_for_timeout(1000 * LATE_AFTER)
    finally:
        house.thaw()
    expect(page.locator("#refusal")).to_contain_text("GO refused: it was pressed")
    ready(page)
    after = house.state()
    assert after["current"] == before["current"]
    assert after["standby"] == before["standby"]


def test_a_touch_in_the_list_stands_a_cue_by(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    page.locator("#cues button").nth(3).tap()
    expect(page.locator("#next .cue b")).to_have_text(FOURTH.number)
    assert house.state()["current"]["number"] == SECOND.number


def test_back_hold_and_resume(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    page.tap("#back")
    on_stage(page, CUES[0].number)
    page.tap("#hold")
    expect(page.locator("#hold")).to_contain_text("RESUME")
    expect(page.locator("#go b")).to_have_text("HELD")
    assert house.state()["mode"] == "held"
    page.tap("#hold")
    expect(page.locator("#hold")).to_contain_text("HOLD")
    ready(page)


def test_panic_and_its_ways_out(visit: Any, house: Any, tmp_path: Path) -> None:
    page = ready(visit("/operator"))
    page.tap("#panic")
    expect(page.locator("#go b")).to_have_text("PANIC")
    expect(page.locator("#panic")).to_contain_text("AGAIN: CUT")
    page.screenshot(path=tmp_path / "panic.png")
    page.tap("#go")
    expect(page.locator("#refusal")).to_contain_text("refused")
    page.tap("#resume-panic")
    ready(page)
    on_stage(page, SECOND.number)

    page.keyboard.press("Escape")
    expect(page.locator("#go b")).to_have_text("PANIC")
    page.tap("#goto-standby")
    ready(page)
    on_stage(page, THIRD.number)
    assert house.state()["mode"] == "running"


def test_blackout(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    page.tap("#blackout")
    expect(page.locator("#blackout")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#blackout")).to_contain_text("LIGHT UP")
    assert house.state()["blackout"] is True
    page.tap("#blackout")
    expect(page.locator("#blackout")).to_have_attribute("aria-pressed", "false")


def test_the_master_moves_with_the_finger_and_never_jumps(visit: Any, house: Any) -> None:
    page = ready(visit("/operator"))
    master = page.locator("#master")
    expect(master).to_have_attribute("aria-valuenow", "100")
    box = master.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 20)
    page.mouse.down()
    page.mouse.up()
    expect(master).to_have_attribute("aria-valuenow", "100")
    page.mouse.down()
    page.mouse.move(box["x"] - box["width"] / 4, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(master).to_have_attribute("aria-valuenow", "50")
    assert house.until(lambda state: abs(state["master"] - 0.5) < 0.02)
    house.command("master", value=0.8)
    expect(master).to_have_attribute("aria-valuenow", "80")


def test_nothing_zooms_scrolls_or_selects(visit: Any) -> None:
    page = ready(visit("/operator", 390, 844))
    style = page.evaluate(
        "(({touchAction, userSelect}) => [touchAction, userSelect])(getComputedStyle(document.body))"
    )
    assert style == ["none", "none"]
    for x, y in ((200, 700), (201, 702)):
        page.touchscreen.tap(x, y)
    assert page.evaluate("visualViewport.scale") == 1
    assert page.evaluate("String(getSelection())") == ""
