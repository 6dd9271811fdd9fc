"""Who is taken, and how each is cut out."""

import numpy as np
import pytest

from models.dataset.people.segmenter import Person, tight_box
from models.dataset.prepare.cutting import chosen, cut_out
from models.dataset.prepare.work import head_of


def person(x0: int, y0: int, x1: int, y1: int, score: float = 0.99) -> Person:
    mask = np.zeros((100, 200), np.float32)
    mask[y0:y1, x0:x1] = 1
    return Person(mask, (x0, y0, x1, y1), score)


@pytest.mark.parametrize(("how", "taken"), [("largest", {1, 3}), ("surest", {0, 2}), ("leftmost", {0, 1})])
def test_of_more_than_are_needed_some_are_taken(how: str, taken: set[int]) -> None:
    people = [person(0, 0, 10, 10, 0.99), person(20, 0, 60, 40, 0.96), person(70, 0, 80, 10, 0.98),
              person(90, 0, 140, 40, 0.97)]  # fmt: skip
    assert chosen(people, how, 2) == taken
    assert chosen(people, how, None) == chosen(people, how, 4) == {0, 1, 2, 3}


def test_a_cut_out_keeps_its_soft_edge_and_leaves_specks() -> None:
    mask = np.zeros((100, 200), np.float32)
    mask[20:80, 50:90] = 1
    mask[19, 50:90] = mask[80, 50:90] = 0.25
    mask[95, 150] = 0.4  # a speck far off
    box = tight_box(mask)
    assert box == (50, 20, 90, 80)
    pixels = np.full((100, 200, 3), 120, np.uint8)
    figure = np.asarray(cut_out(pixels, Person(mask, box, 1.0), 512))
    assert figure.shape == (62, 40, 4)
    assert (figure[0, :, 3] == 64).all()
    assert (figure[1:-1, :, 3] == 255).all()
    assert (figure[..., :3] == 120).all()
    assert cut_out(pixels, Person(mask, box, 1.0), 31).size == (20, 31)


def test_a_head_is_at_the_top_and_in_the_middle_of_it() -> None:
    mask = np.zeros((100, 200), np.float32)
    mask[10:20, 60:80] = 1
    mask[20:90, 40:140] = 1
    assert head_of(Person(mask, (40, 10, 140, 90), 1.0)) == (70.0, 15.0)
