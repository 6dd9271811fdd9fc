"""The desk: the running show as people and pages see it, and the door for their commands."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psutil

from server.conductor import COMMANDS, Conductor, command_from
from server.config import Rig
from server.editing import Editing
from server.health import Health
from server.hub import Hub
from server.patch import ROOM, Refused, cue_number, shown
from server.renderer.supervisor import State, Supervisor
from show_control.cue import Cue
from show_control.events import Panic
from show_control.show import Reply
from show_control.showfile import ShowFile

MESSAGE_LIMIT = 64 * 1024
"""Bytes. The longest message or body that is read from a page."""


LATE_AFTER = 1.0
"""Seconds after which a press is no longer what its operator wants: the stage has gone on without it."""


class Malformed(ValueError):
    """A message that is none of those we know; says what was expected."""


def command_in(message: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name and fields of {"name": "go", ...}. Raises Malformed."""
    match message:
        case {"name": str(name), **fields}:
            return name, {key: value for key, value in fields.items() if key not in ("type", "id")}
    raise Malformed('expected a command such as {"name": "go"}, with "name" a string')


def pressed_in(fields: dict[str, Any]) -> float | None:
    """Takes "at" out of a command: when it was pressed, in seconds of the state's "now". Raises Malformed."""
    match fields.pop("at", None):
        case None:
            return None
        case float() | int() as at if not isinstance(at, bool) and abs(at) <= sys.float_info.max:
            return float(at)
    raise Malformed('expected "at" to be a finite number: the show\'s "now", in seconds, at the press')


def event_in(message: Mapping[str, Any]) -> tuple[str, tuple[object, ...]]:
    """Address and arguments of {"address": "/table/plate/mom", "args": [0.4]}. Raises Malformed."""
    match message:
        case {"address": str(address), "args": list(args)} if all(
            isinstance(arg, str | int | float) for arg in args
        ):
            return address, tuple(args)
    raise Malformed(
        'expected an event such as {"address": "/table/plate/mom", "args": [0.4]}, with "args" a list of '
        "numbers and strings"
    )


def edit_from(
    editing: Editing, name: str, fields: Mapping[str, object], source: str
) -> Callable[[], Coroutine[None, None, Reply]] | None:
    """What a page's command does to the show file: edit {cue?, key, value?}, commit, revert; None for
    another's. Raises patch.Refused, which says what was expected."""
    if name not in ("edit", "commit", "revert"):
        return None
    known = ("cue", "key", "value") if name == "edit" else ()
    for stranger in fields.keys() - set(known):
        raise Refused(f"{name}: expected {', '.join(known) or 'nothing else'}, got {shown(stranger)}")
    if name == "commit":
        return partial(editing.commit, source)
    if name == "revert":
        return partial(editing.revert, source)
    cue, key, value = (fields.get(field) for field in known)
    if not isinstance(key, str):
        raise Refused(f'edit: "key": expected a key such as "look.psi", got {shown(key)}')
    return partial(editing.edit, None if cue is None else cue_number(cue), key, value, source)


def done(reply: Reply) -> asyncio.Future[Reply]:
    """An answer that nobody has to wait for."""
    future = asyncio.get_running_loop().create_future()
    future.set_result(reply)
    return future


