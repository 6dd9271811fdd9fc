"""What is answered to a GET: a node, one of its attributes, or who we are. Pure.

The web port has pages as well, some of them at paths that are addresses too: "/" and "/table". An OSCQuery
client asks for what it gets with "Accept: */*" or without a word (libossia, JUCE, NSURLSession, curl do); a
browser that opens a page asks for text/html. Only the second gets the page; and an attribute after "?" is
never a page's, but for HTML.
"""

from dataclasses import dataclass
from typing import Any

from server.oscquery.space import ATTRIBUTES, Access, Now, Space

_OF_OSCQUERY = ("TAGS", "EXTENDED_TYPE", "UNIT", "CLIPMODE")  # attributes that we do not have
_PAGES = ("api", "static", "projector", "ws", "frame.jpg")  # no sensor's address hides these

EXTENSIONS = dict.fromkeys(
    ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "CRITICAL", "OVERLOADS", "LISTEN", "PATH_CHANGED"), True
)


@dataclass(frozen=True, slots=True)
class Host:
    """Who answers. `osc_ip` is None where OSC is heard at the address that HTTP is."""

    name: str
    osc_port: int
    osc_ip: str | None = None

    def to_plain(self) -> dict[str, Any]:
        where = {} if self.osc_ip is None else {"OSC_IP": self.osc_ip}
        return {
            "NAME": self.name,
            **where,
            "OSC_PORT": self.osc_port,
            "OSC_TRANSPORT": "UDP",
            "EXTENSIONS": EXTENSIONS,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the JSON that goes with it; nothing goes with 204."""

    status: int
    body: dict[str, Any] | None = None


def is_ours(space: Space, path: str, query: str, accept: str) -> bool:
    """Whether a GET is a question to us, and no page's."""
    attribute = _attribute(query)
    if attribute in ("HOST_INFO", *ATTRIBUTES, *_OF_OSCQUERY):
        return True
    if attribute == "HTML" or "text/html" in accept:
        return False
    return _normal(path) in space and _normal(path).split("/")[1] not in _PAGES


def answer(space: Space, now: Now, host: Host, path: str, query: str) -> Answer:
    """The answer to a GET that `is_ours`."""
    attribute = _attribute(query)
    if attribute == "HOST_INFO":
        return Answer(200, host.to_plain())
    path = _normal(path)
    if path not in space:
        return Answer(404, {"error": f"there is no address {path[:200]}"})
    node = space.to_plain(path, now)
    if not attribute:
        return Answer(200, node)
    if attribute in _OF_OSCQUERY:
        return Answer(204)
    if attribute not in ATTRIBUTES:
        known = ", ".join(("HOST_INFO", *ATTRIBUTES))
        return Answer(400, {"error": f"expected one of {known}, got {attribute[:40]}"})
    if attribute == "VALUE" and not node["ACCESS"] & Access.READ:
        return Answer(204)
    return Answer(200, {attribute: node[attribute]} if attribute in node else {})


def _attribute(query: str) -> str:
    return query.partition("&")[0].partition("=")[0]


def _normal(path: str) -> str:
    return path.rstrip("/") or "/"
