"""Whom a recipe can use, and what is said of the others."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from models.dataset.people.own import OwnSegmenter
from models.dataset.people.segmenter import Person, tight_box
from models.dataset.photographs import photograph
from models.dataset.prepare.command import run
from models.dataset.prepare.crew import Alone
from models.dataset.prepare.explain import explanation
from models.dataset.prepare.recipe import People, parse
from models.dataset.prepare.usable import Limits, counted, largest_piece, usable

Box = tuple[int, int, int, int]


def person(*boxes: Box, score: float = 0.99) -> Person:
    """Someone of whom the rectangles x0, y0, x1, y1 are seen."""
    mask = np.zeros((100, 200), np.float32)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = 1
    box = tight_box(mask)
    assert box is not None
    return Person(mask, box, score)


def test_the_sure_and_the_large_come_from_left_to_right() -> None:
    found = [
        person((120, 0, 160, 50)),
        person((0, 0, 40, 50)),
        person((60, 0, 70, 90)),
        person((80, 0, 118, 50), score=0.5),
    ]
    assert [p.box[0] for p in usable(found, Limits(0.95, 20))[0]] == [0, 120]
    assert [p.box[0] for p in usable(found, Limits(0.5, 10))[0]] == [0, 60, 80, 120]


def test_each_of_the_others_has_a_reason_and_the_smallest_fault_is_not_hidden() -> None:
    found = [
        person((0, 0, 40, 50)),
        person((60, 0, 70, 90), score=0.2),  # both too small and not sure enough: counted once
        person((80, 0, 118, 50), score=0.5),
        person((120, 0, 150, 20), (120, 80, 150, 95)),
    ]
    limits = Limits(0.95, 20, whole=0.8, scale=4)
    kept, passed_over = usable(found, limits)
    assert [p.box[0] for p in kept] == [0]
    assert [one.reason for one in passed_over] == [
        "too small: 40 px, at least 80 needed",
        "not sure enough: 0.500, at least 0.95 needed",
        "in pieces: 57.1% of what is seen hangs together, at least 80.0% needed",
    ]
    assert passed_over[0].line(4) == {
        "box": [240, 0, 280, 360],
        "score": 0.2,
        "reason": "too small: 40 px, at least 80 needed",
    }
    assert counted(len(found), passed_over, limits) == (
        "4 found, 1 of them too small (under 80 px), 1 not sure enough (under 0.95), "
        "1 in pieces (under 80% hang together)"
    )
    assert counted(0, [], limits) == "nobody found"
    assert counted(1, [], limits) == "1 found"


@pytest.mark.parametrize(
    ("boxes", "share"),
    [
        ([(10, 10, 50, 60)], 1.0),
        ([(10, 10, 50, 60), (50, 60, 60, 70)], 1.0),  # corner to corner hangs together
        ([(10, 10, 50, 60), (100, 10, 110, 60)], 0.8),
        ([(10, 10, 30, 30), (100, 10, 120, 30), (150, 60, 170, 80)], 1 / 3),
    ],
)
def test_the_largest_piece_is_measured_by_area(boxes: list[Box], share: float) -> None:
    assert largest_piece(person(*boxes)) == pytest.approx(share)


def test_a_hand_over_a_table_sets_nobody_aside_and_a_face_with_a_loose_sleeve_is() -> None:
    reaching = person((20, 10, 80, 70), (110, 60, 125, 75))
    scraps = person((20, 10, 50, 40), (110, 60, 130, 80))
    kept, (loose,) = usable([reaching, scraps], Limits(0.95, 20, whole=0.8))
    assert kept == [reaching]
    assert loose.person is scraps
    assert usable([reaching, scraps], Limits(0.95, 20))[1] == []


@dataclass(frozen=True)
class Torn:
    """Finds four people, of whom the last one is in two pieces."""

    name: str = "torn"
    fingerprint: str = "torn"

    def make(self) -> "Torn":
        return self

    def people(self, picture: NDArray[np.uint8], source: Path | None = None) -> list[Person]:
        height, width = picture.shape[:2]
        found = []
        for number in range(4):
            mask = np.zeros((height, width), np.float32)
            mask[10:-10, number * width // 4 + 2 : (number + 1) * width // 4 - 2] = 1
            if number == 3:
                mask[height // 3 : height // 2] = 0
            box = tight_box(mask)
            assert box is not None
            found.append(Person(mask, box, 0.99))
        return found


def test_a_photograph_of_scraps_is_set_aside_and_says_so(toys: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    Image.fromarray(np.asarray(toys.photograph(1))).save(tmp_path / "photos/a.png")
    result = run(tmp_path / "photos", tmp_path / "out", parse(toys.SMALL), 0, Alone(), Torn())
    (line,) = result.lines["people"]
    assert line["decision"] == "aside"
    assert line["reason"] == (
        "3 people can be used, at least 4 are needed: 4 found, 1 of them in pieces (under 90% hang together)"
    )
    assert [one["reason"].split(":")[0] for one in line["passed_over"]] == ["in pieces"]
    assert "1 of them in pieces" in explanation(tmp_path / "photos", tmp_path / "out", "a.png")
    loose = parse({**toys.SMALL, "people": {"pixels": 40, "whole": 0.5}})
    again = run(tmp_path / "photos", tmp_path / "out", loose, 0, Alone(), Torn())
    assert [line["decision"] for line in again.lines["people"]] == ["kept"]


@pytest.mark.parametrize("seed", [30, 32])
def test_painted_faces_with_a_loose_piece_of_clothing_are_passed_over(seed: int) -> None:
    found = OwnSegmenter().people(photograph(seed, 1000).image)
    whole = People().whole
    assert sum(largest_piece(person) < whole for person in found) == 1
    assert min(map(largest_piece, found)) > whole / 2
