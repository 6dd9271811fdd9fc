"""The ports that the show listens on: free, or who holds them."""

import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import psutil

from server.doctor.finding import Finding, ok, problem
from server.doors import CannotListen, bind

TOPIC = "ports"
Kind = Literal["tcp", "udp"]
GUARDED = "--guarded"
"""The word by which the show process knows that a guard starts it again."""

_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a port. `command` is how it was started, shortened. `stop` is the process to end:
    where it has a guard, that, which would start it again."""

    pid: int
    name: str
    command: str
    stop: int

    def __str__(self) -> str:
        return f"{self.name}, process {self.pid} ({self.command})" if self.command else f"process {self.pid}"


@dataclass(frozen=True, slots=True)
class Port:
    """One port that the show wants for `what`. `error`: the errno of listening there, 0 where it can be had,
    None where the system had no number for it. `table` is where the config names it."""

    what: str
    kind: Kind
    host: str
    number: int
    table: str
    error: int | None = 0
    holders: tuple[Holder, ...] = ()


def look(what: str, kind: Kind, host: str, number: int, table: str) -> Port:
    """Listen there for a moment, exactly as the show would."""
    try:
        bind(_KINDS[kind], host, number, what, "", table).close()
    except CannotListen as reason:
        cause = reason.__cause__
        error = cause.errno if isinstance(cause, OSError) and not isinstance(cause, socket.gaierror) else None
        holders = tuple(_holders(kind, number)) if error == errno.EADDRINUSE else ()
        return Port(what, kind, host, number, table, error, holders)
    return Port(what, kind, host, number, table)


def _holders(kind: Kind, number: int) -> Iterator[Holder]:
    """Who has this port, as far as this user may see."""
    try:
        connections = psutil.net_connections(kind)
    except psutil.AccessDenied:
        return
    listening = (psutil.CONN_LISTEN, psutil.CONN_NONE)
    for pid in sorted({c.pid for c in connections if c.laddr and c.laddr.port == number
                       and c.status in listening and c.pid is not None}):  # fmt: skip
        try:
            process = psutil.Process(pid)
            words = process.cmdline()
            stop = process.ppid() if GUARDED in words else pid
            yield Holder(pid, process.name(), " ".join(words)[:80], stop)
        except psutil.Error:
            yield Holder(pid, "", "", pid)


def judge(ports: tuple[Port, ...], marrow_runs: bool) -> Iterator[Finding]:
    """`marrow_runs`: Marrow answers on the first of the ports, so what holds that is Marrow."""
    own = {holder.pid for holder in ports[0].holders} if marrow_runs else set()
    wanted: dict[tuple[Kind, int], str] = {}
    for port in ports:
        first = wanted.setdefault((port.kind, port.number), port.what)
        if first != port.what:
            yield problem(
                TOPIC,
                f"{first} and {port.what} both want {port.kind.upper()} port {port.number}.",
                f"Write another number as {port.table}.port in the config.",
            )
            continue
        where = f"{port.what}: {port.kind.upper()} port {port.number}"
        other = f"or write another number as {port.table}.port in the config."
        pids = {holder.pid for holder in port.holders}
        match port.error:
            case 0:
                yield ok(TOPIC, f"{where} is free.")
            case errno.EADDRINUSE if marrow_runs and (pids & own or pids == own):
                yield ok(TOPIC, f"{where} is held by the Marrow that is running.")
            case errno.EADDRINUSE if port.holders:
                who = " and ".join(map(str, port.holders))
                stop = " ".join(["kill", *(str(holder.stop) for holder in port.holders)])
                yield problem(TOPIC, f"{where} is held by {who}.", f"Stop that program ({stop}), {other}")
            case errno.EADDRINUSE:
                yield problem(
                    TOPIC,
                    f"{where} is held by another program; the system does not show this user which.",
                    f"Look again as administrator (sudo) to see it, and stop it, {other}",
                )
            case errno.EACCES:
                yield problem(
                    TOPIC,
                    f"{where} needs rights that this user does not have: those below 1024 do.",
                    f"Write a number above 1024 as {port.table}.port in the config.",
                )
            case errno.EADDRNOTAVAIL | None:
                yield problem(
                    TOPIC,
                    f"{where}: {port.host} is no address of this machine now.",
                    f'Plug the network in, or write {port.table}.host = "0.0.0.0" in the config: '
                    "all addresses that it has.",
                )
            case number:
                why = errno.errorcode.get(number, str(number))
                yield problem(
                    TOPIC, f"{where} cannot be listened on ({why}).", f"Restart the machine, {other}"
                )
