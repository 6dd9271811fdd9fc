"""What was asked once is done once: the answers to commands, by who asked and the id that it gave."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

CLIENTS = 128
ANSWERS = 512
"""Kept for each client. A page may repeat a command for a second, in which a finger on a fader makes 60."""


class Once(Generic[T]):
    """Bounded by clients and by answers of each, so that no client can push out what another has asked."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, OrderedDict[str, T]] = OrderedDict()

    def do(self, client: str, id: str, work: Callable[[], T]) -> T:
        """The answer of `work`, which is called only if this client has not asked by this id before. What it
        raises is passed on and not remembered: nothing was done."""
        answers = self._clients.get(client)
        if answers is not None and id in answers:
            self._clients.move_to_end(client)
            return answers[id]
        answer = work()
        answers = self._clients.setdefault(client, OrderedDict())
        self._clients.move_to_end(client)
        answers[id] = answer
        if len(answers) > ANSWERS:
            answers.popitem(last=False)
        if len(self._clients) > CLIENTS:
            self._clients.popitem(last=False)
        return answer
