"""OSCQuery at work: keeps the address space and the listeners up to date, and speaks HTTP and WebSocket for
them."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import unquote

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from server.alarm import Alarm
from server.conductor import Conductor
from server.health import Health
from server.osc import Inlet, OscError, encode
from server.oscquery.answers import Host, answer, is_ours
from server.oscquery.listening import MAX_LISTENERS, Listener
from server.oscquery.methods import space
from server.oscquery.space import Args, Now, Space, unseen
from server.patch import Patch, shown
from server.renderer.energy import Energy
from server.rig import Rig
from server.sockets import bounded, converse
from show_control.show import Reply

SHORTEST = 1 / 60  # s between two looks at what has changed, whatever happens
MADE_EVERY = 1.0
"""Seconds between two address spaces where only controls have come or gone: strangers may do so all the time,
and clients fetch everything again."""

LONGEST = 1 / 30  # s between two looks: fades, walks and pictures move by themselves

CLOSE_TRY_LATER = 1013


class Service:
    """One for each show. Lives on the event loop, beside the conductor."""

    def __init__(
        self,
        rig: Rig,
        conductor: Conductor,
        patch: Patch,
        inlet: Inlet,
        health: Health,
        host: Host,
        energy: Callable[[str], Energy | None] = unseen,
    ) -> None:
        """Binary messages go to the inlet, as from any wire. `host` is what clients are told of us; `energy`
        is asked for that of a projector."""
        self.host = host
        self._rig = rig
        self._conductor = conductor
        self._patch = patch
        self._inlet = inlet
        self._health = health
        self._energy = energy
        self._heard: dict[str, Args] = {}
        self._listeners: set[Listener] = set()
        self._loop = asyncio.get_running_loop()
        self._looked_at = 0.0
        self._alarm = Alarm(self._tell, self._loop.time, self._loop)
        self._made_of: object = None
        self._controls: frozenset[str] = frozenset()
        self._made_at = -MADE_EVERY
        self._space = self._told = self.space
        conductor.tap(self._tap)
        conductor.listen(self._changed)

    @property
    def space(self) -> Space:
        """The address space as it is: made again where the show file, the sensors or the controls are
        others."""
        file, entries, now = self._conductor.show.file, self._patch.addresses(), self._loop.time()
        made_of = file, frozenset(entries.items())
        controls = self._now().status.controls
        others = controls.keys() != self._controls and now - self._made_at >= MADE_EVERY
        if made_of != self._made_of or others:
            self._made_of, self._controls, self._made_at = made_of, frozenset(controls), now
            self._space = space(self._rig, file, entries, controls)
        return self._space

    def close(self) -> None:
        """Looks at nothing any more."""
        self._listeners.clear()
        self._alarm.cancel()

    def get(self, path: str, query: str, accept: str) -> Response | None:
        """The response to a GET, or None where it is for the pages."""
        space = self.space
        if not is_ours(space, path, query, accept):
            return None
        found = answer(space, self._now(), self.host, path, query)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        if found.body is None:
            return Response(status_code=found.status, headers=headers)
        return JSONResponse(found.body, found.status, headers)

    async def socket(self, socket: WebSocket) -> None:
        """A WebSocket: LISTEN and IGNORE as JSON text, OSC as binary, in both directions."""
        await socket.accept()
        if len(self._listeners) >= MAX_LISTENERS:
            await socket.close(CLOSE_TRY_LATER, f"{MAX_LISTENERS} are listening already")
            return
        client = socket.client
        listener = Listener(f"oscquery {client.host}:{client.port}" if client else "oscquery")
        self._listeners.add(listener)
        self._changed()
        try:
            await converse(socket, self._health, self._send(socket, listener), self._hear(socket, listener))
        finally:
            self._listeners.discard(listener)

    async def _send(self, socket: WebSocket, listener: Listener) -> None:
        while True:
            await listener.waiting.wait()
            mail = listener.take()
            if mail.moved is not None:
                await bounded(socket.send_text(json.dumps({"COMMAND": "PATH_CHANGED", "DATA": mail.moved})))
            # Each value in a message of its own: some clients read no bundles here.
            for packet in (*mail.replies, *map(self._packet, mail.values.items())):
                if packet:
                    await bounded(socket.send_bytes(packet))
            await asyncio.sleep(SHORTEST)

    def _packet(self, value: tuple[str, Args]) -> bytes:
        try:
            return encode(*value)
        except OscError as error:
            self._health.count("oscquery.failed", 1, f"{value[0]}: {error}")
            return b""

    async def _hear(self, socket: WebSocket, listener: Listener) -> None:
        while True:
            await asyncio.sleep(0)  # a socket that is never empty would otherwise keep the loop to itself
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (data := message.get("bytes")) is not None:
                self._inlet.take(data, listener)
            else:
                self._obey(cast(str, message.get("text") or ""), listener)

    def _obey(self, text: str, listener: Listener) -> None:
        try:
            message: Any = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        match message:
            case {"COMMAND": "LISTEN", "DATA": str(address)} if address in self.space.methods:
                listener.listen(address)
                self._changed()
            case {"COMMAND": "IGNORE", "DATA": str(address)}:
                listener.ignore(address)
            case {"COMMAND": "LISTEN", "DATA": str(address)}:
                self._junk(listener, f"LISTEN: there is no address {shown(address)}")
            case _:
                self._junk(
                    listener, f'expected {{"COMMAND": "LISTEN", "DATA": "/an/address"}}, got {text[:80]}'
                )

    def _junk(self, listener: Listener, reason: str) -> None:
        self._health.count("oscquery.junk", 1, f"{listener.name}: {reason}")

    def _tap(self, address: str, args: Sequence[object], source: str, reply: Reply) -> None:
        """A message has come through some door."""
        if not reply.ok:
            return
        values = cast(Args, tuple(args))
        for each in self._patch.reached(address):
            if self._patch.takes(each):  # what is not patched has no end of addresses
                self._heard[each] = values
            method = self._space.methods.get(each)
            for listener in self._listeners:
                if method is None or method.read is None:
                    listener.happened(each, values, source)
                elif source == listener.name:
                    listener.moved(each, values, self._loop.time())
        self._changed()

    def pulse(self, address: str, args: Args) -> None:
        """Something has happened in the show that has no value."""
        for listener in self._listeners:
            listener.happened(address, args, "")

    def _changed(self) -> None:
        """Something may be worth telling; soon is soon enough."""
        if self._listeners:
            self._alarm.set(self._looked_at + SHORTEST)

    def _tell(self) -> None:
        self._looked_at = self._loop.time()
        if not self._listeners:
            return
        before, after = self._told, self.space
        self._told = after
        moved = None if before is after else before.changed(after)
        now = self._now()
        for address in set().union(*(listener.addresses for listener in self._listeners)):
            method = after.methods.get(address)
            value = method.value(now) if method else None
            for listener in self._listeners:
                if value is not None:
                    listener.tell(address, value, self._looked_at)
                if method is None:
                    listener.ignore(address)
        if moved is not None:
            for listener in self._listeners:
                listener.space_changed(moved)
        self._alarm.set(self._looked_at + LONGEST)

    def _now(self) -> Now:
        now, conductor = self._loop.time(), self._conductor
        return Now(conductor.show.status(now), self._heard, now, conductor.snapshot, self._energy)


class OscQuery:
    """ASGI middleware: takes what OSCQuery clients ask of the web port, and leaves the rest to the pages."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            accept = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
            query = unquote(scope["query_string"].decode("latin-1"))
            if (response := self._service.get(scope["path"], query, accept)) is not None:
                await response(scope, receive, send)
                return
        if scope["type"] == "websocket" and scope["path"] == "/":
            await self._service.socket(WebSocket(scope, receive, send))
            return
        await self._app(scope, receive, send)
