"""What was measured, as a table to read and as plain data for a JSON file."""

import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil
from rich.table import Table

from server.bench.figures import Figures


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is to reach. "+-" bounds its distance from zero."""

    sense: Literal[">=", "<=", "+-"]
    bound: float

    def reached(self, value: float) -> bool:
        match self.sense:
            case ">=":
                return value >= self.bound
            case "<=":
                return value <= self.bound
            case "+-":
                return abs(value) < self.bound

    def __str__(self) -> str:
        return f"{self.sense} {self.bound:.4g}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    value: float
    unit: str
    target: Target | None = None

    def to_plain(self) -> dict[str, object]:
        """`target` as words and `reached` as true or false; both None where nothing is asked."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "target": str(self.target) if self.target else None,
            "reached": self.target.reached(self.value) if self.target else None,
        }


def rows(figures: Figures) -> list[Row]:
    """The figures that the table shows, with the targets that the project has set itself."""
    start, event, stalled = figures.start, figures.event_to_frame, figures.stalled
    two = next(served for served in figures.served if served.clients == 2)
    return [
        Row("web answers after", start.first_answer_s, "s", Target("<=", 2.0)),
        Row("first picture after", start.first_picture_s, "s", Target("<=", 10.0)),
        *(
            Row(
                f"frames a second to {served.clients} client{'s' if served.clients > 1 else ''}",
                served.fps,
                "fps",
                Target(">=", 24.0) if served is two else None,
            )
            for served in figures.served
        ),
        Row("frame interval p99 / target, to 2", two.interval_p99_over_target, "x"),
        Row("event to frame p50", event.p50_ms, "ms"),
        Row("  floor: tick/2 + generate + encode", event.floor_ms, "ms"),
        Row("event to frame p95", event.p95_ms, "ms", Target("<=", 1.5 * event.worst_floor_ms)),
        Row("  worst floor: a whole tick instead", event.worst_floor_ms, "ms"),
        Row("event to frame p99", event.p99_ms, "ms"),
        Row("events that no frame showed", event.lost, f"of {event.events}"),
        Row("stalled client changes healthy p99", stalled.change_percent, "%", Target("+-", 10.0)),
        Row("  change between windows without it", stalled.noise_percent, "%"),
        Row("frames of the healthy client", stalled.healthy_frames, "frames"),
        Row("frames of the stalled client", stalled.stalled_frames, "frames"),
        Row("a due cue acts after, p99", figures.due.p99_ms, "ms", Target("<=", 5.0)),
        Row("  the latest of them", figures.due.worst_ms, "ms"),
        Row("renderer restarts meanwhile", figures.restarts, ""),
        Row("generator alone", figures.alone.generator_fps, "fps"),
        Row("encoder alone", figures.alone.encode_ms, "ms"),
        Row("memory of the show process", figures.memory.show_mib, "MiB"),
        Row("memory of the renderer", figures.memory.renderer_mib, "MiB"),
    ]


def drawn(rows: Iterable[Row], title: str) -> Table:
    """The rows as a table for the terminal."""
    drawn = Table(title=title, title_justify="left")
    drawn.add_column("figure", no_wrap=True)
    drawn.add_column("value", justify="right")
    drawn.add_column("unit")
    drawn.add_column("target", no_wrap=True)
    drawn.add_column("reached")
    for row in rows:
        reached = "" if row.target is None else "yes" if row.target.reached(row.value) else "no"
        target = "" if row.target is None else str(row.target)
        drawn.add_row(row.name, f"{row.value:.4g}", row.unit, target, reached)
    return drawn


def to_plain(figures: Figures, **about: object) -> dict[str, object]:
    """`about` (date, command, machine ...) first, then the rows, then everything measured."""
    return {
        "format": "marrow-bench-1",
        **about,
        "figures": [row.to_plain() for row in rows(figures)],
        "measured": asdict(figures),
    }


def machine() -> dict[str, object]:
    """The machine in words. `load` is how many cores others kept busy in the minute before."""
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load": round(psutil.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
