"""The command line of `marrow doctor`: all topics, one after another, for one rig."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from server.check import Verdict, inspect
from server.doctor import (
    addresses,
    clock,
    disk,
    films,
    fonts,
    lights,
    machine,
    midi,
    night,
    picture,
    ports,
    power,
    report,
    running,
    show,
    software,
    targets,
)
from server.doctor.finding import Finding, Level, note
from server.doctor.rounds import Station, visit
from server.rig import Rig
from show_control.showfile import ShowFile

SOON = 20.0
"""Seconds that a look may take."""

READ_WITHIN = 90.0
"""Seconds for the files of the show: the digest of a large network on a slow disk takes its time."""

UNKNOWN = note(
    show.TOPIC,
    "Ports, network, targets, journal and picture were not looked at: the config says which they are.",
    "Mend the config first, then look again.",
)
UNPAINTED = note(
    picture.TOPIC,
    "No picture was tried: the files of the show come first.",
    "Mend what is said of them, then look again.",
)


def doctor(
    config: Annotated[Path, typer.Option(help="The rig.")] = Path("config.toml"),
    host: Annotated[str | None, typer.Option(help="As you will give it to `marrow run`.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="As you will give it.")] = None,
    osc_port: Annotated[int | None, typer.Option(min=1, max=65535, help="As you will give it.")] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", dir_okay=False, help="Write what was found here as well.")
    ] = None,
) -> None:
    """Look at everything before doors, and say what to do. Changes nothing; takes up to some minutes."""
    console = Console()
    seen: list[Verdict] = []

    def read() -> Iterator[Finding]:
        seen.append(inspect(config))
        yield from show.judge(config, seen[0])

    findings = _visit(console, [Station(show.TOPIC, "the files of the show", READ_WITHIN, read)])
    findings += _visit(console, _of_the_machine())
    if seen and seen[0].rig is not None:
        rig = as_started(seen[0].rig, host, port, osc_port)
        marrow = running.look(rig.web.host, rig.web.port)
        findings += _visit(console, _of_the_rig(config, rig, seen[0].show_file, marrow))
        if marrow is None:
            findings += _visit(console, [_painting(config, rig)]) if not seen[0].problems else [UNPAINTED]
    else:
        findings.append(UNKNOWN)
    console.print(report.table(findings))
    words, style = report.verdict(findings)
    console.print(f"\n{words}", style=style, markup=False, highlight=False)
    if json_out is not None:
        about = {"date": datetime.now().astimezone().isoformat(timespec="seconds"), "config": str(config)}
        try:
            json_out.write_text(json.dumps(report.to_plain(findings, **about), indent=2) + "\n")
        except OSError as error:
            console.print(
                f"--json: {json_out} cannot be written ({error.strerror})", style="red", markup=False
            )
            raise typer.Exit(2) from None
    if any(finding.level is Level.PROBLEM for finding in findings):
        raise typer.Exit(1)


def as_started(rig: Rig, host: str | None, port: int | None, osc_port: int | None) -> Rig:
    """The rig with what `marrow run` would be given."""
    web = {"host": host or rig.web.host, "port": port or rig.web.port}
    osc = {"host": host or rig.osc.host, "port": osc_port or rig.osc.port}
    return rig.model_copy(
        update={"web": rig.web.model_copy(update=web), "osc": rig.osc.model_copy(update=osc)}
    )


def _of_the_machine() -> list[Station]:
    return [
        Station(software.TOPIC, "the packages", SOON, lambda: software.judge(software.look())),
        Station(power.TOPIC, "power and screens", SOON, lambda: power.judge(power.look())),
        Station(fonts.TOPIC, "pages and fonts", SOON, lambda: fonts.judge(fonts.look())),
        Station(films.TOPIC, "ffmpeg", 2 * films.WITHIN + SOON, lambda: films.judge(films.look())),
    ]


def qlab_ports(rig: Rig) -> Iterator[ports.Port]:
    """Where controllers made for QLab are heard, if that is elsewhere than OSC."""
    if rig.qlab is not None and rig.qlab.port != rig.osc.port:
        for kind in ("udp", "tcp"):
            yield ports.look("Controllers made for QLab", kind, rig.osc.host, rig.qlab.port, "qlab")


def _of_the_rig(
    config: Path, rig: Rig, show_file: ShowFile | None, marrow: running.Running | None
) -> list[Station]:
    web, osc, runs = rig.web, rig.osc, marrow is not None

    def listen() -> Iterator[Finding]:
        yield from running.judge(marrow)
        found = (
            ports.look("Pages", "tcp", web.host, web.port, "web"),
            ports.look("OSC", "udp", osc.host, osc.port, "osc"),
            ports.look("OSC", "tcp", osc.host, osc.port, "osc"),
            *qlab_ports(rig),
        )
        yield from ports.judge(found, runs)

    def write() -> Iterator[Finding]:
        journal = disk.look("the journal", rig.journal) if rig.journal else None
        yield from disk.judge(
            journal, [disk.look("the show file", rig.show.parent)], rig.journal_limits.folder
        )

    def look_back() -> Iterator[Finding]:
        if rig.journal is not None:
            tonight = night.tonight(config, rig, show_file, time.time()) if show_file and not runs else None
            yield from night.judge(night.look(rig.journal, tonight), runs)

    return [
        Station(ports.TOPIC, "the ports", SOON, listen),
        Station(
            addresses.TOPIC,
            "the network",
            SOON,
            lambda: addresses.judge(addresses.look(web.host, web.port, runs), osc.port),
        ),
        Station(targets.TOPIC, "the OSC targets", SOON, lambda: targets.judge(targets.look(osc.targets))),
        *_of_the_gear(rig),
        Station(clock.TOPIC, "the clock", SOON, lambda: clock.judge(clock.look((config, rig.show)))),
        Station(disk.TOPIC, "the disk", SOON, write),
        Station(machine.TOPIC, "memory and cores", SOON, lambda: machine.judge(machine.look(), runs)),
        Station(night.TOPIC, "the last night's journal", SOON, look_back),
    ]


def _of_the_gear(rig: Rig) -> Iterator[Station]:
    """What only some rigs have."""

    def plugged_in() -> Iterator[Finding]:
        ports = midi.look(rig.midi)
        yield from midi.judge(ports.off, ports.named, ports.inputs, ports.outputs)

    if rig.midi.ins or rig.midi.outs:
        yield Station(midi.TOPIC, "the MIDI ports", SOON, plugged_in)
    if rig.lights:
        yield Station(lights.TOPIC, "the lights", SOON, lambda: lights.judge(lights.look(rig.lights)))


def _painting(config: Path, rig: Rig) -> Station:
    within = picture.WITHIN + SOON
    return Station(
        picture.TOPIC, "the picture", within, lambda: picture.judge(picture.look(config), rig.generator.fps)
    )


def _visit(console: Console, stations: list[Station]) -> list[Finding]:
    findings: list[Finding] = []
    for station in stations:
        with console.status(f"Looking at {station.what} (at most {station.within:g} s)"):
            findings += visit(station)
    return findings
