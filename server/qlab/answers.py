"""How a message of QLab's dialect is answered.

An answer goes to /reply and the address that was invoked, with one string of JSON: "workspace_id", "address",
"status" ("ok", "error" or "denied") and, where there is any, "data" (OSC dictionary, "reply format").
"""

import json
from dataclasses import dataclass

from server.osc import OscError, encode
from server.qlab.clients import Client

TOO_LONG = "more than a datagram holds. Ask over TCP, or for less: /uniqueIDs, /shallow"


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is None where there is none. `told`: it goes out whether or not everything is to be answered."""

    status: str = "ok"
    data: object = None
    told: bool = False

    @classmethod
    def of(cls, data: object) -> "Answer":
        """The answer to a question."""
        return cls("ok", data, True)

    @classmethod
    def refusal(cls, reason: str) -> "Answer":
        return cls("error", reason, True)


def reply(client: Client, workspace: str, address: str, answer: Answer) -> str:
    """Sends an answer. Returns why it could not be sent, or ""."""
    if not _send(client, workspace, address, answer):
        _send(client, workspace, address, Answer.refusal(TOO_LONG))
        return TOO_LONG
    return ""


def _send(client: Client, workspace: str, address: str, answer: Answer) -> bool:
    plain: dict[str, object] = {"workspace_id": workspace, "address": address, "status": answer.status}
    if answer.data is not None:
        plain["data"] = answer.data
    return send(client, f"/reply{address}", json.dumps(plain))


def send(client: Client, address: str, *args: str) -> bool:
    """Whether a message could be sent: it is no longer than what carries it."""
    try:
        packet = encode(address, args)
    except OscError:
        return False
    if client.limit is not None and len(packet) > client.limit:
        return False
    client.send(packet)
    return True
