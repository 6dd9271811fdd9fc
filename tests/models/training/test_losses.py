"""Losses and penalties against their formulas."""

import math

import pytest
import torch

from models.training import losses


def test_logistic_losses_are_the_negative_log_likelihoods() -> None:
    real, generated = torch.tensor([2.0, 0.0]), torch.tensor([-1.0, 1.0])
    sigmoid = torch.sigmoid
    expected = -(torch.log(sigmoid(real)).mean() + torch.log(1 - sigmoid(generated)).mean())
    torch.testing.assert_close(losses.logistic_judge(real, generated), expected)
    torch.testing.assert_close(losses.logistic(generated), -torch.log(sigmoid(generated)).mean())


def test_the_relative_loss_knows_no_absolute_level() -> None:
    real, generated = torch.randn(8), torch.randn(8)
    torch.testing.assert_close(losses.relative(real + 5, generated + 5), losses.relative(real, generated))
    assert losses.relative(real, real).item() == pytest.approx(math.log(2))
    assert losses.relative(real + 10, real) < 1e-3


def test_the_gradient_penalty_of_a_known_slope() -> None:
    x = torch.randn(4, 3, 2, 2, requires_grad=True)
    slope = torch.tensor(0.5, requires_grad=True)
    penalty = losses.gradient_penalty((x * slope).sum(dim=(1, 2, 3)), x)
    assert penalty.item() == pytest.approx(12 * 0.25)
    (gradient,) = torch.autograd.grad(penalty, slope)
    assert gradient.item() == pytest.approx(12 * 2 * 0.5)


def test_path_lengths_of_a_linear_painter() -> None:
    """A picture that is k times w in one pixel: |J^T y| is k |y| there."""
    ws = torch.randn(5, 2, 3, requires_grad=True)
    pictures = torch.zeros(5, 1, 2, 2) + 4.0 * ws[:, 0, :1, None, None]
    noise = torch.ones(5, 1, 2, 2)
    expected = 4.0 * 4 / 2 / math.sqrt(2)  # the sum of y is 4 / sqrt(4); the other row of w moves nothing
    lengths = losses.path_lengths(pictures, ws, noise)
    torch.testing.assert_close(lengths, torch.full((5,), expected))


def test_lecam_is_silent_where_the_sides_are_as_usual() -> None:
    usual = torch.tensor(1.0), torch.tensor(-1.0)
    assert losses.lecam(torch.full((4,), -1.0), torch.full((4,), 1.0), *usual) == 0
    assert losses.lecam(torch.full((4,), 1.0), torch.full((4,), -1.0), *usual).item() == pytest.approx(8.0)
