"""Which backend plays a network on this machine: tried on the real network, measured, remembered."""

import json
import math
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from models.backends import attempts, cache, openvino
from models.backends.backend import Backend, BackendError
from models.backends.compiled import Compiled
from models.backends.cudagraph import CudaGraph
from models.backends.eager import Half, Reference
from models.network import Network

Name = Literal["auto", "float32", "half", "compile", "cudagraph", "openvino"]

QUALITY = 40.0
"""dB of PSNR against the float32 reference, in 8 bits, that every picture of the probe has to reach."""

PATIENCE = 8.0
"""Seconds after which a probe tries nothing more."""

FRAMES = 7
SEEDS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A backend that could be tried. `slow_start`: it takes a minute, which a show does not have."""

    name: str
    precision: str
    make: Callable[[], Backend]
    slow_start: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """What one candidate came to: PSNR in dB (the worst picture), seconds a frame; or why it cannot run."""

    name: str
    precision: str
    psnr: float | None = None
    seconds: float | None = None
    reason: str = ""

    @property
    def good(self) -> bool:
        return self.psnr is not None and self.psnr >= QUALITY


@dataclass(frozen=True, slots=True)
class Choice:
    """The backend that plays, and why."""

    backend: Backend
    why: str


def candidates(network: Network, device: torch.device, identity: str) -> Iterator[Candidate]:
    """All that could play this network here, those that are likely to be the fastest first."""
    if device.type == "cuda":
        for dtype in (torch.float16, torch.bfloat16):
            name = str(dtype).removeprefix("torch.")
            yield Candidate("cudagraph", name, lambda dtype=dtype: CudaGraph(network, device, dtype))  # type: ignore[misc]
            yield Candidate("half", name, lambda dtype=dtype: Half(network, device, dtype))  # type: ignore[misc]
        yield Candidate(
            "compile", "float16", lambda: Compiled(network, device, torch.float16), slow_start=True
        )
    else:
        try:
            for precision in openvino.precisions():
                yield Candidate(
                    "openvino",
                    precision,
                    lambda precision=precision: openvino.OpenVino(network, precision, identity),  # type: ignore[misc]
                )
        except BackendError:
            pass
        yield Candidate("half", "bfloat16", lambda: Half(network, device, torch.bfloat16))
        yield Candidate(
            "compile", "bfloat16", lambda: Compiled(network, device, torch.bfloat16), slow_start=True
        )
    yield Candidate("float32", "reference", lambda: Reference(network, device))


class Probe:
    """Tries candidates on pictures of the real network. `ws`: one row for each, (4, num_ws, w_dim)."""

    def __init__(self, network: Network, device: torch.device, ws: Tensor, batch: int) -> None:
        self._ws = ws
        self._batch = batch
        reference = Reference(network, device)
        with torch.inference_mode():
            self._expected = [_paint(reference, row[None]) for row in ws]

    def quality(self, backend: Backend) -> float:
        """The lowest PSNR of the pictures, in dB."""
        with torch.inference_mode():
            batch = self._ws[:1].expand(self._batch, -1, -1)
            worst = math.inf
            for row, expected in zip(self._ws, self._expected, strict=True):
                painted = _paint(backend, row.expand_as(batch))[:1]
                worst = min(worst, psnr(painted, expected))
            return worst

    def seconds(self, backend: Backend) -> float:
        """What a frame of the whole batch takes."""
        with torch.inference_mode():
            took = []
            for _ in range(FRAMES):
                begun = time.perf_counter()
                _paint(backend, self._ws[:1].expand(self._batch, -1, -1))
                took.append(time.perf_counter() - begun)
            return median(took)

    def trial(self, candidate: Candidate) -> tuple[Backend | None, Trial]:
        """Make it, look at its pictures, then time it."""
        try:
            backend = candidate.make()
            quality = self.quality(backend)
        except (BackendError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            return None, Trial(candidate.name, candidate.precision, reason=reason)
        return backend, Trial(candidate.name, candidate.precision, quality, self.seconds(backend))


def psnr(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures, in dB; infinite where they are equal."""
    error = float(np.square(a.astype(np.float32) - b.astype(np.float32)).mean())
    return 10 * math.log10(255**2 / error) if error else math.inf


