"""SeFa against a search by hand, and on styles where the answer is planted."""

from pathlib import Path

import pytest
import torch
from torch.nn.functional import normalize

from models import checkpoint
from models.directions.sefa import sefa, styles_of


def test_the_planted_directions_are_found_in_order() -> None:
    random = torch.Generator().manual_seed(0)
    axes = torch.linalg.qr(torch.randn(5, 5, generator=random, dtype=torch.float64))[0]
    left = torch.linalg.qr(torch.randn(40, 5, generator=random, dtype=torch.float64))[0]
    gains = torch.tensor([5.0, 3.0, 2.0, 1.0, 0.5], dtype=torch.float64)
    found, values = sefa(left * gains @ axes, 3)
    assert torch.allclose((found * axes[:3]).sum(dim=1).abs(), torch.ones(3, dtype=torch.float64))
    assert torch.allclose(values, gains[:3].square())


def test_no_direction_moves_the_styles_more_than_the_first() -> None:
    random = torch.Generator().manual_seed(2)
    styles = torch.randn(30, 3, generator=random, dtype=torch.float64)
    found, values = sefa(styles, 2)
    tried = normalize(torch.randn(20_000, 3, generator=random, dtype=torch.float64), dim=1)
    answers = (tried @ styles.T).square().sum(dim=1)
    assert answers.max() <= values[0] * (1 + 1e-9)
    assert answers.max() > 0.999 * values[0]
    assert torch.allclose(tried[answers.argmax()].dot(found[0]).abs(), torch.ones(()).double(), atol=1e-2)
    # Among those at right angles to the first, the second moves them most.
    rest = normalize(tried - (tried @ found[0])[:, None] * found[0], dim=1)
    assert (rest @ styles.T).square().sum(dim=1).max() == pytest.approx(float(values[1]), rel=1e-3)


def test_the_styles_of_a_range_are_its_layers_only(tiny: Path) -> None:
    network = checkpoint.build(tiny)[1]
    whole, some = styles_of(network, (0, 7)), styles_of(network, (2, 3))
    assert whole.shape == (sum(len(matrix) for _, matrix in network.affines()), 16)
    assert some.shape[0] == sum(len(matrix) for index, matrix in network.affines() if index in (2, 3))
    # A style matrix is what a step in w does to the styles of a layer.
    index, matrix = network.affines()[0]
    affine = network.synthesis.blocks["b4"].conv1.affine
    step = torch.randn(16)
    assert index == 0
    assert torch.allclose(affine(step[None]) - affine(torch.zeros(1, 16)), (matrix @ step)[None], atol=1e-5)


def test_rows_that_style_no_layer_are_refused(tiny: Path) -> None:
    with pytest.raises(ValueError, match="layers 7-7 have no styles to factorise; those that have: 0, 1, 2"):
        styles_of(checkpoint.build(tiny)[1], (7, 7))
