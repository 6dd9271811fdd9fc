"""`marrow run`: the composition root. Real clock, real sockets, real renderer are made here."""

import asyncio
import errno
import gc
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType

import uvicorn
from rich.console import Console

from server.announce import Announcer, announced, own_name
from server.app import create_app
from server.check import inspect, problems_of
from server.conductor import Conductor
from server.config import Rig
from server.desk import MESSAGE_LIMIT, Desk
from server.editing import Editing, Judge
from server.guard import end_with_guard
from server.health import Health, watch_loop
from server.hub import Hub, assign_streams
from server.night import Night
from server.osc import Inlet, OscIn, OscOut, listen_tcp
from server.oscquery.answers import Host
from server.oscquery.service import Service
from server.patch import Patch
from server.renderer import Backend
from server.renderer.supervisor import WORKER, Supervisor
from server.restore import digest
from server.showstore import ShowStore
from server.terminal import Terminal
from server.watchman import keep_watch
from show_control.show import Show
from show_control.showfile import ShowFile, parse_show

READ_BUFFER = 16 * 1024
"""Bytes of kernel buffer for what a page sends. Small on purpose: thousands of messages that arrive in one
read are parsed in one go, and the loop would stand still meanwhile."""

GIVE_UP_AFTER = 20_000
"""Milliseconds after which the kernel drops a connection whose other end takes nothing."""


class CannotListen(Exception):
    """A port cannot be had; one sentence says which and what to do."""


def bind(kind: socket.SocketKind, host: str, port: int, what: str, option: str, table: str) -> socket.socket:
    """A bound socket, listening if it is TCP. Raises CannotListen, which names the `option` for the port and
    the config's `table`."""
    if host == "localhost":
        # The system may know it as ::1 alone, where nobody who was told 127.0.0.1 would find us.
        host = "127.0.0.1"
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
        if kind is socket.SOCK_STREAM:
            listener = socket.create_server((host, port), family=family, backlog=128)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_BUFFER)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GIVE_UP_AFTER)
            return listener
        receiver = socket.socket(family, kind)
        try:
            receiver.bind(address)
        except OSError:
            receiver.close()
            raise
        return receiver
    except OSError as error:
        other_port = f"choose another with {option}, or {table}.port in the config."
        other_host = f"choose another with --host, or {table}.host in the config."
        match error:
            case OSError(errno=errno.EADDRINUSE):
                reason = f"port {port} is in use by another program; stop that, or {other_port}"
            case OSError(errno=errno.EACCES):
                reason = f"port {port} needs rights we do not have; {other_port}"
            case socket.gaierror() | OSError(errno=errno.EADDRNOTAVAIL):
                reason = f"{host} is no address of this machine; {other_host}"
            case _:
                reason = f"cannot listen on {host} port {port} ({error.strerror}); {other_port}"
        raise CannotListen(f"{what}: {reason}") from error


