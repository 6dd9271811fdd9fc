"""Keeps one renderer process alive, from within the show process: starts, feeds, watches, replaces it."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from server.frames import EncodedFrame, FrameError
from server.health import Health
from server.renderer.energy import Energy
from server.renderer.pipe import Decoder, Kind, Message, PipeError, encode_json
from server.renderer.watch import STUCK_AFTER, Watch
from show_control.snapshot import Snapshot

WORKER = (sys.executable, "-m", "server.renderer.worker")

LEAVE_WITHIN = 0.5
"""Seconds that a renderer which has closed its end is given to be gone."""

BACK_OFF = (0.0, 1.0, 2.0, 5.0)
"""Seconds before the first, second, ... restart in a row."""

NETWORK_KEYS = ("state", "note", "fraction", "backend", "why")
"""What is told of a network; `fraction` is how far its loading is, 0 to 1."""

LOOK_EVERY = 0.1
READ_SIZE = 256 * 1024
ROOT = Path(__file__).parent.parent.parent

# Ctrl-C in the terminal must reach the show process alone, which then ends this one.
_OWN_GROUP: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if sys.platform == "win32"
    else {"start_new_session": True}
)


class State(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    FAILED = "failed"


class Supervisor:
    """Owns the renderer process. `settings` are what the worker is started with; `command` is what is run;
    `streams` says which stream each projector shows.

    Snapshots go down, the newest only; frames come up and are handed to `on_frame`. A renderer that dies,
    gets stuck or speaks nonsense is killed and replaced for as long as `run` runs, and the next one is given
    the newest snapshot.
    """

    def __init__(
        self,
        settings: Mapping[str, object],
        on_frame: Callable[[EncodedFrame], None],
        health: Health,
        clock: Callable[[], float],
        command: tuple[str, ...] = WORKER,
        streams: Mapping[str, int] | None = None,
    ) -> None:
        self.state = State.STARTING
        self.note = "starting"
        self.progress = 0.0
        self.restarts = 0
        self.pid: int | None = None
        self._settings = dict(settings)
        self._on_frame = on_frame
        self._health = health
        self._clock = clock
        self._command = command
        self._snapshot: Snapshot | None = None
        self._changed = asyncio.Event()
        self._last_frame: float | None = None
        self._ready: dict[str, Any] = {}
        self._figures: dict[str, Any] = {}
        self._networks: dict[str, dict[str, Any]] = {}
        self._streams = dict(streams or {})
        self._energies: tuple[Energy, ...] = ()
        self._watch = Watch(clock())

    def show(self, snapshot: Snapshot) -> None:
        """Send this snapshot when the pipe has room, unless a newer one comes first. Never blocks."""
        self._snapshot = snapshot
        self._changed.set()

    def status(self, now: float) -> dict[str, object]:
        """What the operator sees; ages in seconds, fps 0 while no frames come."""
        running = self.state is State.RUNNING
        return {
            "state": self.state.value,
            "note": self.note,
            "progress": self.progress,
            "fps": self._figures.get("fps", 0.0) if running else 0.0,
            "frame_age": None if self._last_frame is None else round(now - self._last_frame, 3),
            "generate_ms": self._figures.get("generate_ms"),
            "encode_ms": self._figures.get("encode_ms"),
            "skipped": self._figures.get("skipped", 0),
            "backend": self._ready.get("backend"),
            "why": self._ready.get("why"),
            "device": self._ready.get("device"),
            "size": self._ready.get("size"),
            "restarts": self.restarts,
            "networks": dict(self._networks),
        }

    def failed_networks(self) -> dict[str, str]:
        """Name -> why it could not be loaded."""
        return {
            name: str(network["note"])
            for name, network in self._networks.items()
            if network["state"] == "failed"
        }

    def energy(self, projector: str) -> Energy | None:
        """The energy of a projector's newest picture; None for a stranger, and while nothing is painted."""
        stream = self._streams.get(projector)
        return self._energies[stream] if stream is not None and stream < len(self._energies) else None

    @property
    def rss(self) -> int | None:
        """Resident memory of the renderer in bytes, as it last said."""
        return self._figures.get("rss")

    async def run(self) -> None:
        """Keep a renderer running until cancelled; leaves no process behind."""
        deaths = 0
        while True:
            # One that gets stuck time and again may just be slow, and killing it makes a full machine fuller.
            self._watch = Watch(self._clock(), 1 + deaths)
            try:
                reason = await self._live()
            except Exception as error:
                # The boundary of the renderer: an error that nobody thought of costs one renderer, never the
                # show. Its traceback goes to the log.
                logging.getLogger(__name__).exception("The supervision of the renderer failed")
                reason = f"its supervision failed: {error!r}"
            deaths = 0 if self._watch.stable else deaths
            self.restarts += 1
            self._health.count("renderer.restarts", detail=reason)
            if self.state is State.FAILED:
                await asyncio.sleep(BACK_OFF[-1])
            else:
                self.state, self.note, self.progress = State.RESTARTING, f"restarting: {reason}", 0.0
                await asyncio.sleep(BACK_OFF[min(deaths, len(BACK_OFF) - 1)])
            deaths += 1

    async def _live(self) -> str:
        """One renderer from birth to death; returns what it died of."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                limit=READ_SIZE,
                **_OWN_GROUP,
            )
        except OSError as error:
            return f"it cannot be started: {error}"
        self.pid = process.pid
        self._networks = {}
        jobs = [asyncio.create_task(job) for job in (self._read(process), self._feed(process), self._look())]
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            reason = next(job.result() for job in jobs if job in done)
        finally:
            # First, and without waiting: it works on a stopped process too, and there is nothing to save.
            if process.returncode is None:
                process.kill()
            self.pid, self._energies = None, ()
            burial = asyncio.create_task(self._bury(process, jobs))
            try:
                await asyncio.shield(burial)
            except asyncio.CancelledError:
                await burial
                raise
        return reason or f"it ended with status {process.returncode}"

    async def _bury(self, process: asyncio.subprocess.Process, jobs: Sequence[asyncio.Task[str]]) -> None:
        """Wait for the end of a killed process and of what was done with it; its pipes have to be emptied for
        that. One that the system cannot end just now (it hangs in a driver) must not hold up the next."""
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(STUCK_AFTER):
                while await process.stdout.read(READ_SIZE):
                    pass
                await process.wait()
        except TimeoutError:
            self._health.count("renderer.unkillable", detail=f"process {process.pid}")

    async def _look(self) -> str:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if reason := self._watch.verdict(self._clock()):
                return reason

    async def _feed(self, process: asyncio.subprocess.Process) -> str:
        """Send the settings, then the newest snapshot whenever it has changed and the pipe has room."""
        assert process.stdin is not None
        try:
            process.stdin.write(encode_json({"type": "start", **self._settings}))
            if self._snapshot is not None:
                self._changed.set()
            while True:
                await process.stdin.drain()
                await self._changed.wait()
                self._changed.clear()
                if self._snapshot is not None:
                    plain = self._snapshot.to_plain()
                    process.stdin.write(encode_json({"type": "snapshot", "snapshot": plain}))
        except ConnectionError:
            return ""

    async def _read(self, process: asyncio.subprocess.Process) -> str:
        """Take in what the renderer says until it closes its end."""
        assert process.stdout is not None
        decoder = Decoder()
        try:
            while data := await process.stdout.read(READ_SIZE):
                for message in decoder.feed(data):
                    if reason := self._take(message):
                        return reason
        except (PipeError, FrameError) as error:
            return f"it spoke nonsense: {error}"
        # It is ending, most likely. To kill it between its end and our hearing of that would lose its status.
        assert process.stdin is not None
        process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_WITHIN):
                await process.wait()
        return ""

    def _take(self, message: Message) -> str:
        now = self._clock()
        if message.kind is Kind.FRAME:
            frame = EncodedFrame.unpack(message.payload)
            self._watch.frame(now)
            self._last_frame = now
            if self.state is not State.RUNNING:
                self.state, self.note, self.progress = State.RUNNING, "", 1.0
            self._on_frame(frame)
            return ""
        said = message.json()
        if said == {"type": "alive"}:
            self._watch.alive(now)
            return ""
        self._watch.heard(now)
        match said:
            case {"type": "progress", "note": str(note), "fraction": float() | int() as fraction}:
                self.progress = float(fraction)
                if self.state is State.STARTING:
                    self.note = note
            case {"type": "ready"}:
                self._ready = said
            case {"type": "figures"}:
                self._figures = said
                if refused := said.get("refused"):
                    self._health.count("renderer.looks_refused", int(refused), str(said.get("reason", "")))
            case {"type": "energy", "streams": list(streams)}:
                self._energies = _energies(streams)
            case {"type": "network", "name": str(name), "state": "dropped"}:
                self._networks.pop(name, None)
            case {"type": "network", "name": str(name), "state": "loading" | "ready" | "failed" as state}:
                self._networks[name] = {key: said[key] for key in NETWORK_KEYS}
                if state == "failed":
                    self._health.count("networks.failed", detail=f"{name}: {said['note']}")
            case {"type": "failed", "reason": str(reason)}:
                self.state, self.note = State.FAILED, reason
                return reason
            case _:
                raise PipeError(f"unknown message {str(said)[:80]}")
        return ""


def _energies(streams: Sequence[Sequence[float]]) -> tuple[Energy, ...]:
    try:
        return tuple(map(Energy.from_plain, streams))
    except (TypeError, ValueError) as error:
        raise PipeError(f"no energy of a picture: {error}") from None
