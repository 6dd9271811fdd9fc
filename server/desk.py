"""The desk: the running show as people and pages see it, and the door for their commands."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import psutil

from server.broadcast import Broadcast
from server.commands import COMMANDS, command_from
from server.conductor import Conductor
from server.crew import Crew
from server.editing.commands import edit_from
from server.editing.editing import Editing
from server.editing.view import view
from server.health import Health
from server.hub import Hub
from server.monitor.rounds import Rounds
from server.monitor.service import Monitor
from server.night.restore import digest
from server.once import Once
from server.patch import ROOM, Refused
from server.renderer.supervisor import State, Supervisor
from server.rig import Rig
from show_control.cue import Cue
from show_control.show import Reply
from show_control.showfile import ShowFile

MESSAGE_LIMIT = 64 * 1024
"""Bytes. The longest message or body that is read from a page."""


LATE_AFTER = 1.0
"""Seconds after which a press is no longer what its operator wants: the stage has gone on without it."""


def done(reply: Reply) -> asyncio.Future[Reply]:
    """An answer that nobody has to wait for."""
    future = asyncio.get_running_loop().create_future()
    future.set_result(reply)
    return future


@dataclass(frozen=True, slots=True)
class _Staged:
    """What follows from the show file: cue number -> the network that is on stage when it is, and more."""

    file: ShowFile
    networks: Mapping[str, str]
    digest: str


@dataclass(slots=True)
class Desk:
    """Everything that routes and sockets work with. `clients` counts open pages by their role; `crew` knows
    them. `targets` tells what became of messages to OSC targets."""

    rig: Rig
    conductor: Conductor
    hub: Hub
    supervisor: Supervisor
    health: Health
    clock: Callable[[], float]
    editing: Editing | None = None
    monitor: Monitor | None = None
    clients: Counter[str] = field(default_factory=lambda: Counter(projector=0, operator=0, editor=0, table=0))
    crew: Crew = field(default_factory=Crew)
    targets: Callable[[], list[dict[str, object]]] = list
    broadcast: Broadcast = field(init=False)
    rounds: Rounds = field(init=False)
    _once: Once[asyncio.Future[Reply]] = field(default_factory=Once)
    _staged: _Staged | None = None
    _process: psutil.Process = field(default_factory=lambda: psutil.Process(os.getpid()))

    def __post_init__(self) -> None:
        self.broadcast = Broadcast(self.state, lambda: self.show_file, self.cues, self.clock)
        self.rounds = Rounds(self.rig, self.conductor, self.clock)
        self.conductor.listen(self.broadcast.touch)

    @property
    def show_file(self) -> ShowFile:
        """The one that is played now."""
        return self.conductor.show.file

    @property
    def _known(self) -> _Staged:
        file = self.show_file
        if self._staged is None or self._staged.file is not file:
            networks = {number: scene.network for number, scene in file.scenes().items()}
            self._staged = _Staged(file, networks, digest(file.text))
        return self._staged

    @contextmanager
    def present(self, role: str) -> Iterator[None]:
        """Count a page in, and out again."""
        self.clients[role] += 1
        try:
            yield
        finally:
            self.clients[role] -= 1

    def command(
        self,
        name: str,
        fields: Mapping[str, object],
        source: str,
        pressed: float | None = None,
        client: str | None = None,
        id: str | None = None,
    ) -> asyncio.Future[Reply]:
        """Carry out a command at once; the answer comes when the journal has it on disk, or when that takes
        too long. What a `client` asks for by the same `id` is done at most once, and always gets the first
        answer, which is theirs together: shield it. One that was `pressed` long ago, on the show's clock, is
        refused: it waited in a connection that had stalled. Panic is right at any time. Raises patch.Refused
        where it is no command at all."""
        work = partial(self._command, name, fields, source, pressed, client)
        return work() if client is None or id is None else self._once.do(client, id, work)

    def _command(
        self, name: str, fields: Mapping[str, object], source: str, pressed: float | None, client: str | None
    ) -> asyncio.Future[Reply]:
        def told(reply: Reply) -> None:
            if self.monitor is not None:
                who = self.crew.called(client) or source
                self.monitor.pressed(name, tuple(fields.values()), who, reply)

        try:
            answer = self._decide(name, fields, source, pressed, client)
        except Refused as reason:
            told(Reply(False, str(reason)))
            raise
        answer.add_done_callback(lambda answered: None if answered.cancelled() else told(answered.result()))
        return answer

    def _decide(
        self, name: str, fields: Mapping[str, object], source: str, pressed: float | None, client: str | None
    ) -> asyncio.Future[Reply]:
        act = self._act(name, fields, source, client)
        now = self.clock()
        late = 0.0 if pressed is None else now - pressed
        if late > LATE_AFTER and name != "panic":
            reason = (
                f"{name.upper()} refused: it was pressed {late:.1f} s ago and the connection had stalled. "
                "Press again."
            )
            self.health.count("commands.late", detail=f"{source}: {reason}")
            self.conductor.refuse(name, reason, source)
            return done(Reply(False, reason))
        if (theirs := self.crew.refusal(client, name, now)) is not None:
            self.health.count("commands.baton", detail=f"{source}: {theirs}")
            return done(Reply(False, theirs))
        return act()

    def _act(
        self, name: str, fields: Mapping[str, object], source: str, client: str | None
    ) -> Callable[[], asyncio.Future[Reply]]:
        """What a command is to do, and not yet done. Raises patch.Refused."""
        if name == "baton":
            match fields:
                case {"on": bool(on)} if len(fields) == 1:
                    return lambda: done(self._pass_baton(client, on))
            raise Refused('baton: expected "on": true to take it, or false to give it back')
        job = None if self.editing is None else edit_from(self.editing, name, fields, source)
        if job is not None:
            return lambda: asyncio.ensure_future(job())
        event = command_from(name, fields)
        return lambda: self._answer(self.conductor.command(event, source))

    def _pass_baton(self, client: str | None, on: bool) -> Reply:
        reason = self.crew.baton(client, on, self.clock())
        self.broadcast.touch()
        return Reply(reason is None, reason or "")

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
        return {**cue.to_plain(), "network": self._known.networks[cue.number], "cues": parts}

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
            "digest": self._known.digest,
            **self.crew.to_plain(now),
            "warnings": self.monitor.warnings() if self.monitor else [],
        }

    def troubles(self) -> dict[str, str]:
        """Cue number -> why its network cannot be played; only the cues of which that is known."""
        failed = self.supervisor.failed_networks()
        known = self.rig.generator.all_networks
        return {
            number: failed.get(name) or f'the rig has no network "{name}"'
            for number, name in self._known.networks.items()
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

    def show(self) -> Callable[[], dict[str, object]]:
        """What makes the editor's view of the show file as it is now, on any thread."""
        file, editing = self.show_file, self.editing
        saved, undo, redo = (
            (editing.saved, editing.undoes, editing.redoes) if editing else (file.text, "", "")
        )
        controls = tuple(self.conductor.show.status(self.clock()).controls)
        return partial(view, self.rig, file, saved, undo, redo, controls)

    def report(self) -> dict[str, object]:
        """Health: ok means that pictures are coming now."""
        report = {
            "ok": self.supervisor.state is State.RUNNING,
            **self.health.to_plain(),
            "renderer": self.supervisor.status(self.clock()),
            "pages": self.crew.pages(self.clock()),
            "links_lost": self.health.counted("links.lost"),
            "targets": self.targets(),
            "processes": {
                "show_rss": self._process.memory_info().rss,
                "renderer_rss": self.supervisor.rss,
            },
        }
        return {**report, **self.rounds.visit(report)}
