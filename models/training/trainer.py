"""The training state of a StyleGAN2 and its steps: logistic loss, lazy R1, style mixing, EMA.

Formulas: Goodfellow et al. 2014 (non-saturating logistic loss), Mescheder et al. 2018 (R1),
Karras et al. 2020 (lazy regularisation, style mixing, EMA with ramp-up).
"""

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config
from models.training.data import Pictures
from models.training.diffaugment import diffaugment
from models.training.discriminator import Discriminator

R1_EVERY = 16
W_AVG_KEPT = 0.998
MIXED = 0.9


class Diverged(Exception):
    """A loss is no longer a number; the last snapshot on disk is the last good one."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. `gamma` None: 0.0002 x pixels / batch."""

    batch: int = 16
    lr: float = 0.0025
    gamma: float | None = None
    ema_kimg: float = 20.0
    ema_rampup: float = 0.05
    diffaugment: bool = False
    mirror: bool = False
    seed: int = 0


class Trainer:
    """Everything that a run is made of. `images` counts the real pictures shown so far."""

    def __init__(self, config: StyleGAN2Config, recipe: Recipe, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.config, self.recipe, self.device = config, recipe, device
        self.G, self.D = StyleGAN2(config).to(device), Discriminator(config).to(device)
        self.ema = copy.deepcopy(self.G).eval().requires_grad_(False)
        # Lazy regularisation splits one Adam step in two, hence the correction (Karras et al. 2020, B).
        ratio = R1_EVERY / (R1_EVERY + 1)
        self.g_adam = torch.optim.Adam(self.G.parameters(), lr=recipe.lr, betas=(0.0, 0.99), eps=1e-8)
        self.d_adam = torch.optim.Adam(
            self.D.parameters(), lr=recipe.lr * ratio, betas=(0.0, 0.99**ratio), eps=1e-8
        )
        self.images = 0
        self.steps = 0

    def step(self, pictures: Pictures) -> dict[str, float]:
        """One step of both networks; the losses and the mean sign of D on real pictures. Raises Diverged."""
        real = pictures.batch(self.images, self.recipe.batch).to(self.device)
        if self.recipe.mirror:
            real = torch.where(torch.rand(len(real), 1, 1, 1, device=self.device) < 0.5, real.flip(3), real)
        figures = self._generator_step() | self._discriminator_step(real)
        if self.steps % R1_EVERY == 0:
            figures |= self._r1_step(real)
        self.images += len(real)
        self.steps += 1
        self._average()
        if not all(value == value and abs(value) != float("inf") for value in figures.values()):
            raise Diverged(f"a loss is not a number after {self.images / 1000:.1f} kimg: {figures}")
        return figures

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16)

    def _fakes(self) -> Tensor:
        n, config = self.recipe.batch, self.config
        z = torch.randn(2, n, config.z_dim, device=self.device)
        w = self.G.mapping(z[0])
        average = self.G.mapping.w_avg
        average.copy_(w.detach().float().mean(dim=0).lerp(average, W_AVG_KEPT))
        ws = w[:, None].repeat(1, config.num_ws, 1)
        # One crossover for the batch: random is seeded with the step, so a resumed run draws the same.
        dice = random.Random(f"{self.recipe.seed}/{self.steps}/{torch.is_grad_enabled()}")
        if dice.random() < MIXED:
            crossover = dice.randrange(1, config.num_ws)
            ws[:, crossover:] = self.G.mapping(z[1])[:, None]
        return cast("Tensor", self.G.synthesis(ws))

    def _judge(self, pictures: Tensor) -> Tensor:
        return cast("Tensor", self.D(diffaugment(pictures) if self.recipe.diffaugment else pictures))

    def _generator_step(self) -> dict[str, float]:
        self.D.requires_grad_(False)
        self.g_adam.zero_grad(set_to_none=True)
        with self._autocast():
            loss = F.softplus(-self._judge(self._fakes()).float()).mean()
        torch.autograd.backward(loss)
        self.g_adam.step()
        self.D.requires_grad_(True)
        return {"G": loss.item()}

    def _discriminator_step(self, real: Tensor) -> dict[str, float]:
        self.d_adam.zero_grad(set_to_none=True)
        with self._autocast():
            with torch.no_grad():
                fake = self._fakes()
            on_fake, on_real = self._judge(fake).float(), self._judge(real).float()
            loss = F.softplus(on_fake).mean() + F.softplus(-on_real).mean()
        torch.autograd.backward(loss)
        self.d_adam.step()
        return {"D": loss.item(), "sign": on_real.sign().mean().item()}

    def _r1_step(self, real: Tensor) -> dict[str, float]:
        """R1 = gamma / 2 |grad_x D(x)|^2 on real pictures, in float32: its double backward is delicate."""
        pixels = self.config.size**2
        gamma = 0.0002 * pixels / self.recipe.batch if self.recipe.gamma is None else self.recipe.gamma
        self.d_adam.zero_grad(set_to_none=True)
        real = real.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(self._judge(real).sum(), real, create_graph=True)
        penalty = gradient.square().sum(dim=(1, 2, 3)).mean()
        torch.autograd.backward(penalty * (gamma / 2) * R1_EVERY)
        self.d_adam.step()
        return {"R1": penalty.item()}

    def _average(self) -> None:
        """The moving average whose pictures are shown: half-life ema_kimg, shorter at the start."""
        half_life = min(self.recipe.ema_kimg * 1000, self.images * self.recipe.ema_rampup)
        kept = 0.5 ** (self.recipe.batch / max(half_life, 1e-8))
        with torch.no_grad():
            for average, newest in zip(self.ema.parameters(), self.G.parameters(), strict=True):
                average.lerp_(newest, 1 - kept)
            for buffer, now in zip(self.ema.buffers(), self.G.buffers(), strict=True):
                buffer.copy_(now)

    def networks(self) -> dict[str, nn.Module]:
        return {"G": self.G, "D": self.D, "ema": self.ema}

    def start_from(self, tensors: Mapping[str, Tensor]) -> int:
        """Take over every weight of another run that has the same name and shape here; how many there were.

        A run at twice the size so begins with all it shares with the smaller one: it grows by a block.
        """
        taken = 0
        for generator in (self.G, self.ema):
            for name, parameter in generator.synthesis.blocks.named_parameters():
                if name.endswith("torgb.weight") and f"G.synthesis.blocks.{name}" not in tensors:
                    nn.init.zeros_(parameter)  # a new block begins by adding nothing to the picture
        for name, network in self.networks().items():
            state = network.state_dict()
            for key, tensor in state.items():
                other = tensors.get(f"{name}.{key}")
                if other is not None and other.shape == tensor.shape:
                    tensor.copy_(other)
                    taken += 1
        return taken
