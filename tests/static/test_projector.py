"""The projector page: nothing but the picture, whatever happens to the server."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, WebSocket, expect

from server.frames import EncodedFrame

SIZES = [(1920, 1080), (1024, 768), (390, 844)]


def without_drawing_workers(page: Page) -> None:
    """A browser whose workers cannot draw; what its page receives can be listened to."""
    page.add_init_script("delete HTMLCanvasElement.prototype.transferControlToOffscreen")


def seen(page: Page) -> NDArray[np.uint8]:
    """What stands on the screen, uint8 (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))


def until_seen(page: Page, holds: Any) -> NDArray[np.uint8]:
    for _ in range(200):
        picture = seen(page)
        if holds(picture):
            return picture
        page.wait_for_timeout(50)
    pytest.fail("the picture never came to it")


def lit(picture: NDArray[np.uint8]) -> bool:
    return bool(picture.max() > 24)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_shows_moving_pictures_scaled_to_fit(visit: Any, tmp_path: Path, width: int, height: int) -> None:
    page = visit("/projector/main", width, height)
    first = until_seen(page, lit)
    until_seen(page, lambda picture: not np.array_equal(picture, first))
    page.screenshot(path=tmp_path / "projector.png")
    middle = first[:, (width - height) // 2 :][:, :height] if width > height else first
    assert lit(middle)
    if width > height:
        assert not lit(first[:, : (width - height) // 2 - 2])
        assert not lit(first[:, (width + height) // 2 + 2 :])
    else:
        assert not lit(first[: (height - width) // 2 - 2])
        assert not lit(first[(height + width) // 2 + 2 :])


def test_nothing_but_the_picture(visit: Any) -> None:
    page = visit("/projector/main", 1024, 768)
    until_seen(page, lit)
    box = page.locator("canvas").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1024, "height": 768}
    assert page.locator("body").inner_text().strip() == ""
    for element in ("html", "body", "canvas"):
        cursor = page.evaluate("e => getComputedStyle(document.querySelector(e)).cursor", element)
        assert cursor == "none"
    fits = "e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight"
    assert page.evaluate(f"({fits})(document.scrollingElement)")
    assert page.evaluate("innerWidth === document.documentElement.clientWidth")
    page.mouse.wheel(0, 500)
    assert page.evaluate("scrollY") == 0


def test_draws_in_a_worker_and_in_the_page_where_there_is_none(visit: Any) -> None:
    page = visit("/projector/main")
    until_seen(page, lit)
    assert len(page.workers) == 1

    page = visit("/projector/main", before=without_drawing_workers)
    until_seen(page, lit)
    assert page.workers == []


def test_f_fills_the_screen(visit: Any) -> None:
    page = visit("/projector/main")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")


def test_a_double_tap_fills_the_screen(visit: Any) -> None:
    page = visit("/projector/main")
    page.touchscreen.tap(400, 300)
    page.touchscreen.tap(402, 303)
    page.wait_for_function("document.fullscreenElement !== null")


def test_keeps_the_last_frame_and_comes_back(visit: Any, house: Any) -> None:
    page = visit("/projector/main", loses_server=True)
    until_seen(page, lit)
    expect(page).to_have_title("main · Marrow")
    house.stop()
    expect(page).to_have_title("no picture: main · Marrow")
    last = seen(page)
    assert lit(last)
    page.set_viewport_size({"width": 900, "height": 700})  # a canvas is cleared when its size changes
    until_seen(page, lambda picture: picture.shape == (700, 900, 3) and lit(picture))

    house.start()
    house.command("goto", cue="2")
    expect(page).to_have_title("main · Marrow")
    again = until_seen(page, lit)
    until_seen(page, lambda picture: not np.array_equal(picture, again))


def test_acknowledges_frames_in_order(visit: Any) -> None:
    came: list[int] = []
    acknowledged: list[int] = []

    def acknowledge(text: str) -> None:
        message = json.loads(text)
        assert message == {"type": "ack", "seq": message["seq"]}
        assert message["seq"] in came
        acknowledged.append(message["seq"])

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: came.append(EncodedFrame.unpack(frame).seq))
        socket.on("framesent", acknowledge)

    def before(page: Page) -> None:
        without_drawing_workers(page)
        page.on("websocket", listen)

    page = visit("/projector/main", before=before)
    for _ in range(200):
        page.wait_for_timeout(50)
        if len(acknowledged) >= 10:
            break
    assert len(acknowledged) >= 10
    assert acknowledged == sorted(set(acknowledged))
