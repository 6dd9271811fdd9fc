"""MIDI: whether there is any, and whether what the config names is plugged in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from server.doctor.finding import Finding, note, ok
from server.midi.config import Midi
from server.midi.system import NoMidi, find, open_system, others

TOPIC = "MIDI"


@dataclass(frozen=True, slots=True)
class PortNow:
    """A port that the rig names, `wanted` being a part of its name; `port` is the whole of it, "" where
    nothing of that name is plugged in."""

    kind: Literal["input", "output"]
    name: str
    wanted: str
    port: str


@dataclass(frozen=True, slots=True)
class Ports:
    """What the rig names, and all that there is. `off`: there is no MIDI at all."""

    off: NoMidi | None
    named: tuple[PortNow, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


def look(midi: Midi) -> Ports:
    """Lists the ports; none is opened."""
    try:
        system = open_system()
    except NoMidi as reason:
        return Ports(reason)
    ears, hands = system.make_in(), system.make_out()
    inputs, outputs = others(ears.get_ports()), others(hands.get_ports())
    ears.delete()
    hands.delete()
    named = [PortNow("input", each.name, each.port, find(each.port, inputs) or "") for each in midi.ins]
    named += [PortNow("output", each.name, each.port, find(each.port, outputs) or "") for each in midi.outs]
    return Ports(None, tuple(named), tuple(inputs), tuple(outputs))


def judge(
    off: NoMidi | None, ports: Sequence[PortNow], inputs: Sequence[str] = (), outputs: Sequence[str] = ()
) -> Iterator[Finding]:
    """None of it stops a show: what is not plugged in now is taken up when it is."""
    if off is not None:
        yield note(TOPIC, off.what, off.do)
        return
    for port in ports:
        if port.port:
            yield ok(TOPIC, f'The {port.kind} "{port.name}" is "{port.port}".')
            continue
        there = ", ".join(f'"{each}"' for each in (inputs if port.kind == "input" else outputs))
        table = "midi.in" if port.kind == "input" else "midi.out"
        yield note(
            TOPIC,
            f'The {port.kind} "{port.name}" is not plugged in: none is called "{port.wanted}".',
            "Plug it in; it is taken up by itself. Or write a part of its name as "
            f"{table}.port in the config." + (f" There are: {there}." if there else ""),
        )
