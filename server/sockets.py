"""The WebSockets: frames down as they are acknowledged, state down, commands and sensor events up."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.broadcast import Listener
from server.crew import Wall
from server.desk import MESSAGE_LIMIT, Desk, done
from server.feed import encoded
from server.frames import EncodedFrame
from server.health import Health
from server.hub import Closed, Mailbox
from server.messages import Malformed, command_in, event_in, identity_in, pressed_in
from server.patch import Refused
from server.window import Window
from show_control.show import Reply

SILENT_AFTER = 10.0
"""Seconds that a client may owe an acknowledgement, or leave a message unread."""

ALIVE_EVERY = 1.0
"""Seconds without a frame after which a page of pictures is told {"type": "alive"}: the last frame stands."""

MOST_ANSWERS = 256
"""That wait for a page to take them. More are dropped: it asks again, or says that it does not know."""

CLOSE_NORMAL = 1000
CLOSE_GOING_AWAY = 1001
FAREWELLS = (CLOSE_NORMAL, CLOSE_GOING_AWAY)
"""Codes of a page that was closed. A network that fails has no code, and a page that gives up gives none."""

CLOSE_TOO_BIG = 1009
CLOSE_UNKNOWN = 4404
CLOSE_STALLED = 4408

Answers = asyncio.Queue[tuple[str, Reply]]


class Stalled(Exception):
    """The client does not take what it is sent."""


async def projector(socket: WebSocket, name: str, desk: Desk) -> None:
    """/ws/projector/{name}: frames, the newest first and only."""
    with desk.present("projector"):
        await _frames(socket, name, desk, "projector")


async def preview(socket: WebSocket, name: str, desk: Desk) -> None:
    """/ws/preview/{name}: the same for a page that shows them beside something else, and is no wall."""
    await _frames(socket, name, desk, "preview")


async def _frames(socket: WebSocket, name: str, desk: Desk, role: str) -> None:
    await socket.accept()
    if name not in desk.hub.projectors:
        await _close(
            socket, CLOSE_UNKNOWN, f"no projector of this name; known: {', '.join(desk.hub.projectors)}"
        )
        return
    window = Window()
    wall = Wall(name, role, address_of(socket), window.fps, window.delay)
    with desk.crew.watching(wall), desk.hub.open(name) as mailbox:
        await converse(
            socket,
            desk.health,
            _send_frames(socket, mailbox, window, desk.clock),
            _take_acks(socket, window, desk),
        )


@dataclass(slots=True)
class Page:
    """A page that commands: who it says that it is, and what it was told."""

    role: str
    client: str
    listener: Listener


async def control(socket: WebSocket, role: str, desk: Desk) -> None:
    """/ws/operator, /ws/editor and /ws/table: the cue list and then state; commands and sensor events up."""
    await socket.accept()
    answers: Answers = asyncio.Queue(MOST_ANSWERS)
    with desk.present(role), desk.broadcast.listening() as listener:
        page = Page(role, desk.crew.stranger(), listener)
        desk.crew.join(page.client, role, address_of(socket), desk.clock())
        try:
            await converse(
                socket,
                desk.health,
                _send_state(socket, page, desk),
                _take_messages(socket, page, desk, answers),
                _send_answers(socket, answers),
            )
        finally:
            desk.crew.leave(page.client, desk.clock())
            desk.broadcast.touch()


async def converse(socket: WebSocket, health: Health, *jobs: Awaitable[None]) -> None:
    """Run the two directions of a socket until either ends; each ends by an exception."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for ended in results:
        match ended:
            case Stalled():
                health.count("clients.stalled", detail=socket.url.path)
                _lost(socket, health, "it took nothing for a while")
                await _close(socket, CLOSE_STALLED, "nothing was taken for a while")
            case Closed():
                await _close(socket, CLOSE_GOING_AWAY, "the show has ended")
            case WebSocketDisconnect(code=code) if code == CLOSE_TOO_BIG:
                health.count("socket.junk", detail=f"{socket.url.path}: a message over {MESSAGE_LIMIT} bytes")
            case WebSocketDisconnect(code=code) if code not in FAREWELLS:
                _lost(socket, health, f"it went without a word (code {code})")
            case WebSocketDisconnect() | asyncio.CancelledError():
                pass
            case BaseException():
                raise ended


def _lost(socket: WebSocket, health: Health, how: str) -> None:
    health.count("links.lost", detail=f"{socket.url.path} from {address_of(socket)}: {how}")


async def _send_frames(
    socket: WebSocket, mailbox: Mailbox, window: Window, clock: Callable[[], float]
) -> None:
    while True:
        await bounded(window.room())
        frame = await _next(mailbox, socket)
        window.sent(frame.seq, clock())
        await bounded(socket.send_bytes(frame.pack()))


