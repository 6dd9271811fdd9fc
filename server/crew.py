"""The crew: who has a page open, how far behind each is, and who has the baton.

Pure: `now` is an argument (seconds, host monotonic). A client is a page by the id that it keeps over a
reload; a page that is open twice by the same id is one client.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

AWAY = 5.0
"""Seconds after which a page that is gone has left: its baton is free, its place in the list is lost."""

SILENT = 3.0
"""Seconds without a word of what it has seen, after which a page is at least so far behind."""

FREE = frozenset({"panic", "note", "baton"})
"""What everybody may command at any time."""

LONGEST_NAME = 40


@dataclass(slots=True)
class Member:
    """An operator's or a table's page. `pages` counts its connections; `left` is when the last one ended.
    `delay` (seconds) is what it has told of itself, at `told`."""

    client: str
    name: str
    role: str
    address: str
    pages: int = 0
    left: float = 0.0
    delay: float | None = None
    told: float = 0.0

    def delay_ms(self, now: float) -> int | None:
        """How old the state is that it shows; None for a page that says nothing of it."""
        if self.delay is None:
            return None
        silent = now - self.told
        return round(self.delay * 1000) if silent <= SILENT else round(silent) * 1000


@dataclass(slots=True)
class Wall:
    """A page or stream with the picture. `fps` and `delay` (seconds) are functions of `now`, or None where
    the client acknowledges nothing."""

    wall: str
    role: str
    address: str
    fps: Callable[[float], float] | None = None
    delay: Callable[[float], float | None] | None = None

    def to_plain(self, client: str, now: float) -> dict[str, Any]:
        delay = self.delay(now) if self.delay else None
        return {
            "client": client,
            "name": f"{self.wall} {self.address}",
            "role": self.role,
            "address": self.address,
            "delay_ms": None if delay is None else round(delay * 1000),
            "wall": self.wall,
            "fps": round(self.fps(now), 1) if self.fps else None,
        }


class Crew:
    """Everybody who has a page open, in the order of coming."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._walls: dict[str, Wall] = {}
        self._numbers = count(1)
        self._baton: str | None = None

    # --- who comes and goes ------------------------------------------------------------------------------

    def stranger(self) -> str:
        """A client id for a page that has not said who it is."""
        return f"page {next(self._numbers)}"

    def join(self, client: str, role: str, address: str, now: float, name: str = "") -> None:
        """A page is there. Without a name it is called by its role and address."""
        self._expire(now)
        member = self._members.get(client)
        if member is None:
            member = self._members[client] = Member(client, "", role, address)
        member.role, member.address = role, address
        said = " ".join(name.encode(errors="ignore").decode().split())[:LONGEST_NAME]
        member.name = self._distinct(client, said or f"{role} {address}")
        member.pages += 1

    def leave(self, client: str, now: float) -> None:
        """One of its connections has ended; a reload comes back soon, and keeps its place."""
        member = self._members[client]
        member.pages -= 1
        member.left = now

    def called(self, client: str | None) -> str:
        """The name of a page, "" of one that is not here."""
        member = None if client is None else self._members.get(client)
        return member.name if member else ""

    @contextmanager
    def watching(self, wall: Wall) -> Iterator[None]:
        """A picture is watched."""
        client = self.stranger()
        self._walls[client] = wall
        try:
            yield
        finally:
            del self._walls[client]

    def seen(self, client: str, delay: float, now: float) -> None:
        """It has said that it shows a state of `delay` seconds ago."""
        member = self._members[client]
        member.delay, member.told = delay, now

    # --- the baton ---------------------------------------------------------------------------------------

    def refusal(self, client: str | None, command: str, now: float) -> str | None:
        """Why a page may not give this command, or None if it may. `client` None is nobody's page."""
        holder = self.holder(now)
        if holder is None or client is None or client == holder.client or command in FREE:
            return None
        return f"{command.upper()} refused: {holder.name} has the baton. Take the baton and press again."

    def baton(self, client: str | None, on: bool, now: float) -> str | None:
        """Take it, from whoever has it, or give it back. Why that cannot be, or None when it is done."""
        holder = self.holder(now)
        if client is None or client not in self._members:
            return "BATON refused: only a page that is open here can have it. Open the operator's page."
        if not on and holder is not None and holder.client != client:
            return f"BATON refused: {holder.name} has it. Take it first if you need it."
        self._baton = client if on else None
        return None

    def holder(self, now: float) -> Member | None:
        """Who has the baton."""
        self._expire(now)
        return self._members[self._baton] if self._baton is not None else None

    # --- as pages see them -------------------------------------------------------------------------------

    def to_plain(self, now: float) -> dict[str, Any]:
        """What the state tells: "crew", in the order of coming, and "baton"."""
        holder = self.holder(now)
        return {
            "crew": self._listed(now),
            "baton": {"client": holder.client, "name": holder.name} if holder else None,
        }

    def pages(self, now: float) -> list[dict[str, Any]]:
        """All pages, those with pictures as well."""
        self._expire(now)
        people = [{**member, "wall": None, "fps": None} for member in self._listed(now)]
        return people + [wall.to_plain(client, now) for client, wall in self._walls.items()]

    def _listed(self, now: float) -> list[dict[str, Any]]:
        return [
            {
                "client": member.client,
                "name": member.name,
                "role": member.role,
                "address": member.address,
                "delay_ms": member.delay_ms(now),
            }
            for member in self._members.values()
            if member.pages
        ]

    def _expire(self, now: float) -> None:
        for member in list(self._members.values()):
            if not member.pages and now - member.left >= AWAY:
                del self._members[member.client]
                if self._baton == member.client:
                    self._baton = None

    def _distinct(self, client: str, name: str) -> str:
        """The name, with a number if another has it."""
        there = (member for member in self._members.values() if member.pages)
        others = {member.name for member in there if member.client != client}
        if name not in others:
            return name
        return next(f"{name} ({number})" for number in count(2) if f"{name} ({number})" not in others)
