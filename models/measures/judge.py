"""The judge: real pictures described once, then a verdict on any network that can paint."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.measures.features import Features, Pixels, Progress, as_saved, describe, silent
from models.measures.kid import kid
from models.measures.memorisation import FEWEST, Memorisation, expected_distances, memorisation
from models.measures.precision import precision_and_recall

FAKES = 500
FEWEST_TRAINING = 8

Paint = Callable[[int], Iterable[Tensor]]
"""count -> batches of pictures (n, 1 or 3, size, size), -1 to 1, at least `count` in all. A judge asks each
network for the same count, so one that draws from a fixed seed is judged by the same latents every time."""


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """What the judge found. `against`: what KID was taken to, "held-out" or "training"."""

    tier: str
    fakes: int
    against: str
    kid: float
    kid_deviation: float
    precision: float
    recall: float
    memorisation: Memorisation

    def to_plain(self) -> dict[str, Any]:
        """A line of a run's measures.jsonl, but for its kimg."""
        return {
            "tier": self.tier,
            "fakes": self.fakes,
            "against": self.against,
            "kid": round(self.kid, 6),
            "kid_deviation": round(self.kid_deviation, 6),
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "memorisation": self.memorisation.to_plain(),
        }


@dataclass(frozen=True, slots=True)
class Real:
    """The figures of `pictures` real ones. Fewer than the fakes make precision and recall rougher."""

    pictures: int
    kid: float
    kid_deviation: float
    precision: float
    recall: float


class Judge:
    """Measures fakes against real pictures.

    KID is against the held-out pictures, or against the training pictures where fewer than ten are held out.
    Precision and recall are against the training pictures, as many as there are fakes, since recall asks for
    more pictures than are mostly held out.
    """

    def __init__(
        self,
        features: Features,
        train: Pixels,
        held_out: Pixels,
        *,
        fakes: int = FAKES,
        seed: int = 0,
        progress: Progress = silent,
    ) -> None:
        """train (n, size, size, 3) and held_out (m, size, size, 3); m may be 0.

        Raises ValueError for too few pictures, or for two sizes.
        """
        if len(train) < FEWEST_TRAINING:
            raise ValueError(
                f"{len(train)} training pictures are too few to judge by: expected {FEWEST_TRAINING} or more"
            )
        if len(held_out) and held_out.shape[1:] != train.shape[1:]:
            raise ValueError(
                f"held-out pictures of {held_out.shape[1]} px against training pictures of "
                f"{train.shape[1]} px: read both at the network's size"
            )
        self.features, self.fakes, self.size = features, max(fakes, FEWEST_TRAINING), train.shape[1]
        self._seed = seed
        total = len(train) + len(held_out)
        self.train = describe(features, train, lambda done: progress(done * len(train) / total))
        self.held_out = self.train[:0]
        if len(held_out):
            before = len(train) / total
            self.held_out = describe(features, held_out, lambda done: progress(before + done * (1 - before)))
        self._expected, self._new = expected_distances(self.train, self.held_out)

    @property
    def against(self) -> str:
        return "held-out" if len(self.held_out) >= FEWEST else "training"

    def judge(self, paint: Paint, progress: Progress = silent) -> Measures:
        """Measures of what `paint` paints. Raises ValueError when it paints too few, or another size."""
        return self.judge_features(self.describe(paint, progress))

    def describe(self, paint: Paint, progress: Progress = silent) -> Tensor:
        """The features of as many fakes as the judge asks for: (fakes, d). Raises ValueError."""
        parts: list[Tensor] = []
        painted = 0
        with torch.inference_mode():
            for pictures in paint(self.fakes):
                if pictures.shape[-2:] != (self.size, self.size):
                    raise ValueError(
                        f"fakes of {pictures.shape[-1]} px against real pictures of {self.size} px: "
                        "read the pictures at the network's size"
                    )
                parts.append(self.features.of(as_saved(pictures[: self.fakes - painted])).float().cpu())
                painted += len(parts[-1])
                progress(painted / self.fakes)
                if painted == self.fakes:
                    break
        if painted < self.fakes:
            raise ValueError(f"{painted} pictures were painted, but {self.fakes} were asked for")
        return torch.cat(parts).clone()

    def judge_features(self, fakes: Tensor) -> Measures:
        """Measures of fakes that are described already, (n, d)."""
        real = self.held_out if self.against == "held-out" else self.train
        value, deviation = kid(real, fakes, seed=self._seed)
        count = min(len(fakes), len(self.train))
        precision, recall = precision_and_recall(self._some_training(count), fakes[:count])
        memory = memorisation(fakes, self.train, self.held_out, self._expected, self._new)
        return Measures(
            self.features.tier, len(fakes), self.against, value, deviation, precision, recall, memory
        )

    def real(self) -> Real | None:
        """The same figures of the held-out pictures, in place of fakes: what a perfect model would get."""
        if self.against == "training":
            return None
        value, deviation = kid(self.train, self.held_out, seed=self._seed)
        count = min(len(self.held_out), len(self.train))
        precision, recall = precision_and_recall(self._some_training(count), self.held_out[:count])
        return Real(count, value, deviation, precision, recall)

    def _some_training(self, count: int) -> Tensor:
        random = torch.Generator().manual_seed(self._seed)
        return self.train[torch.randperm(len(self.train), generator=random)[:count]]
