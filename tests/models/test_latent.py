"""From names and weights to ws, with a mapping whose answer is known."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from models.latent import CACHED_KEYS, MEAN, Landmarks, Latents, Layout, Point, seed_of, z_of


@dataclass(frozen=True)
class Look:
    latents: Point = (("1", 1.0),)
    style: Point = (("1", 1.0),)
    classes: tuple[tuple[int, float], ...] = ()
    psi: float = 1.0
    modes: float = 0.0


class Mapping:
    """w is z, moved by ten times the index of its class."""

    w_avg = torch.full((4,), 0.5)

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        self.calls += 1
        return z if c is None else z + 10 * c.argmax(dim=1, keepdim=True)


Z1, Z2 = (torch.from_numpy(z_of(seed, 4)) for seed in (1, 2))


def latents(
    c_dim: int = 0,
    cutoff: int | None = None,
    landmarks: Landmarks | None = None,
    mapping: Mapping | None = None,
) -> Latents:
    return Latents(mapping or Mapping(), Layout(4, 4, c_dim, 3, 2, cutoff), landmarks or Landmarks())


def test_weights_are_a_sum_in_w_and_style_takes_the_fine_rows() -> None:
    ws = latents().ws([Look(latents=(("1", 0.25), ("mean", 0.75)), style=(("2", 1.0),))])
    assert ws.shape == (1, 3, 4)
    torch.testing.assert_close(ws[0, :2], (0.25 * Z1 + 0.375).expand(2, -1))
    torch.testing.assert_close(ws[0, 2], Z2)


def test_psi_pulls_to_the_mean_below_the_cutoff() -> None:
    ws = latents(cutoff=1).ws([Look(psi=0.0)])[0]
    torch.testing.assert_close(ws[0], Mapping.w_avg)
    torch.testing.assert_close(ws[1:], Z1.expand(2, -1))


def test_modes_move_what_psi_pulls_to() -> None:
    landmarks = Landmarks(anchor=lambda w: torch.full_like(w, 4.5))
    for modes, expected in ((0.0, 0.5), (0.5, 2.5), (1.0, 4.5)):
        ws = latents(landmarks=landmarks).ws([Look(psi=0.0, modes=modes)])
        torch.testing.assert_close(ws, torch.full((1, 3, 4), expected))


def test_class_weights_are_shares_in_w() -> None:
    ws = latents(c_dim=3).ws([Look(classes=((1, 1.0), (2, 3.0)))])
    torch.testing.assert_close(ws[0, 0], Z1 + 17.5)
    torch.testing.assert_close(latents(c_dim=3).ws([Look()])[0, 0], Z1)
    torch.testing.assert_close(latents().ws([Look(classes=((1, 1.0),))])[0, 0], Z1)
    with pytest.raises(ValueError, match="classes 0 to 2, not 3"):
        latents(c_dim=3).ws([Look(classes=((3, 1.0),))])


def test_points_and_offsets_of_an_atlas() -> None:
    point = torch.arange(12.0).reshape(3, 4)
    landmarks = Landmarks({"home": point}, {"older": torch.ones(3, 4)})
    both = (("+older", 0.5), ("+unknown", 9.0), ("@home", 1.0))
    torch.testing.assert_close(
        latents(landmarks=landmarks).ws([Look(latents=both, style=both)])[0], point + 0.5
    )
    with pytest.raises(ValueError, match=r'"@away" is not a point .* it has: @home'):
        latents(landmarks=landmarks).ws([Look(latents=(("@away", 1.0),))])


Z = {
    "a.from": torch.tensor([1.0, 2.0, 3.0, 4.0]).double(),
    "a.to": torch.tensor([5.0, 2.0, 3.0, 0.0]).double(),
}


def of_z(mapping: Mapping | None = None, c_dim: int = 0) -> Latents:
    return latents(c_dim, landmarks=Landmarks(latents=Z), mapping=mapping)


def test_a_step_is_a_share_of_the_way_through_z_and_then_mapped() -> None:
    found = of_z()
    assert torch.equal(found.w("@a.from"), Z["a.from"].float()[None])
    assert torch.equal(found.w("@a.from~@a.to:1/4"), torch.tensor([[2.0, 2.0, 3.0, 3.0]]))
    assert torch.equal(found.w("@a.from~@a.to:4/4"), found.w("@a.to"))
    torch.testing.assert_close(found.w("1~2:3/9")[0], Z1 * 2 / 3 + Z2 / 3)
    torch.testing.assert_close(found.w("1~@a.to:1/2")[0], (Z1 + Z["a.to"].float()) / 2)


def test_what_lies_between_is_mapped_once_and_mapped_as_one() -> None:
    class Squares(Mapping):
        def __call__(self, z: Tensor, c: Tensor | None = None) -> Tensor:
            return super().__call__(z, c) ** 2

    mapping = Squares()
    found = of_z(mapping)
    for _ in range(3):
        assert torch.equal(found.w("@a.from~@a.to:1/4"), torch.tensor([[4.0, 4.0, 9.0, 9.0]]))
    assert mapping.calls == 1


def test_steps_are_kept_for_as_long_as_there_is_room() -> None:
    found = of_z()
    for step in range(CACHED_KEYS + 10):
        found.w(f"1~2:{step}/9999")
    assert len(found._cache) == CACHED_KEYS


def test_points_of_z_know_classes() -> None:
    for key in ("@a.from", "@a.from~@a.to:0/4"):
        ws = of_z(c_dim=3).ws([Look(latents=((key, 1.0),), style=((key, 1.0),), classes=((2, 1.0),))])
        torch.testing.assert_close(ws[0, 0], Z["a.from"].float() + 20.0)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("@a.from~@b:1/2", '"@b" is not a point of Z .* it has: @a.from, @a.to'),
        ("@a.from~mean:1/2", '"mean" is no point of Z'),
        ("1~2:1/0", "not a latent"),
        ("1~2", "not a latent"),
        ("1~2~3:1/2", "not a latent"),
        ("~:1/2", "not a latent"),
        ("1~2:-1/2", "not a latent"),
    ],
)
def test_a_step_that_is_none_is_refused(key: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        of_z().w(key)


def test_a_point_of_another_z_is_refused() -> None:
    short = latents(landmarks=Landmarks(latents={"a": torch.ones(3).double()}))
    with pytest.raises(ValueError, match="3 numbers; a z of this network has 4"):
        short.w("@a~1:1/2")


def test_a_key_is_mapped_once() -> None:
    mapping = Mapping()
    found = latents(mapping=mapping)
    for _ in range(3):
        found.ws([Look(), Look(latents=(("2", 1.0),))])
    assert mapping.calls == 2


def test_a_key_is_a_seed_or_the_mean() -> None:
    assert seed_of("7") == 7
    assert seed_of(MEAN) is None


@pytest.mark.parametrize("key", ["", "-1", "1.5", "seven", "4294967296", "٣"])
def test_anything_else_is_refused_by_name(key: str) -> None:
    with pytest.raises(ValueError, match="not a latent"):
        seed_of(key)


def test_seeds_mean_what_they_mean_elsewhere() -> None:
    # The first normal numbers of NumPy's legacy generator at seed 0, as every StyleGAN tool draws them.
    assert z_of(0, 3) == pytest.approx(np.array([1.7640524, 0.4001572, 0.9787380]), rel=1e-6)
