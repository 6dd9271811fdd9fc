"""Everything that is measured of one network, and what its report shows."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from torch import Tensor

from models.measures.features import Features
from models.measures.judge import Judge, Measures, Real
from models.measures.path_length import PathLength, path_length
from models.measures.separability import FEWEST, Separability, separability
from models.measures.subject import Latents, Subject

Stage = Callable[[str, float], None]
"""(what is done, the share of it that is done)"""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """`real`: the figures of held-out pictures, None without any. `paths`: by name; empty when none were
    asked for. `separability`: None for too few fakes."""

    measures: Measures
    real: Real | None
    paths: dict[str, PathLength]
    separability: Separability | None
    latents: Latents

    def to_plain(self) -> dict[str, Any]:
        memory = self.measures.memorisation
        return {
            **self.measures.to_plain(),
            "real": None if self.real is None else _rounded(asdict(self.real)),
            "memorisation_against": memory.against,
            "path_length": {name: _rounded(asdict(path)) for name, path in self.paths.items()},
            "separability": None if self.separability is None else _rounded(asdict(self.separability)),
        }


def evaluate(
    subject: Subject, judge: Judge, paths: int, stage: Stage = lambda words, fraction: None
) -> Evaluation:
    """`paths`: how many paths to take the length of, 0 for none. Raises ValueError as its parts do."""
    latents = subject.latents(judge.fakes)
    fakes = judge.describe(subject.paint, lambda done: stage("painting and describing fakes", done))
    stage("comparing", 0.0)
    measures, real = judge.judge_features(fakes), judge.real()
    stage("comparing", 1.0)
    lengths = _path_lengths(subject, judge.features, paths, stage) if paths else {}
    separable = None
    if len(fakes) >= FEWEST:
        stage("separability", 0.0)
        separable = separability(latents.z.cpu(), latents.w.cpu(), fakes)
        stage("separability", 1.0)
    return Evaluation(measures, real, lengths, separable, latents)


def _path_lengths(subject: Subject, features: Features, paths: int, stage: Stage) -> dict[str, PathLength]:
    def of_w(points: Tensor) -> Tensor:
        return subject.describe(features, points)

    def of_z(points: Tensor) -> Tensor:
        return subject.describe(features, subject.w_of(points))

    z = subject.latents(2 * paths).z
    w = subject.w_of(z)
    kinds = {"w, full": (w, of_w, True), "w, end": (w, of_w, False), "z, full": (z, of_z, True)}
    found = {}
    for name, (points, describe, full) in kinds.items():
        ends, space = (points[:paths], points[paths:]), name[0]
        progress = partial(stage, f"path length ({name})")
        found[name] = path_length(
            ends, describe, space=space, full=full, seed=subject.seed, progress=progress
        )
    return found


def _rounded(plain: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in plain.items()}
