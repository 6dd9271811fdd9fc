"""How to train: every choice of a run, and what is chosen when nobody says."""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from models.training.parts import PAIR

Loss = Literal["logistic", "rpgan"]
Augment = Literal["none", "diffaugment", "ada"]
Precision = Literal["bfloat16", "float32"]

HANDFUL, MANY = 100, 30_000
"""Pictures: sets below HANDFUL need DiffAugment, those above MANY need nothing, ADA is for those between."""
FEW = 1_000
"""Pictures: below, paths are left as long as they are."""
STRONGEST = 10.0


class RecipeError(ValueError):
    """A setting is out of its range; the message says which, and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """`gamma`, `gamma_fake`: R1 on real and R2 on generated pictures, 0 for none. `path_length`, `lecam`:
    the weights of these, 0 for none. `p`: how often ADA augments, None for as often as it finds right, in
    steps by which it goes from 0 to 1 within `ada_kimg`. `noise`: whether the generator is given noise for
    every pixel; where fine detail is no chance, as in paintings and drawings, pictures are cleaner without.
    `freeze`: so many blocks of the discriminator, from the picture on, stay as they are (FreezeD).
    `ema_kimg`: the half-life of the average that is shown; early in a run it is `ema_rampup` of what was
    seen, or, with None, never shorter: an average that begins as a trained network has nothing to forget."""

    batch: int = 16
    lr: float = 0.0025
    loss: Loss = "logistic"
    gamma: float = 1.0
    gamma_fake: float = 0.0
    path_length: float = 0.0
    lecam: float = 0.0
    augment: Augment = "none"
    p: float | None = None
    ada_kimg: float = 500.0
    mirror: bool = False
    noise: bool = True
    freeze: int = 0
    ema_kimg: float = 20.0
    ema_rampup: float | None = 0.05
    precision: Precision = "bfloat16"
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises RecipeError."""
        _one_of("loss", self.loss, get_args(Loss))
        _one_of("augment", self.augment, get_args(Augment))
        _one_of("precision", self.precision, get_args(Precision))
        if self.batch < PAIR or self.batch % PAIR:
            raise RecipeError(
                f"batch is {self.batch}; expected an even number: pictures are compared in pairs"
            )
        if self.lr <= 0:
            raise RecipeError(f"lr is {self.lr:g}; expected more than 0")
        for name in ("gamma", "gamma_fake", "path_length", "lecam", "freeze", "ema_kimg"):
            if getattr(self, name) < 0:
                raise RecipeError(f"{name} is {getattr(self, name):g}; expected 0 or more")
        if self.p is not None and self.augment != "ada":
            raise RecipeError(f'p goes with augment "ada", not with "{self.augment}"')
        if self.p is not None and not 0 <= self.p <= 1:
            raise RecipeError(f"p is {self.p:g}; expected 0 to 1")


def from_another(recipe: Recipe) -> Recipe:
    """The same for a run that begins with what another knows: its average has nothing to forget, and its
    discriminator is able from the first picture on, so ADA may follow it faster."""
    return replace(recipe, ema_rampup=None, ada_kimg=100.0)


def usual_gamma(size: int, batch: int) -> float:
    """R1 for pictures of `size`: 0.002 x pixels / batch, at most 10.

    Ten times what Karras et al. 2020 use: at batch 16 theirs let the discriminator run away from 64 px on.
    """
    return min(0.002 * size**2 / batch, STRONGEST)


def recipe_for(pictures: int, size: int, batch: int, **said: Any) -> Recipe:
    """What so many pictures of that size ask for, where nothing else is said; None says nothing.

    Raises RecipeError.
    """
    few = pictures < FEW
    usual: dict[str, Any] = {
        "gamma": usual_gamma(size, batch),
        "path_length": 0.0 if few else 2.0,
        "augment": "diffaugment" if pictures < HANDFUL else "ada" if pictures < MANY else "none",
    }
    return Recipe(batch=batch, **usual | {name: value for name, value in said.items() if value is not None})


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise RecipeError(f'{name} is "{value}"; expected {", ".join(allowed)}')
