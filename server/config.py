"""The rig: config.toml, read whole and refused whole. What differs between venues is here and nowhere else.

The models check values, key by key; what keys say about each other is checked on the raw tables, so that one
wrong type hides nothing and every error is told at once.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from server.configvalues import Ip, Name, Number, Port, Range, Seconds, Table, Text, Unit, plain_name, tables
from server.light import config as light
from server.light.config import Light
from server.midi import config as midi
from server.midi.config import Midi
from server.night.journal import DEFAULT, Limits
from server.outbox import EVERYBODY, ScriptTargets
from server.patch import ADDRESS, BUILT_IN, CurveName, EventName, PatchEntry, fill, placeholders, shown
from server.qlab.settings import Qlab
from server.renderer import Backend
from server.telling import settings as telling
from server.telling.settings import TellPattern, TellRate
from show_control.errors import Problem, suggest
from show_control.look import MAIN
from show_control.lookfile import NAME

Loc = tuple[str | int, ...]
"""A key path: table names, and indexes into lists of tables."""


class ConfigError(Exception):
    """The config cannot be used. `problems` holds all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def _safetensors(path: Path) -> Path:
    if path.suffix != ".safetensors":
        raise PydanticCustomError(
            "weights",
            "expected a .safetensors file (convert it: marrow convert {path})",
            {"path": str(path)},
        )
    return path


def _network_name(name: str) -> str:
    if name == MAIN or not NAME.fullmatch(name):
        raise PydanticCustomError(
            "network", 'a network is named by a word such as "sea"; "main" is what `weights` names'
        )
    return name


def _address(address: str) -> str:
    segments = address.split("/")
    example = 'such as "/table/plate/{seat}"'
    if not ADDRESS.fullmatch(fill(address, dict.fromkeys(placeholders(address), "x"))):
        raise PydanticCustomError("address", f"expected an address {example}, without spaces and wildcards")
    if any("{" in s and s != "{" + "".join(placeholders(s)) + "}" for s in segments):
        raise PydanticCustomError("address", f"a placeholder takes a whole segment, {example}")
    if len(set(placeholders(address))) < len(placeholders(address)):
        raise PydanticCustomError("address", f"expected each placeholder once, {example}")
    if segments[1] in BUILT_IN:
        raise PydanticCustomError("address", f"/{segments[1]}/... is built in and cannot be patched")
    return address


def _control(name: str) -> str:
    plain_name(fill(name, dict.fromkeys(placeholders(name), "x")))
    return name


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


Weights = Annotated[Path, AfterValidator(_safetensors)]
NetworkName = Annotated[Text, AfterValidator(_network_name)]
Recipients = Annotated[dict[str, str], BeforeValidator(_recipients)]


class Web(Table):
    """Where pages are served. On loopback unless the rig says otherwise."""

    host: Ip = "127.0.0.1"
    port: Port = 8000


class Target(Table):
    """A program that OSC is sent to: the cues' sends, by its name. `tell`: what it is told of the show, as
    patterns below /marrow, `rate` times a second at most. `state`: where the show is."""

    name: Name
    host: Ip = "127.0.0.1"
    port: Port
    state: Annotated[bool, Strict()] = False
    tell: tuple[TellPattern, ...] = ()
    rate: TellRate | None = None


class Osc(Table):
    """Where OSC is heard, and who is sent some."""

    host: Ip = "127.0.0.1"
    port: Port = 9000
    targets: tuple[Target, ...] = Field(default=(), alias="target")


class GeneratorSettings(Table):
    """What the renderer loads, and how fast it paints. `weights` is the network "main"; `networks` are others
    that looks may name. Layers from resolution `style_from` on are fine; psi acts on those below `psi_below`
    only (None: on all), which is the cutoff of truncation."""

    weights: Weights
    networks: dict[NetworkName, Weights] = Field(default_factory=dict)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    backend: Backend = "auto"
    fps: Annotated[int, Strict(), Field(ge=1, le=120)] = 30
    jpeg_quality: Annotated[int, Strict(), Field(ge=1, le=100)] = 85
    style_from: Annotated[int, Strict(), Field(ge=4, le=1024)] = 32
    psi_below: Annotated[int, Strict(), Field(ge=8, le=2048)] | None = None

    @property
    def all_networks(self) -> dict[str, Path]:
        """Every network by its name, "main" first."""
        return {MAIN: self.weights, **self.networks}

    def within(self, folder: Path) -> Self:
        """The same, with its paths starting at a folder."""
        networks = {name: folder / path for name, path in self.networks.items()}
        return self.model_copy(update={"weights": folder / self.weights, "networks": networks})


class Projector(Table):
    """A wall. `ahead` shifts its walk by that many seconds of travel, so that it is no twin of the others."""

    name: Name
    ahead: Number = 0.0


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


