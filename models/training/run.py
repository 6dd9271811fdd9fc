"""A run: ticks of training, and what each of them leaves behind."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models import checkpoint
from models.latent import z_of
from models.measures.judge import Judge
from models.measures.subject import Subject
from models.measures.tiers import features
from models.picture import to_pixels
from models.terminal import save_picture
from models.training.data import Pictures
from models.training.diagnosis import words
from models.training.run_folder import Line, RunFolder, add_line, lines_of
from models.training.sheet import LARGEST_TILE, contact_sheet, reduced, spread
from models.training.state import load_state, save_state, write_tensors
from models.training.trainer import Trainer

SHEET_SEEDS, COLUMNS = 32, 8

Progress = Callable[[float, Line], None]
"""Called after every step with the kimg so far and the newest log line ({} before the first tick)."""


class Run:
    """Trains until it has shown `kimg` thousand pictures; what each tick leaves is enough to go on.

    Every `keep` ticks a snapshot stays, and is measured.
    """

    def __init__(
        self, trainer: Trainer, pictures: Pictures, never_shown: NDArray[np.uint8], folder: RunFolder,
        about: Mapping[str, Any], *, tick: float, keep: int, fakes: int,
    ) -> None:  # fmt: skip
        """`never_shown` (n, size, size, 3): what is held out; n may be 0. `fakes`: as many are measured."""
        self._trainer, self._pictures, self._folder = trainer, pictures, folder
        self._never_shown, self._fakes_count = never_shown, fakes
        self._judge: Judge | None = None
        self._about = about
        self._tick, self._keep = tick, keep
        self._log: list[Line] = []
        self._measures: list[Line] = []
        self._seconds = 0.0

    @property
    def kimg(self) -> float:
        return self._trainer.images / 1000

    def resume(self) -> bool:
        """Go on where the folder says that it stopped; False for a new run. Raises StateError."""
        resumes = self._folder.state.exists()
        if resumes:
            load_state(self._trainer, self._folder.state)
        if self._trainer.world.leads:
            self._folder.forget_after(self.kimg)
        self._log = list(lines_of(self._folder.log))
        self._measures = list(lines_of(self._folder.measures))
        self._seconds = self._log[-1]["seconds"] if self._log else 0.0
        return resumes

    def train(self, kimg: float, progress: Progress, say: Callable[[str], None]) -> None:
        """Raises Diverged or NoRoom; what the last tick left is whole."""
        trainer = self._trainer
        ticks = round(self.kimg / self._tick)
        began, began_at = time.perf_counter(), self.kimg
        while self.kimg < kimg:
            trainer.step(self._pictures)
            progress(self.kimg, self._log[-1] if self._log else {})
            for notice in trainer.notices:
                say(notice)
            trainer.notices.clear()
            if self.kimg < min((ticks + 1) * self._tick, kimg):
                continue
            ticks += 1
            seconds = time.perf_counter() - began
            self._seconds += seconds
            figures = trainer.tally.taken() | {
                "p": trainer.augmenter.p, "s_per_kimg": seconds / (self.kimg - began_at),
                "batch": trainer.recipe.batch, "parts": trainer.parts, "seconds": self._seconds,
            }  # fmt: skip
            if trainer.world.leads:
                self._leave(figures, kept=ticks % self._keep == 0 or self.kimg >= kimg)
                for sentence in self._log[-1]["words"]:
                    say(sentence)
            began, began_at = time.perf_counter(), self.kimg

    def _leave(self, figures: Line, *, kept: bool) -> None:
        """The state goes last: a stop before it is there means that the tick is done again."""
        trainer, folder, kimg = self._trainer, self._folder, self.kimg
        painted = self._fixed_seeds()
        save_picture(contact_sheet(reduced(painted, LARGEST_TILE), COLUMNS), folder.sheet(kimg))
        config, weights = trainer.config.to_plain(), trainer.ema.state_dict()
        about = {**self._about, "kimg": kimg}
        checkpoint.save(folder.newest, "stylegan2", config, weights, about)
        if kept:
            # First its discriminator: whoever goes on from a snapshot finds both, or neither.
            write_tensors(trainer.D.state_dict(), checkpoint.discriminator_beside(folder.snapshot(kimg)))
            checkpoint.save(folder.snapshot(kimg), "stylegan2", config, weights, about)
            self._measures.append({"kimg": kimg, **self._measured()})
            add_line(folder.measures, self._measures[-1])
        real = self._pictures.pixels[:: max(1, len(self._pictures) // SHEET_SEEDS)][:SHEET_SEEDS]
        line = {"kimg": kimg, **figures, "spread": spread(painted, real)}
        line["words"] = list(words([*self._log, line], self._measures))
        self._log.append(line)
        add_line(folder.log, line)
        save_state(trainer, folder.state)

    def _measured(self) -> Line:
        trainer = self._trainer
        if self._judge is None:
            described_by = features("B", self._pictures.pixels, device=trainer.world.device)
            self._judge = Judge(
                described_by, self._pictures.pixels, self._never_shown, fakes=self._fakes_count,
                seed=trainer.recipe.seed,
            )  # fmt: skip
        subject = Subject(trainer.ema, trainer.recipe.seed, most=trainer.at_once)
        return self._judge.judge(subject.paint).to_plain()

    def _fixed_seeds(self) -> NDArray[np.uint8]:
        """The same seeds at every tick, so that a person sees what changes; classes come in turn."""
        trainer = self._trainer
        config, subject = trainer.config, Subject(trainer.ema, most=trainer.at_once)
        z = torch.from_numpy(np.stack([z_of(seed, config.z_dim) for seed in range(SHEET_SEEDS)]))
        c = torch.eye(config.c_dim)[torch.arange(SHEET_SEEDS) % config.c_dim] if config.c_dim else None
        with torch.inference_mode():
            w = subject.network.mapping(z.to(subject.device), None if c is None else c.to(subject.device))
            return np.concatenate([to_pixels(subject.draw(part)) for part in torch.split(w, subject.batch)])
