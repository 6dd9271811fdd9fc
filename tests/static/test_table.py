"""The table page: hands on it are felt by the show as the sensors are."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from show_control.actions import Line
from show_control.showfile import parse_show

SIZES = [(1024, 768), (390, 844), (844, 390), (1920, 1080)]
SEATS = ("mom", "dad", "brother", "sister")
SHOW = Path(__file__).parent.parent.parent / "show_control/shows/dinner.toml"
CUES = parse_show(SHOW.read_text(encoding="utf-8"), SHOW.name).cues.every.values()
LINES = tuple(cue.action for cue in CUES if isinstance(cue.action, Line))
FIRST, SECOND = LINES[:2]

GLOWS = "e => Number(e.style.getPropertyValue('--glow')) > 0.2"


def item(page: Page, seat: str, kind: str) -> Locator:
    return page.locator(f'[data-seat="{seat}"] .{kind}')


def ready(page: Page) -> Page:
    expect(page.locator("#go b")).to_have_text("GO")
    expect(page.locator(".place")).to_have_count(len(SEATS))
    return page


def glows(page: Page, seat: str, kind: str) -> None:
    page.wait_for_function(
        f"([s, k]) => ({GLOWS})(document.querySelector(`[data-seat=${{s}}] .${{k}}`))", arg=[seat, kind]
    )


def hold(page: Page, where: Locator) -> tuple[float, float]:
    box = where.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def test_everything_is_in_sight_and_within_reach(visit: Any, tmp_path: Path) -> None:
    page = ready(visit("/table"))
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=tmp_path / f"table-{width}.png")
        boxes = page.locator(".item, #go").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect().toJSON())"
        )
        assert len(boxes) == 4 * len(SEATS) + 1
        for box in boxes:
            assert min(box["width"], box["height"]) >= 44, box
            assert box["left"] >= 0
            assert box["top"] >= 0
            assert box["right"] <= width
            assert box["bottom"] <= height
    for seat in SEATS:
        expect(page.locator(f'[data-seat="{seat}"] .name')).to_have_text(seat)


def test_it_is_laid_though_the_show_restarts_meanwhile(visit: Any) -> None:
    failures = ["it refuses", "it is not ready"]

    def fail(route: Route) -> None:
        match failures:
            case []:
                route.continue_()
            case [_]:
                failures.pop()
                route.fulfill(status=503)
            case _:
                failures.pop()
                route.abort("connectionrefused")

    page = visit(
        "/table", forgives="Failed to load resource", before=lambda page: page.route("**/api/info", fail)
    )
    ready(page)
    assert failures == []


def test_a_plate_is_pressed_and_let_go(visit: Any, house: Any, tmp_path: Path) -> None:
    page = ready(visit("/table"))
    hold(page, item(page, "mom", "plate"))
    house.until(lambda state: state["controls"].get("plate.mom", 0) > 0.8)
    glows(page, "mom", "plate")
    page.screenshot(path=tmp_path / "plate.png")
    page.mouse.up()
    house.until(lambda state: state["controls"]["plate.mom"] < 0.05)


def test_a_plate_feels_where_it_is_pressed(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    x, y = hold(page, item(page, "dad", "plate").locator(".rim"))
    house.until(lambda state: state["controls"].get("plate.dad", 0) > 0.9)
    radius = item(page, "dad", "plate").locator(".rim").bounding_box()["width"] / 2
    page.mouse.move(x + 0.9 * radius, y)
    house.until(lambda state: 0.3 < state["controls"]["plate.dad"] < 0.6)
    page.mouse.up()


def test_a_chair_is_taken_and_left(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    item(page, "brother", "chair").tap()
    house.until(lambda state: state["controls"].get("chair.brother", 0) > 0.5)
    glows(page, "brother", "chair")
    item(page, "brother", "chair").tap()
    house.until(lambda state: state["controls"]["chair.brother"] < 0.5)


def test_a_glass_is_lifted(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    x, y = hold(page, item(page, "sister", "glass"))
    page.mouse.move(x, y - 60, steps=3)
    house.until(lambda state: 0.3 < state["controls"].get("glass.sister", 0) < 0.8)
    page.mouse.up()
    house.until(lambda state: state["controls"]["glass.sister"] < 0.1)


def test_a_voice_is_held(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    hold(page, item(page, "dad", "voice"))
    house.until(lambda state: state["controls"].get("voice.dad", 0) > 0.2)
    page.mouse.up()
    house.until(lambda state: state["controls"]["voice.dad"] < 0.05)


def test_many_hands_at_once(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    centres = [item(page, seat, "plate").bounding_box() for seat in SEATS]
    fingers = [
        {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "id": n}
        for n, box in enumerate(centres)
    ]
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": fingers})
    plates = [f"plate.{seat}" for seat in SEATS]
    house.until(lambda state: all(state["controls"].get(plate, 0) > 0.8 for plate in plates))
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": fingers[:1]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    house.until(lambda state: all(state["controls"][plate] < 0.05 for plate in plates))


def test_go_for_playing_alone(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    standby = house.state()["standby"]
    expect(page.locator("#go span")).to_have_text(f"{standby['number']} {standby['name']}")
    page.tap("#go")
    house.until(lambda state: state["standby"]["number"] != standby["number"])


def test_a_refused_go_says_why(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    house.command("hold")
    expect(page.locator("#go b")).to_have_text("HELD")
    page.tap("#go")
    expect(page.locator("#say")).to_contain_text("GO refused")


def test_offline_it_says_so(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    house.freeze()
    try:
        expect(page.locator("#go b")).to_have_text("NOT CONNECTED")
    finally:
        house.thaw()
    ready(page)


# --- the script ---------------------------------------------------------------------------------------------


def fits(page: Page, selector: str, width: int, height: int) -> None:
    """Everything that a finger is to meet is in sight, large enough, and covers nothing else of its kind."""
    boxes = page.locator(f"{selector}, #go").evaluate_all(
        "all => all.filter(e => e.offsetParent).map(e => e.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) >= 2
    for place, box in enumerate(boxes):
        assert min(box["width"], box["height"]) >= 44, box
        assert box["left"] >= 0
        assert box["top"] >= 0
        assert box["right"] <= width
        assert box["bottom"] <= height
        for other in boxes[:place]:
            apart = box["left"] >= other["right"] or box["right"] <= other["left"]
            assert apart or box["top"] >= other["bottom"] or box["bottom"] <= other["top"], (box, other)


def line_of(page: Page, seat: str) -> None:
    expect(page.locator("#line .who")).to_contain_text(seat)
    expect(page.locator(f'.place[data-seat="{seat}"]')).to_have_class(re.compile(r"\blit\b"))


def test_a_line_stands_over_the_seat_whose_it_is(visit: Any, tmp_path: Path) -> None:
    page = ready(visit("/table"))
    line_of(page, "mom")
    expect(page.locator("#line .words")).to_have_text(FIRST.text)
    expect(page.locator(".place.lit")).to_have_count(1)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=tmp_path / f"line-{width}.png")
        fits(page, "#line button, #line input", width, height)
        for line in (line for line in LINES if len(line.text) > 40):  # the longest still fits
            page.evaluate("text => (document.querySelector('#line .words').textContent = text)", line.text)
            fits(page, "#line button, #line input", width, height)


def test_a_line_is_said_at_a_press_and_the_next_one_comes(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    line_of(page, "mom")
    page.tap("#say-it")
    expect(page.locator("#line .said")).not_to_have_count(0)
    expect(page.locator("#say-it")).to_be_disabled()
    house.until(lambda state: state["controls"].get("voice.mom", 0) > 0.1)
    line_of(page, "dad")
    expect(page.locator("#line .words")).to_have_text(SECOND.text)
    expect(page.locator("#line .said")).to_have_count(0)
    expect(page.locator("#say-it")).to_be_enabled()
    house.until(lambda state: state["controls"]["voice.mom"] < 0.05)


def test_an_answer_is_typed_and_comes_back(visit: Any, house: Any) -> None:
    house.command("goto", cue="3")
    page = ready(visit("/table", 390, 844))
    line_of(page, "brother")
    page.tap("#say-it")
    expect(page.locator("#line .who")).to_have_text("mom, in your own words")
    expect(page.locator("#say-it")).to_be_hidden()
    page.tap("#line input")
    page.keyboard.type("Well, it's fish soup.")
    page.tap("#speak")
    line_of(page, "sister")
    assert house.state()["answers"] == {"food": "fish soup"}
    expect(page.locator("#line .words")).to_contain_text("fish soup")
    expect(page.locator("#line input")).to_have_value("")


def test_a_line_may_be_typed_and_no_key_of_it_is_a_command(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    line_of(page, "mom")
    before = house.state()["standby"]
    page.tap("#line input")
    page.keyboard.type("sit everyone sit before it gets cold")
    page.keyboard.press("Enter")
    line_of(page, "dad")
    assert house.state()["standby"] == before


def test_other_words_are_heard_and_do_not_count(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    line_of(page, "mom")
    page.locator("#line input").fill("what a lovely lamp")
    page.tap("#speak")
    expect(page.locator("#say-it")).to_be_disabled()
    expect(page.locator("#say-it")).to_be_enabled()
    assert house.state()["line"]["speaker"] == "mom"


def test_what_is_in_an_ear_can_be_read_and_answered(visit: Any, house: Any, tmp_path: Path) -> None:
    house.command("goto", cue="1")
    page = ready(visit("/table"))
    ears = page.locator(".ear")
    expect(ears).to_have_count(len(SEATS))
    expect(ears.nth(3).locator("p")).to_contain_text("never had one")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=tmp_path / f"ears-{width}.png")
        fits(page, ".ear button", width, height)
    for seat in SEATS:
        page.get_by_role("button", name=f"{seat} has heard it").tap()
    house.until(lambda state: not state["ears"])
    expect(ears).to_have_count(0)
    assert house.state()["failed"] is None


def test_offline_nothing_is_said(visit: Any, house: Any) -> None:
    page = ready(visit("/table"))
    line_of(page, "mom")
    house.freeze()
    try:
        expect(page.locator("#go b")).to_have_text("NOT CONNECTED")
        expect(page.locator("#line")).to_be_hidden()
    finally:
        house.thaw()
    line_of(page, "mom")


def test_it_says_what_to_do_next(visit: Any, house: Any) -> None:
    house.command("goto", cue="12")
    page = ready(visit("/table"))
    expect(page.locator("#invitation")).to_have_text("Press GO when you are ready to go on.")
    house.command("hold")
    expect(page.locator("#invitation")).to_contain_text("held")
