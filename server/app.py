"""The web application: which address gives what. Everything behind it is the desk's."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.responses import StreamingResponse
from starlette.types import Message, Scope, Send

from server import sockets
from server.crew import Wall
from server.desk import MESSAGE_LIMIT, Desk
from server.editing.view import diff_of
from server.hub import Closed
from server.messages import Malformed, command_in, event_in, identity_in, pressed_in
from server.monitor.socket import serve as serve_monitor
from server.origin import SameOrigin
from server.oscquery.service import OscQuery, Service
from server.patch import Refused
from show_control.show import Reply

STATIC = Path(__file__).parent.parent / "static"
FRESH = {"Cache-Control": "no-cache"}
UNSTORED = {"Cache-Control": "no-store"}
BOUNDARY = "marrow"


class Pages(StaticFiles):
    """Static files that browsers ask for again each time, so that no wall shows last week's page."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(FRESH)
        return response


class MjpegResponse(StreamingResponse):
    """The newest frames of one projector, as multipart/x-mixed-replace, until the client or the show goes.

    A part ends with the boundary of the next: browsers draw a part only once they see where it ends.
    """

    def __init__(self, desk: Desk, projector: str, address: str) -> None:
        self._desk = desk
        self._address = address
        self._stream = self._parts(projector)
        super().__init__(
            self._stream,
            media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
            headers=UNSTORED,
        )

    async def _parts(self, projector: str) -> AsyncGenerator[bytes, None]:
        yield f"--{BOUNDARY}\r\n".encode()
        wall = Wall(projector, "mjpeg", self._address)
        with (
            self._desk.present("projector"),
            self._desk.crew.watching(wall),
            self._desk.hub.open(projector) as mailbox,
        ):
            try:
                while True:
                    jpeg = (await mailbox.get()).jpeg
                    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    yield b"".join((head.encode(), jpeg, f"\r\n--{BOUNDARY}\r\n".encode()))
            except Closed:
                return

    async def stream_response(self, send: Send) -> None:
        async def bounded(message: Message) -> None:
            await sockets.bounded(send(message))

        try:
            # Closed here and now: a stream that is left lying about would go on counting as a client.
            async with aclosing(self._stream):
                await super().stream_response(bounded)
        except sockets.Stalled:
            self._desk.health.count("clients.stalled", detail="mjpeg")


def create_app(desk: Desk, oscquery: Service | None = None) -> FastAPI:
    """The routes, over a desk that is already running; and OSCQuery on the same port."""
    app = FastAPI(title="Marrow", docs_url=None, redoc_url=None, openapi_url=None)

    def known(projector: str) -> str:
        if projector not in desk.hub.projectors:
            raise HTTPException(
                404,
                f'no projector "{projector}"; the config has {", ".join(desk.hub.projectors)}',
            )
        return projector

    @app.get("/")
    async def index() -> FileResponse:
        return _page("index")

    @app.get("/operator")
    async def operator() -> FileResponse:
        return _page("operator")

    @app.get("/table")
    async def table() -> FileResponse:
        return _page("table")

    @app.get("/monitor")
    async def monitor() -> FileResponse:
        return _page("monitor")

    @app.get("/editor")
    async def editor() -> FileResponse:
        return _page("editor")

    @app.get("/health")
    async def health_page() -> FileResponse:
        return _page("health")

    @app.get("/projector/{name}.mjpeg")
    async def mjpeg(name: str, request: Request) -> MjpegResponse:
        return MjpegResponse(desk, known(name), sockets.address_of(request))

    @app.get("/projector/{name}")
    async def projector(name: str) -> FileResponse:
        known(name)
        return _page("projector")

    @app.get("/frame.jpg")
    async def frame(projector: str | None = None) -> Response:
        newest = desk.hub.newest(desk.hub.projectors[0] if projector is None else known(projector))
        if newest is None:
            raise HTTPException(503, "no picture yet: the generator is still loading", {"Retry-After": "1"})
        return Response(newest.jpeg, media_type="image/jpeg", headers=UNSTORED)

    @app.get("/api/state")
    async def state() -> JSONResponse:
        return JSONResponse(desk.state(), headers=UNSTORED)

    @app.get("/api/show")
    async def show() -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(desk.show()), headers=UNSTORED)

    @app.get("/api/show/diff")
    async def diff() -> JSONResponse:
        saved = desk.editing.saved if desk.editing else desk.show_file.text
        return JSONResponse(await asyncio.to_thread(diff_of, saved, desk.show_file.text), headers=UNSTORED)

    @app.get("/api/health")
    async def health() -> JSONResponse:
        return JSONResponse(desk.report(), headers=UNSTORED)

    @app.get("/api/info")
    async def info() -> JSONResponse:
        return JSONResponse(desk.info(), headers=UNSTORED)

    @app.post("/api/command")
    async def command(request: Request) -> JSONResponse:
        try:
            body = await _json_body(request)
            name, fields = command_in(body)
            asked = pressed_in(fields), identity_in(body, "client"), identity_in(body, "id")
            return _answer(await asyncio.shield(desk.command(name, fields, "http", *asked)))
        except (Malformed, Refused) as error:
            raise HTTPException(422, str(error)) from error

    @app.post("/api/event")
    async def event(request: Request) -> JSONResponse:
        try:
            return _answer(desk.event(*event_in(await _json_body(request)), "http"))
        except Malformed as error:
            raise HTTPException(422, str(error)) from error

    @app.websocket("/ws/projector/{name}")
    async def projector_socket(socket: WebSocket, name: str) -> None:
        await sockets.projector(socket, name, desk)

    @app.websocket("/ws/preview/{name}")
    async def preview_socket(socket: WebSocket, name: str) -> None:
        await sockets.preview(socket, name, desk)

    @app.websocket("/ws/operator")
    async def operator_socket(socket: WebSocket) -> None:
        await sockets.control(socket, "operator", desk)

    @app.websocket("/ws/editor")
    async def editor_socket(socket: WebSocket) -> None:
        await sockets.control(socket, "editor", desk)

    @app.websocket("/ws/table")
    async def table_socket(socket: WebSocket) -> None:
        await sockets.control(socket, "table", desk)

    @app.websocket("/ws/monitor")
    async def monitor_socket(socket: WebSocket) -> None:
        await serve_monitor(socket, desk.monitor, desk.health)

    app.mount("/static", Pages(directory=STATIC))
    if oscquery is not None:
        app.add_middleware(OscQuery, service=oscquery)
    app.add_middleware(SameOrigin, health=desk.health)
    return app


def _page(name: str) -> FileResponse:
    return FileResponse(STATIC / f"{name}.html", headers=FRESH)


def _answer(reply: Reply) -> JSONResponse:
    return JSONResponse(
        {"ok": reply.ok, "reason": reply.reason, "event": reply.event}, status_code=200 if reply.ok else 409
    )


async def _json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object. HTTPException 413 over the limit; Malformed for anything else."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MESSAGE_LIMIT:
            raise HTTPException(413, f"expected at most {MESSAGE_LIMIT} bytes")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"expected a JSON object; this is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise Malformed(f"expected a JSON object, got {type(value).__name__}")
    return value
