"""uvicorn, which serves the pages, the routes and the sockets."""

import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from server.app import create_app
from server.desk import MESSAGE_LIMIT, Desk
from server.oscquery.service import Service


class Server(uvicorn.Server):
    """uvicorn, which on a signal ends by returning, and ends what would never end before it waits for it."""

    def __init__(self, config: uvicorn.Config, before_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_shutdown = before_shutdown

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_shutdown()
        await super().shutdown(sockets)


def web_server(desk: Desk, oscquery: Service | None = None) -> Server:
    """uvicorn over the desk. Compression is off: a JPEG does not shrink, and trying takes 10 ms a frame."""
    config = uvicorn.Config(
        create_app(desk, oscquery),
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_LIMIT,
        access_log=False,
        log_config=None,  # it would write to the terminal, and wait for it
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    # It would import its protocols later, and hold up the loop.
    config.load()
    return Server(config, desk.hub.close)
