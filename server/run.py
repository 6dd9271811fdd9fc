"""`marrow run`: the composition root. Real clock, real sockets, real renderer are made here."""

import asyncio
import errno
import gc
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
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
from server.follow import Readings
from server.guard import end_if_hung, end_with_guard
from server.health import Health, watch_loop
from server.hub import Hub, assign_streams
from server.journalfile import read
from server.light.lights import Lights
from server.midi.midi import Midi
from server.monitor.assembly import attach
from server.monitor.wiring import unpatched
from server.night import Night
from server.osc import Arg, Inlet, OscIn, OscOut, Peer, listen_tcp
from server.oscquery.answers import Host
from server.oscquery.service import Service
from server.outbox import Outputs
from server.patch import Patch
from server.qlab.dialect import QLab
from server.qlab.wires import Wires, listen
from server.renderer import Backend
from server.renderer.supervisor import WORKER, Supervisor
from server.reports import report, report_aside
from server.restore import digest, playing
from server.showstore import ShowStore
from server.telling.service import Telling
from server.terminal import Terminal
from server.watchman import keep_watch
from show_control.errors import ShowFileError
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
        other_port = f"choose another with {f'{option}, or ' if option else ''}{table}.port in the config."
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


def bind_qlab(rig: Rig) -> Wires | None:
    """Where controllers made for QLab are heard, if the rig wants them and OSC is not heard there anyway.
    Raises CannotListen."""
    if rig.qlab is None or rig.qlab.port == rig.osc.port:
        return None
    where = (rig.osc.host, rig.qlab.port, "Controllers made for QLab", "", "qlab")
    udp = bind(socket.SOCK_DGRAM, *where)
    try:
        return Wires(udp, bind(socket.SOCK_STREAM, *where))
    except CannotListen:
        udp.close()
        raise


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
    if verdict.problems and guarded and rig is not None:
        show_file = on_stage(rig)
    elif verdict.problems:
        show_file = None
    if rig is None or show_file is None:
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
        qlab_wires = bind_qlab(rig)
    except CannotListen as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    if hasattr(signal, "SIGHUP"):
        # The window that it was started from may be closed, or its connection lost: the show goes on.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with suppress(KeyboardInterrupt):
        known = digest(unpatched(config.read_text(encoding="utf-8")))
        judged = partial(problems_of, rig, verdict.networks)
        asyncio.run(
            serve(
                rig,
                show_file,
                web,
                osc,
                console,
                known,
                fresh,
                osc_tcp=osc_tcp,
                judge=judged,
                guarded=guarded,
                config_file=config,
                qlab_wires=qlab_wires,
            )
        )
        if rig.journal is not None:
            report(rig.journal, console)
    return 0


