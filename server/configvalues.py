"""What values in config.toml look like, whichever table they stand in: names, addresses, times, ranges."""

import ipaddress
import math
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from server.follow import source


def _ip(host: str) -> str:
    if host != "localhost":
        try:
            ipaddress.ip_address(host)
        except ValueError:
            # A name would have to be looked up, and a name server that does not answer stops everything.
            raise PydanticCustomError(
                "ip", 'expected an IP address such as "192.168.1.20", or "localhost"'
            ) from None
    return host


def plain_name(name: str) -> str:
    if not name or not all(c.isascii() and (c.isalnum() or c in "-_.") for c in name):
        raise PydanticCustomError("name", "expected letters, digits, dots, dashes and underscores")
    return name


def _range(ends: object) -> tuple[float, float]:
    match ends:
        case [float() | int() as lo, float() | int() as hi] if math.isfinite(lo) and math.isfinite(hi):
            if lo == hi:
                raise PydanticCustomError("range", "the two ends are equal")
            return float(lo), float(hi)
    raise PydanticCustomError("range", "expected two numbers, [value that means 0, value that means 1]")


def _followed(name: str) -> str:
    try:
        source(name)
    except ValueError as error:
        raise PydanticCustomError("follow", "{reason}", {"reason": str(error)}) from None
    return name


def span(lowest: int, highest: int) -> object:
    """A validator for a range whose ends lie between these."""

    def check(ends: tuple[float, float]) -> tuple[float, float]:
        if not all(lowest <= end <= highest for end in ends):
            raise PydanticCustomError(
                "span",
                "expected two numbers from {lowest} to {highest}",
                {"lowest": lowest, "highest": highest},
            )
        return ends

    return AfterValidator(check)


Text = Annotated[str, Strict()]
Name = Annotated[Text, AfterValidator(plain_name)]
Ip = Annotated[Text, AfterValidator(_ip)]
Port = Annotated[int, Strict(), Field(ge=1, le=65535)]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Seconds = Annotated[Number, Field(ge=0)]
Unit = Annotated[Number, Field(ge=0, le=1)]
Range = Annotated[tuple[float, float], BeforeValidator(_range)]
Followed = Annotated[Text, AfterValidator(_followed)]


class Table(BaseModel):
    """A table of the config: no strange keys, no change."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


def tables(value: object) -> dict[int, dict[str, Any]]:
    """The tables of a raw list by their places; what is no table is passed over."""
    listed = value if isinstance(value, list) else []
    return {index: table for index, table in enumerate(listed) if isinstance(table, dict)}
