"""LISTEN: who wants to hear of which address, and what each was told last. Newest wins, and nobody hears
himself."""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from server.oscquery.space import Args

MAX_LISTENERS = 64
MAX_REPLIES = 256  # that wait for one connection
OWN = 1.0  # s for which who has moved a value is not told of it: it may still be gliding there


class Mail(NamedTuple):
    """What one connection is to be sent."""

    moved: str | None  # the path whose addresses have changed
    replies: tuple[bytes, ...]
    values: Mapping[str, Args]  # the newest of each address


class Listener:
    """One connection: a peer of the inlet. What it is still to be sent waits here."""

    def __init__(self, name: str) -> None:
        """`name` is what its own messages come from."""
        self.name = name
        self.addresses: set[str] = set()
        self.waiting = asyncio.Event()
        self._told: dict[str, Args] = {}
        self._own: dict[str, float] = {}
        self._pending: dict[str, Args] = {}
        self._replies: deque[bytes] = deque(maxlen=MAX_REPLIES)
        self._moved: str | None = None

    def send(self, packet: bytes) -> None:
        self._replies.append(packet)
        self.waiting.set()

    def listen(self, address: str) -> None:
        """From now on. The next value is told, whatever was told before."""
        self.addresses.add(address)
        self._told.pop(address, None)

    def ignore(self, address: str) -> None:
        self.addresses.discard(address)
        self._pending.pop(address, None)

    def tell(self, address: str, args: Args, now: float) -> None:
        """A value, to who listens to it and does not know it."""
        known = self._told.get(address) == args or now < self._own.get(address, now)
        if address in self.addresses and not known:
            self._told[address] = self._pending[address] = args
            self.waiting.set()

    def happened(self, address: str, args: Args, source: str) -> None:
        """A message has come for an address that has no value."""
        if address in self.addresses and source != self.name:
            self._pending[address] = args
            self.waiting.set()

    def moved(self, address: str, args: Args, now: float) -> None:
        """It has sent this itself: a fader that is told where it just was jumps back."""
        if address in self.addresses:
            self._told[address] = args
            self._own[address] = now + OWN
            self._pending.pop(address, None)

    def space_changed(self, path: str) -> None:
        """The addresses under a path are others than before."""
        self._moved = "/" if self._moved not in (None, path) else path
        self.waiting.set()

    def take(self) -> Mail:
        """What waits, which is then thought sent."""
        mail = Mail(self._moved, tuple(self._replies), self._pending)
        self._moved, self._pending = None, {}
        self._replies.clear()
        self.waiting.clear()
        return mail
