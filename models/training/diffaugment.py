"""DiffAugment: the same random, differentiable changes to real and painted pictures (Zhao et al. 2020).

The discriminator then never sees a bare picture, so it cannot learn a small data set by heart.
"""

import numpy as np
import torch
from torch import Tensor

from models.dataset.augment.augmentation import Augmentation
from models.dataset.augment.changes import Brightness, Contrast, Cutout, Saturation
from models.dataset.augment.moves import Translate

MID_GREY = 0.0
COLOUR = Augmentation((Brightness(reach=0.5), Saturation(least=0, most=2), Contrast(least=0.5, most=1.5)))
TRANSLATION = Augmentation((Translate(reach=0.125),), value=MID_GREY)
CUTOUT = Augmentation((Cutout(side=0.5, value=MID_GREY),))


def diffaugment(x: Tensor) -> Tensor:
    """Colour, translation by up to 1/8 and a cutout of half the side; (n, 3, h, w) -> the same."""
    return cutout(translation(colour(x)))


def colour(x: Tensor) -> Tensor:
    """Brightness +-0.5, saturation 0 to 2, contrast 0.5 to 1.5, one draw for each picture."""
    return _augmented(x, COLOUR)


def translation(x: Tensor) -> Tensor:
    """A shift of whole pixels, up to 1/8 of the side each way; what comes in is mid grey."""
    return _augmented(x, TRANSLATION)


def cutout(x: Tensor) -> Tensor:
    """A square of half the side, anywhere, in mid grey."""
    return _augmented(x, CUTOUT)


def _augmented(x: Tensor, augmentation: Augmentation) -> Tensor:
    # Seeded from torch's own generator, whose state a run saves: resumed, it draws the same.
    rng = np.random.default_rng(int(torch.randint(2**62, ())))
    return augmentation.pictures(x, augmentation.draw(rng, len(x), (x.shape[2], x.shape[3])))
