"""[[patch]] of config.toml: the keys of each line, and what they say about each other."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from server.configvalues import Number, Range, Seconds, Table, Text, Unit, plain_name
from server.patch import ADDRESS, BUILT_IN, CurveName, EventName, PatchEntry, fill, placeholders


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


class Entry(Table):
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

    def to_entry(self) -> PatchEntry:
        return PatchEntry(**self.model_dump(exclude_unset=True))


def contradictions(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
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
