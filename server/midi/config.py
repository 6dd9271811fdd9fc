"""[[midi.in]] and [[midi.out]]: which ports are heard and played, and under which names."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, Strict

from server.configvalues import Followed, Name, Range, Seconds, Table, Text, span, tables
from server.follow import lost
from server.midi.message import CHANNEL_MODE

PortName = Annotated[Text, Field(min_length=1)]
"""A part of a port's name as the system has it; large and small letters are the same."""


class Controller(Table):
    """A control change that follows something, sent whenever its whole number changes."""

    number: Annotated[int, Strict(), Field(ge=0, lt=CHANNEL_MODE)]
    follow: Followed
    range: Annotated[Range, span(0, 127)] = (0.0, 127.0)
    smoothing: Seconds = 0.1


class MidiIn(Table):
    """A port that is heard: its messages come as /midi/NAME/..."""

    name: Name
    port: PortName


class MidiOut(Table):
    """A port that is played, on one channel: cues send to it by its name."""

    name: Name
    port: PortName
    channel: Annotated[int, Strict(), Field(ge=1, le=16)] = 1
    cc: tuple[Controller, ...] = ()


class Midi(Table):
    """What is plugged in here, `ins` and `outs`."""

    ins: tuple[MidiIn, ...] = Field(default=(), alias="in")
    outs: tuple[MidiOut, ...] = Field(default=(), alias="out")


def contradictions(
    midi: object, targets: Sequence[str], projectors: Sequence[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What the tables say against each other, and against the names of OSC targets and projectors."""
    ports = midi if isinstance(midi, dict) else {}
    seen: set[str] = set()
    for index, table in tables(ports.get("in")).items():
        if isinstance(name := table.get("name"), str):
            if name in seen:
                yield (
                    ("midi", "in", index, "name"),
                    "there is one of this name already; expected each name once",
                )
            seen.add(name)
    played = dict.fromkeys(targets, "an [[osc.target]]")
    for index, table in tables(ports.get("out")).items():
        if isinstance(name := table.get("name"), str):
            if name in played:
                yield ("midi", "out", index, "name"), f"there is {played[name]} of this name already"
            played[name] = "a [[midi.out]]"
        numbers: set[int] = set()
        for nth, controller in tables(table.get("cc")).items():
            where = ("midi", "out", index, "cc", nth)
            if isinstance(number := controller.get("number"), int):
                if number in numbers:
                    yield (*where, "number"), "another of this output's controllers has this number"
                numbers.add(number)
            if reason := lost(controller.get("follow"), projectors):
                yield (*where, "follow"), reason
