"""Only our own pages may command: a web page from elsewhere, open on the same tablet, must not press GO."""

import ipaddress
import platform
from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.health import Health

LOCAL = (".local", ".lan", ".home", ".internal", ".localhost", ".home.arpa")
"""Endings of names that nobody can have on the internet."""


def foreign(scope: Scope) -> str | None:
    """The Origin of a request that changes something or opens a socket, if it is not the host it is sent to,
    or that host is no name of ours: anybody may have a name of his own lead here.

    Browsers always send one; programs do not, and are left alone.
    """
    if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
        return None
    headers = dict(scope.get("headers", ()))
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    own = urlsplit(origin).netloc.lower() == host.lower() and ours(urlsplit(f"//{host}").hostname or "")
    return origin if origin and not own else None


def ours(host: str) -> bool:
    """Whether this may be our name: an address, a name without a domain, or one that only a local network
    gives."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(LOCAL) or host == platform.node().lower())
    return True


class SameOrigin:
    """ASGI middleware: refuses what `foreign` names, and counts it."""

    def __init__(self, app: ASGIApp, health: Health) -> None:
        self._app = app
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = foreign(scope) if scope["type"] in ("http", "websocket") else None
        if origin is None:
            await self._app(scope, receive, send)
            return
        self._health.count("origins.refused", detail=f"{scope['path']} from {origin}")
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": "only our own pages may connect"})
        else:
            reason = f"only pages of this server may command it, not {origin[:100]}"
            await JSONResponse({"detail": reason}, status_code=403)(scope, receive, send)
