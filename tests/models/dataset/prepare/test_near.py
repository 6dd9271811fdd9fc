"""Perceptual hashes and all pairs within a distance."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from models.dataset.prepare.dedupe import Candidate, copies
from models.dataset.prepare.near import STAR, distance, hashes_of, neighbours, pairs

WORDS = st.integers(0, 2**64 - 1)


@st.composite
def clustered(draw: st.DrawFn) -> list[int]:
    """Hashes of which some differ in few bits."""
    words = draw(st.lists(WORDS, min_size=1, max_size=12))
    for word in list(words):
        flips = draw(st.lists(st.integers(0, 63), max_size=12))
        for bit in flips:
            word ^= 1 << bit
        words.append(word)
    return words


@settings(max_examples=150)
@given(words=clustered(), radius=st.integers(0, 16))
def test_the_pairs_are_those_of_comparing_all_with_all(words: list[int], radius: int) -> None:
    expected = [
        (i, j)
        for i, j in itertools.combinations(range(len(words)), 2)
        if distance(words[i], words[j]) <= radius
    ]
    assert [tuple(pair) for pair in pairs(np.array(words, np.uint64), radius).tolist()] == expected


def test_many_equal_hashes_make_a_star_and_not_a_square() -> None:
    hashes = np.array([7] * 3000 + [6] * 2000, np.uint64)
    found = pairs(hashes, 1)
    assert len(found) < 11_000
    assert {int(i) for i in found.ravel()} == set(range(5000))
    assert len(pairs(np.array([7] * STAR, np.uint64), 0)) == STAR * (STAR - 1) // 2


def test_nothing_is_near_nothing() -> None:
    assert pairs(np.empty(0, np.uint64), 8).shape == (0, 2)
    assert neighbours(np.array([1], np.uint64), np.array([2], np.uint64), 8) == {}


def test_a_mirrored_copy_is_found_by_the_hash_of_its_mirror_image() -> None:
    rng = np.random.default_rng(1)
    noise = Image.fromarray(rng.integers(0, 255, (9, 12, 3), dtype=np.uint8))
    picture = noise.resize((400, 300), Image.Resampling.BICUBIC)
    plain, mirror = hashes_of(picture)
    other, back = hashes_of(ImageOps.mirror(picture))
    assert distance(plain, other) > 16
    assert distance(mirror, other) <= 2
    hashes, mirrors = np.array([plain, other], np.uint64), np.array([mirror, back], np.uint64)
    assert neighbours(hashes, None, 8) == {}
    (near, flipped) = neighbours(hashes, mirrors, 8)[0][1]
    assert flipped
    assert near <= 2


def candidate(name: str, word: int, pixels: int = 100, mirror: int = 0xF0F0 << 40) -> Candidate:
    return Candidate(name, f"sha of {name}", pixels, word, mirror ^ hash(name) % 2**30)


def test_the_largest_is_kept_and_of_equal_ones_the_first_by_name() -> None:
    found = copies([candidate("a", 0), candidate("b", 1, 400), candidate("c", 3, 400)], 4, mirrored=False)
    assert {name: copy.of for name, copy in found.items()} == {"a": "b", "c": "b"}
    assert found["a"].distance == 1
    assert "a copy of b" in found["a"].reason


def test_copies_of_copies_do_not_chain() -> None:
    near, far = 0b1111, 0b11111111
    found = copies([candidate("a", 0, 9), candidate("b", near, 8), candidate("c", far, 7)], 4, mirrored=False)
    assert set(found) == {"b"}


def test_the_same_bytes_are_said_to_be_so() -> None:
    one, other = Candidate("a", "s", 9, 5, 6), Candidate("b", "s", 9, 5, 6)
    assert copies([other, one], 0, mirrored=True)["b"].reason == "the same bytes as a"


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_of_the_folder_changes_nothing(order: tuple[int, ...]) -> None:
    four = [Candidate(name, name, size, word, word ^ 0xFFFFFF << 40) for name, size, word in
            (("a", 5, 0), ("b", 5, 1), ("c", 9, 3), ("d", 1, 2**40 - 1))]  # fmt: skip
    assert {name: copy.of for name, copy in copies([four[i] for i in order], 2, True).items()} == {
        "a": "c", "b": "c",
    }  # fmt: skip
