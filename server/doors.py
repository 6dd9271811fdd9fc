"""The ports at which the show is heard: bound before anything starts, or refused in a sentence."""

import errno
import socket
from dataclasses import dataclass

from server.announce import own_name
from server.oscquery.answers import Host
from server.qlab.wires import Wires
from server.rig import Rig

READ_BUFFER = 16 * 1024
"""Bytes of kernel buffer for what a page sends. Small on purpose: thousands of messages that arrive in one
read are parsed in one go, and the loop would stand still meanwhile."""

GIVE_UP_AFTER = 20_000
"""Milliseconds after which the kernel drops a connection whose other end takes nothing."""


class CannotListen(Exception):
    """A port cannot be had; one sentence says which and what to do."""


def bind(kind: socket.SocketKind, host: str, port: int, what: str, option: str, table: str) -> socket.socket:
    """A bound socket, listening if it is TCP. Raises CannotListen, which names the `option` for the port and
    the config's `table`."""
    if host == "localhost":
        # The system may know it as ::1 alone, where nobody who was told 127.0.0.1 would find us.
        host = "127.0.0.1"
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
        if kind is socket.SOCK_STREAM:
            listener = socket.create_server((host, port), family=family, backlog=128)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_BUFFER)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # handed down to who is let in
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GIVE_UP_AFTER)
            return listener
        receiver = socket.socket(family, kind)
        try:
            receiver.bind(address)
        except OSError:
            receiver.close()
            raise
        return receiver
    except OSError as error:
        other_port = f"choose another with {f'{option}, or ' if option else ''}{table}.port in the config."
        other_host = f"choose another with --host, or {table}.host in the config."
        match error:
            case OSError(errno=errno.EADDRINUSE):
                reason = f"port {port} is in use by another program; stop that, or {other_port}"
            case OSError(errno=errno.EACCES):
                reason = f"port {port} needs rights we do not have; {other_port}"
            case socket.gaierror() | OSError(errno=errno.EADDRNOTAVAIL):
                reason = f"{host} is no address of this machine; {other_host}"
            case _:
                reason = f"cannot listen on {host} port {port} ({error.strerror}); {other_port}"
        raise CannotListen(f"{what}: {reason}") from error


def bind_qlab(rig: Rig) -> Wires | None:
    """Where controllers made for QLab are heard, if the rig wants them and OSC is not heard there anyway.
    Raises CannotListen."""
    if rig.qlab is None or rig.qlab.port == rig.osc.port:
        return None
    where = (rig.osc.host, rig.qlab.port, "Controllers made for QLab", "", "qlab")
    udp = bind(socket.SOCK_DGRAM, *where)
    try:
        return Wires(udp, bind(socket.SOCK_STREAM, *where))
    except CannotListen:
        udp.close()
        raise


@dataclass(frozen=True, slots=True)
class Doors:
    """Sockets that are bound, at the numbers that the rig names.

    `osc_tcp` listens for OSC over TCP, at the same number as `osc`. `qlab` is where controllers made for QLab
    look for one, besides. None: nobody is heard there.
    """

    web: socket.socket
    osc: socket.socket
    osc_tcp: socket.socket | None = None
    qlab: Wires | None = None

    @classmethod
    def open(cls, rig: Rig) -> "Doors":
        """Raises CannotListen."""
        return cls(
            bind(socket.SOCK_STREAM, rig.web.host, rig.web.port, "Pages", "--port", "web"),
            bind(socket.SOCK_DGRAM, rig.osc.host, rig.osc.port, "OSC", "--osc-port", "osc"),
            bind(socket.SOCK_STREAM, rig.osc.host, rig.osc.port, "OSC over TCP", "--osc-port", "osc"),
            bind_qlab(rig),
        )

    def addresses(self, title: str, rig: Rig) -> str:
        """Where everything is found, for the terminal."""
        host, port = self.web.getsockname()[:2]
        if host in ("0.0.0.0", "::"):
            host = _own_address()
        base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        lines = [
            f"Marrow plays {title}",
            f"  start here  {base}/",
            *(f"  projector   {base}/projector/{projector.name}" for projector in rig.projectors),
            f"  operator    {base}/operator",
            f"  table       {base}/table",
            f"  monitor     {base}/monitor",
            f"  health      {base}/health",
            f"  OSC         udp and tcp, {self.osc.getsockname()[0]} port {self.osc.getsockname()[1]}",
            *([f"  as QLab     udp and tcp, {rig.osc.host} port {rig.qlab.port}"] if rig.qlab else []),
            "  Ctrl-C stops it.",
        ]
        return "\n".join(lines)


def host_of(web: socket.socket, osc: socket.socket) -> Host:
    """What OSCQuery's clients are told: where OSC is heard, if that is not where they have found us."""
    (web_host, _), (osc_host, osc_port) = web.getsockname()[:2], osc.getsockname()[:2]
    everywhere = osc_host in ("0.0.0.0", "::")
    return Host(own_name(), osc_port, None if everywhere or osc_host == web_host else osc_host)


def _own_address() -> str:
    """The address by which others reach this machine, as far as its routes say; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address
