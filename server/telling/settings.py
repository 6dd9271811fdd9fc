"""What a target of the config may say about what it is told."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from server.configvalues import Number, Text
from server.patch import Refused
from server.telling.wishes import RATES, whole


def _pattern(pattern: str) -> str:
    try:
        whole(pattern)
    except Refused as reason:
        raise PydanticCustomError("pattern", "{reason}", {"reason": str(reason)}) from None
    return pattern


TellPattern = Annotated[Text, AfterValidator(_pattern)]
TellRate = Annotated[Number, Field(ge=RATES[0], le=RATES[1])]


def contradictions(targets: Mapping[int, Mapping[str, Any]]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What keys of [[osc.target]] say about each other."""
    for index, target in targets.items():
        if "rate" in target and not target.get("tell"):
            yield ("osc", "target", index, "rate"), 'means nothing without tell = ["what it is told"]'
