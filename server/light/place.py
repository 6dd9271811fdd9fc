"""Where a light's packets go, and as whose."""

import platform
import uuid

from server.light import artnet, sacn
from server.light.config import Light

Place = tuple[str, int]


def place(light: Light) -> Place:
    """Where its packets go: address and port."""
    if light.protocol == "artnet":
        assert light.host is not None  # the config sees to that
        return light.host, artnet.PORT
    return light.host or sacn.group(light.universe), sacn.PORT


def own_id() -> uuid.UUID:
    """Who we are to sACN receivers: the same each night on this machine, another on each (E1.31 5.6)."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"marrow.{platform.node()}.{uuid.getnode():012x}")
