"""OSC over UDP, the way out: messages to named targets."""

import ipaddress
import socket
from collections.abc import Sequence
from typing import Protocol

from server.health import Health
from server.osc.codec import OscError, encode


class Destination(Protocol):
    """A named place to send to (server.config.Target). The host is an IP address or "localhost"."""

    @property
    def name(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def state(self) -> bool: ...


class OscOut:
    """Sends messages to named targets over UDP. Never waits: what the kernel will not take is lost.

    `state_targets` are the names of those who want to be told the state of the show.
    """

    def __init__(self, targets: Sequence[Destination], health: Health) -> None:
        self.state_targets = tuple(target.name for target in targets if target.state)
        self._health = health
        self._targets: dict[str, tuple[socket.socket, tuple[str, int]]] = {}
        for target in targets:
            # An address, never a name to look up: a name server that does not answer would stop the show.
            ip = ipaddress.ip_address("127.0.0.1" if target.host == "localhost" else target.host)
            family = socket.AF_INET6 if ip.version == 6 else socket.AF_INET
            # Not connected: nobody listening on a port is then no error of ours.
            sock = socket.socket(family, socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            self._targets[target.name] = (sock, (str(ip), target.port))

    def send(self, target: str, address: str, args: Sequence[object] = ()) -> None:
        """Sends one message of bool, int, float, str and bytes. Failures are counted, as "osc_out.failed"."""
        if target not in self._targets:
            known = ", ".join(self._targets) or "none"
            self._failed(target, address, f"no such target; config.toml has {known}")
            return
        sock, where = self._targets[target]
        try:
            sock.sendto(encode(address, args), where)
        except (OscError, OSError) as error:
            self._failed(target, address, str(error))

    def close(self) -> None:
        """Closes the sockets. Sends after this are counted as failed."""
        for sock, _ in self._targets.values():
            sock.close()

    def _failed(self, target: str, address: str, why: str) -> None:
        self._health.count("osc_out.failed", 1, f'{address} to "{target}": {why}')
