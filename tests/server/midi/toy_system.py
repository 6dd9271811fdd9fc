"""A MIDI system whose cables are plugged by hand. Its ports are what rtmidi's are, without a driver."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from server.midi.system import System


@dataclass
class ToyCables:
    """What is plugged in, by name; what was sent where; and what goes wrong."""

    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    open: list["ToyPort"] = field(default_factory=list)
    stuck: set[str] = field(default_factory=set)  # ports that do not open
    hangs: threading.Event | None = None  # what sending waits for
    ignored: list[tuple[bool, bool, bool]] = field(default_factory=list)

    @property
    def system(self) -> System:
        return System(lambda: ToyPort(self, self.inputs), lambda: ToyPort(self, self.outputs))

    def play(self, port: str, *data: int) -> None:
        """Somebody plays on an input."""
        for each in self.open:
            if each.name == port:
                each.played.append((data, 0.0))


class ToyPort:
    def __init__(self, cables: ToyCables, ports: list[str]) -> None:
        self.played: deque[tuple[Sequence[int], float]] = deque()
        self.name = ""
        self._cables = cables
        self._ports = ports

    def get_ports(self) -> list[str]:
        return list(self._ports)

    def open_port(self, port: int, name: str) -> None:
        if self._ports[port] in self._cables.stuck:
            raise OSError("busy")
        self.name = self._ports[port]
        self._cables.open.append(self)

    def close_port(self) -> None:
        self._cables.open.remove(self)

    def delete(self) -> None:
        """Nothing is left to let go."""

    def ignore_types(self, sysex: bool, timing: bool, active_sense: bool) -> None:
        self._cables.ignored.append((sysex, timing, active_sense))

    def get_message(self) -> tuple[Sequence[int], float] | None:
        return self.played.popleft() if self.played else None

    def send_message(self, message: bytes) -> None:
        if self._cables.hangs is not None:
            self._cables.hangs.wait()
        if self.name not in self._ports:
            raise OSError("no such device")
        self._cables.sent.append((self.name, bytes(message)))
