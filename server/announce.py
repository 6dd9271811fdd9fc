"""Zeroconf: tells the network that we are here, so that OSCQuery and OSC programs list us by themselves.

The package `zeroconf` is an extra ("discovery"). It runs on a thread and a loop of its own: whatever a
network has to say about its printers, the show does not wait for it.
"""

import ipaddress
import platform
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

import psutil

OSCQUERY = "_oscjson._tcp.local."
OSC = "_osc._udp.local."
PATIENCE = 3.0  # s that the end of the show waits for our goodbye

MISSING = "not announced on the network: the package zeroconf is missing. pip install 'marrow[discovery]'"


@dataclass(frozen=True, slots=True)
class Announced:
    """A service of ours: its type, and where it listens. `host` is an IP address, 0.0.0.0 for all there
    are."""

    type: str
    host: str
    port: int

    def addresses(self) -> list[str]:
        """The IPv4 addresses at which others find it."""
        if not ipaddress.ip_address(self.host).is_unspecified:
            return [self.host] if "." in self.host else []
        own = [
            address.address
            for interface in psutil.net_if_addrs().values()
            for address in interface
            if address.family is socket.AF_INET
        ]
        return [address for address in own if not ipaddress.ip_address(address).is_loopback] or own


def announced(web: socket.socket, osc: socket.socket) -> list[Announced]:
    """Our services, by the sockets that they listen on."""
    sockets = ((OSCQUERY, web), (OSC, osc))
    return [Announced(type, *sock.getsockname()[:2]) for type, sock in sockets]


def own_name() -> str:
    """What we are called in lists: the same each night, another on each machine."""
    machine = platform.node().partition(".")[0]
    return f"Marrow on {machine}"[:63] if machine else "Marrow"


class Announcer:
    """Announces services from `start` to `stop`. What goes wrong is told in a sentence, once, and harms
    nothing."""

    def __init__(self, services: list[Announced], trouble: Callable[[str], object], name: str = "") -> None:
        """`trouble` is called on the announcer's own thread."""
        self._services = services
        self._trouble = trouble
        self._name = name or own_name()
        self._over = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="zeroconf", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether the services are announced, after at most so long."""
        return self._ready.wait(seconds)

    def stop(self) -> None:
        """Says goodbye to the network; waits for that, but not long."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        try:
            import zeroconf
        except ImportError:
            self._trouble(MISSING)
            return
        try:
            self._announce()
        except (OSError, zeroconf.Error) as error:
            self._trouble(f"not announced on the network: {error or type(error).__name__}")

    def _announce(self) -> None:
        from zeroconf import ServiceInfo, Zeroconf

        places = [(service, service.addresses()) for service in self._services]
        everywhere = {address for _, addresses in places for address in addresses}
        # A service of this machine alone is no news for the others.
        beyond = {address for address in everywhere if not ipaddress.ip_address(address).is_loopback}
        interfaces = beyond or everywhere
        # Not the machine's own name, which another responder may already answer for; nor that of another
        # Marrow here, which may listen at other addresses.
        words = ("marrow", platform.node().partition(".")[0], str(self._services[0].port))
        server = f"{'-'.join(filter(None, words))}.local."
        network = Zeroconf(interfaces=sorted(interfaces))
        try:
            for service, addresses in places:
                if reachable := [address for address in addresses if address in interfaces]:
                    info = ServiceInfo(
                        service.type,
                        f"{self._name}.{service.type}",
                        port=service.port,
                        parsed_addresses=reachable,
                        server=server,
                    )
                    network.register_service(info, allow_name_change=True)
            self._ready.set()
            self._over.wait()
        finally:
            network.close()  # with a goodbye for all that is registered