@dataclass(slots=True)
class Desk:
    """Everything that routes and sockets work with. `clients` counts open pages by their role."""

    rig: Rig
    conductor: Conductor
    hub: Hub
    supervisor: Supervisor
    health: Health
    clock: Callable[[], float]
    editing: Editing | None = None
    clients: Counter[str] = field(default_factory=lambda: Counter(projector=0, operator=0, table=0))
    _staged: tuple[ShowFile, dict[str, str]] | None = None
    _process: psutil.Process = field(default_factory=lambda: psutil.Process(os.getpid()))

    @property
    def show_file(self) -> ShowFile:
        """The one that is played now."""
        return self.conductor.show.file

    @property
    def _networks(self) -> dict[str, str]:
        """Cue number -> the network that is on stage when it is."""
        file = self.show_file
        if self._staged is None or self._staged[0] is not file:
            self._staged = file, {number: scene.network for number, scene in file.scenes().items()}
        return self._staged[1]

    @contextmanager
    def present(self, role: str) -> Iterator[None]:
        """Count a page in, and out again."""
        self.clients[role] += 1
        try:
            yield
        finally:
            self.clients[role] -= 1

    def command(
        self, name: str, fields: Mapping[str, object], source: str, pressed: float | None = None
    ) -> asyncio.Future[Reply]:
        """Carry out a command at once; the answer comes when the journal has it on disk, or when that takes
        too long. One that was `pressed` long ago, on the show's clock, is refused: it waited in a connection
        that had stalled. Panic is right at any time. Raises patch.Refused where it is no command at all."""
        job = None if self.editing is None else edit_from(self.editing, name, fields, source)
        event = None if job else command_from(name, fields)
        late = 0.0 if pressed is None else self.clock() - pressed
        if late <= LATE_AFTER or isinstance(event, Panic):
            if event is not None:
                return self._answer(self.conductor.command(event, source))
            assert job is not None
            return asyncio.ensure_future(job())
        reason = (
            f"{name.upper()} refused: it was pressed {late:.1f} s ago and the connection had stalled. "
            "Press again."
        )
        self.health.count("commands.late", detail=f"{source}: {reason}")
        self.conductor.refuse(name, reason, source)
        return done(Reply(False, reason))

    def _answer(self, reply: Reply) -> asyncio.Future[Reply]:
        kept = self.conductor.night.kept()

        async def answer() -> Reply:
            await kept
            return reply

        return asyncio.ensure_future(answer())

    def event(self, address: str, args: Sequence[object], source: str) -> Reply:
        """What a sensor would send; the same path as OSC."""
        return self.conductor.message(address, args, source)

    def cues(self) -> dict[str, object]:
        return {
            "type": "cues",
            "title": self.show_file.title,
            "cues": [self._listed(cue) for cue in self.show_file.cues],
        }

    def _listed(self, cue: Cue) -> dict[str, object]:
        parts = [self._listed(part) for part in cue.cues]
        return {**cue.to_plain(), "network": self._networks[cue.number], "cues": parts}

    def state(self) -> dict[str, object]:
        now, night = self.clock(), self.conductor.night
        return {
            **self.conductor.show.status(now).to_plain(),
            "type": "state",
            "now": round(now, 3),
            "event": self.conductor.newest_event,
            "renderer": self.supervisor.status(now),
            "troubles": self.troubles(),
            "clients": dict(self.clients),
            "restored": night.restored.to_plain() if night.restored else None,
            "journal": night.to_plain(),
            "draft": self.editing is not None and self.editing.draft,
        }

    def troubles(self) -> dict[str, str]:
        """Cue number -> why its network cannot be played; only the cues of which that is known."""
        failed = self.supervisor.failed_networks()
        known = self.rig.generator.all_networks
        return {
            number: failed.get(name) or f'the rig has no network "{name}"'
            for number, name in self._networks.items()
            if name in failed or name not in known
        }

    def info(self) -> dict[str, object]:
        """What is installed here, for the index page."""
        rig = self.rig
        return {
            "title": self.show_file.title,
            "projectors": [
                {
                    "name": projector.name,
                    "ahead": projector.ahead,
                    "page": f"/projector/{projector.name}",
                    "mjpeg": f"/projector/{projector.name}.mjpeg",
                    "frame": f"/frame.jpg?projector={projector.name}",
                }
                for projector in rig.projectors
            ],
            "osc": {
                "host": rig.osc.host,
                "port": rig.osc.port,
                "addresses": [
                    *(f"/show/{verb}" for verb in COMMANDS),
                    "/cue/{number}/go",
                    "/control/{name}",
                    *(f"/{word}" for word in ROOM),
                    *(entry.address for entry in rig.patch),
                ],
            },
            "seats": list(rig.seats),
        }

    def report(self) -> dict[str, object]:
        """Health: ok means that pictures are coming now."""
        return {
            "ok": self.supervisor.state is State.RUNNING,
            **self.health.to_plain(),
            "renderer": self.supervisor.status(self.clock()),
            "processes": {
                "show_rss": self._process.memory_info().rss,
                "renderer_rss": self.supervisor.rss,
            },
        }
