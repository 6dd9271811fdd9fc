"""The addresses of this machine on the network, and whether the pages' port answers on each."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from server.doctor import running
from server.doctor.finding import Finding, note, ok, problem
from server.doors import CannotListen, bind

TOPIC = "network"
EVERYWHERE = ("0.0.0.0", "::")
WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Address:
    """An IPv4 address of an interface that is up. `answers`: our port was reached there; None: not tried."""

    ip: str
    interface: str
    wireless: bool
    answers: bool | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """`host` and `port` are those of the pages; `firewall` is the name of one that is on, "" without."""

    host: str
    port: int
    addresses: tuple[Address, ...]
    firewall: str = ""

    @property
    def local(self) -> bool:
        """Whether only this machine itself can come in."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False  # no address at all, which the ports' findings say


def look(host: str, port: int, marrow_runs: bool, root: Path = Path("/")) -> Network:
    """Knock at the port on each address, where it is open to others: at Marrow's if it runs, else at our own.

    `root` is where the system's own files begin.
    """
    found = tuple(_addresses(root))
    firewall = _firewall(root)
    network = Network(host, port, found, firewall)
    if network.local:
        return network
    with ExitStack() as stack:
        if not marrow_runs:
            try:
                stack.enter_context(bind(socket.SOCK_STREAM, host, port, "Pages", "--port", "web"))
            except CannotListen:
                return network  # the ports' own findings say why
        asked = tuple(
            Address(a.ip, a.interface, a.wireless, _answers(a.ip, port, marrow_runs))
            if host in (*EVERYWHERE, a.ip)
            else a
            for a in found
        )
    return Network(host, port, asked, firewall)


def _addresses(root: Path) -> Iterator[Address]:
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    for interface, addresses in psutil.net_if_addrs().items():
        for address in addresses:
            if interface in up and address.family == socket.AF_INET:
                ip = ipaddress.ip_address(address.address)
                if not ip.is_loopback:
                    wireless = (root / "sys/class/net" / interface / "wireless").exists()
                    yield Address(str(ip), interface, wireless)


def _answers(ip: str, port: int, marrow_runs: bool) -> bool:
    try:
        if marrow_runs:
            return b"Marrow" in running.get(ip, port, "/operator")
        socket.create_connection((ip, port), timeout=WITHIN).close()
    except OSError:
        return False
    return True


def _firewall(root: Path) -> str:
    """Of the two that Linux machines come with, whichever is on."""
    try:
        lines = (root / "etc/ufw/ufw.conf").read_text(encoding="utf-8").lower().splitlines()
        if "enabled=yes" in lines:
            return "ufw"
    except (OSError, ValueError):
        pass  # there is none
    names = {process.info["name"] for process in psutil.process_iter(["name"])}
    return "firewalld" if "firewalld" in names else ""


_OPEN = {
    "ufw": "sudo ufw allow {web}/tcp; sudo ufw allow {osc}/udp",
    "firewalld": "sudo firewall-cmd --add-port={web}/tcp --add-port={osc}/udp",
}


def judge(network: Network, osc_port: int) -> Iterator[Finding]:
    reachable = [a for a in network.addresses if not ipaddress.ip_address(a.ip).is_link_local]
    if network.local:
        yield note(
            TOPIC,
            f"The pages are for this machine alone (web.host is {network.host}): no tablet and no projector "
            "machine can open them.",
            'If others are to come in, write host = "0.0.0.0" under [web] and [osc] in the config, or start '
            "with: marrow run --host 0.0.0.0",
        )
        return
    if not reachable:
        linked = ", ".join(a.ip for a in network.addresses)
        yield problem(
            TOPIC,
            "This machine is on no network: tablets, sensors and projector machines cannot find it."
            + (f" It gave itself {linked}, which means that no router answered." if linked else ""),
            "Plug the network cable in, or join the show's Wi-Fi; see that the router is on. Then look "
            "again.",
        )
        return
    for address in reachable:
        where = f"{address.ip} ({address.interface}{', Wi-Fi' if address.wireless else ''})"
        if address.answers:
            yield ok(TOPIC, f"Pages answer at http://{address.ip}:{network.port}/, on {address.interface}. "
                     "Open that on a tablet to be sure: only another machine can prove it.")  # fmt: skip
        elif address.answers is False:
            yield problem(
                TOPIC,
                f"Pages do not answer at {where}, port {network.port}.",
                "A firewall on this machine stands in the way: open the port there, or turn it off for "
                "tonight.",
            )
        else:
            yield ok(TOPIC, f"This machine is also {where}; pages are not served there.")
    if any(address.wireless for address in reachable):
        yield note(
            TOPIC,
            "This machine is on Wi-Fi. With an audience in the room, Wi-Fi stutters.",
            "Use a cable from this machine to the router; tablets may stay on Wi-Fi.",
        )
    if network.firewall:
        ways = _OPEN[network.firewall].format(web=network.port, osc=osc_port)
        yield note(
            TOPIC,
            f"The firewall {network.firewall} is on: it may keep tablets and sensors out.",
            f"Open the ports if you have not yet: {ways}",
        )
