"""From what was seen on the wire to figures. Pure: moments in (seconds, host monotonic), numbers out."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Self


@dataclass(frozen=True, slots=True)
class Arrival:
    """A frame reached a client at `at`: its tick, and the newest event that the picture includes."""

    at: float
    event: int
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """An event was sent at `at`, when `seen` was the newest event that the show had received."""

    at: float
    seen: int


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest of the values that `percent` of them do not exceed (nearest rank). ValueError for none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a percentile of no values")
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def latencies(sent: Sequence[Sent], arrivals: Sequence[Arrival]) -> list[float]:
    """Seconds from each event to the first frame that includes it; one that no frame showed is left out.

    Both in the order of time. One event is under way at a time, so a frame that comes after the next was sent
    counts for that one.
    """
    found = []
    for index, event in enumerate(sent):
        until = sent[index + 1].at if index + 1 < len(sent) else math.inf
        for arrival in arrivals:
            if event.at < arrival.at <= until and arrival.event > event.seen:
                found.append(arrival.at - event.at)
                break
    return found


@dataclass(frozen=True, slots=True)
class Window:
    """What one client got between `begin` and `end`, two moments while it was connected."""

    begin: float
    end: float
    arrivals: tuple[float, ...]
    last_before: float

    @classmethod
    def of(cls, arrivals: Sequence[Arrival], begin: float, end: float) -> Self:
        """From all that the client ever got, in the order of time."""
        within = tuple(arrival.at for arrival in arrivals if begin < arrival.at <= end)
        before = max((arrival.at for arrival in arrivals if arrival.at <= begin), default=begin)
        return cls(begin, end, within, before)

    @property
    def fps(self) -> float:
        return len(self.arrivals) / (self.end - self.begin)

    def intervals(self) -> list[float]:
        """Seconds between frames. The window itself if none came: the interval was at least that."""
        if not self.arrivals:
            return [self.end - self.begin]
        starts = (self.last_before, *self.arrivals[:-1])
        return [at - start for start, at in zip(starts, self.arrivals, strict=True)]


@dataclass(frozen=True, slots=True)
class Served:
    """What several clients of one show got at the same time. Of frame rates the slowest client's is told;
    intervals are those of all clients together."""

    clients: int
    fps: float
    interval_p50_ms: float
    interval_p99_ms: float
    interval_p99_over_target: float

    @classmethod
    def of(cls, windows: Sequence[Window], target_fps: float) -> Self:
        intervals = [interval for window in windows for interval in window.intervals()]
        p99 = percentile(intervals, 99)
        return cls(
            clients=len(windows),
            fps=min(window.fps for window in windows),
            interval_p50_ms=percentile(intervals, 50) * 1000,
            interval_p99_ms=p99 * 1000,
            interval_p99_over_target=p99 * target_fps,
        )


@dataclass(frozen=True, slots=True)
class EventToFrame:
    """From an OSC datagram to the first frame that carries its effect, at a client.

    The floors are what the renderer alone needs: `floor_ms` half a tick, generate and encode (an event meets
    the frame clock at any phase, so this is the least that a median can be), `worst_floor_ms` a whole tick,
    generate and encode. `generate_ms` and `encode_ms` are the renderer's own, of the same seconds. `address`
    is where the datagrams were sent to.
    """

    address: str
    events: int
    lost: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    tick_ms: float
    generate_ms: float
    encode_ms: float
    floor_ms: float
    worst_floor_ms: float
    p95_over_worst_floor: float
    samples_ms: tuple[float, ...]

    @classmethod
    def of(
        cls,
        address: str,
        sent: Sequence[Sent],
        arrivals: Sequence[Arrival],
        target_fps: float,
        generate_ms: float,
        encode_ms: float,
    ) -> Self:
        """ValueError if no event reached a frame."""
        samples = [seconds * 1000 for seconds in latencies(sent, arrivals)]
        tick, work = 1000 / target_fps, generate_ms + encode_ms
        p95 = percentile(samples, 95)
        return cls(
            address=address,
            events=len(sent),
            lost=len(sent) - len(samples),
            p50_ms=percentile(samples, 50),
            p95_ms=p95,
            p99_ms=percentile(samples, 99),
            tick_ms=tick,
            generate_ms=generate_ms,
            encode_ms=encode_ms,
            floor_ms=tick / 2 + work,
            worst_floor_ms=tick + work,
            p95_over_worst_floor=p95 / (tick + work),
            samples_ms=tuple(samples),
        )


@dataclass(frozen=True, slots=True)
class Round:
    """A healthy client's window alone, then one with a stalled client beside it."""

    alone_p99_ms: float
    beside_p99_ms: float
    healthy_frames: int
    stalled_frames: int

    @classmethod
    def of(cls, alone: Window, beside: Window, stalled_frames: int) -> Self:
        return cls(
            alone_p99_ms=percentile(alone.intervals(), 99) * 1000,
            beside_p99_ms=percentile(beside.intervals(), 99) * 1000,
            healthy_frames=len(beside.arrivals),
            stalled_frames=stalled_frames,
        )


@dataclass(frozen=True, slots=True)
class Stall:
    """How much a stalled client changes the frame interval p99 of a healthy one: the median over the rounds.

    `noise_percent` is how far two windows without it differ: a change below that says nothing.
    """

    change_percent: float
    noise_percent: float
    healthy_frames: float
    stalled_frames: float
    rounds: tuple[Round, ...]

    @classmethod
    def of(cls, rounds: Sequence[Round]) -> Self:
        alone = [round.alone_p99_ms for round in rounds]
        between = [abs(b / a - 1) * 100 for a, b in pairwise(alone)]
        return cls(
            change_percent=(median(r.beside_p99_ms / r.alone_p99_ms for r in rounds) - 1) * 100,
            noise_percent=median(between) if between else 0.0,
            healthy_frames=median(r.healthy_frames for r in rounds),
            stalled_frames=median(r.stalled_frames for r in rounds),
            rounds=tuple(rounds),
        )


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of the process to its first HTTP answer, and to its first picture."""

    first_answer_s: float
    first_picture_s: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of the two processes after all of it, in MiB."""

    show_mib: float
    renderer_mib: float


@dataclass(frozen=True, slots=True)
class Due:
    """How late cues acted that were due by time alone, as the show process itself tells, in milliseconds."""

    acted: int
    p50_ms: float
    p99_ms: float
    worst_ms: float


@dataclass(frozen=True, slots=True)
class Alone:
    """The generator at batch 1, and the encoder, with nothing else running. `generator_fps` is pictures over
    time; the times are medians of one picture. `device` is the name of the GPU, or "cpu"."""

    generator_fps: float
    generate_ms: float
    encode_ms: float
    jpeg_bytes: float
    torch: str
    torch_threads: int
    device: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that a run measured. `restarts` are the renderer's, which spoil a run."""

    start: Start
    served: tuple[Served, ...]
    event_to_frame: EventToFrame
    stalled: Stall
    due: Due
    memory: Memory
    restarts: int
    alone: Alone
