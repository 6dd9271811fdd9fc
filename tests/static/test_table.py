"""The table page: hands on it are felt by the show as the sensors are."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

SIZES = [(1024, 768), (390, 844), (844, 390), (1920, 1080)]
SEATS = ("mom", "dad", "brother", "sister")

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


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_is_in_sight_and_within_reach(visit: Any, tmp_path: Path, width: int, height: int) -> None:
    page = ready(visit("/table", width, height))
    page.screenshot(path=tmp_path / "table.png")
    boxes = page.locator(".item, button").evaluate_all(
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
