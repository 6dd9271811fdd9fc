"""Path length of drawings that are formulas."""

import pytest
import torch
from torch import Tensor

from models.measures.path_length import PathLength, path_length, slerp, trimmed


def latents(n: int, seed: int, d: int = 8) -> Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


ENDS = (latents(100, 0), latents(100, 1))


@pytest.mark.parametrize("space", ["w", "z"])
@pytest.mark.parametrize("full", [True, False])
def test_a_drawing_that_never_changes_has_none(space: str, full: bool) -> None:
    found = path_length(ENDS, lambda w: torch.ones(len(w), 5), space=space, full=full)
    assert found == PathLength(0.0, 0.0)


def test_of_a_linear_drawing_it_is_the_squared_length_of_the_path() -> None:
    found = path_length(ENDS, lambda w: 2 * w, full=True)
    expected = trimmed(4 * (ENDS[1] - ENDS[0]).double().square().mean(dim=1))
    assert found.mean == pytest.approx(expected.mean, rel=2e-2)


@pytest.mark.parametrize("space", ["w", "z"])
def test_a_rougher_drawing_has_more(space: str) -> None:
    found = [
        path_length(ENDS, lambda w, f=f: torch.sin(f * w), space=space).mean for f in (0.5, 1.0, 2.0, 4.0)
    ]
    assert found == sorted(found)
    assert found[-1] > 10 * found[0] > 0


def test_at_the_ends_it_sees_the_ends_alone() -> None:
    # Flat near its ends, steep in the middle: a step at 0.5 of the way.
    a, b = torch.zeros(200, 1), torch.ones(200, 1)

    def step(w: Tensor) -> Tensor:
        return torch.sigmoid(30 * (w - 0.5))

    assert path_length((a, b), step, full=False).mean < 1e-3 * path_length((a, b), step, full=True).mean


def test_the_same_seed_takes_the_same_places() -> None:
    def drawing(w: Tensor) -> Tensor:
        return torch.sin(3 * w)

    assert path_length(ENDS, drawing, seed=1) == path_length(ENDS, drawing, seed=1)
    assert path_length(ENDS, drawing, seed=1) != path_length(ENDS, drawing, seed=2)


def test_a_slerp_keeps_to_the_sphere_at_an_even_pace() -> None:
    a, b = ENDS[0].double(), ENDS[1].double()
    places = [slerp(a, b, torch.full((100,), t).double()) for t in (0.0, 0.25, 0.5, 1.0)]
    assert all(torch.allclose(place.norm(dim=1), torch.ones(100).double()) for place in places)
    assert torch.allclose(places[0], a / a.norm(dim=1, keepdim=True))
    assert torch.allclose(places[3], b / b.norm(dim=1, keepdim=True))
    angle = [(places[0] * place).sum(dim=1).clamp(-1, 1).acos() for place in places]
    assert torch.allclose(2 * angle[1], angle[2])


def test_the_outermost_hundredths_are_left_out() -> None:
    values = torch.cat([torch.full((98,), 2.0), torch.tensor([0.0, 1e9])]).double()
    assert trimmed(values) == PathLength(2.0, 0.0)


def test_progress_ends_at_the_end() -> None:
    heard: list[float] = []
    path_length(ENDS, lambda w: w, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1


def test_another_space_is_refused() -> None:
    with pytest.raises(ValueError, match='space "x"'):
        path_length(ENDS, lambda w: w, space="x")
