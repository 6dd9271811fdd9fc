"""`marrow simulate`: four guests at dinner, played as OSC from a seed. Anyone can watch the show react."""

import heapq
import math
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Annotated

import typer
from rich.console import Console

from server.osc import encode

SEATS = ("mom", "dad", "brother", "sister")
RATE = 25.0  # messages a second from a sensor that moves
FIRST_GO, GO_EVERY = 4.0, 20.0  # s

Step = tuple[float, str, float]
"""Seconds from the beginning, an OSC address, a value from 0 to 1."""


def dinner(seed: int, seconds: float) -> Iterator[Step]:
    """Everything that the sensors send in `seconds`, in order of time. The same seed gives the same dinner.

    The guests sit down one after another and rise near the end. In between they eat, drink and take turns to
    speak.
    """
    arrive = _arrivals(Random(f"{seed} arrivals"), seconds)
    leave = seconds * 0.97
    parts = [_voices(Random(f"{seed} voices"), max(arrive.values()), leave)]
    for seat, at in arrive.items():
        parts.append(iter([(0.0, f"/table/chair/{seat}", 0), (at, f"/table/chair/{seat}", 1)]))
        parts.append(iter([(leave, f"/table/chair/{seat}", 0)]))
        parts.append(_plate(Random(f"{seed} plate {seat}"), seat, at, leave))
        parts.append(_glass(Random(f"{seed} glass {seat}"), seat, at, leave))
    return heapq.merge(*parts)


def gos(seconds: float) -> Iterator[Step]:
    """An operator who presses GO every so often."""
    for press in range(math.ceil((seconds - FIRST_GO) / GO_EVERY)):
        yield FIRST_GO + press * GO_EVERY, "/show/go", 1


def _arrivals(random: Random, seconds: float) -> dict[str, float]:
    between = min(2.0, seconds / 40)
    order = random.sample(SEATS, len(SEATS))
    return {seat: between * (place + random.uniform(0.5, 1.0)) for place, seat in enumerate(order)}


def _voices(random: Random, start: float, end: float) -> Iterator[Step]:
    """One speaks at a time; in each round everybody does. Syllables under a swell, then silence."""
    longest = min(4.0, (end - start) / 6)
    at, last = start, ""
    while True:
        for seat in random.sample(SEATS, len(SEATS)):
            if seat == last:
                continue
            length = random.uniform(0.4, 1.0) * longest
            if at + length > end:
                return
            loudness, syllables = random.uniform(0.55, 1.0), random.uniform(3.0, 5.0)
            swell = _gesture(length, lambda r: math.sin(math.pi * r) ** 0.5)
            for offset, level in swell:
                syllable = 0.4 + 0.6 * abs(math.sin(math.pi * syllables * offset))
                yield at + offset, f"/table/voice/{seat}", loudness * level * syllable
            at += length + random.uniform(0.05, 0.2) * longest
            last = seat


def _plate(random: Random, seat: str, start: float, end: float) -> Iterator[Step]:
    """Bites: a few strokes of the cutlery, then a while of chewing."""
    at = start + random.uniform(0.2, 3.0)
    while at < end - 2.5:
        for _ in range(random.randint(2, 5)):
            pressure = random.uniform(0.35, 1.0)
            for offset, level in _gesture(0.25, lambda r: math.sin(math.pi * r**0.5)):
                yield at + offset, f"/table/plate/{seat}", pressure * level
            at += random.uniform(0.3, 0.45)
        at += random.uniform(1.5, 5.0)


def _glass(random: Random, seat: str, start: float, end: float) -> Iterator[Step]:
    """Now and then a glass is lifted, held for a moment, and put down."""
    at = start + random.uniform(4.0, 15.0)
    while at < end - 4.0:
        height = random.uniform(0.6, 1.0)
        length = random.uniform(2.0, 3.5)
        for offset, level in _gesture(length, lambda r: min(1.0, 1.6 * math.sin(math.pi * r))):
            yield at + offset, f"/table/glass/{seat}", height * level
        at += length + random.uniform(9.0, 20.0)


def _gesture(length: float, shape: Callable[[float], float]) -> Iterator[tuple[float, float]]:
    """(seconds, level) of a movement at the sensors' rate. `shape` takes 0..1; the end is always 0."""
    steps = max(2, round(length * RATE))
    for step in range(steps):
        yield length * step / steps, shape(step / steps)
    yield length, 0.0


def play(
    plan: Iterable[Step],
    send: Callable[[str, float], None],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> int:
    """Sends each step at its time after one anchor, so that nothing drifts. Returns how many it sent."""
    anchor = clock()
    sent = 0
    for at, address, value in plan:
        if (wait := anchor + at - clock()) > 0:
            sleep(wait)
        send(address, value)
        sent += 1
    return sent


def simulate(
    osc_port: Annotated[int, typer.Option(min=1, max=65535, help="UDP port where the show listens.")] = 9000,
    host: Annotated[str, typer.Option(help="Address where the show listens.")] = "127.0.0.1",
    seconds: Annotated[float, typer.Option(min=1.0, help="How long the dinner lasts.")] = 60.0,
    seed: Annotated[int, typer.Option(help="The same seed, the same dinner.")] = 0,
    go: Annotated[bool, typer.Option("--go/--no-go", help="Press GO as well, every so often.")] = True,
) -> None:
    """Play four guests at dinner as OSC."""
    console = Console()
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, osc_port, type=socket.SOCK_DGRAM)[0]
    except OSError:
        raise typer.BadParameter(f"{host} is no address that can be reached", param_hint="--host") from None
    plan = heapq.merge(dinner(seed, seconds), gos(seconds) if go else ())
    console.print(
        f"Dinner {seed} for {seconds:g} s to {host} port {osc_port}. Ctrl-C ends it.", highlight=False
    )
    with socket.socket(family, kind) as sender:

        def send(address: str, value: float) -> None:
            sender.sendto(encode(address, (value,)), where)

        try:
            sent = play(plan, send, time.monotonic, time.sleep)
        except OSError as error:
            console.print(f"Cannot send to {host} port {osc_port}: {error.strerror}.", style="red")
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            return
    console.print(f"{sent} messages sent.", highlight=False)
