"""Speech that was recorded: a file of JSON lines, or what guests and sensors did in a night's journal."""

import json
from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from server.night.journalfile import Session, read
from server.rehearsal.replay import shifts
from show_control.events import Control, Event, Speech

Plan = list[tuple[float, Event]]
"""(seconds from the beginning, event), in order of time."""


class RecordingError(ValueError):
    """The recording cannot be used; the text says where, and what was expected."""


def load(path: Path) -> Plan:
    """A file of lines such as {"at": 12.5, "role": "mom", "text": "good evening", "final": true}, or the
    folder of a journal. Raises RecordingError."""
    try:
        if path.is_dir():
            return of_night(read(path).sessions)
        return parse(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path.name}: byte {error.start} is not UTF-8 text") from None


def of_night(sessions: Sequence[Session]) -> Plan:
    """What guests said and sensors measured, from the beginning of the night. Raises RecordingError."""
    if not sessions:
        raise RecordingError("the journal is empty, or nothing of it can be read")
    began = sessions[0].header.now
    return [
        (entry.now + shift - began, entry.event)
        for session, shift in zip(sessions, shifts(sessions), strict=True)
        for entry in session.entries
        if isinstance(entry.event, Speech | Control) and not entry.refused
    ]


def parse(text: str, name: str) -> Plan:
    """The lines of a recording; `name` opens every message. Raises RecordingError."""
    plan: Plan = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            plan.append(_parse_line(line, f"{name} line {number}"))
    return sorted(plan, key=lambda step: step[0])


def _parse_line(line: str, where: str) -> tuple[float, Event]:
    try:
        said = json.loads(line)
    except ValueError as error:
        raise RecordingError(f"{where}: this is not JSON ({error})") from None
    match said:
        case {"at": int() | float() as at, "role": str(role), "text": str(text), **others}:
            final = others.pop("final", True)
            if others:
                raise RecordingError(
                    f'{where}: unknown key "{next(iter(others))}"; expected at, role, text and final'
                )
            if isinstance(final, bool) and not isinstance(at, bool) and isfinite(at) and at >= 0.0:
                return float(at), Speech(role, text, final)
    example = '{"at": 12.5, "role": "mom", "text": "good evening", "final": true}'
    raise RecordingError(f"{where}: expected a line such as {example}")
