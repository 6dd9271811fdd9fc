"""What the two networks are taught by: pure functions of logits, pictures and gradients."""

import torch
import torch.nn.functional as F
from torch import Tensor


def logistic(generated: Tensor) -> Tensor:
    """The generator's non-saturating loss (Goodfellow et al. 2014) on logits (n,)."""
    return F.softplus(-generated).mean()


def logistic_judge(real: Tensor, generated: Tensor) -> Tensor:
    """The discriminator's side of it."""
    return F.softplus(-real).mean() + F.softplus(generated).mean()


def relative(better: Tensor, worse: Tensor) -> Tensor:
    """RpGAN (Huang et al. 2024, "The GAN is dead; long live the GAN!"): each against its partner.

    The discriminator wants real above generated, the generator generated above real.
    """
    return F.softplus(worse - better).mean()


def gradient_penalty(logits: Tensor, pictures: Tensor) -> Tensor:
    """Mean |grad of the logit by the picture|^2 (Mescheder et al. 2018), to be differentiated further.

    R1 on real pictures, R2 on generated ones; `pictures` (n, c, h, w) must ask for a gradient.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), pictures, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()


def path_lengths(pictures: Tensor, ws: Tensor, noise: Tensor) -> Tensor:
    """How far the picture moves for a step in w: |J^T y|, (n,) (Karras et al. 2020, section 3.2).

    `noise`, normal and of the pictures' shape, is scaled here by 1 / sqrt(h w); ws (n, num_ws, w_dim).
    """
    y = noise / (pictures.shape[2] * pictures.shape[3]) ** 0.5
    (gradient,) = torch.autograd.grad((pictures * y).sum(), ws, create_graph=True)
    return gradient.square().sum(dim=2).mean(dim=1).sqrt()


def lecam(real: Tensor, generated: Tensor, usual_real: Tensor, usual_generated: Tensor) -> Tensor:
    """LeCam regularisation (Tseng et al. 2021): logits are held near where the other side's usually are."""
    far_real = F.relu(real - usual_generated).square().mean()
    far_generated = F.relu(usual_real - generated).square().mean()
    return far_real + far_generated
