"""The performed script of the old rig: JSON in, entries out, and in words whatever of it has no meaning here.

    {"script-lines": [
      {"speaker": "dad", "text": "...", "timeout": "an easier wording", "noskip": true},
      {"speaker": "mom", "type": "OPEN", "save": true, "timeout": [in-ear items]},
      {"in-ear": [{"target": "mom", "lines": [{"text": "...", "pause": 10}]}], "delay": 8},
      {"speaker": "sister", "text": "... %answer% ...", "delay": 5,
       "triggers-osc": [{"target": "td", "address": "/fade", "value": 1, "delay": 2}],
       "triggers-midi": [{"note": 62, "delay": 0}]}]}

Delays are seconds, pauses tenths of a second. An entry begins `delay` after the one before it has ended.
"""

import json
import unicodedata
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from show_control.cuefile import NOT_IN_ADDRESS
from show_control.errors import Problem
from show_control.reader import LONGEST, Reader, kind_of
from show_control.scriptfile import LONGEST_PAUSE, ROLE

LARGEST = 16 * 2**20
MOST_ENTRIES = 10_000
ANSWER = "answer"
"""What the one answer that the old rig kept is called: %answer%."""

Argument = int | float | str | bool


class ScriptError(ValueError):
    """The file is no script; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Whisper:
    """Words for one ear, the file that is to say them, and the seconds of quiet after it."""

    to: str
    words: str
    file: str
    pause: float


@dataclass(frozen=True, slots=True)
class Message:
    """OSC, `delay` seconds after its entry begins."""

    target: str
    address: str
    args: tuple[Argument, ...]
    delay: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A note of the sampler, `delay` seconds after its entry begins."""

    note: int
    delay: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `place` counts from 1. It has a `speaker`, `whispers`, or only triggers."""

    place: int
    speaker: str
    text: str
    open: bool
    save: str
    easier: str
    prompt: tuple[Whisper, ...]
    noskip: bool
    whispers: tuple[Whisper, ...]
    delay: float
    messages: tuple[Message, ...]
    hits: tuple[Hit, ...]
    remark: str


def load(path: Path) -> object:
    """The JSON of a file. Raises ScriptError."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ScriptError(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > LARGEST:
        raise ScriptError(f"{path}: over {LARGEST // 2**20} MiB; that is no script")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ScriptError(f"{path}: not JSON: {error}") from None


def read(name: str, plain: object) -> tuple[tuple[Entry, ...], list[Problem]]:
    """The entries of a script, and what of it means nothing; `name` (the file's) opens each problem.

    Raises ScriptError where there are no entries.
    """
    problems: list[Problem] = []
    lines = plain.get("script-lines") if isinstance(plain, dict) else None
    if not isinstance(lines, list) or not lines:
        raise ScriptError(f'{name}: expected {{"script-lines": [...]}} with at least one entry')
    if len(lines) > MOST_ENTRIES:
        raise ScriptError(f"{name}: {len(lines)} entries; expected {MOST_ENTRIES} at most")
    top = Reader(name, plain, problems)
    top.get("script-lines", lambda where, value: value)
    top.finish()
    entries = [_entry(name, place, entry, problems) for place, entry in enumerate(lines, 1)]
    return tuple(entry for entry in entries if entry is not None), problems


def _entry(name: str, place: int, value: object, problems: list[Problem]) -> Entry | None:
    before = len(problems)
    reader = Reader(f"{name}: entry {place}", value, problems)
    if not reader.table:
        if len(problems) == before:
            reader.problem("empty; left out")
        return None
    speaker = _role(reader, "speaker") if "speaker" in reader.table else ""
    is_open = reader.text("type") == "OPEN"
    if "type" in reader.table and not is_open:
        reader.problem('expected "OPEN" or nothing; taken as a line that is to be said', "type")
    text = _text(reader, "text")
    easier, prompt = _timeout(reader, place, speaker or "", is_open)
    entry = Entry(
        place=place,
        speaker=speaker or "",
        text=text,
        open=is_open,
        save=_save(reader, is_open),
        easier=easier,
        prompt=prompt,
        noskip=reader.flag("noskip") or False,
        whispers=_whispers(reader, "in-ear", place, ""),
        delay=reader.number("delay", 0.0, LONGEST) or 0.0,
        messages=tuple(
            message
            for where, one in reader.entries("triggers-osc")
            if (message := _message(Reader(where, one, problems)))
        ),
        hits=tuple(
            hit
            for where, one in reader.entries("triggers-midi")
            if (hit := _hit(Reader(where, one, problems))) is not None
        ),
        remark=" ".join(filter(None, (_text(reader, key) for key in ("comment", "notes", "_comment")))),
    )
    reader.finish()
    if speaker is None:
        reader.problem("the line is left out")
    elif speaker and entry.whispers:
        reader.problem("a line and in-ear in one entry; the in-ear is left out", "in-ear")
    elif speaker and not is_open and not text:
        reader.problem("missing; expected the words of the line, which is left out", "text")
    elif not speaker and not entry.whispers and not entry.messages and not entry.hits:
        reader.problem("neither a line, nor in-ear, nor triggers; left out")
        return None
    return entry


