"""The projector page: nothing but the picture, whatever happens to the server."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, WebSocket, expect

from server.frames import EncodedFrame
from tests.static.wire import until

SIZES = [(1920, 1080), (1024, 768), (390, 844), (844, 390)]


def without_drawing_workers(page: Page) -> None:
    """A browser whose workers cannot draw; what its page receives can be listened to."""
    page.add_init_script("delete HTMLCanvasElement.prototype.transferControlToOffscreen")


def with_handles(page: Page) -> None:
    """A page whose sockets and first decoding the test holds in its hands."""
    without_drawing_workers(page)
    page.add_init_script(
        """
        window.sockets = [];
        window.WebSocket = class extends WebSocket {
            constructor(url) { super(url); sockets.push(this); }
        };
        const decode = window.createImageBitmap;
        const held = new Promise((resolve) => { window.release = resolve; });
        let first = true;
        window.createImageBitmap = async (blob) => {
            if (first) { first = false; await held; }
            return decode(blob);
        };
        """
    )


def frames_in(data: str | bytes) -> list[int]:
    """The seq of a frame, nothing of words."""
    return [] if isinstance(data, str) else [EncodedFrame.unpack(data).seq]


def seen(page: Page) -> NDArray[np.uint8]:
    """What stands on the screen, uint8 (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))


def until_seen(page: Page, holds: Any) -> NDArray[np.uint8]:
    """The first picture of which this holds."""
    pictures: list[NDArray[np.uint8]] = []

    def looked() -> bool:
        pictures[:] = [seen(page)]
        return bool(holds(pictures[0]))

    until(page, looked)
    assert holds(pictures[0]), "the picture never came to it"
    return pictures[0]


def lit(picture: NDArray[np.uint8]) -> bool:
    return bool(picture.max() > 24)


def fitted(picture: Any) -> bool:
    """All of it in the middle, as high or as wide as there is room, and black on both sides."""
    height, width = picture.shape[:2]
    if width < height:
        picture, width, height = picture.swapaxes(0, 1), height, width
    edge = (width - height) // 2
    sides = picture[:, : edge - 2], picture[:, width - edge + 2 :]
    return lit(picture[:, edge : width - edge]) and not any(map(lit, sides))


def test_shows_moving_pictures_scaled_to_fit(visit: Any, tmp_path: Path) -> None:
    page = visit("/projector/main")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        first = until_seen(page, fitted)  # what was drawn for another size is stretched until the next frame
        until_seen(page, lambda picture, still=first: fitted(picture) and not np.array_equal(picture, still))
        page.screenshot(path=tmp_path / f"projector-{width}.png")


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
    page = visit("/projector/main", forgives="ERR_CONNECTION_REFUSED")
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
        socket.on("framereceived", lambda data: came.extend(frames_in(data)))
        socket.on("framesent", acknowledge)

    def before(page: Page) -> None:
        without_drawing_workers(page)
        page.on("websocket", listen)

    page = visit("/projector/main", before=before)
    until(page, lambda: len(acknowledged) >= 10)
    assert len(acknowledged) >= 10
    assert acknowledged == sorted(set(acknowledged))


def test_a_long_decoding_does_not_lose_its_acknowledgement(visit: Any) -> None:
    page = visit("/projector/main", before=with_handles)
    expect(page).to_have_title("main · Marrow")
    expect(page).to_have_title("no picture: main · Marrow")  # two frames are on their way, and no more come
    page.evaluate("release()")
    expect(page).to_have_title("main · Marrow")
    until_seen(page, lit)
    assert page.evaluate("sockets.length") == 1


def test_a_frame_is_acknowledged_to_the_socket_that_brought_it(visit: Any) -> None:
    came: list[list[int]] = []
    acknowledged: list[list[int]] = []

    def listen(socket: WebSocket) -> None:
        frames: list[int] = []
        acks: list[int] = []
        came.append(frames)
        acknowledged.append(acks)
        socket.on("framereceived", lambda data: frames.extend(frames_in(data)))
        socket.on("framesent", lambda text: acks.append(json.loads(text)["seq"]))

    def before(page: Page) -> None:
        with_handles(page)
        page.on("websocket", listen)

    page = visit("/projector/main", before=before)
    expect(page).to_have_title("main · Marrow")
    page.evaluate("sockets[0].close()")
    expect(page).to_have_title("no picture: main · Marrow")
    expect(page).to_have_title("main · Marrow")
    page.evaluate("release()")
    until(page, lambda: len(acknowledged[1]) >= 5)
    assert len(acknowledged[1]) >= 5
    assert acknowledged[0] == []
    assert set(acknowledged[1]) <= set(came[1])


def test_words_from_the_server_do_not_break_the_picture(visit: Any) -> None:
    page = visit("/projector/main", before=with_handles, forgives="the server complains")
    page.evaluate("release()")
    expect(page).to_have_title("main · Marrow")
    words = """sockets[0].dispatchEvent(new MessageEvent("message", { data: '{"type": "error"}' }))"""
    for told in ("1 so far", "2 so far"):
        with page.expect_console_message(lambda message, told=told: told in message.text):
            page.evaluate(words)
    first = until_seen(page, lit)
    until_seen(page, lambda picture: not np.array_equal(picture, first))
    assert page.evaluate("sockets.length") == 1


def test_a_wall_whose_renderer_is_away_keeps_its_socket_and_takes_no_old_frame_for_a_new_one(
    visit: Any, house: Any
) -> None:
    page = visit("/projector/main", before=with_handles)
    page.evaluate("release()")
    until_seen(page, lit)
    expect(page).to_have_title("main · Marrow")
    page.evaluate(
        """() => {
            window.titles = [];
            const title = document.querySelector("title");
            new MutationObserver(() => titles.push(document.title)).observe(title, { childList: true });
        }"""
    )
    house.freeze_renderer()
    expect(page).to_have_title("no picture: main · Marrow")
    page.evaluate("sockets[0].close()")
    page.wait_for_function("sockets.length === 2 && sockets[1].readyState === WebSocket.OPEN")
    expect(page).to_have_title("main · Marrow")  # the renderer is back
    assert page.evaluate("titles") == ["no picture: main · Marrow", "main · Marrow"]
    assert page.evaluate("sockets.length") == 2
