"""The line between a page and the show, in the hands of a test."""

import json
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

from tests.patience import PATIENCE

SURPLUS_MS = 50


def until(page: Page, holds: Callable[[], bool]) -> None:
    """The page goes on until this holds, or patience has an end: what is asserted then tells which."""
    give_up = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < give_up:
        page.wait_for_timeout(10)


def came(page: Page, sent: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """What the page has sent, once there are so many; what is too much has had a moment to come as well."""
    until(page, lambda: len(sent) >= count)
    page.wait_for_timeout(SURPLUS_MS)
    return sent


class Wire:
    """The WebSocket between a page and the show, in the hands of the test: `up` and `down` see every message
    and let it pass by saying True. `opened` counts the connections."""

    def __init__(self) -> None:
        self.opened = 0
        self.sent: list[dict[str, Any]] = []
        self.up: Callable[[dict[str, Any]], bool] = lambda message: True
        self.down: Callable[[dict[str, Any]], bool] = lambda message: True
        self._route: WebSocketRoute | None = None

    def __call__(self, page: Page) -> None:
        page.route_web_socket("**/ws/*", self._between)

    def cut(self) -> None:
        """The connection breaks."""
        assert self._route is not None
        self._route.close()

    def tell(self, message: dict[str, Any]) -> None:
        """The page hears this as if it came from the show."""
        assert self._route is not None
        self._route.send(json.dumps(message))

    def _between(self, route: WebSocketRoute) -> None:
        server, self._route = route.connect_to_server(), route
        self.opened += 1

        def upward(text: str | bytes) -> None:
            message = json.loads(text)
            self.sent.append(message)
            if self.up(message):
                server.send(text)

        route.on_message(upward)
        server.on_message(lambda text: route.send(text) if self.down(json.loads(text)) else None)

    def commands(self) -> list[dict[str, Any]]:
        return [message for message in self.sent if message["type"] == "command"]