def on_stage(rig: Rig) -> ShowFile | None:
    """What was played when the show died a moment ago: a file that is broken by now does not end a night."""
    if rig.journal is None:
        return None
    try:
        text = playing(read(rig.journal), time.time())
        return None if text is None else parse_show(text, rig.show.name)
    except (OSError, ShowFileError):
        return None


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
    guarded: bool = False,
    config_file: Path | None = None,
    qlab_wires: Wires | None = None,
) -> None:
    """Join the parts and run them on this loop until uvicorn is asked to stop. Takes over the sockets.

    `osc_tcp` listens for OSC over TCP, at the same number as `osc`; None: nobody does. `config` is the
    config's digest; a night that was played with another is not gone on with. `judge` is asked before another
    show file is played. `config_file` is where the monitor saves the patch; None: nowhere.
    `qlab_wires` are where controllers made for QLab look for one, besides.
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
        streams,
    )
    osc_out = OscOut(rig.osc.targets, health)
    midi = Midi(rig.midi, lambda packet, peer: inlet.take(packet, peer), osc_out.passed, health)
    outputs = Outputs(osc_out, dict.fromkeys(midi.names, midi))

    def make(text: str, now: float) -> Show:
        return Show(parse_show(text, rig.show.name), now, tuple(generator.all_networks))

    loop = asyncio.get_running_loop()

    def unreported(reason: str) -> None:
        loop.call_soon_threadsafe(health.count, "report.failed", 1, reason)

    over = partial(report_aside, rig.journal, unreported) if rig.journal else lambda: None
    night = Night(rig.journal, show_file.text, config, clock, time.time, health, rig.journal_limits, over)
    show, words = night.begin(make, fresh)
    patch = Patch(rig.patch, rig.seats)
    conductor = Conductor(
        show, patch, clock, supervisor.show, outputs, health, script=rig.script, night=night
    )
    if words:
        conductor.refuse("restore", words, "restart")
    desk = Desk(rig, conductor, hub, supervisor, health, clock, targets=osc_out.to_plain)
    qlab = QLab(rig.qlab, rig.show.stem, conductor, patch, health, clock) if rig.qlab else None
    telling = Telling(conductor, osc_out, health, clock, supervisor.energy, rig)

    def receive(address: str, args: Sequence[Arg], peer: Peer) -> None:
        if telling.take(address, args, peer):
            return
        if qlab:
            qlab.hear(address, args, peer)
        else:
            conductor.message(address, args, peer.name)

    inlet = Inlet(
        receive,
        health,
        ("/marrow/", *(qlab.urgent() if qlab else patch.urgent())),
        qlab.transport if qlab else patch.transport,
        lambda: conductor.show.status(clock()).epoch,
    )
    readings = Readings(
        supervisor.energy,
        lambda control: conductor.show.control(control, clock()),
        lambda: conductor.show.overlay(clock()),
    )
    lights = Lights(rig.lights, readings, health, clock)
    monitor = attach(desk, patch, inlet, osc_out, config_file)
    desk.rounds.parts += [midi.findings, lights.findings]
    oscquery = Service(rig, conductor, patch, inlet, health, host_of(web, osc), supervisor.energy)
    telling.witness(oscquery.pulse)
    server = web_server(desk, oscquery)

    def unannounced(reason: str) -> None:
        loop.call_soon_threadsafe(health.count, "announce.off", 1, reason)

    announcer = Announcer(announced(web, osc), unannounced)

    def lost(reason: str) -> None:
        loop.call_soon_threadsafe(health.count, "terminal.lost", 1, reason)

    terminal = Terminal(console, _addresses(web, osc, show_file.title, rig), supervisor, lost)
    desk.editing = Editing(ShowStore(rig.show), conductor, judge, terminal.say)
    if qlab:
        qlab.writing.editing = desk.editing
    # What is loaded now stays; looking through it for garbage would make the loop stand still.
    gc.collect()
    gc.freeze()
    async with asyncio.TaskGroup() as group:
        transport, _ = await loop.create_datagram_endpoint(lambda: OscIn(inlet), sock=osc)
        osc_streams = await listen_tcp(inlet, osc_tcp) if osc_tcp else None
        close_qlab = await listen(inlet, qlab_wires) if qlab_wires else None
        jobs = [supervisor.run(), watch_loop(health), keep_watch(desk), desk.editing.watch()]
        jobs += [monitor.deck.run(), lights.run(), midi.follow(readings)]
        if guarded:
            jobs.append(end_if_hung(rig.journal / "hung.txt" if rig.journal else Path(os.devnull)))
        tasks = [group.create_task(job) for job in jobs]
        terminal.start()
        announcer.start()
        midi.start()
        try:
            await server.serve(sockets=[web])
        finally:
            terminal.stop()
            transport.close()
            if qlab:
                qlab.close()
            if close_qlab:
                close_qlab()
            if osc_streams:
                osc_streams.close()
            inlet.close()
            oscquery.close()
            telling.close()
            for task in tasks:
                task.cancel()
            conductor.close()
            lights.close()
            osc_out.close()
    await asyncio.to_thread(midi.stop)
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
        f"  monitor     {base}/monitor",
        f"  health      {base}/health",
        f"  OSC         udp and tcp, {osc.getsockname()[0]} port {osc.getsockname()[1]}",
        *([f"  as QLab     udp and tcp, {rig.osc.host} port {rig.qlab.port}"] if rig.qlab else []),
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
