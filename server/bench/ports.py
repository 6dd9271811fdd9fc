"""Port numbers for a show of our own."""

import random
import socket
from collections.abc import Iterator

HOST = "127.0.0.1"
OURS = range(20_000, 32_000)
"""Below those that systems hand out to whoever asks for any: nobody is given one of these between our look
and the moment at which the show listens."""


def free_port(numbers: Iterator[int]) -> int:
    """The next of these at which nobody is heard on loopback, over TCP or UDP. StopIteration if none is."""
    return next(number for number in numbers if _is_free(number))


def in_any_order() -> Iterator[int]:
    """All of ours, for `free_port`."""
    return iter(random.sample(OURS, len(OURS)))


def _is_free(number: int) -> bool:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        try:
            tcp.bind((HOST, number))
            udp.bind((HOST, number))
        except OSError:
            return False
        return True
