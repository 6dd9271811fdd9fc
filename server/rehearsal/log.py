"""The log of a performance: what happened when, one line each, the same to the byte every time."""

import json
from dataclasses import dataclass, fields

from show_control.cue import Cue
from show_control.effects import Effect, Play, Prompt, Record, Send, Spotlight
from show_control.events import Adopt, Control, Event, Note, PlayFinished, Speech


@dataclass(frozen=True, slots=True)
class Entry:
    """`at` seconds from the beginning. `cue` is its number, "" for what belongs to none; `kind` is the cue's,
    or who acted (guest, player, sensor, operator, show); `what` is one word for what happened.

    Of a cue: wait (its pre-wait), act, disarmed, done, failed, stopped, and what goes out: send, play,
    record, prompt, spotlight. Of a guest: heard. Of a player: played. Anything may be refused.
    """

    at: float
    cue: str
    kind: str
    what: str
    words: str = ""

    def __str__(self) -> str:
        return f"{self.at:10.3f}  {self.cue:<8} {self.kind:<8} {self.what:<9} {self.words}".rstrip()


class Log:
    """Takes entries down. Times are on the show's clock; those of entries count from `began`."""

    def __init__(self, began: float = 0.0) -> None:
        self.at = began
        """The time of what is noted next."""
        self._began = began
        self._entries: list[Entry] = []

    def note(self, cue: str, kind: str, what: str, words: str = "") -> None:
        at = max(self.at - self._began, 0.0)
        self._entries.append(Entry(at, cue, kind, what, " ".join(words.splitlines())))

    def cue(self, cue: Cue, what: str, words: str = "") -> None:
        self.note(cue.number, cue.action.kind, what, words)

    def effect(self, cue: Cue | None, effect: Effect) -> None:
        what, words = _going_out(effect)
        self.note(cue.number if cue else "", cue.action.kind if cue else "", what, words)

    def event(self, event: Event, refused: str = "") -> None:
        who, what, words = _coming_in(event)
        self.note("", who, what, words)
        if refused:
            self.note("", who, "refused", refused)

    def take(self) -> tuple[Entry, ...]:
        entries, self._entries = tuple(self._entries), []
        return entries


def _going_out(effect: Effect) -> tuple[str, str]:
    match effect:
        case Send(target, address, args):
            return "send", " ".join((target, address, *map(_value, args)))
        case Play(role, file):
            return "play", f"{role} {file}"
        case Record(role, on):
            return "record", f"{role} {'on' if on else 'off'}"
        case Spotlight(role):
            return "spotlight", role
        case Prompt(role, text, kind):
            return "prompt", f"{role} {kind} {_value(text)}"


def _coming_in(event: Event) -> tuple[str, str, str]:
    """Who, what, and the words."""
    match event:
        case Speech(role, text, final):
            return "guest", "heard", f"{role} {_value(text)}{' final' if final else ''}"
        case PlayFinished(role, file):
            return "player", "played", f"{role} {file or ''}".rstrip()
        case Control(name, value):
            return "sensor", "control", f"{name} {value:g}"
        case Adopt(text):
            return "operator", "adopt", f"a show file of {len(text)} characters"
        case Note(text):
            return "operator", "note", text
    values = (getattr(event, field.name) for field in fields(event))
    words = " ".join(_value(value) for value in values if value is not None)
    return "operator", type(event).__name__.lower(), words


def _value(value: object) -> str:
    """Text in quotes, on one line; a number as it is."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else str(value)
