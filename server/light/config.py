"""[[light]]: a universe of DMX, where it goes, and what its channels follow."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Strict
from pydantic_core import PydanticCustomError

from server.configvalues import Followed, Ip, Number, Range, Seconds, Table, span, tables
from server.follow import lost, source

UNIVERSES = {"sacn": (1, 63999), "artnet": (0, 32767)}
"""The first and the last: E1.31 9.1.1; of Art-Net the 15 bits of a Port-Address."""

SLOTS = 512


def _ipv4(host: str) -> str:
    host = "127.0.0.1" if host == "localhost" else host
    if ipaddress.ip_address(host).version != 4:
        raise PydanticCustomError("ipv4", "expected an IPv4 address: lighting networks speak nothing else")
    return host


Ipv4 = Annotated[Ip, AfterValidator(_ipv4)]


class Channel(Table):
    """A channel, 1 to 512, and what it follows, or the `value` that it has. A colour takes three channels
    from this one on: red, green, blue.

    `range` are the values for 0 and 1, `smoothing` is a time constant. With `master` the grand master and the
    blackout scale it; what follows a picture is as dark as the picture anyway, and is scaled only while there
    is none. In a blackout it is dark, whatever its range.
    """

    channel: Annotated[int, Strict(), Field(ge=1, le=SLOTS)]
    follow: Followed | None = None
    value: Annotated[Number, Field(ge=0, le=255)] | None = None
    range: Annotated[Range, span(0, 255)] = (0.0, 255.0)
    smoothing: Seconds = 0.2
    master: Annotated[bool, Strict()] = True


class Light(Table):
    """One universe. `host` is whom it is sent to; without one sACN goes to everybody who listens to the
    universe, out of the network `interface` with that address of ours (None: as the system's routes say).
    `priority` 0..200 says which of several sACN sources counts. `rate` is the most packets a second."""

    protocol: Literal["sacn", "artnet"]
    universe: Annotated[int, Strict()]
    host: Ipv4 | None = None
    interface: Ipv4 | None = None
    priority: Annotated[int, Strict(), Field(ge=0, le=200)] = 100
    rate: Annotated[int, Strict(), Field(ge=5, le=44)] = 30
    channels: tuple[Channel, ...]

    @property
    def called(self) -> str:
        """As in complaints: "sACN universe 1"."""
        return f"{'sACN' if self.protocol == 'sacn' else 'Art-Net'} universe {self.universe}"


def contradictions(lights: object, projectors: Sequence[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What the tables say against each other, and against the names of the projectors."""
    seen: set[tuple[str, int, str]] = set()
    for index, light in tables(lights).items():
        for key, message in _of_a_light(light):
            yield ("light", index, key), message
        match light.get("protocol"), light.get("universe"), light.get("host", ""):
            case str() as protocol, int() as universe, str() as host:
                if (protocol, universe, host) in seen:
                    yield (
                        ("light", index, "universe"),
                        "there is one like it already; write its channels there",
                    )
                seen.add((protocol, universe, host))
        taken: dict[int, int] = {}
        for nth, channel in tables(light.get("channels")).items():
            for key, message in (*_of_a_channel(channel, projectors), *_overlaps(channel, nth, taken)):
                yield ("light", index, "channels", nth, key), message


def _of_a_light(light: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    protocol, universe = light.get("protocol"), light.get("universe")
    if isinstance(protocol, str) and protocol in UNIVERSES and isinstance(universe, int):
        first, last = UNIVERSES[protocol]
        if not first <= universe <= last:
            yield "universe", f"expected {first} to {last} for {protocol}, got {universe}"
    if protocol == "artnet":
        if "host" not in light:
            yield "host", 'missing, and needed for Art-Net: the address of the node, such as "192.168.1.50"'
        if "priority" in light:
            yield "priority", "means nothing in Art-Net"
    if "interface" in light and ("host" in light or protocol == "artnet"):
        yield "interface", "means nothing beside host: only what goes to everybody has to be told the way"
    if light.get("channels") == []:
        yield "channels", 'expected at least one, such as { channel = 1, follow = "energy.main.brightness" }'


def _of_a_channel(channel: Mapping[str, Any], projectors: Sequence[str]) -> Iterator[tuple[str, str]]:
    if ("follow" in channel) == ("value" in channel):
        yield "follow", 'expected either follow = "energy.main.brightness" or value = 255'
    if reason := lost(channel.get("follow"), projectors):
        yield "follow", reason
    if "value" in channel:
        for key in ("range", "smoothing"):
            if key in channel:
                yield key, "means nothing beside value"
    if "master" in channel and str(channel.get("follow", "")).startswith("energy."):
        yield "master", "means nothing to what follows the picture, which goes dark with it"


def _overlaps(channel: Mapping[str, Any], nth: int, taken: dict[int, int]) -> Iterator[tuple[str, str]]:
    first = channel.get("channel")
    if not isinstance(first, int) or not 1 <= first <= SLOTS:
        return
    last = first + width(channel.get("follow")) - 1
    if last > SLOTS:
        yield "channel", f"a colour takes three channels, and {first} leaves too few of {SLOTS}"
    for number in range(first, last + 1):
        if number in taken:
            yield "channel", f"channel {number} is taken by number {taken[number] + 1} of this list"
            return
    taken |= dict.fromkeys(range(first, last + 1), nth)


def width(follow: object) -> int:
    """How many channels something takes that follows this."""
    try:
        return source(follow).width if isinstance(follow, str) else 1
    except ValueError:
        return 1
