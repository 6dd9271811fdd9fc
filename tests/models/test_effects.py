"""Shadows on a frame whose answer is known."""

import pytest
import torch

from models.effects import shadows


def test_shadows_stand_dark_before_light() -> None:
    x = torch.tensor([0, 50, 200], dtype=torch.uint8)[None, None, :, None].expand(1, 1, 3, 3)
    assert shadows(x, torch.ones(1))[0, 0, :, 0].tolist() == pytest.approx([255.0, 127.5, 0.0], abs=1e-3)
    torch.testing.assert_close(shadows(x, torch.zeros(1)), x.float(), rtol=0, atol=0)


def test_half_of_it_lies_between() -> None:
    x = torch.full((1, 1, 1, 3), 200.0)
    assert shadows(x, torch.full((1,), 0.5)).flatten().tolist() == pytest.approx([100.0] * 3)
