"""Addresses of sensors, and the patterns with placeholders that take them."""

import re
from collections.abc import Mapping, Sequence

from server.patch.words import Refused, shown

MAX_ADDRESS = 255  # characters

# OSC's own printable set, without wildcards (? * [ ] { }).
ADDRESS = re.compile(r"(?:/[!-\"$-)+\-.0->@-Z\\^-z|~]+)+")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def split(address: str) -> list[str]:
    """The segments of an address. Raises Refused for what is none."""
    if len(address) > MAX_ADDRESS or not ADDRESS.fullmatch(address):
        raise Refused(
            f"{shown(address)}: expected an address of at most {MAX_ADDRESS} characters such as "
            "/table/plate/mom, without spaces and wildcards"
        )
    return address.split("/")[1:]


def placeholders(text: str) -> list[str]:
    """The names in braces, in order: "/table/plate/{seat}" -> ["seat"]."""
    return _PLACEHOLDER.findall(text)


def fill(text: str, names: Mapping[str, str]) -> str:
    """The text with its placeholders replaced: "plate.{seat}" -> "plate.mom"."""
    return _PLACEHOLDER.sub(lambda found: names[found[1]], text)


def match_address(pattern: str, segments: Sequence[str]) -> dict[str, str] | None:
    """What the placeholders of a pattern stand for in an address that was split at its slashes, or None."""
    parts = pattern.split("/")[1:]
    if len(parts) != len(segments):
        return None
    names = {}
    for part, segment in zip(parts, segments, strict=True):
        if placeholder := _PLACEHOLDER.fullmatch(part):
            names[placeholder[1]] = segment
        elif part != segment:
            return None
    return names
