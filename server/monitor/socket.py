"""/ws/monitor: news down ten times a second at most, and what the crew asks for up."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from server.health import Health
from server.monitor.service import Monitor, MonitorError
from server.monitor.session import Session
from server.patch import shown
from server.sockets import bounded, converse

NEWS_EVERY = 0.1
MOST_PAGES = 8
CLOSE_TRY_LATER = 1013


async def serve(socket: WebSocket, monitor: Monitor | None, health: Health) -> None:
    """One page of the monitor, until it goes."""
    await socket.accept()
    if monitor is None or monitor.pages >= MOST_PAGES:
        await socket.close(CLOSE_TRY_LATER, f"{MOST_PAGES} pages of the monitor are open already")
        return
    session = Session(monitor)
    monitor.pages += 1
    try:
        await converse(socket, health, _tell(socket, session), _hear(socket, session, health))
    finally:
        monitor.pages -= 1
        session.close()


async def _tell(socket: WebSocket, session: Session) -> None:
    while True:
        await _send(socket, session.news())
        await asyncio.sleep(NEWS_EVERY)


async def _hear(socket: WebSocket, session: Session, health: Health) -> None:
    while True:
        await asyncio.sleep(0)  # a socket that is never empty would otherwise keep the loop to itself
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        match _object(message.get("text")):
            case {"type": "do", "id": str(id), "name": str(name), **fields}:
                wish = {str(key): fields[key] for key in fields}
                await _send(socket, await _answer(session, id, name, wish, health))
            case _:
                health.count(
                    "socket.junk", detail=f'{socket.url.path}: expected {{"type": "do", "id", "name"}}'
                )


async def _answer(
    session: Session, id: str, name: str, fields: Mapping[str, Any], health: Health
) -> dict[str, object]:
    try:
        return {"type": "reply", "id": id[:80], "ok": True, "reason": "", **await session.do(name, fields)}
    except MonitorError as error:
        reason = str(error)
    except Exception as error:  # a page that lost its connection over a wish would ask the same for ever
        logging.getLogger(__name__).exception("The monitor could not %s", shown(name))
        health.count("monitor.failed", detail=f"{shown(name)}: {error!r}")
        reason = f"That failed within Marrow ({error!r:.200}). Its log says where; the show goes on."
    return {"type": "reply", "id": id[:80], "ok": False, "reason": reason}


def _object(text: str | None) -> dict[str, Any] | None:
    try:
        value = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


async def _send(socket: WebSocket, message: dict[str, object]) -> None:
    await bounded(socket.send_text(json.dumps(message, separators=(",", ":"), allow_nan=False)))