class Server(uvicorn.Server):
    """uvicorn, which on a signal ends by returning, and ends what would never end before it waits for it."""

    def __init__(self, config: uvicorn.Config, before_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_shutdown = before_shutdown

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_shutdown()
        await super().shutdown(sockets)


def web_server(desk: Desk, oscquery: Service | None = None) -> Server:
    """uvicorn over the desk. Compression is off: a JPEG does not shrink, and trying takes 10 ms a frame."""
    config = uvicorn.Config(
        create_app(desk, oscquery),
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_LIMIT,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    # It would import its protocols later, and hold up the loop.
    config.load()
    return Server(config, desk.hub.close)


def run(
    config: Path,
    host: str | None,
    port: int | None,
    osc_port: int | None,
    backend: Backend | None,
    console: Console,
    fresh: bool = False,
    guarded: bool = False,
) -> int:
    """Run the show until it is told to stop; returns the exit status. `host` is for pages and OSC alike.

    `fresh`: a night that was cut off is not gone on with. `guarded`: a guard watches over this process, and
    ends it by its own end.
    """
    if guarded:
        end_with_guard()
    verdict = inspect(config)
    rig, show_file = verdict.rig, verdict.show_file
    if verdict.problems or rig is None or show_file is None:
        for problem in verdict.problems:
            console.print(str(problem), style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    rig = rig.model_copy(
        update={
            "web": rig.web.model_copy(update=_given(host=host, port=port)),
            "osc": rig.osc.model_copy(update=_given(host=host, port=osc_port)),
            "generator": rig.generator.model_copy(update=_given(backend=backend)),
        }
    )
    try:
        web = bind(socket.SOCK_STREAM, rig.web.host, rig.web.port, "Pages", "--port", "web")
        osc = bind(socket.SOCK_DGRAM, rig.osc.host, rig.osc.port, "OSC", "--osc-port", "osc")
        osc_tcp = bind(socket.SOCK_STREAM, rig.osc.host, rig.osc.port, "OSC over TCP", "--osc-port", "osc")
    except CannotListen as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    if hasattr(signal, "SIGHUP"):
        # The window that it was started from may be closed, or its connection lost: the show goes on.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with suppress(KeyboardInterrupt):
        known = digest(config.read_text(encoding="utf-8"))
        judged = partial(problems_of, rig, verdict.networks)
        asyncio.run(serve(rig, show_file, web, osc, console, known, fresh, osc_tcp=osc_tcp, judge=judged))
        if rig.journal is not None:
            report(rig.journal, console)
    return 0


def report(journal: Path, console: Console) -> None:
    """At the end of a run: write its report, or say in a sentence why there is none."""
    from server.rehearsal.replay import ReplayError
    from server.rehearsal.report import write

    try:
        words = f"The night's report: {write(journal)}"
    except (OSError, ReplayError) as error:
        words = f"There is no report of the night: {error}"
    with suppress(OSError, SystemExit):  # a terminal that is gone; SystemExit is what rich makes of its pipe
        console.print(words, markup=False, highlight=False, soft_wrap=True)


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}


async def serve(
    rig: Rig,
    show_file: ShowFile,
    web: socket.socket,
    osc: socket.socket,
    console: Console,
    config: str = "",
    fresh: bool = False,
    worker: tuple[str, ...] = WORKER,
    osc_tcp: socket.socket | None = None,
    judge: Judge = lambda text: (),
) -> None:
    """Join the parts and run them on this loop until uvicorn is asked to stop. Takes over the sockets.

    `osc_tcp` listens for OSC over TCP, at the same number as `osc`; None: nobody does. `config` is the
    config's digest; a night that was played with another is not gone on with. `judge` is asked before another
    show file is played.
    """
    clock = time.monotonic
    health = Health()
    aheads, streams = assign_streams((projector.name, projector.ahead) for projector in rig.projectors)
    hub = Hub(streams, health)
    generator = rig.generator
    supervisor = Supervisor(
        {
            "networks": {name: str(path.resolve()) for name, path in generator.all_networks.items()},
            "device": generator.device,
            "backend": generator.backend,
            "fps": generator.fps,
            "jpeg_quality": generator.jpeg_quality,
            "style_from": generator.style_from,
            "psi_below": generator.psi_below,
            "streams": aheads,
            "bent_at": sorted({bend.at for bend in show_file.bends}),
        },
        hub.publish,
        health,
        clock,
        worker,
    )
    osc_out = OscOut(rig.osc.targets, health)

    def make(text: str, now: float) -> Show:
        return Show(parse_show(text, rig.show.name), now, tuple(generator.all_networks))

    night = Night(rig.journal, show_file.text, config, clock, time.time, health, rig.journal_limits)
    show, words = night.begin(make, fresh)
    patch = Patch(rig.patch, rig.seats)
    conductor = Conductor(
        show, patch, clock, supervisor.show, osc_out, health, script=rig.script, night=night
    )
    if words:
        conductor.refuse("restore", words, "restart")
    desk = Desk(rig, conductor, hub, supervisor, health, clock)
    inlet = Inlet(
        lambda address, args, peer: conductor.message(address, args, peer.name),
        health,
        patch.urgent(),
        patch.transport,
        lambda: conductor.show.status(clock()).epoch,
    )
    oscquery = Service(rig, conductor, patch, inlet, health, host_of(web, osc))
    server = web_server(desk, oscquery)
    loop = asyncio.get_running_loop()

    def unannounced(reason: str) -> None:
        loop.call_soon_threadsafe(health.count, "announce.off", 1, reason)

    announcer = Announcer(announced(web, osc), unannounced)

    def lost(reason: str) -> None:
        loop.call_soon_threadsafe(health.count, "terminal.lost", 1, reason)

    terminal = Terminal(console, _addresses(web, osc, show_file.title, rig), supervisor, lost)
    desk.editing = Editing(ShowStore(rig.show), conductor, judge, terminal.say)
    # What is loaded now stays; looking through it for garbage would make the loop stand still.
    gc.collect()
    gc.freeze()
    async with asyncio.TaskGroup() as group:
        transport, _ = await loop.create_datagram_endpoint(lambda: OscIn(inlet), sock=osc)
        osc_streams = await listen_tcp(inlet, osc_tcp) if osc_tcp else None
        jobs = (supervisor.run(), watch_loop(health), keep_watch(desk), desk.editing.watch())
        tasks = [group.create_task(job) for job in jobs]
        terminal.start()
        announcer.start()
        try:
            await server.serve(sockets=[web])
        finally:
            terminal.stop()
            transport.close()
            if osc_streams:
                osc_streams.close()
            inlet.close()
            oscquery.close()
            for task in tasks:
                task.cancel()
            conductor.close()
            osc_out.close()
    await asyncio.to_thread(announcer.stop)
    night.close()


def host_of(web: socket.socket, osc: socket.socket) -> Host:
    """What OSCQuery's clients are told: where OSC is heard, if that is not where they have found us."""
    (web_host, _), (osc_host, osc_port) = web.getsockname()[:2], osc.getsockname()[:2]
    everywhere = osc_host in ("0.0.0.0", "::")
    return Host(own_name(), osc_port, None if everywhere or osc_host == web_host else osc_host)


def _addresses(web: socket.socket, osc: socket.socket, title: str, rig: Rig) -> str:
    host, port = web.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = _own_address()
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    lines = [
        f"Marrow plays {title}",
        f"  start here  {base}/",
        *(f"  projector   {base}/projector/{projector.name}" for projector in rig.projectors),
        f"  operator    {base}/operator",
        f"  table       {base}/table",
        f"  OSC         udp and tcp, {osc.getsockname()[0]} port {osc.getsockname()[1]}",
        "  Ctrl-C stops it.",
    ]
    return "\n".join(lines)


def _own_address() -> str:
    """The address by which others reach this machine, as far as its routes say; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address
