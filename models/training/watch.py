"""`marrow watch`: a page that shows a run while it trains or afterwards, served from a thread of its own.

It reads what the run writes and never speaks to the trainer, so nothing that a page does can stop a training.
"""

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from sys import exception
from typing import Annotated, Any

import typer

from models.terminal import said_plainly, say

STATIC = Path(__file__).parent.parent.parent / "static"
PORT = 8001
MOST_AT_ONCE = 16
"""Answers under way; a page that asks for more is let down, the training is not."""
PATIENCE = 10.0
"""Seconds that a client may take to ask, or to take what it asked for."""

PAGE = "watch.html"
FILES = {
    "marrow.css": "text/css",
    "watch.css": "text/css",
    "watch.js": "text/javascript",
    "watch-drag.js": "text/javascript",
    "watch-elements.js": "text/javascript",
    "watch-figures.js": "text/javascript",
    "watch-film.js": "text/javascript",
    "watch-header.js": "text/javascript",
    "watch-moves.js": "text/javascript",
    "watch-pictures.js": "text/javascript",
    "watch-plots.js": "text/javascript",
    "watch-record.js": "text/javascript",
    "watch-run.js": "text/javascript",
    "watch-sheets.js": "text/javascript",
    "watch-slider.js": "text/javascript",
    "watch-time.js": "text/javascript",
}
SHEET = re.compile(r"sheet-(\d{6})\.png")
JSON, LINES = "application/json", "application/jsonl"
Answer = tuple[str, bytes]
"""Content type and body."""


class WatchError(ValueError):
    """There is nothing to show, or no place to show it; the message says what to do."""


class Server(ThreadingHTTPServer):
    """The page of one run, being served. `failed`: answers that a client broke off or that went wrong."""

    daemon_threads = True
    request_queue_size = MOST_AT_ONCE

    def __init__(self, run: Path, port: int, host: str) -> None:
        """Binds. Raises WatchError where the pages are not, or the port cannot be had."""
        if not (STATIC / PAGE).is_file():
            raise WatchError(
                f"{STATIC / PAGE}: the pages are not installed here; watch from a checkout of the project"
            )
        self.run_folder, self.host = run, host
        self.failed = 0
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise WatchError(
                f"port {port} of {host} cannot be had ({reason}); choose another, or 0 for any that is free"
            ) from None
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="watch", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where to look: for all addresses, under this machine's name."""
        name = socket.gethostname() if self.host in {"", "0.0.0.0"} else self.host
        return f"http://{name}:{self.server_port}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own asks the name service, which may take long
        self.server_name, self.server_port = self.host, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.failed += 1
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Counted, and said only where it is not the client's doing: the terminal is the training's."""
        self.failed += 1
        error = exception()
        if not isinstance(error, OSError):
            say(f"the page of {self.run_folder} could not be answered: {error!r}")


def serve(run: Path, port: int = PORT, host: str = "127.0.0.1") -> Server:
    """Serve the page of a run from a daemon thread, until `close()`; port 0 is any that is free.

    The folder may be empty yet. Raises WatchError.
    """
    return Server(run, port, host)


def watch(
    run: Annotated[Path, typer.Argument(help="the folder of the run, finished or not")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port of the page; 0: any free one")] = PORT,
    host: Annotated[
        str, typer.Option(help="address to listen on; 0.0.0.0 lets other machines look")
    ] = "127.0.0.1",
) -> None:
    """Show a run on a page: its pictures over time, its measures, and what is wrong in words."""
    with said_plainly():
        if not (run / "log.jsonl").is_file():
            raise WatchError(
                f"{run}: no run is here (there is no log.jsonl); start one with: marrow train {run}"
            )
        server = serve(run, port, host)
        say(f"{run.name} is shown at {server.url} (Ctrl-C ends it)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            say("no longer shown; the run is as it was")
        finally:
            server.close()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "Marrow", ""
    timeout = PATIENCE

    def do_GET(self) -> None:
        if not self._for_us():
            self.send_error(HTTPStatus.FORBIDDEN, "Ask for this page by the name of its machine")
            return
        path, _, stamp = self.path.partition("?")
        answer = self._table(path)
        try:
            kind, body = answer() if answer else ("", b"")
        except OSError:
            answer = None
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # A sheet's address carries its stamp, so the browser need not ask for it again while one scrubs.
        kept = "max-age=31536000, immutable" if stamp and kind == "image/png" else "no-store"
        self.send_header("Cache-Control", kept)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()
        self.wfile.write(body)

    def _for_us(self) -> bool:
        """A page from elsewhere may be given our address under its own name; it may not see them."""
        name = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        return self.server.host not in {"127.0.0.1", "localhost"} or name in {"127.0.0.1", "localhost"}

    def _table(self, path: str) -> Callable[[], Answer] | None:
        """What is under a path: exactly these, and nothing is joined from what a client says."""
        run = self.server.run_folder
        match path:
            case "/":
                return lambda: ("text/html; charset=utf-8", (STATIC / PAGE).read_bytes())
            case "/run/run.json":
                return lambda: (JSON, _bytes(run / "run.json") or b"{}")
            case "/run/log.jsonl" | "/run/measures.jsonl":
                return lambda: (LINES, whole_lines(_bytes(run / path.removeprefix("/run/"))))
            case "/run/sheets.json":
                return lambda: (JSON, json.dumps(sheets(run, time.time())).encode())
        name = path.removeprefix("/static/")
        if name != path and name in FILES:
            return lambda: (f"{FILES[name]}; charset=utf-8", (STATIC / name).read_bytes())
        name = path.removeprefix("/run/")
        if name != path and SHEET.fullmatch(name):
            return lambda: ("image/png", (run / name).read_bytes())
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the terminal belongs to the training."""


def whole_lines(data: bytes) -> bytes:
    """Without a last line that is still being written."""
    return data[: data.rfind(b"\n") + 1]


def sheets(run: Path, now: float) -> dict[str, object]:
    """The sheets of a run in order, and the age of its newest log line in seconds, null before the first.

    `now` is seconds since the epoch, as files are stamped with. A sheet's `stamp` changes when it does.
    """
    found = []
    for path in sorted(run.glob("sheet-*.png")):
        if (name := SHEET.fullmatch(path.name)) and (stamp := _changed(path)) is not None:
            found.append({"kimg": int(name[1]), "file": path.name, "stamp": int(stamp * 1000)})
    spoke = _changed(run / "log.jsonl")
    return {
        "run": run.resolve().name,
        "age": None if spoke is None else max(0.0, round(now - spoke, 1)),
        "sheets": found,
    }


def _changed(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _bytes(path: Path) -> bytes:
    """What a run has not written yet is empty."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
