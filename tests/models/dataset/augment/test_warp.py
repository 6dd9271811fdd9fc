"""Fill modes are those of numpy, and boxes land where the pixels land."""

import numpy as np
import pytest
import torch

from models.dataset.augment.moves import Crop, Flip, Rotate, Scale, Translate
from models.dataset.augment.warp import Fill, moved_boxes, warp

ROW = np.array([1.0, 2.0, 3.0])
FAR = 20


def shift(x: float, y: float) -> np.ndarray:
    """The map that moves a picture by x to the right and y down."""
    return np.array([[[1, 0, -x], [0, 1, -y], [0, 0, 1]]], dtype=np.float64)


def padded(fill: Fill, value: float) -> np.ndarray:
    options = {"constant_values": value} if fill is Fill.CONSTANT else {}
    return np.pad(ROW, FAR, mode=fill.value, **options)


@pytest.mark.parametrize("fill", Fill)
@pytest.mark.parametrize("down", [False, True], ids=["across", "down"])
def test_a_shift_shows_what_numpy_pads(fill: Fill, down: bool) -> None:
    row = torch.tensor(ROW)[None, None, None]
    outside = padded(fill, 9.0)
    for by in range(-FAR, FAR + 1):
        x = row.mT if down else row
        moved = warp(x, shift(0, by) if down else shift(by, 0), fill, 9.0)
        expected = outside[FAR - by : FAR - by + 3]
        np.testing.assert_array_equal(moved.flatten().numpy(), expected, err_msg=f"{fill} by {by}")


@pytest.mark.parametrize("fill", Fill)
def test_half_a_pixel_is_the_mean_of_what_numpy_pads(fill: Fill) -> None:
    outside = padded(fill, 9.0)
    for by in range(-FAR + 1, FAR):
        moved = warp(torch.tensor(ROW)[None, None, None], shift(by + 0.5, 0), fill, 9.0)
        pixels = outside[FAR - by - 1 : FAR - by + 3]
        np.testing.assert_allclose(moved.flatten().numpy(), (pixels[:-1] + pixels[1:]) / 2, atol=1e-4)


@pytest.mark.parametrize("fill", Fill)
def test_a_single_pixel_has_surroundings_too(fill: Fill) -> None:
    moved = warp(torch.full((1, 1, 1, 1), 5.0), shift(3, -2), fill, 9.0)
    assert float(moved) == (9.0 if fill is Fill.CONSTANT else 5.0)


def test_flips_are_exact_at_any_size() -> None:
    x = torch.rand(2, 3, 37, 51)
    for axis, dim in (("x", 3), ("y", 2)):
        maps = Flip(axis=axis).maps(np.empty((2, 0)), (37, 51))
        assert torch.equal(warp(x, maps, Fill.CONSTANT), x.flip(dim))


def test_whole_pixels_are_looked_up_so_that_any_torch_differentiates_them_twice() -> None:
    """Torch before 2.13 has no second derivative of grid_sample."""

    def behind(node: torch.autograd.graph.Node | None) -> set[str]:
        return {node.name()}.union(*(behind(n) for n, _ in node.next_functions)) if node else set()

    x = torch.rand(3, 3, 6, 6, requires_grad=True)
    by = {name: warp(x, np.repeat(shift(*far), 3, axis=0), Fill.EDGE) for name, far in
          {"whole": (2, -1), "half": (0.5, 0)}.items()}  # fmt: skip
    samplers = {name: [n for n in behind(moved.grad_fn) if "GridSampler" in n] for name, moved in by.items()}
    assert samplers["whole"] == []
    assert samplers["half"] != []
    (slope,) = torch.autograd.grad(by["whole"].square().sum(), x, create_graph=True)
    (again,) = torch.autograd.grad(slope.sum(), x)
    # Twice 1 for each place that shows the pixel; the edges are shown again, outside nothing is lost.
    assert float(again.sum()) == 2 * x.numel()


def test_a_quarter_turn_is_a_quarter_turn() -> None:
    x = torch.rand(1, 3, 24, 24)
    turned = warp(x, Rotate(degrees=90).maps(np.array([[90.0]]), (24, 24)), Fill.EDGE)
    torch.testing.assert_close(turned, torch.rot90(x, -1, (2, 3)), rtol=0, atol=1e-4)


def test_a_crop_is_the_window_resized() -> None:
    x = torch.rand(1, 3, 33, 33)
    drawn = np.array([[0.5, 1.0, 0.0]])  # half the side, at the right and at the top
    window = warp(x, Crop(least=0.5).maps(drawn, (33, 33)), Fill.CONSTANT, 9.0)
    wanted = torch.nn.functional.interpolate(
        x[:, :, :17, 16:], size=(33, 33), mode="bilinear", align_corners=True
    )
    torch.testing.assert_close(window, wanted, rtol=0, atol=1e-4)


def test_what_is_made_smaller_does_not_alias() -> None:
    stripes = torch.ones(1, 1, 64, 64)
    stripes[..., ::2] = -1
    half = warp(stripes, Scale(least=0.5).maps(np.array([[0.5]]), (64, 64)), Fill.WRAP)
    assert float(half.abs().max()) < 1e-4


def test_a_corner_keeps_its_colour_through_each_move() -> None:
    """Directions: x is right and y is down, and a positive angle turns like a clock."""
    x = torch.zeros(1, 1, 16, 16)
    x[..., 2:4, 2:4] = 1
    for move, numbers, (row, column) in (
        (Translate(), [[8.0, 0.0]], (2, 10)),
        (Translate(), [[0.0, 8.0]], (10, 2)),
        (Rotate(degrees=90), [[90.0]], (2, 12)),
        (Flip(axis="y"), [[]], (12, 2)),
    ):
        moved = warp(x, move.maps(np.array(numbers, dtype=np.float64), (16, 16)), Fill.CONSTANT)
        assert float(moved[0, 0, row : row + 2, column : column + 2].min()) > 0.99, move


@pytest.mark.parametrize("seed", range(20))
def test_a_box_moves_with_what_is_in_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = (60, 80)
    x0, y0 = rng.integers(20, 40), rng.integers(15, 30)
    box = np.array([[x0, y0, x0 + rng.integers(6, 30), y0 + rng.integers(6, 25)]], dtype=np.float64)
    x = torch.zeros(1, 1, *size)
    x[..., int(box[0, 1]) : int(box[0, 3]), int(box[0, 0]) : int(box[0, 2])] = 1
    total = np.eye(3)[None]
    moves = (Flip(), Scale(), Crop(least=0.7), Translate(), Rotate(degrees=0 if seed % 2 else 20))
    for move in moves:
        total = total @ move.maps(move.draw(rng, 1, size), size)
    rows, columns = np.nonzero(warp(x, total, Fill.CONSTANT)[0, 0].numpy() > 0.5)
    seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    moved = moved_boxes(box, total[0], size)[0]
    if seed % 2:
        np.testing.assert_allclose(moved, seen, atol=0.51)
    else:  # turned: the box is around the turned box, so it may only be larger
        assert (moved[:2] < np.add(seen[:2], 0.51)).all()
        assert (moved[2:] > np.subtract(seen[2:], 0.51)).all()


def test_a_box_that_leaves_has_no_area_and_keeps_its_place() -> None:
    boxes = np.array([[0, 0, 4, 4], [10, 10, 14, 16]], dtype=np.float64)
    moved = moved_boxes(boxes, shift(-8, -8)[0], (16, 16))
    np.testing.assert_array_equal(moved, [[0, 0, 0, 0], [2, 2, 6, 8]])
