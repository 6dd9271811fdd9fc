"""config.toml, read whole and refused whole: the way to a rig.

The models check values, key by key; what keys say about each other is checked on the raw tables, so that one
wrong type hides nothing and every error is told at once.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    Strict,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from server.configvalues import Name, Number, Table, Text, tables
from server.configwords import Loc, message, where
from server.light import config as light
from server.light.config import Light
from server.midi import config as midi
from server.midi.config import Midi
from server.night.journal import Limits
from server.outbox import EVERYBODY, ScriptTargets
from server.patch import fill, placeholders
from server.patch.config import Entry, contradictions
from server.qlab.settings import Qlab
from server.rig import GeneratorSettings, Osc, Projector, Rig, Web
from server.telling import settings as telling
from show_control.errors import Problem, suggest


class ConfigError(Exception):
    """The config cannot be used. `problems` holds all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def _recipients(value: object) -> dict[str, str]:
    """One target for every guest, or a table of guests."""
    match value:
        case str():
            return {EVERYBODY: value}
        case dict() if all(isinstance(target, str) for target in value.values()):
            return value
    raise PydanticCustomError(
        "recipients", 'expected the name of a target, or a table of guests such as { mom = "ears-mom" }'
    )


Recipients = Annotated[dict[str, str], BeforeValidator(_recipients)]


class _Script(Table):
    """Who is sent what a performed script says: of [[osc.target]], by name. `files`: the folder with what is
    played in ears, if it is to be checked before doors."""

    files: Text = ""
    play: Recipients = Field(default_factory=dict)
    record: Recipients = Field(default_factory=dict)
    prompt: Recipients = Field(default_factory=dict)


class _Journal(Table):
    """Where the night is written down: a folder, "" for nowhere. `rate`: values a second that are kept of a
    control. `most_mb`: megabytes of all nights; the oldest go first, the one that is played never does."""

    folder: Text = "journal"
    rate: Annotated[Number, Field(gt=0, le=100)] = 4.0
    most_mb: Annotated[int, Strict(), Field(ge=64, le=1_000_000)] = 512


class _Show(Table):
    file: Path


class _Seats(Table):
    seats: tuple[Name, ...] = ("mom", "dad", "brother", "sister")


class _File(Table):
    """config.toml as it is written."""

    web: Web = Web()
    osc: Osc = Osc()
    qlab: Qlab | None = None
    show: _Show
    table: _Seats = _Seats()
    script: _Script = _Script()
    generator: GeneratorSettings
    projector: tuple[Projector, ...] = (Projector(name="main"),)
    journal: _Journal = _Journal()
    patch: tuple[Entry, ...] = ()
    midi: Midi = Midi()
    light: tuple[Light, ...] = ()


def load_rig(path: Path) -> Rig:
    """Reads config.toml. Relative paths in it start at its own folder; the files they name are not opened.

    Raises ConfigError with every problem: the file, the key path, what was expected, a near miss.
    """
    return rig_of(_read(path), path)


def rig_of(raw: Mapping[str, Any], path: Path) -> Rig:
    """The rig of a file's tables, as `load_rig` has it. Raises ConfigError."""
    # Without these tables their missing keys are told, not the missing tables.
    raw = {"show": {}, "generator": {}, **raw}
    found = list(_contradictions(raw))
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        found = [(detail["loc"], message(detail, _File)) for detail in error.errors()] + found
    if found:
        raise ConfigError([Problem(f"{path.name}: {where(raw, loc)}", words) for loc, words in found])
    folder = path.parent
    return Rig(
        web=file.web,
        osc=file.osc,
        qlab=file.qlab,
        show=folder / file.show.file,
        generator=file.generator.within(folder),
        projectors=file.projector,
        seats=file.table.seats,
        script=ScriptTargets(**file.script.model_dump(exclude={"files"})),
        ears=folder / file.script.files if file.script.files else None,
        patch=tuple(entry.to_entry() for entry in file.patch),
        midi=file.midi,
        lights=file.light,
        journal=folder / file.journal.folder if file.journal.folder else None,
        journal_limits=Limits(rate=file.journal.rate, folder=file.journal.most_mb * 1_000_000),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = f"cannot be read ({error.strerror}). Name the rig's file with --config"
        raise ConfigError([Problem(str(path), reason)]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(path.name, f"byte {error.start} is not UTF-8 text")]) from None
    except tomllib.TOMLDecodeError as error:
        # tomllib tells the place only inside its sentence.
        said = re.fullmatch(r"(.*) \(at (line \d+), column \d+\)", str(error))
        reason, where = (said[1], f": {said[2]}") if said else (str(error), "")
        raise ConfigError([Problem(path.name + where, f"not TOML: {reason}")]) from None


def _contradictions(raw: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    """What keys say about each other. Values of a wrong type are passed over: the models tell of them."""
    osc = raw.get("osc")
    yield from _twice(("osc", "target"), tables(osc.get("target") if isinstance(osc, dict) else None), "name")
    yield from _recipient_contradictions(raw)
    if raw.get("projector") == []:
        yield ("projector",), "expected at least one [[projector]]"
    yield from _twice(("projector",), tables(raw.get("projector")), "name")
    yield from telling.contradictions(tables(osc.get("target") if isinstance(osc, dict) else None))
    projectors = _names(raw.get("projector")) or ["main"]
    targets = _names(osc.get("target") if isinstance(osc, dict) else None)
    yield from midi.contradictions(raw.get("midi"), targets, projectors)
    yield from light.contradictions(raw.get("light"), projectors)
    entries = tables(raw.get("patch"))
    yield from _twice(("patch",), entries, "address")
    for index, entry in entries.items():
        for key, words in contradictions(entry):
            yield ("patch", index, key), words


def _names(listed: object) -> list[str]:
    return [name for table in tables(listed).values() if isinstance(name := table.get("name"), str)]


def _recipient_contradictions(raw: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    osc, table, script = raw.get("osc"), raw.get("table"), raw.get("script")
    targets = tables(osc.get("target") if isinstance(osc, dict) else None).values()
    names = [name for target in targets if isinstance(name := target.get("name"), str)]
    seats = table.get("seats") if isinstance(table, dict) else list(_Seats().seats)
    for key, value in script.items() if isinstance(script, dict) else ():
        if key == "files":
            continue
        named: list[tuple[Loc, object]] = [((key,), value)]
        if isinstance(value, dict):
            named = [((key, seat), target) for seat, target in value.items()]
            for seat in value:
                if isinstance(seats, list) and seats and seat not in seats:
                    yield ("script", key, seat), f"no such seat.{suggest(seat, map(str, seats))}"
        for loc, target in named:
            if isinstance(target, str) and target not in names:
                known = suggest(target, names) or f" There are {', '.join(names) or 'none'}."
                yield ("script", *loc), f'no [[osc.target]] is named "{target[:40]}".{known}'


def _twice(loc: Loc, tables: Mapping[int, dict[str, Any]], key: str) -> Iterator[tuple[Loc, str]]:
    first: dict[str, int] = {}
    for index, table in tables.items():
        if isinstance(value := table.get(key), str):
            # Patterns that differ only in the names of their placeholders are the same.
            same = fill(value, dict.fromkeys(placeholders(value), "{}"))
            if same in first:
                yield (*loc, index, key), f"the same as number {first[same] + 1}; expected each {key} once"
            first.setdefault(same, index)
