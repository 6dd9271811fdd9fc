"""In how many parts a batch goes through."""

import pytest

from models.training.parts import next_parts


@pytest.mark.parametrize(
    ("batch", "sizes"),
    [
        (16, [16, 8, 4, 2]),
        (12, [12, 4, 2]),
        (20, [20, 4, 2]),
        (6, [6, 2]),
        (10, [10, 2]),
        (4, [4, 2]),
        (2, [2]),
    ],
)
def test_parts_are_equal_and_hold_whole_groups_while_they_can(batch: int, sizes: list[int]) -> None:
    parts: int | None = 1
    seen = []
    while parts is not None:
        assert batch % parts == 0
        seen.append(batch // parts)
        parts = next_parts(batch, parts)
    assert seen == sizes
