"""The ports that the rig names: taken up when they are plugged in, let go when they are pulled out.

No system tells that a cable was pulled, but its list of ports is short, and is looked at several times a
second. All of this is done on one thread (`midi.py`), and waits for drivers as long as they like.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.midi.system import Port, find, others

P = TypeVar("P", bound=Port)

Told = Callable[[str, str], object]
"""A counter of health, and what it is about."""

BROKEN = (OSError, ValueError, RuntimeError)
"""What a port raises that is gone, or will not open."""


@dataclass(slots=True)
class Plug(Generic[P]):
    """One port that the rig names, `wanted` being a part of how the system calls it. `port` is its whole name
    while it is open, else ""."""

    name: str
    wanted: str
    port: str = ""
    handle: P | None = None
    missed: bool = False

    def shut(self) -> None:
        if self.handle is not None:
            self.handle.close_port()
            self.handle.delete()
        self.handle, self.port = None, ""


class Plugs(Generic[P]):
    """The ports of one direction, `kind` being "input" or "output". `make` makes one that is not open yet."""

    def __init__(
        self,
        kind: str,
        plugs: Sequence[Plug[P]],
        make: Callable[[], P],
        told: Told,
    ) -> None:
        self._kind = kind
        self._plugs = {plug.name: plug for plug in plugs}
        self._make = make
        self._told = told
        self._list = make()

    def look(self) -> None:
        """Compares with what is plugged in now."""
        ports = self._list.get_ports()
        for plug in self._plugs.values():
            if plug.port and plug.port not in ports:
                self._told(
                    "midi.unplugged", f"{self._called(plug)} is gone; it is taken up again when it is back"
                )
                plug.shut()
            if plug.handle is None:
                self._take_up(plug, ports)

    def close(self) -> None:
        for plug in self._plugs.values():
            plug.shut()
        self._list.delete()

    def _take_up(self, plug: Plug[P], ports: Sequence[str]) -> None:
        port = find(plug.wanted, ports)
        if port is None:
            if not plug.missed:
                there = ", ".join(f'"{each}"' for each in others(ports)) or "none"
                self._told("midi.missing", f"{self._called(plug)} is not plugged in. There are: {there}")
            plug.missed = True
            return
        handle = self._make()
        try:
            handle.open_port(ports.index(port), plug.name)
        except BROKEN as error:
            handle.delete()
            if not plug.missed:
                self._told("midi.failed", f"{self._called(plug)} does not open: {error}")
            plug.missed = True
            return
        plug.handle, plug.port, plug.missed = handle, port, False
        self._told("midi.found", f'{self._called(plug)} is "{port}"')

    def _called(self, plug: Plug[P]) -> str:
        return f'the MIDI {self._kind} "{plug.name}" ({plug.wanted})'
