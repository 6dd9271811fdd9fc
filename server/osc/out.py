"""OSC over UDP, the way out: messages to named targets."""

import errno
import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import Protocol

from server.health import Health
from server.osc.codec import OscError, encode

Tap = Callable[[str, str, Sequence[object], str], object]
"""Target, address and arguments of a message that went out, and why it did not, or ""."""


class Destination(Protocol):
    """A named place to send to (server.config.Target). The host is an IP address or "localhost"."""

    @property
    def name(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


class _Line:
    """The way to one target, and what became of what was sent there."""

    def __init__(self, target: Destination) -> None:
        # An address, never a name to look up: a name server that does not answer would stop the show.
        ip = ipaddress.ip_address("127.0.0.1" if target.host == "localhost" else target.host)
        family = socket.AF_INET6 if ip.version == 6 else socket.AF_INET
        # Not connected: nobody listening on a port is then no error of ours.
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.where = (str(ip), target.port)
        self.sent = self.failed = 0
        self.last_error = ""  # of the way; none since the last message that went


class OscOut:
    """Sends messages to named targets over UDP. Never waits: what the kernel will not take is lost."""

    def __init__(self, targets: Sequence[Destination], health: Health) -> None:
        self._health = health
        self._lines = {target.name: _Line(target) for target in targets}
        self._taps: list[Tap] = []

    def tap(self, tap: Tap) -> None:
        """Lets somebody see all that goes out, and all that should have. It must not raise."""
        self._taps.append(tap)

    def send(self, target: str, address: str, args: Sequence[object] = ()) -> None:
        """Sends one message of bool, int, float, str and bytes. Failures are counted, as "osc_out.failed";
        those that are the message's own fault also as "osc_out.unfit"."""
        try:
            packet = encode(address, args)
        except OscError as error:
            self._unfit(target, address, args, str(error))
        else:
            self.post(target, address, args, packet)

    def post(self, target: str, address: str, args: Sequence[object], packet: bytes) -> None:
        """Sends a message that is a packet already."""
        line = self._lines.get(target)
        if line is None:
            known = ", ".join(self._lines) or "none"
            self._failed(target, address, args, f"no such target; config.toml has {known}")
            return
        try:
            line.socket.sendto(packet, line.where)
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                self._unfit(target, address, args, f"{len(packet)} bytes are too long for one packet")
                return
            line.last_error = error.strerror or str(error)
            self._failed(target, address, args, str(error))
            return
        line.sent, line.last_error = line.sent + 1, ""
        self.passed(target, address, args)

    def passed(self, to: str, address: str, args: Sequence[object], error: str = "") -> None:
        """Lets the taps see a message that took another way out: an answer, or what a subscriber is told."""
        for tap in self._taps:
            tap(to, address, args, error)

    def to_plain(self) -> list[dict[str, object]]:
        """Of each target how many messages went there and how many did not; `last_error` is why there was no
        way for the last one, "" where there was."""
        return [
            {
                "name": name,
                "host": line.where[0],
                "port": line.where[1],
                "sent": line.sent,
                "failed": line.failed,
                "last_error": line.last_error,
            }
            for name, line in self._lines.items()
        ]

    def close(self) -> None:
        """Closes the sockets. Sends after this are counted as failed."""
        for line in self._lines.values():
            line.socket.close()

    def _unfit(self, target: str, address: str, args: Sequence[object], why: str) -> None:
        self._health.count("osc_out.unfit", 1, f'{address} to "{target}": {why}')
        self._failed(target, address, args, why)

    def _failed(self, target: str, address: str, args: Sequence[object], why: str) -> None:
        if line := self._lines.get(target):
            line.failed += 1
        self._health.count("osc_out.failed", 1, f'{address} to "{target}": {why}')
        self.passed(target, address, args, why)
