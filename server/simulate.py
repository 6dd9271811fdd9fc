"""`marrow simulate`: four guests at dinner, who perform the show as OSC. Anyone can watch it react.

What hands do is a plan, drawn from a seed; what is said answers to the state of the show that the pages see.
pages.
"""

import heapq
import json
import math
import socket
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Annotated, Any

import typer
from rich.console import Console

from server.company import Company
from server.osc import encode

SEATS = ("mom", "dad", "brother", "sister")
RATE = 25.0  # messages a second from a sensor that moves
FIRST_GO, GO_EVERY = 4.0, 20.0  # s, of an operator who sees nothing of the show
UNSEEN_SECONDS = 60.0  # that a dinner lasts of whose show nothing is seen
LONGEST = 3600.0  # s of a performance
LOOK_EVERY = 0.15  # s between two looks at the state of the show
GONE_AFTER = 30.0  # s without an answer

Step = tuple[float, str, float]
"""Seconds from the beginning, an OSC address, a value from 0 to 1."""


def dinner(seed: int, seconds: float, talk: bool = True) -> Iterator[Step]:
    """Everything that the sensors send in `seconds`, in order of time. The same seed gives the same dinner.

    The guests sit down one after another and rise near the end. In between they eat, drink and, if they
    `talk` of their own accord, take turns to speak.
    """
    arrive = _arrivals(Random(f"{seed} arrivals"), seconds)
    leave = seconds * 0.97
    parts = [_voices(Random(f"{seed} voices"), max(arrive.values()), leave)] if talk else []
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


def rising() -> Iterator[Step]:
    """They leave the table: whatever a hand was on is let go."""
    for seat in SEATS:
        for item in ("voice", "plate", "glass", "chair"):
            yield 0.0, f"/table/{item}/{seat}", 0


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


Send = Callable[[str, Sequence[str | float]], None]


def perform(
    company: Company,
    plan: Iterator[Step],
    look: Callable[[], dict[str, Any] | None],
    send: Send,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    seconds: float,
) -> bool:
    """Plays the plan and lets the company act on what it sees, until it is at the end or `seconds` are over.

    `look` gives the state of the show, or None. False when it has given none for GONE_AFTER seconds.
    """
    anchor = clock()
    seen = looked = 0.0
    coming = next(plan, None)
    while (now := clock() - anchor) < seconds and not company.over:
        if now >= looked:
            looked = now + LOOK_EVERY
            if (state := look()) is not None:
                seen = now
                for address, args in company.told(state, now):
                    send(address, args)
            elif now - seen > GONE_AFTER:
                return False
        for address, args in company.speak(now):
            send(address, args)
        while coming is not None and coming[0] <= now:
            send(coming[1], (coming[2],))
            coming = next(plan, None)
        times = [looked, seconds, *([] if coming is None else [coming[0]])]
        if (due := company.deadline()) is not None:
            times.append(due)
        sleep(max(0.0, min(times) - (clock() - anchor)))
    return True


def looking_at(url: str) -> Callable[[], dict[str, Any] | None]:
    """Reads the state of the show from its pages; None where they do not answer."""

    def look() -> dict[str, Any] | None:
        try:
            with urllib.request.urlopen(f"{url}/api/state", timeout=1.0) as answer:
                state = json.load(answer)
        except (OSError, ValueError):
            return None
        return state if isinstance(state, dict) and state.get("type") == "state" else None

    return look


def simulate(
    osc_port: Annotated[int, typer.Option(min=1, max=65535, help="UDP port where the show listens.")] = 9000,
    port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port of its pages.")] = 8000,
    host: Annotated[str, typer.Option(help="Address where the show listens.")] = "127.0.0.1",
    seconds: Annotated[
        float | None, typer.Option(min=1.0, help="How long at most; else until the show has ended.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed, the same dinner.")] = 0,
    go: Annotated[bool, typer.Option("--go/--no-go", help="Press GO as well.")] = True,
) -> None:
    """Perform the show that runs: four guests sit, eat, drink and say their lines; an operator presses GO.

    Lines are said as recognisers hear them, with slips. Where no pages answer, the guests only touch the
    table.
    """
    console = Console()
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, osc_port, type=socket.SOCK_DGRAM)[0]
    except OSError:
        raise typer.BadParameter(f"{host} is no address that can be reached", param_hint="--host") from None
    url = f"http://[{host}]:{port}" if family == socket.AF_INET6 else f"http://{host}:{port}"
    look = looking_at(url)
    sent = 0
    with socket.socket(family, kind) as sender:

        def send(address: str, args: Sequence[str | float]) -> None:
            nonlocal sent
            sender.sendto(encode(address, args), where)
            sent += 1

        try:
            if look() is not None:
                console.print(
                    f"Dinner {seed} at {url}, OSC to port {osc_port}. Ctrl-C ends it.", highlight=False
                )
                longest = LONGEST if seconds is None else seconds
                plan = dinner(seed, longest, talk=False)
                there = perform(Company(seed, go), plan, look, send, time.monotonic, time.sleep, longest)
                if not there:
                    console.print(
                        f"{url} has not answered for {GONE_AFTER:g} s: the guests leave.", style="red"
                    )
            else:
                console.print(
                    f"No show answers at {url} (--port): the guests touch the table, and say nothing.",
                    highlight=False,
                )
                longest = UNSEEN_SECONDS if seconds is None else seconds
                plan = heapq.merge(dinner(seed, longest), gos(longest) if go else ())
                play(plan, lambda address, value: send(address, (value,)), time.monotonic, time.sleep)
                there = True
            for _, address, value in rising():
                send(address, (value,))
        except OSError as error:
            console.print(f"Cannot send to {host} port {osc_port}: {error.strerror}.", style="red")
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            return
    console.print(f"{sent} messages sent.", highlight=False)
    if not there:
        raise typer.Exit(1)
