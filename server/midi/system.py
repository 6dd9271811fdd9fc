"""The MIDI of this machine by python-rtmidi, which is an extra ("midi"), or a sentence why there is none."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

CLIENT = "Marrow"
"""What our own ports are called in the lists of other programs."""

SEQUENCER = Path("/dev/snd/seq")
"""ALSA's. Where it is missing, asking for it would fail and write on the terminal."""


class NoMidi(Exception):
    """There is no MIDI here: `what` is wrong, and what to `do`, a sentence each."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what} {do}")
        self.what = what
        self.do = do


def missing() -> NoMidi:
    return NoMidi("No MIDI: the package python-rtmidi is missing.", "pip install 'marrow[midi]'")


def no_system() -> NoMidi:
    return NoMidi(
        "No MIDI: this machine has neither an ALSA sequencer (/dev/snd/seq) nor a JACK server that runs.",
        "sudo modprobe snd-seq, and start Marrow again.",
    )


class Port(Protocol):
    """What we need of rtmidi.MidiIn and rtmidi.MidiOut. It raises OSError, ValueError or RuntimeError."""

    def get_ports(self) -> list[str]: ...
    def open_port(self, port: int, name: str) -> object: ...
    def close_port(self) -> None: ...
    def delete(self) -> None: ...


class PortIn(Port, Protocol):
    def ignore_types(self, sysex: bool, timing: bool, active_sense: bool) -> None: ...
    def get_message(self) -> tuple[Sequence[int], float] | None: ...


class PortOut(Port, Protocol):
    def send_message(self, message: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class System:
    """Makes ports, which are not open yet, and can list what is plugged in."""

    make_in: Callable[[], PortIn]
    make_out: Callable[[], PortOut]


def open_system() -> System:
    """The first of the machine's MIDI systems that answers. Raises NoMidi."""
    try:
        rtmidi: Any = importlib.import_module("rtmidi")
    except ImportError:
        raise missing() from None
    for api in rtmidi.get_compiled_api():
        if api == rtmidi.API_LINUX_ALSA and not SEQUENCER.exists():
            continue
        try:
            rtmidi.MidiIn(api, CLIENT).delete()
        except OSError:
            continue
        return System(partial(rtmidi.MidiIn, api, CLIENT), partial(rtmidi.MidiOut, api, CLIENT))
    raise no_system()


def others(ports: Sequence[str]) -> list[str]:
    """The ports of a list that are not our own."""
    return [port for port in ports if not port.startswith(CLIENT)]


def find(wanted: str, ports: Sequence[str]) -> str | None:
    """The first of the ports whose name holds what is wanted, in large or small letters."""
    return next((port for port in others(ports) if wanted.casefold() in port.casefold()), None)
