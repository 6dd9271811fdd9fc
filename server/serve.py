"""The composition root: real clock, real renderer and real wires are made here, and joined."""

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from server.announce import Announcer, announced
from server.conductor import Conductor
from server.desk import Desk
from server.doors import Doors, host_of
from server.editing.editing import Editing, Judge
from server.editing.store import ShowStore
from server.follow import Readings
from server.guard import end_if_hung
from server.health import Health, watch_loop
from server.hub import Hub, assign_streams
from server.jobs import kept_up
from server.light.lights import Lights
from server.log import log_aside
from server.midi.midi import Midi
from server.monitor.assembly import attach
from server.night.night import Night
from server.night.reports import report_aside
from server.osc import Arg, Inlet, OscIn, OscOut, Peer, listen_tcp
from server.oscquery.service import Service
from server.outbox import Outputs
from server.patch import Patch
from server.qlab.dialect import QLab
from server.qlab.wires import listen
from server.renderer.supervisor import WORKER, Supervisor
from server.rig import Rig
from server.telling.service import Telling
from server.terminal import Terminal
from server.watchman import keep_watch
from server.webserver import web_server
from show_control.show import Show
from show_control.showfile import ShowFile, parse_show


async def serve(
    rig: Rig,
    show_file: ShowFile,
    doors: Doors,
    console: Console,
    config: str = "",
    fresh: bool = False,
    worker: tuple[str, ...] = WORKER,
    judge: Judge = lambda text: (),
    guarded: bool = False,
    config_file: Path | None = None,
) -> None:
    """Join the parts and run them on this loop until uvicorn is asked to stop. Takes over the doors.

    `config` is the config's digest; a night that was played with another is not gone on with. `judge` is
    asked before another show file is played. `config_file` is where the monitor saves the patch; None:
    nowhere.
    """
    log_aside()
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

    def urgent() -> tuple[str, ...]:
        return ("/marrow/", *(qlab.urgent() if qlab else patch.urgent()))

    inlet = Inlet(
        receive,
        health,
        urgent(),
        qlab.transport if qlab else patch.transport,
        lambda: conductor.show.status(clock()).epoch,
    )
    readings = Readings(
        supervisor.energy,
        lambda control: conductor.show.control(control, clock()),
        lambda: conductor.show.overlay(clock()),
    )
    lights = Lights(rig.lights, readings, health, clock)
    monitor = attach(desk, patch, inlet, urgent, osc_out, config_file)
    desk.rounds.parts += [midi.findings, lights.findings]
    oscquery = Service(rig, conductor, patch, inlet, health, host_of(doors.web, doors.osc), supervisor.energy)
    telling.witness(oscquery.pulse)
    server = web_server(desk, oscquery)

    def unannounced(reason: str) -> None:
        loop.call_soon_threadsafe(health.count, "announce.off", 1, reason)

    announcer = Announcer(announced(doors.web, doors.osc), unannounced)

    def lost(reason: str) -> None:
        loop.call_soon_threadsafe(health.count, "terminal.lost", 1, reason)

    terminal = Terminal(console, doors.addresses(show_file.title, rig), supervisor, lost)
    desk.editing = Editing(ShowStore(rig.show, instead=show_file.text), conductor, judge, terminal.say)
    if qlab:
        qlab.writing.editing = desk.editing
    # What is loaded now stays; looking through it for garbage would make the loop stand still.
    gc.collect()
    gc.freeze()
    async with asyncio.TaskGroup() as group:
        transport, _ = await loop.create_datagram_endpoint(lambda: OscIn(inlet), sock=doors.osc)
        osc_streams = await listen_tcp(inlet, doors.osc_tcp) if doors.osc_tcp else None
        close_qlab = await listen(inlet, doors.qlab) if doors.qlab else None
        aside: dict[str, Callable[[], Awaitable[None]]] = {
            "watching the loop": partial(watch_loop, health),
            "signs of life": night.live,
            "keeping watch": partial(keep_watch, desk),
            "watching the show file": desk.editing.watch,
            "recordings": monitor.deck.run,
            "light": lights.run,
            "MIDI": partial(midi.follow, readings),
        }
        jobs = [supervisor.run(), *(kept_up(what, job, health) for what, job in aside.items())]
        if guarded:
            jobs.append(end_if_hung(rig.journal / "hung.txt" if rig.journal else Path(os.devnull)))
        tasks = [group.create_task(job) for job in jobs]
        terminal.start()
        announcer.start()
        midi.start()
        try:
            await server.serve(sockets=[doors.web])
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
