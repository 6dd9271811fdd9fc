"""The networks of a run and one step of training them: StyleGAN2 with lazy regularisation.

Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN": lazy R1 and path length, style
mixing, a moving average of the generator. The losses are in `losses.py`, what the discriminator looks
through in `augmenter.py`.
"""

import copy
import math
import random
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, nn

from models.stylegan2 import StyleGAN2
from models.stylegan2_config import StyleGAN2Config
from models.training import losses
from models.training.augmenter import Augmenter
from models.training.data import Batch, Pictures
from models.training.discriminator import Discriminator
from models.training.parts import GROUP, PAIR, next_parts
from models.training.recipe import Recipe
from models.training.tally import Tally
from models.training.world import World

R1_EVERY = 16
PATH_EVERY = 4
PATH_KEPT = 0.99
LECAM_KEPT = 0.99
W_AVG_KEPT = 0.998
MIXED = 0.9

Phase = Callable[[Batch], Tensor]
"""A part of a batch -> its loss, with a graph behind it."""


class Diverged(Exception):
    """A loss is no longer a number; the last snapshot on disk is the last good one."""


class NoRoom(Exception):
    """Two pictures at a time do not fit into memory."""


class Trainer:
    """Everything that a run is made of. `images` counts the real pictures shown so far, by all processes.

    `parts`: this process's share of a batch goes through in so many, one after another, as memory asks.
    """

    def __init__(self, config: StyleGAN2Config, recipe: Recipe, world: World) -> None:
        if recipe.batch % (PAIR * world.size):
            raise ValueError(
                f"a batch of {recipe.batch} cannot be shared, in pairs, by {world.size} processes"
            )
        torch.manual_seed(recipe.seed)
        self.config, self.recipe, self.world = config, recipe, world
        self.G, self.D = StyleGAN2(config).to(world.device), Discriminator(config).to(world.device)
        self.ema = copy.deepcopy(self.G).eval().requires_grad_(False)
        self.augmenter = Augmenter(recipe)
        self._noise = "random" if recipe.noise else None
        self.g_adam = _adam(self.G, recipe, PATH_EVERY if recipe.path_length else 0)
        self.d_adam = _adam(self.D, recipe, R1_EVERY)
        self.path_mean = torch.zeros((), device=world.device)
        self.usual_logits = torch.zeros(2, device=world.device)
        self.images = self.steps = 0
        self.parts = 1
        self.tally = Tally()
        self._logits: list[tuple[Tensor, Tensor]] = []
        self.notices: list[str] = []
        """What the user should hear of: the run takes them and says them."""
        if not world.leads:
            torch.manual_seed(recipe.seed + 1_000_003 * world.rank)  # the same networks, other latents

    @property
    def share(self) -> int:
        """How many pictures of a batch are this process's."""
        return self.recipe.batch // self.world.size

    @property
    def at_once(self) -> int:
        """So many pictures are known to fit into memory, with all that training wants to keep of them."""
        return self.share // self.parts

    def step(self, pictures: Pictures) -> None:
        """One step of both networks; what it saw goes to the tally. Raises Diverged or NoRoom."""
        share = self.share
        batch = pictures.batch(self.images + self.world.rank * share, share, self.world.device)
        if self.recipe.mirror:
            flipped = torch.rand(share, 1, 1, 1, device=self.world.device) < 0.5
            batch = replace(batch, pictures=torch.where(flipped, batch.pictures.flip(3), batch.pictures))
        self._phase("G", self.g_adam, self._generator_loss, batch)
        if self.recipe.path_length and self.steps % PATH_EVERY == 0:
            self._phase("PL", self.g_adam, self._path_loss, batch.head(max(1, share // 2)))
        self._phase("D", self.d_adam, self._discriminator_loss, batch)
        self._see(*(torch.cat(logits) for logits in zip(*self._logits, strict=True)))
        if self.recipe.gamma and self.steps % R1_EVERY == 0:
            self._phase("R1", self.d_adam, self._r1_loss, batch)
        if self.recipe.gamma_fake and self.steps % R1_EVERY == 0:
            self._phase("R2", self.d_adam, self._r2_loss, batch)
        self.images += self.recipe.batch
        self.steps += 1
        self._average()

    def networks(self) -> dict[str, nn.Module]:
        return {"G": self.G, "D": self.D, "ema": self.ema}

    # One phase: gradients of a loss over the parts of a batch, and a step along them

    def _phase(self, name: str, adam: torch.optim.Adam, loss: Phase, batch: Batch) -> None:
        teaches_d = adam is self.d_adam
        for parameter in self.D.parameters():
            parameter.requires_grad_(teaches_d)
        if teaches_d:
            self.D.freeze(self.recipe.freeze)
        while True:
            try:
                total = self._gradients(adam, loss, batch)
                break
            except (torch.OutOfMemoryError, RuntimeError) as error:
                if not _is_out_of_memory(error):
                    raise
            self._make_room()
        parameters = [parameter for group in adam.param_groups for parameter in group["params"]]
        self.world.average_gradients(parameters)
        total = self.world.average(total)  # so that all stop where one does
        # A loss may still be a number where its slope no longer is: weights must not learn from that.
        slopes = [parameter.grad for parameter in parameters if parameter.grad is not None]
        slope = torch.nn.utils.get_total_norm(slopes)
        if not torch.isfinite(total + slope):
            raise Diverged(
                f"the loss {name} is {total.item():g}, and its slope {slope.item():g}, "
                f"after {self.images / 1000:.1f} kimg"
            )
        adam.step()
        self.tally.add(name, total.item())

    def _gradients(self, adam: torch.optim.Adam, loss: Phase, batch: Batch) -> Tensor:
        adam.zero_grad(set_to_none=True)
        self._logits.clear()
        total = torch.zeros((), device=self.world.device)
        for part in batch.parts(self.parts):
            value = loss(part) * (len(part) / len(batch))
            torch.autograd.backward(value)
            total += value.detach().float()
        return total

    def _make_room(self) -> None:
        parts = next_parts(self.share, self.parts)
        if parts is None:
            raise NoRoom(
                f"two pictures of {self.config.size} px do not fit into memory; train fewer channels "
                "(--channel-base) or smaller pictures (--size)"
            )
        self.parts = parts
        if self.world.device.type == "cuda":
            torch.cuda.empty_cache()
        self.notices.append(
            f"out of memory: batches of {self.recipe.batch} now go through in {parts} parts; "
            + (
                "what is learnt is the same, more slowly"
                if self.at_once % math.gcd(GROUP, self.share) == 0
                else "the discriminator compares fewer pictures with each other, so a collapse is seen later"
            )
        )

    # The losses

    def _generator_loss(self, part: Batch) -> Tensor:
        with self._autocast():
            generated = self._judged(self._painted(part), part)
            if self.recipe.loss == "logistic":
                return losses.logistic(generated)
            return losses.relative(generated, self._judged(part.pictures, part))

    def _discriminator_loss(self, part: Batch) -> Tensor:
        with self._autocast():
            with torch.no_grad():
                painted = self._painted(part)
            generated, real = self._judged(painted, part), self._judged(part.pictures, part)
            if self.recipe.loss == "logistic":
                loss = losses.logistic_judge(real, generated)
            else:
                loss = losses.relative(real, generated)
        self._logits.append((real.detach(), generated.detach()))
        if self.recipe.lecam:
            loss = loss + self.recipe.lecam * losses.lecam(real, generated, *self.usual_logits)
        return loss

    def _see(self, real: Tensor, generated: Tensor) -> None:
        """What D said in this step, of all processes: none of the losses may wait for the others."""
        # A relative loss leaves open where zero is: there a real picture is sure beside its counterpart.
        sure = real if self.recipe.loss == "logistic" else real - generated
        sign = self.world.average(sure.sign().mean()).item()
        self.tally.add("sign", sign)
        self.tally.add("sign_fake", self.world.average(generated.sign().mean()).item())
        self.augmenter.adapt(sign, self.recipe.batch)
        if self.recipe.lecam:
            usual = self.world.average(torch.stack([real.mean(), generated.mean()]))
            self.usual_logits = usual.lerp(self.usual_logits, LECAM_KEPT)

    def _r1_loss(self, part: Batch) -> Tensor:
        """In float32: its double backward is delicate."""
        real = part.pictures.detach().requires_grad_(True)
        penalty = losses.gradient_penalty(self._judged(real, part), real)
        return penalty * (self.recipe.gamma / 2 * R1_EVERY)

    def _r2_loss(self, part: Batch) -> Tensor:
        with torch.no_grad():
            painted = self._painted(part)
        painted = painted.float().requires_grad_(True)
        penalty = losses.gradient_penalty(self._judged(painted, part), painted)
        return penalty * (self.recipe.gamma_fake / 2 * R1_EVERY)

    def _path_loss(self, part: Batch) -> Tensor:
        ws = self._ws(part)
        painted = self.G.synthesis(ws, self._noise)
        lengths = losses.path_lengths(painted, ws, torch.randn_like(painted))
        self.path_mean = lengths.detach().mean().lerp(self.path_mean, PATH_KEPT)
        penalty = (lengths - self.path_mean).square().mean()
        return penalty * (self.recipe.path_length * PATH_EVERY)

    # Pictures and judgements

    def _autocast(self) -> torch.autocast:
        on = self.recipe.precision == "bfloat16"
        return torch.autocast(self.world.device.type, torch.bfloat16, enabled=on)

    def _ws(self, part: Batch) -> Tensor:
        """ws (n, num_ws, w_dim) of as many latents as the part has pictures, of the same classes."""
        z = torch.randn(2, len(part), self.config.z_dim, device=self.world.device)
        w = self.G.mapping(z[0], part.classes)
        average = self.G.mapping.w_avg
        average.copy_(w.detach().float().mean(dim=0).lerp(average, W_AVG_KEPT))
        ws: Tensor = w[:, None].repeat(1, self.config.num_ws, 1)
        # One crossover for all: random is seeded with the step, so a resumed run draws the same.
        dice = random.Random(f"{self.recipe.seed}/{self.steps}/{torch.is_grad_enabled()}")
        if dice.random() < MIXED:
            crossover = dice.randrange(1, self.config.num_ws)
            ws[:, crossover:] = self.G.mapping(z[1], part.classes)[:, None]
        return ws

    def _painted(self, part: Batch) -> Tensor:
        return cast("Tensor", self.G.synthesis(self._ws(part), self._noise))

    def _judged(self, pictures: Tensor, part: Batch) -> Tensor:
        logits: Tensor = self.D(self.augmenter(pictures), part.classes)
        return logits.float()

    def _average(self) -> None:
        """The moving average whose pictures are shown: half-life ema_kimg, shorter at the start."""
        half_life = self.recipe.ema_kimg * 1000
        if self.recipe.ema_rampup is not None:
            half_life = min(half_life, self.images * self.recipe.ema_rampup)
        kept = 0.5 ** (self.recipe.batch / max(half_life, 1e-8))
        with torch.no_grad():
            for average, newest in zip(self.ema.parameters(), self.G.parameters(), strict=True):
                average.lerp_(newest, 1 - kept)
            for buffer, now in zip(self.ema.buffers(), self.G.buffers(), strict=True):
                buffer.copy_(now)


def _adam(network: nn.Module, recipe: Recipe, every: int) -> torch.optim.Adam:
    """Lazy regularisation splits one step in two, hence the correction (Karras et al. 2020, appendix B)."""
    ratio = every / (every + 1) if every else 1.0
    betas = (0.0, 0.99**ratio)
    return torch.optim.Adam(network.parameters(), lr=recipe.lr * ratio, betas=betas, eps=1e-8)


def _is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
