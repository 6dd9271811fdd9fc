"""The commands that a page may give, by their names and the one field that each may have. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from server.patch import Refused, cue_number, desk_mode, finite, network_name, note, shown, unit
from show_control import events
from show_control.errors import suggest
from show_control.events import Event


@dataclass(frozen=True, slots=True)
class _Form:
    """How a command is written: its event, the one field that it may have, and how that is read."""

    event: Callable[..., Event]
    field: str = ""
    read: Callable[[object], Any] | None = None
    needed: bool = False


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise Refused(f"expected true or false, got {shown(value)}")


_FORMS = {
    "go": _Form(events.Go, "standby", cue_number),
    "back": _Form(events.Back),
    "goto": _Form(events.Goto, "cue", cue_number, needed=True),
    "fire": _Form(events.Fire, "cue", cue_number, needed=True),
    "standby": _Form(events.StandBy, "cue", cue_number, needed=True),
    "hold": _Form(events.Hold),
    "resume": _Form(events.Resume),
    "panic": _Form(events.Panic),
    "blackout": _Form(events.Blackout, "on", _flag),
    "master": _Form(events.Master, "value", unit, needed=True),
    "preload": _Form(events.Preload, "network", network_name, needed=True),
    "take": _Form(events.Take, "cue", cue_number),
    "skip": _Form(events.Skip, "cue", cue_number),
    "stop": _Form(events.Stop, "cue", cue_number),
    "desk": _Form(events.Desk, "mode", desk_mode, needed=True),
    "reset": _Form(events.Reset),
    "note": _Form(events.Note, "text", note, needed=True),
}
COMMANDS = tuple(_FORMS)


def _tweak(fields: Mapping[str, object]) -> events.Tweak:
    match fields:
        case {"part": str(part), "value": float() | int() as value, **more} if not more:
            return events.Tweak(part, finite(value))
    raise Refused('tweak: expected "part", such as "psi" or "bend.melt", and "value", a number')


def command_from(name: str, fields: Mapping[str, object]) -> Event:
    """The event that a page's command means: go {standby?}, goto {cue}, blackout {on?}, master {value} ...

    A field that may be left out may also be None. Raises Refused, which says what was expected.
    """
    if name == "tweak":
        return _tweak(fields)
    form = _FORMS.get(name)
    if form is None:
        near = suggest(name[:40], COMMANDS)
        raise Refused(f"no such command: {shown(name)}.{near} There are {', '.join(COMMANDS)}")
    if strangers := fields.keys() - {form.field}:
        takes = f'only "{form.field}"' if form.field else "nothing else"
        raise Refused(f"{name}: expected {takes}, got {shown(min(strangers))}")
    value = fields.get(form.field)
    if form.read is None or (value is None and not form.needed):
        return form.event()
    try:
        return form.event(form.read(value))
    except Refused as reason:
        raise Refused(f'{name}: "{form.field}": {reason}') from None
