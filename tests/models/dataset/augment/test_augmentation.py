"""Pictures, masks and boxes go the same way, and moves in a row are one move."""

import numpy as np
import pytest
import torch

from models.dataset.augment.augmentation import Augmentation
from models.dataset.augment.changes import Brightness, Cutout, Noise
from models.dataset.augment.moves import Crop, Flip, Rotate, Scale, Translate
from models.dataset.augment.warp import Fill

SIZE = (48, 64)
MOVES = (Flip(), Rotate(degrees=15), Scale(least=0.8, most=1.2), Translate(reach=0.1), Crop(least=0.8))


def people() -> torch.Tensor:
    """Labels 1 and 2 on 0: (1, 1, h, w)."""
    labels = torch.zeros(1, 1, *SIZE, dtype=torch.uint8)
    labels[..., 10:30, 12:24] = 1
    labels[..., 16:40, 36:52] = 2
    return labels


@pytest.mark.parametrize("fill", Fill)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.int64])
def test_labels_lie_where_the_picture_of_them_lies(fill: Fill, dtype: torch.dtype) -> None:
    labels = people().to(dtype).repeat(20, 1, 1, 1)
    augmentation = Augmentation((*MOVES, Brightness(reach=0)), fill, value=0.0)
    drawn = augmentation.draw(np.random.default_rng(0), 20, SIZE)
    moved = augmentation.masks(labels, drawn)
    assert moved.dtype == dtype
    assert set(moved.unique().tolist()) <= {0, 1, 2}
    for label in (1, 2):
        picture = augmentation.pictures((labels == label).float(), drawn)
        inside = (picture > 0.99) & (moved != label)
        outside = (picture < 0.01) & (moved == label)
        assert not inside.any()
        assert not outside.any()


def test_alpha_moves_with_its_soft_edges() -> None:
    alpha = torch.rand(6, 2, *SIZE)
    augmentation = Augmentation(MOVES, Fill.CONSTANT, value=-1)
    drawn = augmentation.draw(np.random.default_rng(3), 6, SIZE)
    as_picture = Augmentation(MOVES, Fill.CONSTANT, value=0).pictures(alpha, drawn)
    assert torch.equal(augmentation.masks(alpha, drawn), as_picture)


def test_light_and_holes_leave_masks_and_boxes() -> None:
    augmentation = Augmentation((Noise(), Cutout(), Brightness()))
    drawn = augmentation.draw(np.random.default_rng(0), 1, SIZE)
    assert torch.equal(augmentation.masks(people(), drawn), people())
    boxes = np.array([[12.0, 10, 24, 30]])
    np.testing.assert_array_equal(augmentation.boxes(boxes, drawn), boxes)


def test_boxes_follow_their_picture_of_the_batch() -> None:
    augmentation = Augmentation(
        (Flip(), Brightness(), Translate(reach=0.1), Crop(least=0.8)), Fill.CONSTANT, value=0
    )
    drawn = augmentation.draw(np.random.default_rng(1), 12, SIZE)
    moved = augmentation.masks(people().repeat(12, 1, 1, 1), drawn)
    for index in range(12):
        boxes = augmentation.boxes(np.array([[12.0, 10, 24, 30], [36, 16, 52, 40]]), drawn, index)
        for label, box in enumerate(boxes, start=1):
            rows, columns = np.nonzero(moved[index, 0].numpy() == label)
            seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            np.testing.assert_allclose(box, seen, atol=1.01)


def test_moves_in_a_row_are_one_resampling_and_bring_back_what_left() -> None:
    x = torch.rand(1, 3, *SIZE)
    there = Augmentation((Translate(reach=0.25), Translate(reach=0.25)))
    drawn = there.draw(np.random.default_rng(0), 1, SIZE)
    first, second = drawn.steps
    second.numbers[:] = -first.numbers
    assert first.numbers.any()
    assert torch.equal(there.pictures(x, drawn), x)


def test_a_change_between_two_moves_sees_what_the_first_left() -> None:
    x = torch.ones(1, 1, 8, 8)
    augmentation = Augmentation((Translate(reach=0.5), Brightness(reach=0.5), Translate(reach=0.5)), value=0)
    drawn = augmentation.draw(np.random.default_rng(0), 1, (8, 8))
    first, light, second = drawn.steps
    first.numbers[:], light.numbers[:], second.numbers[:] = [4, 0], 0.5, [-4, 0]
    moved = augmentation.pictures(x, drawn)
    assert (moved[..., :4] == 1.5).all()
    assert (moved[..., 4:] == 0).all()


def test_half_precision_goes_in_and_comes_out() -> None:
    augmentation = Augmentation((*MOVES, Brightness(), Noise(), Cutout()), Fill.REFLECT)
    drawn = augmentation.draw(np.random.default_rng(0), 4, SIZE)
    x = torch.rand(4, 3, *SIZE) - 0.5
    half = augmentation.pictures(x.bfloat16(), drawn)
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), augmentation.pictures(x, drawn), rtol=0.02, atol=0.02)