class Rig(BaseModel):
    """Everything that differs between venues. Paths are absolute, or relative to the working directory."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)

    web: Web
    osc: Osc
    qlab: Qlab | None = None
    show: Path
    generator: GeneratorSettings
    projectors: tuple[Projector, ...]
    seats: tuple[str, ...]
    script: ScriptTargets = ScriptTargets()
    ears: Path | None = None
    patch: tuple[PatchEntry, ...]
    midi: Midi = Midi()
    lights: tuple[Light, ...] = ()
    journal: Path | None = None
    journal_limits: Limits = DEFAULT

    @property
    def followed(self) -> list[tuple[str, str]]:
        """(key path, name) of all that lights and MIDI controllers follow."""
        channels = [
            (f"light {nth} channel {each.channel}", each.follow)
            for nth, one in enumerate(self.lights, 1)
            for each in one.channels
        ]
        controllers = [
            (f"midi.out {out.name} cc {each.number}", each.follow)
            for out in self.midi.outs
            for each in out.cc
        ]
        return [(where, name) for where, name in (*channels, *controllers) if name is not None]


class _Show(Table):
    file: Path


class _Seats(Table):
    seats: tuple[Name, ...] = ("mom", "dad", "brother", "sister")


class _Entry(Table):
    """The keys of PatchEntry with the limits of each. Only what is set counts: defaults are PatchEntry's."""

    address: Annotated[Text, AfterValidator(_address)]
    control: Annotated[Text, AfterValidator(_control)] | None = None
    event: EventName | None = None
    range: Range | None = None
    curve: CurveName | None = None
    smoothing: Seconds | None = None
    threshold: Annotated[Number, Field(gt=0, le=1)] | None = None
    hysteresis: Unit | None = None
    hold: Seconds | None = None
    idle: Unit | None = None
    silence: Annotated[Number, Field(gt=0)] | None = None
    decay: Seconds | None = None


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
    patch: tuple[_Entry, ...] = ()
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
    found = [(loc, message) for loc, message in _contradictions(raw)]
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        found = [(detail["loc"], _message(detail)) for detail in error.errors()] + found
    if found:
        raise ConfigError([Problem(f"{path.name}: {_where(raw, loc)}", message) for loc, message in found])
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
        patch=tuple(PatchEntry(**entry.model_dump(exclude_unset=True)) for entry in file.patch),
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
        for key, message in _entry_contradictions(entry):
            yield ("patch", index, key), message


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


def _entry_contradictions(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "control" in entry and "event" in entry:
        yield "event", "there is a control as well; expected one of the two"
    elif "control" not in entry and "event" not in entry:
        yield "control", 'expected control = "a name" or event = "go"'
    match entry:
        case {"address": str(address), "control": str(control)}:
            for name in set(placeholders(control)) - set(placeholders(address)):
                yield "control", f"{{{name}}} does not occur in the address {address}"
    if "event" in entry:
        for key in ("smoothing", "idle", "decay"):
            if key in entry:
                yield key, "means nothing to an event"
    if "silence" not in entry:
        for key in ("idle", "decay"):
            if key in entry and "event" not in entry:
                yield key, "means nothing without silence = (seconds until the sensor counts as silent)"
    if "threshold" not in entry:
        if "hysteresis" in entry:
            yield "hysteresis", "means nothing without threshold"
        if "hold" in entry and "event" not in entry:
            yield "hold", "means nothing without threshold"
    match entry:
        case {"threshold": float() | int() as threshold, "hysteresis": float() | int() as hysteresis}:
            if hysteresis >= threshold:
                yield "hysteresis", f"expected less than the threshold, {threshold}, or it never falls again"


def _message(error: ErrorDetails) -> str:
    """Pydantic's finding in our words."""
    limits = {"greater_than_equal": "at least {ge}", "greater_than": "more than {gt}"}
    limits |= {"less_than_equal": "at most {le}", "less_than": "less than {lt}"}
    kind, context, got = error["type"], error.get("ctx", {}), error["input"]
    match kind:
        case "extra_forbidden":
            keys = _keys(error["loc"])
            return "unknown key." + (
                suggest(str(error["loc"][-1]), keys) or f" Known here: {', '.join(keys)}"
            )
        case "missing":
            return "missing, and needed"
        case "literal_error":
            expected = context["expected"].replace("'", '"')
            near = suggest(got, re.findall(r'"(.*?)"', expected)) if isinstance(got, str) else ""
            return f"expected {expected}, got {shown(got)}.{near}"
        case _ if kind in limits:
            return f"expected {limits[kind].format(**context)}, got {shown(got)}"
        case _ if kind in _EXPECTED:
            return f"expected {_EXPECTED[kind]}, got {shown(got)}"
    return f"{error['msg']}, got {shown(got)}"


_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text in quotes",
    "path_type": "a path in quotes",
    "bool_type": "true or false",
    "tuple_type": "an array",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def _keys(loc: Loc) -> list[str]:
    """The keys that are known where `loc` ends."""
    table: Any = _File
    for key in loc[:-1]:
        if isinstance(key, str):
            kind = next(f.annotation for name, f in table.model_fields.items() if (f.alias or name) == key)
            table = get_args(kind)[0] if get_args(kind) else kind
    return [field.alias or name for name, field in table.model_fields.items()]


def _where(raw: object, loc: Loc) -> str:
    """The key path, each entry of a list with its number and its name: "osc.target 1 (sound).port"."""
    parts: list[str] = []
    node: Any = raw
    for key in loc:
        if key == "[key]":  # so pydantic marks that the name of a table is meant, not what it holds
            continue
        inside = isinstance(node, dict) or (isinstance(node, list) and isinstance(key, int))
        try:
            node = node[key] if inside else None
        except (KeyError, IndexError):
            node = None
        if isinstance(key, str):
            parts.append(key)
        else:
            label = node.get("address", node.get("name")) if isinstance(node, dict) else None
            parts[-1] += f" {key + 1}" + (f" ({label})" if isinstance(label, str) else "")
    return ".".join(parts)
