"""The WebSockets: frames down as they are acknowledged, state down, commands and sensor events up."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from server.desk import MESSAGE_LIMIT, Desk, Malformed, command_in, done, event_in, pressed_in
from server.health import Health
from server.hub import Closed, Mailbox
from server.patch import Refused
from show_control.show import Reply

IN_FLIGHT = 2
SILENT_AFTER = 10.0
"""Seconds that a client may owe an acknowledgement, or leave a message unread."""

STATE_SHORTEST = 1 / 30
STATE_LONGEST = 1 / 4

MOST_UNANSWERED = 256
"""Commands of a page whose answers wait for the disk, before it is listened to no further."""

CLOSE_GOING_AWAY = 1001
CLOSE_TOO_BIG = 1009
CLOSE_UNKNOWN = 4404
CLOSE_STALLED = 4408

Answers = asyncio.Queue[tuple[str, asyncio.Future[Reply]]]


class Stalled(Exception):
    """The client does not take what it is sent."""


class Window:
    """The frames a client was sent and has not acknowledged. Kernel buffers hide half a second of frames, so
    only the page itself can say that one has arrived."""

    def __init__(self, size: int = IN_FLIGHT) -> None:
        self._size = size
        self._sent: deque[int] = deque()
        self._room = asyncio.Event()
        self._room.set()

    def sent(self, seq: int) -> None:
        self._sent.append(seq)
        if len(self._sent) >= self._size:
            self._room.clear()

    def acknowledge(self, seq: int) -> bool:
        """This frame and those before it have arrived. False if no such frame is on its way."""
        if seq not in self._sent:
            return False
        while self._sent.popleft() != seq:
            pass
        self._room.set()
        return True

    async def room(self) -> None:
        """Wait until one more frame may be sent."""
        await self._room.wait()


async def projector(socket: WebSocket, name: str, desk: Desk) -> None:
    """/ws/projector/{name}: frames, the newest first and only."""
    await socket.accept()
    if name not in desk.hub.projectors:
        await _close(
            socket, CLOSE_UNKNOWN, f"no projector of this name; known: {', '.join(desk.hub.projectors)}"
        )
        return
    window = Window()
    with desk.present("projector"), desk.hub.open(name) as mailbox:
        await converse(
            socket,
            desk.health,
            _send_frames(socket, mailbox, window),
            _take_acks(socket, window, desk.health),
        )


async def control(socket: WebSocket, role: str, desk: Desk) -> None:
    """/ws/operator and /ws/table: the cue list and then state; commands and sensor events up."""
    await socket.accept()
    changed = asyncio.Event()
    remove = desk.conductor.listen(changed.set)
    answers: Answers = asyncio.Queue(MOST_UNANSWERED)
    try:
        with desk.present(role):
            await converse(
                socket,
                desk.health,
                _send_state(socket, desk, changed),
                _take_commands(socket, role, desk, answers),
                _send_answers(socket, answers),
            )
    finally:
        remove()


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
                await _close(socket, CLOSE_STALLED, "nothing was taken for a while")
            case Closed():
                await _close(socket, CLOSE_GOING_AWAY, "the show has ended")
            case WebSocketDisconnect(code=code) if code == CLOSE_TOO_BIG:
                health.count("socket.junk", detail=f"{socket.url.path}: a message over {MESSAGE_LIMIT} bytes")
            case WebSocketDisconnect() | asyncio.CancelledError():
                pass
            case BaseException():
                raise ended


async def _send_frames(socket: WebSocket, mailbox: Mailbox, window: Window) -> None:
    while True:
        await bounded(window.room())
        frame = await mailbox.get()
        window.sent(frame.seq)
        await bounded(socket.send_bytes(frame.pack()))


async def _take_acks(socket: WebSocket, window: Window, health: Health) -> None:
    while True:
        message = await _receive(socket, health)
        match message:
            case {"type": "ack", "seq": int(seq)} if window.acknowledge(seq):
                pass
            case None:
                pass
            case _:
                await _junk(socket, health, 'expected {"type": "ack", "seq": n} of a frame on its way')


async def _send_state(socket: WebSocket, desk: Desk, changed: asyncio.Event) -> None:
    """State when it has changed, and now and then so that the page knows we are there; the cues before it
    when they are others."""
    told = None
    while True:
        changed.clear()
        if told is not desk.show_file:
            told = desk.show_file
            await _send(socket, desk.cues())
        await _send(socket, desk.state())
        await asyncio.sleep(STATE_SHORTEST)
        try:
            async with asyncio.timeout(STATE_LONGEST - STATE_SHORTEST):
                await changed.wait()
        except TimeoutError:
            continue


async def _take_commands(socket: WebSocket, role: str, desk: Desk, answers: Answers) -> None:
    """Each acts as it comes; its answer may have to wait, and holds up none of those that follow."""
    while True:
        message = await _receive(socket, desk.health)
        if message is None:
            continue
        try:
            answer = _obey(message, role, desk)
        except Malformed as error:
            await _junk(socket, desk.health, str(error))
            continue
        if "id" in message:
            await answers.put((message["id"], answer))


async def _send_answers(socket: WebSocket, answers: Answers) -> None:
    while True:
        id, answer = await answers.get()
        reply = await answer
        await _send(
            socket,
            {"type": "reply", "id": id, "ok": reply.ok, "reason": reply.reason, "event": reply.event},
        )


def _obey(message: Mapping[str, Any], role: str, desk: Desk) -> asyncio.Future[Reply]:
    """Do what a page asks. Raises Malformed for what is no command and no event."""
    if not isinstance(message.get("id", ""), str):
        raise Malformed('expected "id" to be a string')
    match message:
        case {"type": "command", "id": _}:
            name, fields = command_in(message)
            pressed = pressed_in(fields)
            try:
                return desk.command(name, fields, role, pressed)
            except Refused as error:
                desk.health.count("commands.refused", detail=f"{role}: {error}")
                return done(Reply(False, str(error)))
        case {"type": "event"}:
            return done(desk.event(*event_in(message), role))
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
    await bounded(socket.send_text(json.dumps(message, separators=(",", ":"), allow_nan=False)))


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
