"""The script's parts of a show file: guests, lines, and files for ears."""

from show_control.actions import NO_PROGRESS, SILENCE, EarItem, Guest, InEar, Line
from show_control.errors import Problem
from show_control.lookfile import NAME
from show_control.matching import LANGUAGES, RATE, THRESHOLD
from show_control.plays import EAR_TIMEOUT
from show_control.reader import LONGEST, Reader, choice, kind_of

ROLE = NAME
"""How a guest is called: the word that recognisers and players use."""

LONGEST_PAUSE = 60.0
QUIET = (0.5, 600.0)
"""Seconds that a silence may be long before something is done about it."""


def read_guests(where: str, value: object, problems: list[Problem]) -> dict[str, Guest]:
    """[guests]: role -> { rate, language }."""
    reader = Reader(where, value, problems)
    guests = {}
    for role, entry in reader.table.items():
        if not ROLE.fullmatch(role):
            reader.problem('a guest is called by a word, such as "mom"', role)
        guest = Reader(reader.path(role), entry, problems)
        rate = guest.number("rate", 0.5, 10.0)
        language = guest.get("language", lambda where, value: choice(where, value, LANGUAGES, problems))
        guest.finish()
        guests[role] = Guest(rate or RATE, language or "en")
    return guests


def read_line(reader: Reader) -> Line:
    """The keys of kind = "line"."""
    speaker = _role(reader, "speaker")
    text = reader.text("text")
    easier, instead, save = reader.text("easier"), reader.text("instead"), reader.text("save")
    noskip, is_open = reader.flag("noskip"), reader.flag("open")
    threshold = reader.number("threshold", 0.0, 1.0)
    silence, progress = reader.number("silence", *QUIET), reader.number("progress_silence", *QUIET)
    prompt = _items(reader, "prompt")
    if not is_open and not (text or "").strip():
        reader.problem("missing; expected the words of the line", "text")
    for key in ("save", "instead", "prompt"):
        if key in reader.table and not is_open:
            reader.problem("only an open line has this; add open = true", key)
    if save is not None and not NAME.fullmatch(save):
        reader.problem('expected a word, such as "answer", which later texts have as %answer%', "save")
    if save is not None and not (instead or "").strip():
        expected = "expected what stands for the answer where there is none that may be shown"
        reader.problem(f"missing; {expected}", "instead")
    return Line(
        speaker=speaker,
        text=text or "",
        easier=easier or "",
        noskip=noskip or False,
        open=is_open or False,
        save=save or "",
        instead=instead or "",
        threshold=THRESHOLD if threshold is None else threshold,
        silence=silence or SILENCE,
        progress_silence=progress or NO_PROGRESS,
        prompt=prompt,
    )


def read_in_ear(reader: Reader) -> InEar:
    """The keys of kind = "in-ear"."""
    plays = _items(reader, "plays")
    timeout = reader.number("timeout", 0.5, LONGEST)
    if not reader.table.get("plays"):
        reader.problem('missing; expected files, such as [{ to = "mom", file = "hello.wav" }]', "plays")
    return InEar(plays, timeout or EAR_TIMEOUT)


def _items(reader: Reader, key: str) -> tuple[EarItem, ...]:
    return tuple(_item(Reader(where, value, reader.problems)) for where, value in reader.entries(key))


def _item(reader: Reader) -> EarItem:
    to, file, text = _role(reader, "to"), reader.text("file"), reader.text("text")
    pause = reader.number("pause", 0.0, LONGEST_PAUSE)
    if not (file or "").strip():
        reader.problem("missing; expected the name of a file that the guest's player has", "file")
    reader.finish()
    return EarItem(to, file or "", pause or 0.0, text or "")


def _role(reader: Reader, key: str) -> str:
    role = reader.text(key)
    if role is None or not ROLE.fullmatch(role):
        found = f", not {kind_of(role)}" if role is not None else ""
        reader.problem(f'expected the name of a guest, such as "mom"{found}', key)
    return role or ""