def choose(
    network: Network,
    device: torch.device,
    wanted: Name,
    identity: str,
    batch: int,
    sample: Callable[[], Tensor],
    *,
    hurry: bool = False,
    say: Callable[[str], None] = lambda note: None,
) -> Choice:
    """The backend for this network, device and batch.

    `wanted`: "auto" for the one remembered, or else the fastest of those that keep to QUALITY. Another name
    insists. `sample` gives the ws of the pictures to judge by. `hurry`: beside a running show, where timing
    means nothing; the first that keeps to QUALITY is taken. Raises ValueError when what is wanted cannot run.
    """
    key = _key(identity, device, batch)
    known = _remembered(key, timed=not hurry) if identity else {}
    able = [c for c in candidates(network, device, identity) if wanted in ("auto", c.name)]
    if wanted == "auto":
        for candidate in able:
            if (candidate.name, candidate.precision) == (known.get("name"), known.get("precision")):
                try:
                    return Choice(candidate.make(), f"{known['why']} (found on {known['date']})")
                except BackendError:
                    break
        able = [c for c in able if not c.slow_start]
    if not able:
        raise ValueError(
            f'generator.backend is "{wanted}", which cannot run on this {device.type}; set it to "auto"'
        )
    say(f"trying {able[0].name}")
    probe = Probe(network, device, sample(), batch)
    found: list[tuple[Backend, Trial]] = []
    trials: list[Trial] = []
    settled = True
    begun = time.monotonic()
    for candidate in able:
        if found and any(t.good for _, t in found) and (hurry or time.monotonic() - begun > PATIENCE):
            break
        say(f"trying {candidate.name} {candidate.precision}")
        with attempts.trying(f"{candidate.name} {candidate.precision} {key}") as lost:
            backend, trial = (None, _lost(candidate)) if lost else probe.trial(candidate)
            settled &= lost != 1
        trials.append(trial)
        if backend is not None:
            found.append((backend, trial))
    if not found:
        reasons = "; ".join(dict.fromkeys(trial.reason for trial in trials))
        raise ValueError(f'generator.backend is "{wanted}", but {reasons}; set it to "auto"')
    good = [entry for entry in found if entry[1].good] or found[-1:]
    backend, best = min(good, key=lambda entry: entry[1].seconds or math.inf)
    why = explain(best, trials, hurry=hurry)
    if wanted == "auto" and identity and settled:
        remember(key, best, why, timed=not hurry)
    return Choice(backend, why)


def _lost(candidate: Candidate) -> Trial:
    return Trial(candidate.name, candidate.precision, reason="the last attempt did not come back")


def explain(best: Trial, trials: Sequence[Trial], *, hurry: bool = False) -> str:
    """One sentence for a technician."""
    if hurry:
        return f"the first that keeps to {QUALITY:g} dB ({_db(best)}); not timed, the show was running"
    others = [t for t in trials if t is not best]
    parts = []
    for trial in others:
        if trial.reason:
            parts.append(f"{trial.name} {trial.precision} cannot run: {trial.reason}")
        elif not trial.good:
            parts.append(f"{trial.name} {trial.precision} is off by too much ({_db(trial)})")
        elif trial.seconds and best.seconds:
            parts.append(f"{trial.seconds / best.seconds:.1f} x as fast as {trial.name} {trial.precision}")
    first = f"{_db(best)} against float32"
    if not best.good:
        first += f", which is under {QUALITY:g} dB; nothing else was asked for or can run"
    return "; ".join([first, *parts])


def _db(trial: Trial) -> str:
    return "exact" if trial.psnr == math.inf else f"{trial.psnr:.1f} dB"


def _paint(backend: Backend, ws: Tensor) -> np.ndarray[Any, Any]:
    one = torch.ones(len(ws))
    return np.array(backend.paint(ws.contiguous(), one, one).cpu().numpy())


# what is remembered


def _file() -> Path:
    return cache.folder() / "backends.json"


def _key(identity: str, device: torch.device, batch: int) -> str:
    """The machine, the network and the versions that a measurement holds for."""
    named = torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()
    return f"{identity[:16]} batch {batch} on {named}, torch {torch.__version__}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{platform.node()} {model or platform.processor() or platform.machine()}"


def _remembered(key: str, *, timed: bool) -> dict[str, Any]:
    """What is known of a key; with `timed`, only what was measured while nothing else ran."""
    try:
        entry = json.loads(_file().read_text(encoding="utf-8"))[key]
        if timed and not entry["timed"]:
            return {}
        return {name: str(entry[name]) for name in ("name", "precision", "why", "date")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def remember(key: str, best: Trial, why: str, *, timed: bool) -> None:
    """Keep a choice for the next start, but never one that was not timed in the place of one that was."""
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
        kept = kept if isinstance(kept, dict) else {}
    except (OSError, ValueError):
        kept = {}
    if not timed and key in kept:
        return
    kept[key] = asdict(best) | {"why": why, "timed": timed, "date": time.strftime("%Y-%m-%d")}
    text = json.dumps(kept, indent=1)
    cache.keep(_file(), (".json",), lambda part: _write(part, text))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
