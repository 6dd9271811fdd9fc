"""The operator's page with a hand on the wire: what it is told is changed, what it sends is caught."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page, expect


def ready(page: Page) -> Page:
    expect(page.locator("#go b")).to_have_text("GO")
    return page


def sheet(page: Page, name: str) -> Page:
    """The sheet of this name is open: "CUES", "NOTE", "LOOK", "CREW" or "DESK"."""
    if page.locator("#sheets").is_hidden():
        page.tap("#more")
    page.get_by_role("tab", name=name).tap()
    return page


def doctored(
    visit: Any,
    change: Callable[[], dict[str, Any]],
    sent: list[dict[str, Any]] | None = None,
    *,
    cues: list[dict[str, Any]] | None = None,
    answer: Callable[[dict[str, Any]], str] = lambda command: "",
    **size: int,
) -> Page:
    """The operator's page, with `change()` in every state and other `cues`; the commands that it sends go to
    `sent` alone, and each gets the `answer`, a reason against it or "" for yes."""

    def down(text: str) -> str:
        message = json.loads(text)
        match message["type"]:
            case "state":
                message |= change()
            case "patch":
                message["set"] |= change()
            case "cues" if cues is not None:
                message["cues"] = cues
        return json.dumps(message)

    def between(socket: Any) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: socket.send(down(text)))

        def up(text: str) -> None:
            message = json.loads(text)
            if sent is None or message["type"] != "command":
                server.send(text)
                return
            sent.append(message)
            reason = answer(message)
            reply = {"type": "reply", "id": message["id"], "ok": not reason, "reason": reason}
            socket.send(json.dumps(reply))

        socket.on_message(up)

    page = visit("/operator", **size, before=lambda page: page.route_web_socket("**/ws/operator", between))
    assert isinstance(page, Page)
    return page


def asked(sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The commands, without what only the wire needs."""
    return [
        {key: value for key, value in one.items() if key not in ("type", "id", "at", "client")}
        for one in sent
    ]


def box(locator: Locator) -> FloatRect:
    """Where it is on the screen."""
    found = locator.bounding_box()
    assert found is not None
    return found


def hold(page: Page, selector: str, until: Callable[[], object]) -> None:
    """A finger stays on the middle of it until this has come true."""
    page.locator(selector).scroll_into_view_if_needed()
    on = box(page.locator(selector))
    page.mouse.move(on["x"] + on["width"] / 2, on["y"] + on["height"] / 2)
    page.mouse.down()
    until()
    page.mouse.up()
