"""Bends on features whose answer is known."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from models.bends import BENDS, Bends, layer_at
from models.network import Layer

LAYERS = (Layer("b4.conv1", 4, 4, 0), Layer("b8.conv0", 8, 4, 1), Layer("b8.conv1", 8, 4, 2))


@dataclass
class Bend:
    kind: str
    at: str = "8"
    amount: float = 1.0
    channels: str = ""
    by: tuple[float, ...] = ()


def bent(x: Tensor, *bends: Bend) -> Tensor:
    return Bends([bends] * len(x), LAYERS)(LAYERS[2], x)


def whole(kind: str, x: Tensor, amount: float = 1.0) -> Tensor:
    bend, by = BENDS[kind]
    return bend(x, torch.full((len(x), 1, 1, 1), amount), *by)


@pytest.mark.parametrize("kind", BENDS)
def test_no_amount_changes_nothing(kind: str) -> None:
    x = torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(whole(kind, x, 0.0), x, rtol=1e-5, atol=1e-5)
    assert not Bends([[Bend(kind, amount=0.0)]], LAYERS)


@pytest.mark.parametrize("kind", BENDS)
def test_a_small_change_of_amount_is_a_small_change_of_features(kind: str) -> None:
    x = torch.randn(1, 4, 8, 8)
    steps = [whole(kind, x, a / 400) for a in range(401)]
    worst = max(float((b - a).abs().max()) for a, b in pairwise(steps))
    assert 0 < worst < 0.3


@pytest.mark.parametrize("kind", BENDS)
def test_each_picture_has_its_own_amount(kind: str) -> None:
    x = torch.randn(1, 4, 8, 8).expand(2, -1, -1, -1)
    y = Bends([[Bend(kind, amount=0.3)], [Bend(kind, amount=0.8)]], LAYERS)(LAYERS[2], x)
    torch.testing.assert_close(y[:1], whole(kind, x[:1], 0.3))
    torch.testing.assert_close(y[1:], whole(kind, x[1:], 0.8))


def test_ablate_silences_invert_negates_scale_doubles() -> None:
    x = torch.randn(1, 4, 8, 8)
    assert not bent(x, Bend("ablate")).any()
    torch.testing.assert_close(bent(x, Bend("invert")), -x)
    torch.testing.assert_close(bent(x, Bend("scale")), 2 * x)
    torch.testing.assert_close(bent(x, Bend("scale", by=(0.5,), amount=0.5)), 0.75 * x)


def test_threshold_leaves_two_levels() -> None:
    y = bent(torch.randn(1, 4, 8, 8), Bend("threshold"))
    assert len({round(value, 4) for value in y.flatten().tolist()}) == 2


def test_noise_is_as_strong_as_it_says_and_always_the_same() -> None:
    x = torch.randn(1, 4, 64, 64) * 3
    added = bent(x, Bend("noise", by=(0.5,))) - x
    assert float(added.std()) == pytest.approx(1.5, rel=0.05)
    torch.testing.assert_close(added, bent(x, Bend("noise", by=(0.5,))) - x)


def test_translate_slides_and_wraps() -> None:
    x = torch.zeros(1, 4, 8, 8)
    x[..., 3, 6] = 1
    y = bent(x, Bend("translate", by=(0.5, 0.25)))
    assert y[0, 0].nonzero().tolist() == [[5, 2]]


def test_rotate_turns_anticlockwise_about_the_middle() -> None:
    x = torch.zeros(1, 4, 8, 8)
    x[..., 3:5, 6] = 1
    y = bent(x, Bend("rotate", by=(90.0,)))
    assert (y[0, 0] > 0.5).nonzero().tolist() == [[1, 3], [1, 4]]


def test_dilate_grows_and_erode_eats() -> None:
    x = torch.zeros(1, 4, 8, 8)
    x[..., 2:5, 2:5] = 1
    assert bent(x, Bend("dilate", by=(1.0,)))[0, 0].sum() == 25
    assert bent(x, Bend("erode", by=(1.0,)))[0, 0].sum() == 1


@pytest.mark.parametrize(("channels", "chosen"), [("even", [0, 2]), ("odd", [1, 3]), ("0,2-9", [0, 2, 3])])
def test_only_the_named_channels_are_bent(channels: str, chosen: list[int]) -> None:
    x = torch.randn(1, 4, 8, 8)
    y = bent(x, Bend("ablate", channels=channels))
    assert [c for c in range(4) if not y[0, c].any()] == chosen


def test_bends_act_one_after_another() -> None:
    x = torch.randn(1, 4, 8, 8)
    torch.testing.assert_close(bent(x, Bend("invert"), Bend("scale", by=(3.0,))), -3 * x)


def test_bends_act_at_their_layer_on_their_picture_only() -> None:
    bends = Bends([[], [Bend("invert", at="b8.conv0")]], LAYERS)
    x = torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(bends(LAYERS[2], x), x, rtol=0, atol=0)
    y = bends(LAYERS[1], x)
    torch.testing.assert_close(y[0], x[0], rtol=0, atol=0)
    torch.testing.assert_close(y[1], -x[1])
    assert bends.layers == {"b8.conv0"}


def test_a_resolution_means_its_last_layer() -> None:
    assert layer_at(LAYERS, "8").name == "b8.conv1"
    with pytest.raises(ValueError, match="resolutions 4, 8, or a name"):
        layer_at(LAYERS, "16")


@pytest.mark.parametrize(
    ("bend", "reason"),
    [
        (Bend("melt"), "expected one of noise, threshold, ablate"),
        (Bend("invert", at="b16.conv0"), 'no layer "b16.conv0"'),
        (Bend("invert", channels="7-9"), "only the channels 0 to 3"),
        (Bend("invert", channels="some"), 'expected "even", "odd"'),
        (Bend("translate", by=(1.0,)), "takes 2 numbers"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(bend: Bend, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Bends([[bend]], LAYERS)