def _timeout(reader: Reader, place: int, speaker: str, is_open: bool) -> tuple[str, tuple[Whisper, ...]]:
    """What helps where nobody speaks: an easier wording, or words in ears."""
    if isinstance(reader.table.get("timeout"), list):
        prompt = _whispers(reader, "timeout", place, speaker)
        if prompt and not is_open:
            reader.problem("only an OPEN line can be helped by in-ear; left out", "timeout")
        return "", prompt if is_open else ()
    return _text(reader, "timeout"), ()


def _save(reader: Reader, is_open: bool) -> str:
    if isinstance(reader.table.get("save"), str):
        save = reader.text("save") or ""
        if not ROLE.fullmatch(save):
            reader.problem(f"expected true, not {kind_of(save)}; nothing is kept", "save")
            return ""
    else:
        save = ANSWER if reader.flag("save") else ""
    if save and not is_open:
        reader.problem('only what is said to a line of "type": "OPEN" is kept', "save")
    return save if is_open else ""


def _whispers(reader: Reader, key: str, place: int, speaker: str) -> tuple[Whisper, ...]:
    """In-ear items. In the help of an open line, what names no ear is for its speaker."""
    found: list[Whisper] = []
    for where, value in reader.entries(key):
        item = Reader(where, value, reader.problems)
        to = speaker if speaker and "target" not in item.table else _role(item, "target")
        lines = (
            [Reader(*line, reader.problems) for line in item.entries("lines")]
            if "lines" in item.table or "text" not in item.table
            else [item]
        )
        for line in lines:
            words, file = _text(line, "text"), _text(line, "file")
            pause = line.number("pause", 0.0, LONGEST_PAUSE * 10.0) or 0.0
            if line is not item:
                line.finish()
            if not words and not file:
                line.problem("missing; expected the words, which are left out", "text")
            elif to:
                nth = sum(whisper.to == to for whisper in found) + 1
                found.append(Whisper(to, words, file or f"{place}-{to}-{nth}.wav", pause / 10.0))
        item.finish()
    return tuple(found)


def _message(reader: Reader) -> Message | None:
    target, address = _role(reader, "target"), reader.text("address")
    delay = reader.number("delay", 0.0, LONGEST) or 0.0
    value = reader.get("value", lambda where, value: value)
    given = value if isinstance(value, list) else [] if value is None else [value]
    args = tuple(_argument(one) for one in given)
    reader.finish()
    if not address or not address.startswith("/") or NOT_IN_ADDRESS & set(address):
        reader.problem('expected an OSC address, such as "/fade"; the message is left out', "address")
        return None
    if any(one is None for one in args):
        reader.problem("expected text, true, false or a 32-bit number; the message is left out", "value")
        return None
    return Message(target, address, tuple(one for one in args if one is not None), delay) if target else None


def _argument(value: object) -> Argument | None:
    match value:
        case bool():
            return value
        case str():
            return _plain(value)
        case int() if -(2**31) <= value < 2**31:
            return value
        case float() if isfinite(value):
            return value
    return None


def _hit(reader: Reader) -> Hit | None:
    # The note ends later than it begins, and that has to be within what a send may be late.
    note, delay = reader.whole("note", 0, 127), reader.number("delay", 0.0, LONGEST - 1.0) or 0.0
    if "note" not in reader.table:
        reader.problem("missing; expected a note, 0 to 127", "note")
    reader.finish()
    return None if note is None else Hit(note, delay)


def _role(reader: Reader, key: str) -> str | None:
    """The name of a guest or of a target; None where it is none."""
    role = reader.text(key)
    if role is not None and ROLE.fullmatch(role):
        return role
    found = kind_of(role) if role is not None else "nothing"
    reader.problem(f'expected a name such as "mom", not {found}', key)
    return None


def _text(reader: Reader, key: str) -> str:
    return _plain(reader.text(key) or "")


def _plain(text: str) -> str:
    """Text on one line, without what cannot be written."""
    shown = (" " if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text)
    return " ".join("".join(shown).split())
