"""Whether Marrow is running already, as far as its own address for health says."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from server.doctor.finding import Finding, note, ok, problem

TOPIC = "running"
WITHIN = 2.0
"""Seconds that an answer may take."""

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class Running:
    """A Marrow that answers on the port of the pages. `paints`: pictures are coming now, `fps` of them a
    second. `state` and `note` are the renderer's own words."""

    port: int
    paints: bool
    fps: float
    how: str
    state: str
    note: str


def look(host: str, port: int) -> Running | None:
    """None where nobody answers there, or somebody else does."""
    try:
        health = json.loads(get(_EVERYWHERE.get(host, host), port, "/api/health"))
        renderer: dict[str, Any] = health["renderer"]
        how = f"{renderer['size']} pixels by {renderer['backend']} on {renderer['device']}"
        paints, fps = health["ok"] is True, float(renderer["fps"])
        return Running(port, paints, fps, how, str(renderer["state"]), str(renderer["note"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def get(host: str, port: int, path: str) -> bytes:
    """The body of a GET that was answered with 200. Raises OSError. No proxy is asked."""
    connection = http.client.HTTPConnection(host, port, timeout=WITHIN)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise OSError(f"it answers with status {answer.status}")
        return answer.read(2**20)
    except http.client.HTTPException as error:
        raise OSError(f"it does not speak HTTP ({error!r})") from error
    finally:
        connection.close()


def judge(running: Running | None) -> Iterator[Finding]:
    if running is None:
        return
    yield note(
        TOPIC,
        f"Marrow is running already, on port {running.port}.",
        "If that is tonight's show, leave it and start no other. If not, stop it first: Ctrl-C in its "
        "window.",
    )
    if running.paints:
        yield ok(TOPIC, f"It paints {running.fps:.0f} pictures a second: {running.how}.")
    else:
        yield problem(
            TOPIC,
            f"The Marrow that is running makes no pictures now ({running.state}: {running.note}).",
            "If it has just been started, wait a minute and look again; else stop it and start it again.",
        )