async def _next(mailbox: Mailbox, socket: WebSocket) -> EncodedFrame:
    while True:
        try:
            async with asyncio.timeout(ALIVE_EVERY):
                return await mailbox.get()
        except TimeoutError:
            await _send(socket, {"type": "alive"})


async def _take_acks(socket: WebSocket, window: Window, desk: Desk) -> None:
    while True:
        message = await _receive(socket, desk.health)
        match message:
            case {"type": "ack", "seq": int(seq)} if window.acknowledge(seq, desk.clock()):
                pass
            case None:
                pass
            case _:
                await _junk(socket, desk.health, 'expected {"type": "ack", "seq": n} of a frame on its way')


async def _send_state(socket: WebSocket, page: Page, desk: Desk) -> None:
    while True:
        await page.listener.come.wait()
        for text in desk.broadcast.news(page.listener):
            await bounded(socket.send_text(text))


async def _take_messages(socket: WebSocket, page: Page, desk: Desk, answers: Answers) -> None:
    """Each acts as it comes, and is answered as soon as it can be: none waits for the one before."""
    while True:
        message = await _receive(socket, desk.health)
        if message is None:
            continue
        try:
            if _about_itself(message, page, address_of(socket), desk):
                continue
            answer = _obey(message, page, desk)
        except Malformed as error:
            await _junk(socket, desk.health, str(error))
            continue
        if "id" in message:
            answer.add_done_callback(partial(_answered, message["id"], answers, desk.health))


def _about_itself(message: Mapping[str, Any], page: Page, address: str, desk: Desk) -> bool:
    """Whether a page tells of itself: who it is, what it has seen, or that it has missed something. Raises
    Malformed."""
    now = desk.clock()
    match message:
        case {"type": "hello", "client": str()}:
            client, name = identity_in(message, "client"), message.get("name", "")
            if client is None or not isinstance(name, str):
                raise Malformed('expected "name" to be a string')
            desk.crew.leave(page.client, now)
            desk.crew.join(client, page.role, address, now, name)
            page.client = client
            desk.broadcast.touch()
        case {"type": "seen", "serial": int(serial)}:
            delay = desk.broadcast.feed.age(serial, now)
            if delay is None:
                raise Malformed('expected "serial" to be one that was sent')
            desk.crew.seen(page.client, delay, now)
        case {"type": "resync"}:
            page.listener.lost()
            desk.broadcast.touch()
        case _:
            return False
    return True


def _answered(id: str, answers: Answers, health: Health, answer: asyncio.Future[Reply]) -> None:
    if answer.cancelled():
        return
    try:
        answers.put_nowait((id, answer.result()))
    except asyncio.QueueFull:
        health.count("answers.dropped")


async def _send_answers(socket: WebSocket, answers: Answers) -> None:
    while True:
        id, reply = await answers.get()
        await _send(
            socket,
            {"type": "reply", "id": id, "ok": reply.ok, "reason": reply.reason, "event": reply.event},
        )


def _obey(message: Mapping[str, Any], page: Page, desk: Desk) -> asyncio.Future[Reply]:
    """Do what a page asks. Raises Malformed for what is no command and no event."""
    id = identity_in(message, "id")
    match message:
        case {"type": "command", "id": _}:
            name, fields = command_in(message)
            pressed = pressed_in(fields)
            try:
                return desk.command(name, fields, page.role, pressed, page.client, id)
            except Refused as error:
                desk.health.count("commands.refused", detail=f"{page.role}: {error}")
                return done(Reply(False, str(error)))
        case {"type": "event"}:
            return done(desk.event(*event_in(message), page.role))
    raise Malformed(
        'expected {"type": "command", "id": "...", "name": "..."} '
        'or {"type": "event", "address": "...", "args": [...]}'
    )


async def _receive(socket: WebSocket, health: Health) -> dict[str, Any] | None:
    """The next message if it is a JSON object; anything else is answered and counted, and None."""
    # A socket that is never empty would otherwise keep the loop to itself.
    await asyncio.sleep(0)
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text")
    if text is not None:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return value
    await _junk(socket, health, "expected a JSON object")
    return None


async def _junk(socket: WebSocket, health: Health, reason: str) -> None:
    health.count("socket.junk", detail=f"{socket.url.path}: {reason}")
    await _send(socket, {"type": "error", "reason": reason})


async def _send(socket: WebSocket, message: Mapping[str, object]) -> None:
    await bounded(socket.send_text(encoded(message)))


def address_of(connection: HTTPConnection) -> str:
    """From where a page has come."""
    return connection.client.host if connection.client else "?"


async def bounded(waiting: Awaitable[None]) -> None:
    """Await something that is up to the client; after SILENT_AFTER it counts as stalled."""
    try:
        async with asyncio.timeout(SILENT_AFTER):
            await waiting
    except TimeoutError:
        raise Stalled from None


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    """Say goodbye if the client listens; uvicorn drops the connection in any case."""
    try:
        async with asyncio.timeout(1.0):
            await socket.close(code, reason[:120])
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        return
