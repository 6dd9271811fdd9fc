"""What the discriminator sees pictures through, so that it cannot learn a small set by heart.

The same kind of random, differentiable change is made to real and to generated pictures, in both steps.
DiffAugment (Zhao et al. 2020) always makes it. ADA (Karras et al. 2020, "Training GANs with Limited Data")
makes it with a probability that grows while the discriminator is too sure of the real ones. Of the changes of
that paper ADA has here those of place: what brightens makes a black ground grey, and generators learn such
grounds long before p is high (models/BENCHMARKS.md).
"""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.dataset.augment.augmentation import Augmentation
from models.dataset.augment.changes import Brightness, Contrast, Cutout, Saturation
from models.dataset.augment.moves import Flip, Translate
from models.dataset.augment.operation import Operation
from models.dataset.augment.warp import Fill
from models.training.recipe import Recipe

MID_GREY = 0.0
DIFFAUGMENT = (
    Augmentation((Brightness(reach=0.5), Saturation(least=0, most=2), Contrast(least=0.5, most=1.5))),
    Augmentation((Translate(reach=0.125),), value=MID_GREY),
    Augmentation((Cutout(side=0.5, value=MID_GREY),)),
)
TARGET: Final = 0.6
"""r_t, the mean sign of D on real pictures, that ADA steers to."""
EVERY: Final = 4


class Augmenter:
    """Changes pictures (n, 3, h, w). `p`: how often each change is made."""

    def __init__(self, recipe: Recipe) -> None:
        self._kind, self._mirror = recipe.augment, recipe.mirror
        self._steers = recipe.augment == "ada" and recipe.p is None
        self._pictures = 1000 * recipe.ada_kimg
        self.p = {"none": 0.0, "diffaugment": 1.0, "ada": recipe.p or 0.0}[recipe.augment]
        self._signs: list[float] = []

    def __call__(self, x: Tensor) -> Tensor:
        if not self.p:
            return x
        # Seeded from torch's own generator, whose state a run saves: resumed, it draws the same.
        rng = np.random.default_rng(int(torch.randint(2**62, ())))
        for augmentation in DIFFAUGMENT if self._kind == "diffaugment" else (self.adaptive(),):
            x = augmentation.pictures(x, augmentation.draw(rng, len(x), (x.shape[2], x.shape[3])))
        return x

    def adaptive(self) -> Augmentation:
        """ADA's changes at this p: elsewhere, and with a hole.

        Mirroring is among them only where the run mirrors real pictures too. What comes in from outside is
        the picture's edge, which goes on.
        """
        flip: tuple[Operation, ...] = (Flip(),) if self._mirror else ()
        moved = Translate(reach=0.125, probability=self.p)
        cut = Cutout(side=0.5, value=MID_GREY, probability=self.p)
        return Augmentation((*flip, moved, cut), fill=Fill.EDGE)

    def adapt(self, sign: float, batch: int) -> None:
        """After each step: the mean sign of D on its real pictures, as they were seen."""
        if not self._steers:
            return
        self._signs.append(sign)
        if len(self._signs) == EVERY:
            seen = sum(self._signs) / EVERY
            self._signs.clear()
            step = EVERY * batch / self._pictures
            self.p = min(1.0, max(0.0, self.p + (step if seen > TARGET else -step)))

    def state(self) -> dict[str, object]:
        """What a resumed run needs to go on with, as plain values."""
        return {"p": self.p, "signs": self._signs}

    def restore(self, p: float, signs: list[float]) -> None:
        """Where p follows nothing it stays as the recipe says, which may have changed since."""
        if self._steers:
            self.p, self._signs = p, list(signs)
