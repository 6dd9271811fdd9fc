"""The picture: each network painted for a moment in a process of its own, which may crash or hang."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.doctor.finding import Finding, note, ok, problem

TOPIC = "picture"
ROOT = Path(__file__).parents[2]

WITHIN = 180.0
"""Seconds for all networks: a first start tries every backend, and keeps what it finds out; we do not."""

PAINTED = 2.0
"""Seconds for which each network paints."""

FEWEST = 8.0
"""Pictures a second: with fewer, nobody takes it for a moving picture."""


@dataclass(frozen=True, slots=True)
class Painted:
    """What one network came to: pictures a second, and with what. `flat`: they were all one colour.
    `refused` says why there are none."""

    network: str
    fps: float = 0.0
    size: int = 0
    backend: str = ""
    device: str = ""
    flat: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """`stage` is what the process did last. `status` is how it ended, None where it had to be killed after
    `waited` seconds, and `words` its last ones. `gpus`: what the driver lists."""

    painted: tuple[Painted, ...]
    stage: str
    status: int | None
    waited: float
    words: str = ""
    gpus: tuple[str, ...] = ()


def look(config: Path, within: float = WITHIN) -> Picture:
    """Paint with every network of a config. What is kept of former starts is used and left as it is."""
    with tempfile.TemporaryDirectory(prefix="marrow-doctor-") as scratch, _lifeline() as lifeline:
        child = subprocess.Popen(
            [sys.executable, "-m", "server.doctor.painting", str(config.resolve()), scratch, str(PAINTED)],
            stdin=lifeline,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        try:
            said, grumbled = child.communicate(timeout=within)
            status: int | None = child.returncode
        except subprocess.TimeoutExpired:
            child.kill()
            said, grumbled = child.communicate()
            status = None
    lines = grumbled.decode(errors="replace").strip().splitlines()
    painted, stage = _read(said)
    return Picture(painted, stage, status, within, lines[-1][:200] if lines else "", _gpus())


@contextmanager
def _lifeline() -> Iterator[int]:
    """A pipe's end to read from, where nothing comes: it ends when we do, however that is."""
    read, write = os.pipe()
    try:
        yield read
    finally:
        os.close(read)
        os.close(write)


def _read(said: bytes) -> tuple[tuple[Painted, ...], str]:
    """What the process has told, the last line of which may be cut off."""
    painted, stage = [], "starting"
    for line in said.splitlines():
        try:
            table: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        if "stage" in table:
            stage = table["stage"]
        else:
            painted.append(Painted(**table))
    return tuple(painted), stage


def _gpus() -> tuple[str, ...]:
    """What NVIDIA's own tool lists, whether or not torch can use it."""
    path = shutil.which("nvidia-smi")
    if path is None:
        return ()
    try:
        listed = subprocess.run([path, "-L"], capture_output=True, timeout=10.0, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    lines = listed.stdout.decode(errors="replace").splitlines() if listed.returncode == 0 else []
    return tuple(line.partition(" (UUID")[0] for line in lines if line.startswith("GPU "))


def judge(picture: Picture, fps: int) -> Iterator[Finding]:
    """`fps` is what the config asks for."""
    for painted in picture.painted:
        yield from _network(painted, fps)
    if picture.status is None:
        yield problem(
            TOPIC,
            f"No end after {picture.waited:g} s; it hung while it was {picture.stage}.",
            'Restart the machine. If it hangs again, write backend = "float32" under [generator] in the '
            "config.",
        )
    elif picture.status < 0:
        name = _signal(-picture.status)
        yield problem(
            TOPIC,
            f"Painting ended with {name} while it was {picture.stage}"
            + (": the system was out of memory, most likely." if name == "SIGKILL" else "."),
            'Close other programs. If it happens again, write backend = "float32" under [generator] in '
            "the config.",
        )
    elif picture.status > 0:
        yield problem(
            TOPIC,
            f"Painting broke off while it was {picture.stage}: {picture.words or 'it did not say why'}",
            "In Marrow's folder: pip install -e . If it happens again, send this sentence to whoever made "
            "the show.",
        )
    on_cpu = any(painted.device == "cpu" for painted in picture.painted)
    if picture.gpus and on_cpu:
        yield note(
            TOPIC,
            f"This machine has a graphics card ({picture.gpus[0]}), and the picture is painted without it.",
            'If the config says device = "cpu", that is meant. Else install the torch that fits the driver.',
        )


def _network(painted: Painted, fps: int) -> Iterator[Finding]:
    name = f"Network {painted.network}"
    if painted.refused:
        yield problem(
            TOPIC,
            f"{name} cannot be painted: {painted.refused}",
            "Copy the network again from its source, or correct [generator] in the config.",
        )
        return
    how = f"{painted.size} pixels by {painted.backend} on {painted.device}"
    if painted.flat:
        yield problem(
            TOPIC,
            f"{name} paints nothing but one colour ({how}).",
            'Copy the network again from its source. If it stays so, write backend = "float32" under '
            "[generator].",
        )
    if painted.fps < FEWEST:
        yield problem(
            TOPIC,
            f"{name} comes to {painted.fps:.1f} pictures a second ({how}): that is a row of stills.",
            "Close other programs; take a smaller network, or a machine with a graphics card.",
        )
    elif painted.fps < fps:
        yield note(
            TOPIC,
            f"{name} comes to {painted.fps:.0f} pictures a second ({how}), and the config asks for {fps}.",
            "Close other programs. If it stays so, write that number as generator.fps: even is better "
            "than many.",
        )
    else:
        yield ok(TOPIC, f"{name} comes to {painted.fps:.0f} pictures a second: {how}.")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
