"""What is told: each address with its arguments, where they are read, and how often it is told.

OSCQuery lists the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from server.oscquery.space import Args, Method, Now, Span
from server.renderer.energy import Energy
from server.telling.wheel import position, speed
from show_control.status import CueTitle, Fade, LineNow, Mode

AT_ONCE = 100.0
"""Hz: of what only changes because something happens."""

OFTEN = 30.0
"""Hz: of what moves by itself, as often as pictures do."""

SELDOM = 10.0
"""Hz: of what is read rather than followed."""

LOOP = "/marrow/loop"
"""Told when the walk passes the start of its loop, at that moment, whatever the rate."""

FAMILIES = (
    "current",
    "standby",
    "name",
    "mode",
    "progress",
    "blackout",
    "master",
    "line",
    "next",
    "ear",
    "wait",
    "control",
    "walk",
    "loop",
    "energy",
)
"""What may stand behind /marrow/."""

UNIT = Span(0.0, 1.0)
SIGNED = Span(-1.0, 1.0)

_THIRDS = ("left", "middle", "right")


@dataclass(frozen=True, slots=True)
class Fact:
    """`method` is the address, read-only; `rate` in Hz is how often it is told at most.

    `moves`: it changes by time alone, and so is looked at that often; any other only when something happens.
    """

    method: Method
    rate: float = AT_ONCE
    moves: bool = False

    @property
    def address(self) -> str:
        return self.method.address


def facts(projectors: Sequence[str], seats: Sequence[str]) -> tuple[Fact, ...]:
    """All that is told, but for controls: what is heard of in the course of a show has a fact of its own."""
    return (*_cues(), *_lines(), *(_ear(seat) for seat in seats), *_walk(), *_energies(projectors))


def control(name: str) -> Fact:
    """What is told of a control."""

    def read(now: Now) -> Args | None:
        value = now.status.controls.get(name)
        return None if value is None else _number(value)

    return Fact(_method(f"control/{name}", "f", f"control {name}", read, SIGNED), OFTEN, moves=True)


Read = Callable[[Now], Args | None]


def _method(name: str, type: str, description: str, read: Read, *spans: Span) -> Method:
    return Method(f"/marrow/{name}", type, description, read, writable=False, spans=spans)


def _cues() -> Iterator[Fact]:
    modes = Span(values=tuple(Mode))
    yield Fact(_method("current", "s", "cue on stage", lambda now: (_of(now.status.current).number,)))
    yield Fact(_method("name/current", "s", "its name", lambda now: (_of(now.status.current).name,)))
    yield Fact(_method("standby", "s", "cue in standby", lambda now: (_of(now.status.standby).number,)))
    yield Fact(_method("name/standby", "s", "its name", lambda now: (_of(now.status.standby).name,)))
    yield Fact(_method("mode", "s", "mode of the show", lambda now: (now.status.mode.value,), modes))
    yield Fact(_method("progress", "f", "progress of the fade", _progress, UNIT), SELDOM, moves=True)
    yield Fact(_method("master", "f", "grand master", lambda now: _number(now.status.master), UNIT))
    yield Fact(_method("blackout", "i", "1 in a blackout", lambda now: (int(now.status.blackout),)))
    yield Fact(_method("wait", "sf", "cue that starts next by itself, in s", _wait), SELDOM, moves=True)


def _lines() -> Iterator[Fact]:
    yield Fact(_method("line/text", "s", "line that is waited for", lambda now: (_line(now).text,)))
    yield Fact(_method("line/guest", "s", "who says it", lambda now: (_line(now).speaker,)))
    yield Fact(_method("line/cue", "s", "its cue", lambda now: (_line(now).number,)))
    yield Fact(_method("line/progress", "f", "how much of it is said", _said, UNIT))
    yield Fact(_method("next/text", "s", "line after it", lambda now: (_next(now).text,)))
    yield Fact(_method("next/guest", "s", "who says it", lambda now: (_next(now).speaker,)))
    yield Fact(_method("next/cue", "s", "its cue", lambda now: (_next(now).number,)))


def _ear(seat: str) -> Fact:
    def read(now: Now) -> Args:
        return (next((ear.file for ear in now.status.ears if ear.role == seat), ""),)

    return Fact(_method(f"ear/{seat}", "s", f"file that plays in the ear of {seat}", read))


def _walk() -> Iterator[Fact]:
    def read_speed(now: Now) -> Args | None:
        return None if now.snapshot is None else _number(speed(now.snapshot, now.at))

    def read_position(now: Now) -> Args | None:
        return None if now.snapshot is None else _number(position(now.snapshot, now.at))

    yield Fact(_method("walk/speed", "f", "speed of the walk", read_speed), OFTEN, moves=True)
    yield Fact(_method("walk/position", "f", "place on the loop", read_position, UNIT), OFTEN, moves=True)
    yield Fact(Method(LOOP, "i", "the walk passes the start of its loop", None, writable=False))


def _energies(projectors: Sequence[str]) -> Iterator[Fact]:
    def read(projector: str, part: str, now: Now) -> Args | None:
        energy = now.energy(projector)
        return None if energy is None else _part(energy, part)

    for projector in projectors:
        for part in ("motion", "brightness"):
            address, reading = f"energy/{projector}/{part}", partial(read, projector, part)
            yield Fact(_method(address, "f", f"{part} on {projector}", reading, UNIT), OFTEN, moves=True)
        for part in _THIRDS:
            address, reading = f"energy/{projector}/{part}", partial(read, projector, part)
            words = f"colour of the {part} third of {projector}"
            yield Fact(_method(address, "fff", words, reading, UNIT, UNIT, UNIT), OFTEN, moves=True)


def _part(energy: Energy, part: str) -> Args:
    match part:
        case "motion":
            return (energy.motion,)
        case "brightness":
            return (energy.brightness,)
    return energy.thirds[_THIRDS.index(part)]


def progress(fade: Fade | None) -> float:
    """How far a running fade is, 0..1; 1 without one."""
    return 1.0 - fade.remaining / fade.duration if fade is not None and fade.duration > 0.0 else 1.0


def _progress(now: Now) -> Args:
    return _number(progress(now.status.fade))


def _said(now: Now) -> Args:
    return _number(_line(now).progress)


def _wait(now: Now) -> Args:
    """Of all cues that are waiting for their time, the one whose time comes first."""
    waits = [(run.remaining, run.number) for run in now.status.running if run.phase == "waiting"]
    waits += [(pending.remaining, pending.number)] if (pending := now.status.pending) else []
    left, number = min(((left, number) for left, number in waits if left is not None), default=(0.0, ""))
    return number, round(float(left), 2)


NOTHING = CueTitle("", "", "")
SILENCE = LineNow("", "", "", False, 0.0, 0, 0)


def _of(cue: CueTitle | None) -> CueTitle:
    return cue or NOTHING


def _line(now: Now) -> LineNow:
    return now.status.line or SILENCE


def _next(now: Now) -> LineNow:
    return now.status.next_line or SILENCE


def _number(value: float) -> Args:
    # To five digits, as fine as anybody hears: what still creeps towards its goal is told no more.
    return (round(float(value), 5),)
